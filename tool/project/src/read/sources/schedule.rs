//! Times at which a function is called.

use super::super::{Reading, duration};
use super::{Reader, pattern, reference};
use crate::model::{ScheduleTrigger, Trigger};
use crate::yaml::Node;

/// EventBridge Scheduler's bounds.
/// <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html>
const MAX_RETRIES: u32 = 185;
const MAX_AGE: u32 = 86_400;
const MAX_FLEXIBLE: u32 = 86_400;
const MAX_TIMEZONE: usize = 50;
const EXAMPLES: &str = "write `rate(5 minutes)`, `cron(0 3 * * ? *)` or `at(2026-12-31T23:59:00)`";

impl Reader<'_, '_> {
    pub(super) fn schedule(&mut self) -> Option<Trigger> {
        let expression = expression(self.reading, self.entry.get("schedule")?);
        let input = self.entry.get("input").and_then(|node| pattern::plain(self.reading, node));
        let trigger = ScheduleTrigger {
            expression,
            timezone: self.timezone(),
            input,
            flexible: self.flexible(),
            retries: self.retries(MAX_RETRIES),
            age: duration::of(self.reading, self.entry, "age", 60..=MAX_AGE),
            failures: reference::queue_for_failures(self.reading, self.entry, false),
        };
        Some(Trigger::Schedule(trigger))
    }

    fn timezone(&mut self) -> Option<String> {
        let node = self.entry.get("timezone")?;
        let text = node.text().unwrap_or_default();
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte);
        if text.len() > MAX_TIMEZONE || !text.bytes().all(legal) {
            self.reading
                .error(node, format!("`{text}` is no time zone"))
                .hints
                .push("write a name of the IANA database, such as `Europe/Dublin`".to_owned());
        }
        Some(text.to_owned())
    }

    /// In whole minutes, as Scheduler takes them.
    fn flexible(&mut self) -> Option<u32> {
        let seconds = duration::of(self.reading, self.entry, "flexible", 60..=MAX_FLEXIBLE)?;
        if let Some(node) = self.entry.get("flexible").filter(|_| !seconds.is_multiple_of(60)) {
            self.reading.error(node, "EventBridge Scheduler takes whole minutes here");
        }
        Some(seconds / 60)
    }

    /// Fewer than a stream may have.
    pub(super) fn retries(&mut self, most: u32) -> Option<u32> {
        let retries = self.number("retries")?;
        if let Some(node) = self.entry.get("retries").filter(|_| retries > most) {
            self.reading.error(node, format!("AWS tries this at most {most} times again"));
        }
        Some(retries)
    }
}

/// One of Scheduler's expressions, as far as its form goes.
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html>
fn expression(reading: &mut Reading<'_>, node: &Node) -> String {
    let text = node.text().unwrap_or_default();
    let of = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    let wrong = if let Some(fields) = of("cron") {
        cron(fields)
    } else if let Some(rate) = of("rate") {
        let (number, unit) = rate.trim().split_once(char::is_whitespace).unwrap_or_default();
        let units = ["minute", "minutes", "hour", "hours", "day", "days"];
        let counts = number.parse::<u32>().is_ok_and(|number| number > 0) && units.contains(&unit.trim());
        (!counts).then(|| ("a rate is a number of minutes, hours or days".to_owned(), "`rate(5 minutes)`".to_owned()))
    } else if let Some(time) = of("at") {
        (!is_time(time)).then(|| {
            ("a time is like `2026-12-31T23:59:00`, without a zone".to_owned(), "`timezone` names the zone".to_owned())
        })
    } else if text.split_whitespace().count() == 5 {
        let hint = "AWS's cron expressions have `cron(…)` around them, `?` for one of the two kinds of days, and may have a year: `cron(0 3 * * ? *)`";
        Some((format!("`{text}` is no schedule of AWS's"), hint.to_owned()))
    } else {
        Some((format!("`{text}` is no schedule of AWS's"), EXAMPLES.to_owned()))
    };
    if let Some((message, hint)) = wrong {
        reading.error(node, message).hints.push(hint);
    }
    text.to_owned()
}

/// What is wrong with the fields of a cron expression, and what to do.
fn cron(fields: &str) -> Option<(String, String)> {
    let fields: Vec<&str> = fields.split_whitespace().collect();
    if !(5..=6).contains(&fields.len()) {
        let message = format!("a cron expression of AWS's has 5 or 6 fields, and this one has {}", fields.len());
        return Some((
            message,
            "minutes, hours, day of the month, month, day of the week, year: `cron(0 3 * * ? *)`".to_owned(),
        ));
    }
    if fields[2] != "?" && fields[4] != "?" {
        let message = "a cron expression of AWS's says the day of the month or of the week, and `?` for the other";
        let mut better = fields.clone();
        better[if fields[4] == "*" { 4 } else { 2 }] = "?";
        return Some((message.to_owned(), format!("write `cron({})`", better.join(" "))));
    }
    None
}

/// `yyyy-mm-ddThh:mm:ss`
fn is_time(text: &str) -> bool {
    text.len() == 19
        && text.bytes().zip("0000-00-00T00:00:00".bytes()).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            form => byte == form,
        })
}
