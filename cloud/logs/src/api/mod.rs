//! The operations.

pub mod filter_events;
pub mod get_events;
pub mod groups;
pub mod put_events;
pub mod streams;
pub mod tags;

/// The bytes of text after which a page of events ends.
const PAGE_BYTES: usize = 1_048_576;
/// The events after which a page ends.
const PAGE_EVENTS: i64 = 10_000;
/// What the Describe operations answer at once when nothing else is asked for.
const PAGE_DESCRIPTIONS: i64 = 50;
