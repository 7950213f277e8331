//! `tables`.

use super::{CAPACITY, TEXTS, key};
use crate::language::Shape::{AnyOf, Choice, Map, OneOrMany, Section, Text};
use crate::language::{Key, Shape};

const KEY: Shape = OneOrMany(&Text);

const PROJECTION: Shape = AnyOf(&[Choice { now: &["all", "keys"], later: &[] }, TEXTS]);

pub const TABLE: &[Key] = &[
    key(
        "attributes",
        Map(&Choice { now: &["S", "N", "B"], later: &[] }),
        "The attributes that keys are made of, and their types.",
    )
    .or("required"),
    key("key", KEY, "The hash key, or the hash and range keys.").or("required"),
    key("local_secondary_indexes", Map(&Section(LOCAL_INDEX)), "Indexes with the table's hash key."),
    key("global_secondary_indexes", Map(&Section(GLOBAL_INDEX)), "Indexes with keys of their own."),
    key("ttl", Text, "The attribute with the time an item expires at, in seconds of the Unix epoch."),
    key(
        "stream",
        Choice { now: &["keys", "new", "old", "new_and_old"], later: &[] },
        "What the table's stream tells of a change.",
    ),
    key("read_throughput", CAPACITY, "Provisioned read capacity.")
        .or("on demand; 1 when any other capacity of the table is given"),
    key("write_throughput", CAPACITY, "Provisioned write capacity.").or("the same"),
];

const LOCAL_INDEX: &[Key] = &[
    key("key", KEY, "The table's hash key, and another range key.").or("required"),
    key("project", PROJECTION, "The attributes in the index: all, keys, or a list of names beside the keys.")
        .or("`keys`"),
];

const GLOBAL_INDEX: &[Key] = &[
    key("key", KEY, "The hash key, or the hash and range keys.").or("required"),
    key("project", PROJECTION, "The attributes in the index: all, keys, or a list of names beside the keys.")
        .or("`keys`"),
    key("read_throughput", CAPACITY, "Provisioned read capacity.")
        .or("on demand; 1 when any other capacity of the table is given"),
    key("write_throughput", CAPACITY, "Provisioned write capacity.").or("the same"),
];
