//! What clients with API keys may call, and how often.

use super::Texts;
use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A usage plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UsagePlan {
    /// Six lower-case letters and digits.
    pub id: String,
    /// Need not be unique.
    pub name: String,
    /// The owner's words.
    pub description: Option<String>,
    /// What may be called.
    pub api_stages: Vec<ApiStage>,
    /// How often each client may call, over all of the plan's stages.
    pub throttle: Option<Throttle>,
    /// How often each client may call in a period.
    pub quota: Option<Quota>,
    /// A product of the AWS Marketplace.
    pub product_code: Option<String>,
    /// The ids of the keys whose clients the plan is for.
    pub keys: Vec<String>,
    /// The owner's tags.
    pub tags: Texts,
    /// Microseconds since 1970: the order of plans.
    pub order: i64,
}

impl UsagePlan {
    /// What the plan says of a stage, if it is for it.
    pub fn covers(&self, api_id: &str, stage: &str) -> Option<&ApiStage> {
        self.api_stages.iter().find(|own| own.api_id == api_id && own.stage == stage)
    }
}

/// A stage that a plan is for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiStage {
    /// The API.
    pub api_id: String,
    /// Its stage.
    pub stage: String,
    /// How often each client may call a method, by `/path/VERB`.
    pub throttle: BTreeMap<String, Throttle>,
}

/// A client's limits. What is left out is as for the account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Throttle {
    /// How many requests may come at once.
    pub burst_limit: Option<i64>,
    /// How many requests a second are answered in the long run.
    pub rate_limit: Option<f64>,
}

/// How many requests a client may make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    /// So many in a period.
    pub limit: i64,
    /// The day on which a period begins: "with a time period of WEEK, an offset of 0 starts on Sunday, and an offset of 1 starts
    /// on Monday".
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-apigateway-usageplan-quotasettings.html>
    pub offset: i64,
    /// How long it is.
    pub period: Period,
}

/// How long a quota lasts, by days of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Period {
    /// A day.
    #[serde(rename = "DAY")]
    Day,
    /// A week.
    #[serde(rename = "WEEK")]
    Week,
    /// A month.
    #[serde(rename = "MONTH")]
    Month,
}

impl Period {
    /// The period that AWS names so.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "DAY" => Self::Day,
            "WEEK" => Self::Week,
            "MONTH" => Self::Month,
            _ => return None,
        })
    }

    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Day => "DAY",
            Self::Week => "WEEK",
            Self::Month => "MONTH",
        }
    }

    /// The last day on which it may begin.
    pub fn last_offset(self) -> i64 {
        match self {
            Self::Day => 0,
            Self::Week => 6,
            Self::Month => 27,
        }
    }
}

impl Quota {
    /// The first day of the period that a day is in.
    pub fn begin(&self, day: Date) -> Date {
        let back = |days: i64| day.checked_sub(days.days()).unwrap_or(day);
        match self.period {
            Period::Day => day,
            Period::Week => back((i64::from(day.weekday().since(Weekday::Sunday)) - self.offset).rem_euclid(7)),
            Period::Month => {
                let begins = i64::from(day.day()) > self.offset;
                let month = if begins { day } else { back(i64::from(day.day())) };
                let into = i8::try_from(self.offset).map_or(0, |offset| offset.clamp(0, 27));
                month.first_of_month().checked_add(into.days()).unwrap_or(day)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_period_begins_on_the_day_of_its_offset() {
        let check = |period, offset, (month, day), expected: (i8, i8)| {
            let begin = Quota { limit: 1, offset, period }.begin(date(2026, month, day));
            assert_eq!((begin.month(), begin.day()), expected, "{period:?} {offset} {month}-{day}");
        };
        check(Period::Day, 0, (11, 30), (11, 30));
        // 2026-11-30 is a Monday.
        check(Period::Week, 0, (11, 30), (11, 29));
        check(Period::Week, 1, (11, 30), (11, 30));
        check(Period::Week, 2, (11, 30), (11, 24));
        check(Period::Week, 6, (11, 30), (11, 28));
        check(Period::Month, 0, (11, 30), (11, 1));
        check(Period::Month, 14, (11, 14), (10, 15));
        check(Period::Month, 14, (11, 15), (11, 15));
        check(Period::Month, 27, (3, 1), (2, 28));
    }
}
