//! S3 buckets.

use super::{Reading, duration, names, sources};
use crate::environment::bucket_variable;
use crate::model::{Bucket, BucketTrigger, Cors, EventSource, LifecycleRule, Trigger};
use crate::project::Project;
use crate::yaml::Node;

/// The longest name of a bucket, and the account's id in it.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
const MAX_NAME: usize = 63;
const ACCOUNT: usize = 12;
const DAY: u32 = 86_400;
const MAX_DAYS: u32 = 36_500;
const METHODS: &[&str] = &["GET", "PUT", "POST", "DELETE", "HEAD"];

pub(super) fn buckets(reading: &mut Reading<'_>) -> Vec<Bucket> {
    let entries = reading.root.get("buckets").map(Node::entries).unwrap_or_default();
    let mut buckets = Vec::new();
    for (name, node) in entries {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !name.key().bytes().all(legal) || !name.key().starts_with(|first: char| first.is_ascii_alphanumeric()) {
            reading.error(
                name,
                "a bucket's name has letters, digits, dashes and underscores, and begins with none of the last two",
            );
        }
        buckets.push(Bucket {
            name: name.key().to_owned(),
            versioned: node.get("versioned").and_then(Node::flag).unwrap_or(false),
            cors: node.get("cors").map(|node| cors(reading, node)),
            lifecycle: node.get("lifecycle").map(|node| lifecycle(reading, node)).unwrap_or_default(),
        });
    }
    buckets
}

fn cors(reading: &mut Reading<'_>, node: &Node) -> Cors {
    let texts = |key: &str, default: &[&str]| -> Vec<String> {
        match node.get(key) {
            Some(node) => node.one_or_many().iter().filter_map(Node::text).map(str::to_owned).collect(),
            None => default.iter().map(|text| (*text).to_owned()).collect(),
        }
    };
    let cors = Cors {
        origins: texts("origins", &[]),
        methods: texts("methods", METHODS),
        headers: texts("headers", &["*"]),
        expose: texts("expose", &["ETag"]),
        max_age: duration::of(reading, node, "max_age", 0..=DAY),
    };
    if cors.origins.is_empty() {
        reading
            .error(node, "no origin may use the bucket")
            .hints
            .push("add `origins: [\"https://example.com\"]`".to_owned());
    }
    for item in node.get("methods").map(Node::one_or_many).unwrap_or_default() {
        let text = item.text().unwrap_or_default();
        if !METHODS.contains(&text) {
            reading
                .error(item, format!("`{text}` is no method of S3's"))
                .hints
                .push(format!("there are {}", METHODS.join(", ")));
        }
    }
    cors
}

fn lifecycle(reading: &mut Reading<'_>, node: &Node) -> Vec<LifecycleRule> {
    let nodes = if node.items().is_empty() { std::slice::from_ref(node) } else { node.items() };
    let mut rules = Vec::new();
    for node in nodes {
        let rule = LifecycleRule {
            prefix: node.get("prefix").and_then(Node::text).unwrap_or_default().to_owned(),
            expire: days(reading, node, "expire"),
            expire_versions: days(reading, node, "expire_versions"),
            abort_uploads: days(reading, node, "abort_uploads"),
        };
        if (rule.expire, rule.expire_versions, rule.abort_uploads) == (None, None, None) {
            reading
                .error(node, "this says nothing of what becomes of objects")
                .hints
                .push("add `expire`, `expire_versions` or `abort_uploads`, such as `expire: 30d`".to_owned());
        }
        rules.push(rule);
    }
    rules
}

/// S3 counts in whole days.
fn days(reading: &mut Reading<'_>, node: &Node, key: &str) -> Option<u32> {
    let seconds = duration::of(reading, node, key, DAY..=MAX_DAYS * DAY)?;
    if let Some(node) = node.get(key).filter(|_| !seconds.is_multiple_of(DAY)) {
        reading.error(node, "S3 counts in whole days");
    }
    Some(seconds / DAY)
}

pub(super) fn check(reading: &mut Reading<'_>, project: &Project) {
    let kind = names::Kind { what: "bucket", key: "buckets", most: MAX_NAME - ACCOUNT, variable: bucket_variable };
    let own = project.buckets.iter().map(|bucket| (bucket.name.as_str(), bucket));
    names::check(reading, project, kind, own, |bucket, stage| bucket.name_in(&project.name, stage));
    check_overlaps(reading, project);
}

/// S3 refuses to tell twice of the same event of the same object.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html>
fn check_overlaps(reading: &mut Reading<'_>, project: &Project) {
    let root = reading.root;
    let mut seen: Vec<(&EventSource, &BucketTrigger)> = Vec::new();
    for function in project.all_functions() {
        let section = match &function.name {
            Some(name) => root.get("functions").and_then(|functions| functions.get(name)),
            None => Some(root),
        };
        let entries =
            section.map(sources::entries).unwrap_or_default().iter().filter(|entry| entry.get("http").is_none());
        for (entry, source) in entries.zip(&function.sources) {
            let Trigger::Bucket(trigger) = &source.trigger else { continue };
            let with = seen.iter().find(|(other, told)| share_stage(source, other) && overlap(trigger, told));
            if let (Some((_, told)), Some(node)) = (with, entry.get("bucket")) {
                let message = format!(
                    "S3 would tell twice of the same event of `{}`: {}",
                    trigger.bucket,
                    told.events.join(", ")
                );
                let hint = "tell them apart by `events`, `prefix` or `suffix`; or let the bucket tell one function, and that one the others";
                reading.error(node, message).hints.push(hint.to_owned());
            }
            seen.push((source, trigger));
        }
    }
}

fn share_stage(one: &EventSource, other: &EventSource) -> bool {
    one.stages.is_empty() || other.stages.is_empty() || one.stages.iter().any(|stage| other.is_in(stage))
}

fn overlap(one: &BucketTrigger, other: &BucketTrigger) -> bool {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let (prefix, other_prefix) = (text(&one.prefix), text(&other.prefix));
    let (suffix, other_suffix) = (text(&one.suffix), text(&other.suffix));
    let same_event = |one: &String, other: &String| {
        let all = |event: &String, other: &String| event.strip_suffix('*').is_some_and(|kind| other.starts_with(kind));
        one == other || all(one, other) || all(other, one)
    };
    one.bucket == other.bucket
        && one.events.iter().any(|event| other.events.iter().any(|other| same_event(event, other)))
        && (prefix.starts_with(&other_prefix) || other_prefix.starts_with(&prefix))
        && (suffix.ends_with(&other_suffix) || other_suffix.ends_with(&suffix))
}
