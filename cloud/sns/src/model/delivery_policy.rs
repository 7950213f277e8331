//! How often and when a delivery is tried.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html>

use super::document::object;
use crate::error::invalid;
use serde_json::{Map, Value, json};
use slam_cloud_core::AwsResult;
use std::time::Duration;

/// The longest pause, and the longest time that all may take, in seconds.
const LONGEST: i64 = 3_600;
/// The most retries.
const RETRIES: i64 = 100;
/// The content types that a request can have.
const CONTENT_TYPES: [&str; 7] = [
    "application/json",
    "application/octet-stream",
    "application/soap+xml",
    "application/x-www-form-urlencoded",
    "application/xml",
    "text/css",
    "text/csv",
];
/// The one that it has where nothing is said.
const PLAIN: &str = "text/plain; charset=UTF-8";

/// How the pauses of the third phase grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backoff {
    Linear,
    Arithmetic,
    Geometric,
    Exponential,
}

impl Backoff {
    fn read(text: &str) -> Option<Self> {
        Some(match text {
            "linear" => Self::Linear,
            "arithmetic" => Self::Arithmetic,
            "geometric" => Self::Geometric,
            "exponential" => Self::Exponential,
            _ => return None,
        })
    }

    /// How far a pause is on its way from the shortest to the longest, at a share of the retries.
    fn share(self, at: f64) -> f64 {
        match self {
            Self::Linear => at,
            Self::Arithmetic => at * (at + 1.0) / 2.0,
            Self::Geometric => at * at,
            Self::Exponential => (10.0_f64.powf(at) - 1.0) / 9.0,
        }
    }
}

/// The phases of retries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    pub without_pause: i64,
    pub at_shortest: i64,
    pub between: i64,
    pub at_longest: i64,
    /// The pauses, in seconds.
    pub shortest: i64,
    pub longest: i64,
    pub backoff: Backoff,
}

/// To queues and functions: "100,015 times, over 23 days".
pub const MANAGED: Retries = Retries {
    without_pause: 3,
    at_shortest: 2,
    between: 10,
    at_longest: 100_000,
    shortest: 1,
    longest: 20,
    backoff: Backoff::Exponential,
};

impl Retries {
    /// The pause before a retry, the first of which is 0; `None` when there is none any more.
    pub fn pause(&self, retry: i64) -> Option<Duration> {
        let mut left = retry - self.without_pause;
        if left < 0 {
            return Some(Duration::ZERO);
        }
        let seconds = |seconds: i64| Some(Duration::from_secs(seconds.unsigned_abs()));
        if left < self.at_shortest {
            return seconds(self.shortest);
        }
        left -= self.at_shortest;
        if left < self.between {
            let share = self.backoff.share((left + 1) as f64 / self.between as f64);
            let seconds = self.shortest as f64 + share * (self.longest - self.shortest) as f64;
            return Some(Duration::from_secs_f64(seconds));
        }
        left -= self.between;
        if left < self.at_longest { seconds(self.longest) } else { None }
    }
}

/// What holds for a subscription's deliveries to a server.
#[derive(Clone, Debug, PartialEq)]
pub struct Effective {
    retry: Map<String, Value>,
    throttle: Option<i64>,
    request: Map<String, Value>,
    overrides: bool,
}

impl Effective {
    /// What a topic and a subscription say, over what AWS does by itself (recorded: `test_topic_delivery_policy_crud`).
    pub fn of(topic: Option<&Map<String, Value>>, subscription: Option<&Map<String, Value>>) -> Self {
        let by_itself = json!({
            "minDelayTarget": 20,
            "maxDelayTarget": 20,
            "numRetries": 3,
            "numMaxDelayRetries": 0,
            "numNoDelayRetries": 0,
            "numMinDelayRetries": 0,
            "backoffFunction": "linear",
        });
        let mut effective = Self {
            retry: by_itself.as_object().cloned().unwrap_or_default(),
            throttle: None,
            request: json!({"headerContentType": PLAIN}).as_object().cloned().unwrap_or_default(),
            overrides: true,
        };
        if let Some(http) = topic.and_then(|topic| topic.get("http")).and_then(Value::as_object) {
            effective.overrides = http.get("disableSubscriptionOverrides") != Some(&Value::Bool(true));
            effective.take(http, ["defaultHealthyRetryPolicy", "defaultThrottlePolicy", "defaultRequestPolicy"]);
        }
        if let Some(own) = subscription.filter(|_| effective.overrides) {
            effective.take(own, ["healthyRetryPolicy", "throttlePolicy", "requestPolicy"]);
        }
        effective
    }

