//! Context attributes: what Scheduler puts into a target's input.
//! <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html>

use super::due::Due;
use slam_cloud_wire::timestamp::iso8601_seconds;

/// An input with the invocation's attributes in place of their names.
pub fn filled(input: &str, schedule_arn: &str, due: &Due, attempt: u32) -> String {
    input
        .replace("<aws.scheduler.schedule-arn>", schedule_arn)
        .replace("<aws.scheduler.scheduled-time>", &iso8601_seconds(due.time))
        .replace("<aws.scheduler.execution-id>", &due.execution)
        .replace("<aws.scheduler.attempt-number>", &attempt.to_string())
}

/// An input with something in place of them, to see whether it will be what the target takes.
pub fn tried(input: &str) -> String {
    ["schedule-arn", "scheduled-time", "execution-id", "attempt-number"]
        .iter()
        .fold(input.to_owned(), |input, name| input.replace(&format!("<aws.scheduler.{name}>"), "1"))
}
