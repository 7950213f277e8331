//! Cron expressions of EventBridge.
//!
//! Minutes, hours, days of the month, months, days of the week (1 is Sunday) and years, of which one of the two kinds of days is `?`.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>

use jiff::civil::{Date, DateTime};
use std::collections::BTreeSet;
use std::ops::RangeInclusive;

/// Times that come again: a minute is the least.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: BTreeSet<i16>,
    hours: BTreeSet<i16>,
    days: Days,
    months: BTreeSet<i16>,
    years: BTreeSet<i16>,
}

/// Which days of a month.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Days {
    /// These.
    OfMonth(BTreeSet<i16>),
    /// The last.
    Last,
    /// The weekday nearest to this one, in the same month.
    WeekdayNearest(i16),
    /// These days of the week, 1 is Sunday.
    OfWeek(BTreeSet<i16>),
    /// The last day of the month that is this day of the week.
    LastOfWeek(i16),
    /// The first, second … day of the month that is this day of the week.
    NthOfWeek(i16, i16),
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const YEARS: RangeInclusive<i16> = 1970..=2199;

impl Cron {
    /// Reads the fields; `None` when they are none.
    pub fn parse(fields: &[&str]) -> Option<Self> {
        let [minutes, hours, days, months, weekdays, years] = fields else { return None };
        Some(Self {
            minutes: values(minutes, 0..=59, &[])?,
            hours: values(hours, 0..=23, &[])?,
            days: match (*days, *weekdays) {
                ("?", "?") => return None,
                (days, "?") => of_month(days)?,
                ("?", weekdays) => of_week(weekdays)?,
                _ => return None,
            },
            months: values(months, 1..=12, &MONTHS)?,
            years: values(years, YEARS, &[])?,
        })
    }

    /// The first time from this minute on, by the clock on the wall.
    pub fn from(&self, from: DateTime) -> Option<DateTime> {
        for year in self.years.range(from.year()..) {
            for month in &self.months {
                let first = Date::new(*year, i8::try_from(*month).ok()?, 1).ok()?;
                if first.last_of_month() < from.date() {
                    continue;
                }
                for day in self.days.of(first) {
                    let date = Date::new(*year, first.month(), i8::try_from(day).ok()?).ok()?;
                    let from = if date > from.date() {
                        DateTime::from_parts(date, jiff::civil::Time::midnight())
                    } else {
                        from
                    };
                    if date < from.date() {
                        continue;
                    }
                    if let Some((hour, minute)) = self.time(from.hour().into(), from.minute().into()) {
                        return Some(date.at(hour, minute, 0, 0));
                    }
                }
            }
        }
        None
    }

    /// The first time of a day from this one on.
    fn time(&self, hour: i16, minute: i16) -> Option<(i8, i8)> {
        let this_hour =
            self.minutes.range(minute..).next().filter(|_| self.hours.contains(&hour)).map(|minute| (hour, *minute));
        let later = || Some((*self.hours.range(hour + 1..).next()?, *self.minutes.first()?));
        let (hour, minute) = this_hour.or_else(later)?;
        Some((i8::try_from(hour).ok()?, i8::try_from(minute).ok()?))
    }
}

impl Days {
    /// The days of a month, by its first.
    fn of(&self, first: Date) -> Vec<i16> {
        let length = i16::from(first.days_in_month());
        let weekday = |day: i16| (i16::from(first.weekday().to_sunday_zero_offset()) + day - 1) % 7 + 1;
        match self {
            Self::OfMonth(days) => days.range(..=length).copied().collect(),
            Self::Last => vec![length],
            Self::WeekdayNearest(day) if *day > length => Vec::new(),
            Self::WeekdayNearest(day) => {
                let moved = match weekday(*day) {
                    1 if *day == length => -2,
                    1 => 1,
                    7 if *day == 1 => 2,
                    7 => -1,
                    _ => 0,
                };
                vec![day + moved]
            }
            Self::OfWeek(days) => (1..=length).filter(|day| days.contains(&weekday(*day))).collect(),
            Self::LastOfWeek(wanted) => (length - 6..=length).filter(|day| weekday(*day) == *wanted).collect(),
            Self::NthOfWeek(wanted, nth) => {
                let days = (1..=length).filter(|day| weekday(*day) == *wanted);
                days.skip(usize::try_from(nth - 1).unwrap_or_default()).take(1).collect()
            }
        }
    }
}

fn of_month(text: &str) -> Option<Days> {
    if text == "L" {
        return Some(Days::Last);
    }
    if let Some(day) = text.strip_suffix('W') {
        return Some(Days::WeekdayNearest(value(day, &(1..=31), &[])?));
    }
    Some(Days::OfMonth(values(text, 1..=31, &[])?))
}

fn of_week(text: &str) -> Option<Days> {
    let day = |text: &str| value(text, &(1..=7), &WEEKDAYS);
    if text == "L" {
        // The last day of a week.
        return Some(Days::OfWeek(BTreeSet::from([7])));
    }
    if let Some(last) = text.strip_suffix('L') {
        return Some(Days::LastOfWeek(day(last)?));
    }
    if let Some((weekday, nth)) = text.split_once('#') {
        return Some(Days::NthOfWeek(day(weekday)?, value(nth, &(1..=5), &[])?));
    }
    Some(Days::OfWeek(values(text, 1..=7, &WEEKDAYS)?))
}

/// What a list of values, ranges and steps names.
fn values(text: &str, all: RangeInclusive<i16>, names: &[&str]) -> Option<BTreeSet<i16>> {
    let mut named = BTreeSet::new();
    for part in text.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(value(step, &(1..=*all.end()), &[])?)),
            None => (part, None),
        };
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (value(first, &all, names)?, value(last, &all, names)?),
            None if range == "*" => (*all.start(), *all.end()),
            None => {
                let first = value(range, &all, names)?;
                (first, if step.is_some() { *all.end() } else { first })
            }
        };
        if first > last {
            return None;
        }
        named.extend((first..=last).step_by(usize::try_from(step.unwrap_or(1)).ok()?));
    }
    Some(named)
}

/// A number, or a name in capital letters for one.
fn value(text: &str, all: &RangeInclusive<i16>, names: &[&str]) -> Option<i16> {
    if let Some(at) = names.iter().position(|name| *name == text) {
        return Some(i16::try_from(at).ok()? + 1);
    }
    let is_number = !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && all.contains(number))
}