    fn take(&mut self, policy: &Map<String, Value>, [retry, throttle, request]: [&str; 3]) {
        let fields = |name: &str| policy.get(name).and_then(Value::as_object).into_iter().flatten();
        let set = fields(retry).filter(|(_, value)| !value.is_null());
        self.retry.extend(set.map(|(name, value)| (name.clone(), value.clone())));
        let rate =
            fields(throttle).find(|(name, _)| *name == "maxReceivesPerSecond").and_then(|(_, rate)| rate.as_i64());
        self.throttle = rate.or(self.throttle);
        let set = fields(request).filter(|(_, value)| !value.is_null());
        self.request.extend(set.map(|(name, value)| (name.clone(), value.clone())));
    }

    /// The attribute of a topic.
    pub fn of_topic(&self) -> Value {
        let mut http = json!({
            "defaultHealthyRetryPolicy": self.retry,
            "disableSubscriptionOverrides": !self.overrides,
        });
        if let Some(rate) = self.throttle {
            http["defaultThrottlePolicy"] = json!({"maxReceivesPerSecond": rate});
        }
        http["defaultRequestPolicy"] = json!(self.request);
        json!({"http": http})
    }

    /// The attribute of a subscription.
    pub fn of_subscription(&self) -> Value {
        json!({
            "healthyRetryPolicy": self.retry,
            "sicklyRetryPolicy": null,
            "throttlePolicy": self.throttle.map(|rate| json!({"maxReceivesPerSecond": rate})),
            "requestPolicy": self.request,
            "guaranteed": false,
        })
    }

    /// The phases of its retries.
    pub fn retries(&self) -> Retries {
        let number = |name: &str| self.retry.get(name).and_then(Value::as_i64).unwrap_or_default();
        let (without_pause, at_shortest, at_longest) =
            (number("numNoDelayRetries"), number("numMinDelayRetries"), number("numMaxDelayRetries"));
        let backoff = self.retry.get("backoffFunction").and_then(Value::as_str).and_then(Backoff::read);
        Retries {
            without_pause,
            at_shortest,
            between: (number("numRetries") - without_pause - at_shortest - at_longest).max(0),
            at_longest,
            shortest: number("minDelayTarget"),
            longest: number("maxDelayTarget"),
            backoff: backoff.unwrap_or(Backoff::Linear),
        }
    }

    /// `maxReceivesPerSecond`
    pub fn throttle(&self) -> Option<i64> {
        self.throttle
    }

    /// `headerContentType`
    pub fn content_type(&self) -> &str {
        self.request.get("headerContentType").and_then(Value::as_str).unwrap_or(PLAIN)
    }
}

/// A topic's, as it is told: what was set, without what is null (recorded: `test_topic_delivery_policy_crud`).
///
/// # Errors
/// When it is none.
pub fn of_topic(text: &str) -> AwsResult<Map<String, Value>> {
    let policy = object("DeliveryPolicy", text)?;
    let mut http = Map::new();
    for (name, value) in &policy {
        match (name.as_str(), value) {
            ("http", Value::Object(fields)) => http.extend(fields.clone()),
            ("http", Value::Null) => {}
            _ => return Err(wrong(format_args!("unexpected field {name}"))),
        }
    }
    http.retain(|_, value| !value.is_null());
    for (name, value) in &http {
        match name.as_str() {
            "disableSubscriptionOverrides" if value.is_boolean() => {}
            "defaultHealthyRetryPolicy" => retry(value)?,
            "defaultThrottlePolicy" => throttle(value)?,
            "defaultRequestPolicy" => request(value)?,
            _ => return Err(wrong(format_args!("http.{name}"))),
        }
    }
    http.entry("disableSubscriptionOverrides").or_insert(Value::Bool(false));
    Ok(Map::from_iter([("http".to_owned(), Value::Object(http))]))
}

/// A subscription's.
///
/// # Errors
/// When it is none.
pub fn of_subscription(text: &str) -> AwsResult<Map<String, Value>> {
    let mut policy = object("DeliveryPolicy", text)?;
    policy.retain(|_, value| !value.is_null());
    for (name, value) in &policy {
        match name.as_str() {
            "healthyRetryPolicy" => retry(value)?,
            "throttlePolicy" => throttle(value)?,
            "requestPolicy" => request(value)?,
            _ => return Err(wrong(format_args!("unexpected field {name}"))),
        }
    }
    Ok(policy)
}

fn wrong(what: std::fmt::Arguments<'_>) -> slam_cloud_core::AwsError {
    invalid(format_args!("DeliveryPolicy: {what}"))
}

fn fields(value: &Value) -> AwsResult<&Map<String, Value>> {
    value.as_object().ok_or_else(|| wrong(format_args!("a policy must be an object")))
}

