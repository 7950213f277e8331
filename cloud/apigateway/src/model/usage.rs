//! How often a client has called by a usage plan.

use super::usage_plan::Quota;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How long it is known what was used on a day.
const DAYS: i64 = 92;

/// What a client has used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Usage {
    /// The requests of each day that has any.
    pub days: BTreeMap<Date, i64>,
    /// What the owner gave beside the quota (or took from it), and the period that this is for.
    pub extension: Option<(Date, i64)>,
}

/// Nothing is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exceeded;

impl Usage {
    /// What may still be used at the end of a day, of its period.
    pub fn remaining(&self, quota: &Quota, day: Date) -> i64 {
        let begin = quota.begin(day);
        let used: i64 = self.days.range(begin..=day).map(|(_, used)| used).sum();
        let extension = self.extension.filter(|(of, _)| *of == begin).map_or(0, |(_, extension)| extension);
        quota.limit.saturating_add(extension).saturating_sub(used).max(0)
    }

    /// What was used on a day.
    pub fn used(&self, day: Date) -> i64 {
        self.days.get(&day).copied().unwrap_or(0)
    }

    /// Counts a request.
    ///
    /// # Errors
    /// When nothing is left; the request does not count then.
    pub fn count(&mut self, quota: &Quota, today: Date) -> Result<(), Exceeded> {
        if self.remaining(quota, today) == 0 {
            return Err(Exceeded);
        }
        *self.days.entry(today).or_default() += 1;
        let oldest = today.checked_sub(DAYS.days()).unwrap_or(today);
        self.days.retain(|day, _| *day >= oldest);
        Ok(())
    }

    /// Has so much remain of the period of today.
    pub fn leave(&mut self, quota: &Quota, today: Date, remaining: i64) {
        let begin = quota.begin(today);
        self.extension = None;
        let used: i64 = self.days.range(begin..=today).map(|(_, used)| used).sum();
        self.extension = Some((begin, remaining.saturating_add(used).saturating_sub(quota.limit)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::usage_plan::Period;
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_quota_lasts_for_its_period() {
        let quota = Quota { limit: 2, offset: 0, period: Period::Month };
        let (last, first) = (date(2026, 11, 30), date(2026, 12, 1));
        let mut usage = Usage::default();
        assert_eq!([last; 3].map(|day| usage.count(&quota, day)), [Ok(()), Ok(()), Err(Exceeded)]);
        assert_eq!((usage.used(last), usage.remaining(&quota, last), usage.remaining(&quota, first)), (2, 0, 2));
        assert_eq!(usage.count(&quota, first), Ok(()));
    }

    #[test]
    fn what_the_owner_gives_is_for_this_period() {
        let quota = Quota { limit: 1, offset: 0, period: Period::Day };
        let (today, tomorrow) = (date(2026, 11, 30), date(2026, 12, 1));
        let mut usage = Usage::default();
        usage.count(&quota, today).unwrap();
        usage.leave(&quota, today, 1);
        assert_eq!(usage.count(&quota, today), Ok(()));
        assert_eq!(usage.count(&quota, today), Err(Exceeded));
        usage.leave(&quota, today, 0);
        assert_eq!((usage.remaining(&quota, today), usage.remaining(&quota, tomorrow)), (0, 1));
    }

    #[test]
    fn old_days_are_forgotten() {
        let quota = Quota { limit: 9, offset: 0, period: Period::Day };
        let mut usage = Usage::default();
        usage.count(&quota, date(2026, 1, 1)).unwrap();
        usage.count(&quota, date(2026, 11, 30)).unwrap();
        assert_eq!(usage.days.len(), 1);
    }
}
