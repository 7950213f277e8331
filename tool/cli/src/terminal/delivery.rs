//! How a delivery of events looks: `12:04:31.220 sqs dev-mail → lambda tasks-mailer:dev   10 events`.

use super::log::{printable, time};
use super::{BAD, GOOD, LABEL, WARNING};
use serde_json::Value;
use std::fmt;

/// A delivery, as the cloud tells of it.
pub struct Delivery<'a>(pub &'a Value);

impl fmt::Display for Delivery<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |member: &str| self.0[member].as_str().unwrap_or_default();
        let at = time(self.0["at"].as_i64().unwrap_or_default());
        let (source, target) = (short(text("source")), short(text("target")));
        write!(out, "{LABEL}{at}{LABEL:#} {} → {}", printable(&source), printable(&target))?;
        let events = self.0["events"].as_u64().unwrap_or_default();
        write!(out, "  {events} {}", if events == 1 { "event" } else { "events" })?;
        let why = printable(text("why"));
        match text("outcome") {
            "delivered" => write!(out, "  {GOOD}delivered{GOOD:#}")?,
            "failed" => write!(out, "  {WARNING}failed{WARNING:#}: {why}")?,
            _ => write!(out, "  {BAD}given up{BAD:#}: {why}")?,
        }
        match text("id") {
            "" => Ok(()),
            id => write!(out, "  {LABEL}{}{LABEL:#}", printable(id)),
        }
    }
}

/// `lambda tasks-mailer:dev` of an ARN, anything else as it is.
fn short(arn: &str) -> String {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, service, _, _, resource] = parts[..] else { return arn.to_owned() };
    let kinds = ["function:", "table/", "rule/", "schedule/", "event-bus/", "log-group:"];
    let resource = kinds.iter().find_map(|kind| resource.strip_prefix(kind)).unwrap_or(resource);
    // A stream is known by its table.
    let resource = resource.split_once("/stream/").map_or(resource, |(table, _)| table);
    format!("{service} {resource}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_told_in_two_words() {
        for (arn, expected) in [
            ("arn:aws:sqs:us-east-1:000000000000:dev-mail", "sqs dev-mail"),
            ("arn:aws:lambda:us-east-1:000000000000:function:tasks-mailer:dev", "lambda tasks-mailer:dev"),
            (
                "arn:aws:dynamodb:us-east-1:000000000000:table/dev.tasks/stream/2026-01-01T00:00:00.000",
                "dynamodb dev.tasks",
            ),
            ("arn:aws:scheduler:us-east-1:000000000000:schedule/default/nightly", "scheduler default/nightly"),
            ("arn:aws:s3:::dev-uploads", "s3 dev-uploads"),
            ("http://localhost:8000/hook", "http://localhost:8000/hook"),
        ] {
            assert_eq!(short(arn), expected, "{arn}");
        }
    }
}