fn retry(value: &Value) -> AwsResult<()> {
    let given = fields(value)?;
    for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
        let within =
            |range: std::ops::RangeInclusive<i64>| value.as_i64().is_some_and(|number| range.contains(&number));
        let is_fine = match name.as_str() {
            "minDelayTarget" | "maxDelayTarget" => within(1..=LONGEST),
            "numRetries" | "numNoDelayRetries" | "numMinDelayRetries" | "numMaxDelayRetries" => within(0..=RETRIES),
            "backoffFunction" => value.as_str().and_then(Backoff::read).is_some(),
            _ => return Err(wrong(format_args!("unexpected field {name}"))),
        };
        if !is_fine {
            return Err(wrong(format_args!("{name} cannot be {value}")));
        }
    }
    let policy = Map::from_iter([("healthyRetryPolicy".to_owned(), value.clone())]);
    let retries = Effective::of(None, Some(&policy)).retries();
    if retries.shortest > retries.longest {
        return Err(wrong(format_args!("minDelayTarget must be less than or equal to maxDelayTarget")));
    }
    let seconds: i64 = (0..=RETRIES).map_while(|retry| retries.pause(retry)).map(|pause| pause.as_secs() as i64).sum();
    if seconds > LONGEST {
        return Err(wrong(format_args!("the retries take {seconds} seconds, and may take {LONGEST}")));
    }
    Ok(())
}

fn throttle(value: &Value) -> AwsResult<()> {
    let is_fine = |(name, rate): (&String, &Value)| {
        name == "maxReceivesPerSecond" && (rate.is_null() || rate.as_i64().is_some_and(|rate| rate >= 1))
    };
    if fields(value)?.iter().all(is_fine) { Ok(()) } else { Err(wrong(format_args!("maxReceivesPerSecond"))) }
}

fn request(value: &Value) -> AwsResult<()> {
    let is_type = |text: &str| {
        let base = text.split(';').next().unwrap_or_default().trim();
        matches!(base, "text/plain" | "text/html" | "text/xml") || CONTENT_TYPES.contains(&base)
    };
    let is_fine = |(name, value): (&String, &Value)| {
        name == "headerContentType" && (value.is_null() || value.as_str().is_some_and(is_type))
    };
    if fields(value)?.iter().all(is_fine) { Ok(()) } else { Err(wrong(format_args!("headerContentType"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_have_four_phases() {
        let total = (0..).map_while(|retry| MANAGED.pause(retry)).count();
        assert_eq!(total, 100_015);
        let seconds = |retry| MANAGED.pause(retry).map(|pause| pause.as_secs());
        assert_eq!([0, 2, 3, 4, 14, 15].map(seconds), [0, 0, 1, 1, 20, 20].map(Some));
        let by_itself = Effective::of(None, None).retries();
        assert_eq!(
            (0..4).map(|retry| by_itself.pause(retry).map(|p| p.as_secs())).collect::<Vec<_>>(),
            [Some(20), Some(20), Some(20), None]
        );
    }

    #[test]
    fn what_a_subscription_says_stands_over_its_topic_unless_it_may_not() {
        let topic = |disabled: bool| {
            of_topic(&format!(
                r#"{{"http":{{"disableSubscriptionOverrides":{disabled},"defaultHealthyRetryPolicy":{{"numRetries":5}}}}}}"#
            ))
            .unwrap()
        };
        let own = of_subscription(r#"{"healthyRetryPolicy":{"numRetries":7,"numNoDelayRetries":2}}"#).unwrap();
        assert_eq!(Effective::of(Some(&topic(false)), Some(&own)).retries().between, 5);
        assert_eq!(Effective::of(Some(&topic(true)), Some(&own)).retries().between, 5);
        assert_eq!(Effective::of(Some(&topic(false)), Some(&own)).retries().without_pause, 2);
        assert_eq!(Effective::of(Some(&topic(true)), Some(&own)).retries().without_pause, 0);
    }

    #[test]
    fn what_is_no_delivery_policy_is_refused() {
        for text in [
            "x",
            r#"{"https":{}}"#,
            r#"{"http":{"defaultHealthyRetryPolicy":{"numRetries":101}}}"#,
            r#"{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":30}}}"#,
            r#"{"http":{"defaultHealthyRetryPolicy":{"numRetries":100,"maxDelayTarget":3600}}}"#,
            r#"{"http":{"defaultRequestPolicy":{"headerContentType":"image/png"}}}"#,
            r#"{"http":{"defaultThrottlePolicy":{"maxReceivesPerSecond":0}}}"#,
        ] {
            assert!(of_topic(text).is_err(), "{text}");
        }
        assert!(of_topic(r#"{"http":{"defaultHealthyRetryPolicy":null}}"#).is_ok());
    }
}
