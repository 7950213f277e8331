//! Schedule expressions of EventBridge's rules and of EventBridge Scheduler: `cron(…)`, `rate(…)` and, of Scheduler, `at(…)`.
//!
//! - [`cron`]: times that come again by the clock on the wall.

mod cron;

use cron::Cron;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, ToSpan as _};
use slam_cloud_core::Timestamp;

/// When something is to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// By the clock on the wall.
    Cron(Box<Cron>),
    /// In equal steps, of so many seconds.
    Rate(u64),
    /// Once, by the clock on the wall.
    At(DateTime),
}

impl Schedule {
    /// Reads the expression of a rule; `None` when it is none.
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>
    pub fn of_rule(text: &str) -> Option<Self> {
        if let Some(fields) = within(text, "cron(") {
            // Commas after the fields are taken, too.
            let fields: Vec<&str> = fields.split_ascii_whitespace().map(|field| field.trim_end_matches(',')).collect();
            return Cron::parse(&fields).map(Box::new).map(Self::Cron);
        }
        let (number, unit) = rate(text)?;
        // One of the singular, several of the plural.
        (unit.ends_with('s') == (number != 1)).then(|| seconds(number, unit)).flatten().map(Self::Rate)
    }

    /// Reads the expression of a schedule; `None` when it is none.
    /// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>
    pub fn of_scheduler(text: &str) -> Option<Self> {
        if let Some(fields) = within(text, "cron(") {
            let mut fields: Vec<&str> = fields.split_ascii_whitespace().collect();
            // The years may be left out.
            if fields.len() == 5 {
                fields.push("*");
            }
            return Cron::parse(&fields).map(Box::new).map(Self::Cron);
        }
        if let Some(time) = within(text, "at(") {
            let has_form = time.len() == "2026-12-24T18:00:00".len() && time.as_bytes()[10] == b'T';
            return time.parse().ok().filter(|_| has_form).map(Self::At);
        }
        let (number, unit) = rate(text)?;
        seconds(number, unit).map(Self::Rate)
    }

    /// The next time after this one. A cron expression skips a time that the clocks of the zone skip, and takes the first of one that
    /// they show twice. Equal steps are counted from `start`, which is the first time itself.
    /// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylight-savings-time>
    pub fn next(&self, after: Timestamp, start: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Cron(cron) => {
                let mut from = zone.to_datetime(after);
                loop {
                    from = from.with().second(0).subsec_nanosecond(0).build().ok()?.checked_add(1.minute()).ok()?;
                    from = cron.from(from)?;
                    let times = zone.to_ambiguous_timestamp(from);
                    let is_skipped = matches!(times.offset(), AmbiguousOffset::Gap { .. });
                    if let Some(time) = times.earlier().ok().filter(|time| !is_skipped && *time > after) {
                        return Some(time);
                    }
                }
            }
            Self::Rate(seconds) => {
                let passed = after.duration_since(start);
                let steps = if passed.is_negative() { 0 } else { passed.as_secs() / i64::try_from(*seconds).ok()? + 1 };
                let step = i64::try_from(*seconds).ok()?.checked_mul(steps)?;
                start.checked_add(SignedDuration::from_secs(step)).ok()
            }
            Self::At(time) => zone.to_timestamp(*time).ok().filter(|time| *time > after),
        }
    }
}

/// What stands between the brackets of an expression that begins so.
fn within<'t>(text: &'t str, beginning: &str) -> Option<&'t str> {
    text.strip_prefix(beginning)?.strip_suffix(')')
}

fn rate(text: &str) -> Option<(u64, &str)> {
    let (number, unit) = within(text, "rate(")?.split_once(' ')?;
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    Some((number.parse().ok().filter(|number| is_number && *number > 0)?, unit))
}

/// Days have 24 hours, whatever the clocks do.
fn seconds(number: u64, unit: &str) -> Option<u64> {
    let unit = match unit {
        "minute" | "minutes" => 60,
        "hour" | "hours" => 3600,
        "day" | "days" => 86_400,
        _ => return None,
    };
    // No step is longer than what a date can tell.
    number.checked_mul(unit).filter(|seconds| *seconds < 1 << 38)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use sha2::{Digest as _, Sha256};

    #[derive(Deserialize)]
    struct Case {
        id: u32,
        kind: String,
        services: Vec<String>,
        expression: String,
        timezone: Option<String>,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
        start: Option<Timestamp>,
        created: Option<Timestamp>,
        end: Option<Timestamp>,
        time: Option<Timestamp>,
        times: Option<Vec<Timestamp>>,
        first: Option<Vec<Timestamp>>,
        sha256: Option<String>,
        seconds: Option<u64>,
    }

    impl Case {
        /// The times from the first moment, that one included, to before the last.
        fn times(&self, schedule: &Schedule, from: Timestamp, until: Timestamp, most: usize) -> Vec<Timestamp> {
            let zone = self.timezone.as_deref().map_or(TimeZone::UTC, |name| TimeZone::get(name).unwrap());
            let mut last = from - SignedDuration::from_nanos(1);
            let mut times = Vec::new();
            while let Some(time) = schedule.next(last, from, &zone).filter(|time| *time < until && times.len() < most) {
                times.push(time);
                last = time;
            }
            times
        }

        /// What is wrong.
        fn fault(&self, schedule: Option<Schedule>) -> Option<String> {
            let Some(schedule) = schedule else { return (self.kind != "refused").then(|| "is refused".into()) };
            let until = self.until.unwrap_or(Timestamp::MAX);
            match &*self.kind {
                "refused" => Some("is taken".into()),
                "taken" => None,
                "at" => {
                    let times = self.times(&schedule, Timestamp::UNIX_EPOCH, until, 2);
                    (times != [self.time.unwrap()]).then(|| format!("is at {times:?}"))
                }
                "rate" => {
                    let expected = self.times.clone().unwrap_or_default();
                    let from = self.start.or(self.created).unwrap_or(Timestamp::UNIX_EPOCH);
                    let times = self.times(&schedule, from, self.end.unwrap_or(until), expected.len() + 5);
                    let times = &times[..expected.len().min(times.len())];
                    (schedule != Schedule::Rate(self.seconds.unwrap()) || times != expected)
                        .then(|| format!("comes at {times:?}"))
                }
                _ => {
                    let times = self.times(&schedule, self.from.unwrap(), until, usize::MAX);
                    let text: String =
                        times.iter().map(|time| format!("{}\n", time.strftime("%Y-%m-%dT%H:%M:%SZ"))).collect();
                    let is_right = match (&self.sha256, &self.times) {
                        (Some(expected), _) => format!("{:x}", Sha256::digest(text.as_bytes())) == *expected,
                        (None, Some(expected)) => times == *expected,
                        (None, None) => false,
                    };
                    let first: Vec<_> = times.iter().take(12).collect();
                    (!is_right).then(|| {
                        format!(
                            "{} times, {first:?}, not {:?}",
                            times.len(),
                            self.first.as_ref().or(self.times.as_ref())
                        )
                    })
                }
            }
        }
    }

    #[test]
    fn expressions_are_read_and_come_when_aws_documents() {
        let mut wrong = Vec::new();
        for line in include_str!("data/schedules.jsonl").lines() {
            let case: Case = serde_json::from_str(line).unwrap();
            for service in &case.services {
                let schedule = match &**service {
                    "rule" => Schedule::of_rule(&case.expression),
                    _ => Schedule::of_scheduler(&case.expression),
                };
                let fault = case.fault(schedule);
                wrong.extend(fault.map(|fault| format!("{} {service} {}: {fault}", case.id, case.expression)));
            }
        }
        assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
    }
}
