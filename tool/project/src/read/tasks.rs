//! Functions that are called later.

use super::Reading;
use crate::model::{Tasks, Via};
use crate::yaml::Node;

/// What a table's time to live is good for: DynamoDB deletes within a few days.
const MAX_DAYS: u64 = 3650;

pub(super) fn tasks(reading: &mut Reading<'_>) -> Option<Tasks> {
    let (_, section) = reading.root.entry("tasks")?;
    let retries = section.get("retries").and_then(Node::integer).and_then(|number| u8::try_from(number).ok());
    let via = if section.get("via").and_then(Node::text) == Some("queue") { Via::Queue } else { Via::Lambda };
    if let Some(node) =
        section.get("retries").filter(|_| via == Via::Lambda && retries.is_none_or(|retries| retries > 2))
    {
        reading
            .error(node, "Lambda repeats an asynchronous invocation twice at most")
            .hints
            .push("write 0 to 2, or `via: queue`".to_owned());
    }
    Some(Tasks { via, retries, results: results(reading, section) })
}

/// `12h` or `7d`, in seconds.
fn results(reading: &mut Reading<'_>, section: &Node) -> Option<u64> {
    let node = section.get("results")?;
    let text = node.text().unwrap_or_default();
    let units = [('h', 3600), ('d', 86_400)];
    let seconds = units.iter().find_map(|(unit, seconds)| {
        let number = text.strip_suffix(*unit)?.parse::<u64>().ok()?;
        number.checked_mul(*seconds).filter(|seconds| (1..=MAX_DAYS * 86_400).contains(seconds))
    });
    if seconds.is_none() {
        reading
            .error(node, format!("`{text}` is no time to keep results for"))
            .hints
            .push("write `12h` or `7d`".into());
    }
    seconds
}
