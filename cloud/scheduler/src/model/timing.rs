//! When schedules come.

use super::due::Due;
use super::settings::Settings;
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use slam_cloud_core::Timestamp;
use slam_cloud_kit::schedule::Schedule as Expression;

/// The oldest that an invocation may become, which is the longest that it may be told to.
const OLDEST: SignedDuration = SignedDuration::from_hours(24);

impl Settings {
    /// The next time after a moment, of a schedule that was made then. Start and end are for schedules that come again:
    /// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html> ("EventBridge Scheduler ignores
    /// EndDate for one-time schedules").
    pub fn next(&self, after: Timestamp, created: Timestamp) -> Option<Timestamp> {
        let expression = Expression::of_scheduler(&self.expression)?;
        let zone = TimeZone::get(&self.zone).ok()?;
        if matches!(expression, Expression::At(_)) {
            return expression.next(after, created, &zone);
        }
        // Equal steps begin at the start, or at once.
        let start = self.start.unwrap_or(created);
        let before_start = start.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(start);
        let time = expression.next(after.max(before_start), start, &zone)?;
        self.end.is_none_or(|end| time <= end).then_some(time)
    }

    /// What is to be made up for of a schedule that was due, and at which nobody looked: of times that passed unseen, the last
    /// one alone, so that whoever comes back does not find a flood. `seen` is since when somebody looks.
    pub fn made_up(&self, due: Due, created: Timestamp, seen: Timestamp, now: Timestamp) -> Due {
        let mut last = due;
        while last.at < seen {
            // What is older than an invocation may become need not be counted through.
            let from = last.time.max(now.checked_sub(OLDEST).unwrap_or(last.time));
            let Some(time) = self.next(from, created).filter(|time| *time <= now) else { break };
            last = Due::new(time, self.window);
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::super::target::Target;
    use super::*;

    fn settings(expression: &str) -> Settings {
        Settings {
            expression: expression.into(),
            zone: "UTC".into(),
            start: None,
            end: None,
            description: None,
            enabled: true,
            window: None,
            delete: false,
            target: Target {
                arn: String::new(),
                role: String::new(),
                input: None,
                age: 60,
                retries: 0,
                message_group: None,
                event: None,
                dead_letters: None,
            },
        }
    }

    fn time(text: &str) -> Timestamp {
        format!("2026-11-29T{text}Z").parse().unwrap()
    }

    #[test]
    fn a_rate_begins_at_once_or_at_its_start_and_stops_at_its_end() {
        let check = |start: Option<&str>, end: Option<&str>, after: &str, expected: Option<&str>| {
            let (start, end) = (start.map(time), end.map(time));
            let settings = Settings { start, end, ..settings("rate(10 minutes)") };
            assert_eq!(settings.next(time(after), time("10:00:05")), expected.map(time), "{start:?} {end:?} {after}");
        };
        check(None, None, "10:00:04", Some("10:00:05"));
        check(None, None, "10:00:05", Some("10:10:05"));
        check(Some("12:00:00"), None, "10:00:05", Some("12:00:00"));
        check(Some("09:55:00"), None, "10:00:05", Some("10:05:00"));
        check(None, Some("10:10:05"), "10:00:05", Some("10:10:05"));
        check(None, Some("10:10:04"), "10:00:05", None);
    }

    #[test]
    fn one_time_schedules_know_neither_start_nor_end() {
        let once = Settings {
            start: Some(time("23:00:00")),
            end: Some(time("01:00:00")),
            zone: "Europe/Berlin".into(),
            ..settings("at(2026-11-29T12:00:00)")
        };
        assert_eq!(once.next(time("10:59:59"), time("10:00:00")), Some(time("11:00:00")));
        assert_eq!(once.next(time("11:00:00"), time("10:00:00")), None);
    }

    #[test]
    fn of_times_that_nobody_saw_the_last_is_made_up_for() {
        let check = |expression: &str, due: &str, seen: &str, now: &str, expected: &str| {
            let due = Due::new(time(due), None);
            let made_up = settings(expression).made_up(due, time("00:00:00"), time(seen), time(now));
            assert_eq!(made_up.time, time(expected), "{expression} {seen} {now}");
        };
        check("rate(1 minutes)", "10:00:00", "12:00:30", "12:00:31", "12:00:00");
        check("cron(*/5 * * * ? *)", "10:00:00", "12:04:00", "12:04:00", "12:00:00");
        // Somebody looked: each is handed on by itself.
        check("rate(1 minutes)", "10:00:00", "09:00:00", "10:01:30", "10:00:00");
        check("at(2026-11-29T10:00:00)", "10:00:00", "12:00:00", "12:00:00", "10:00:00");
    }
}
