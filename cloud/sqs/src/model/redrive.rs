//! Dead letters: where messages go that are received too often (`RedrivePolicy`), and whose may come (`RedriveAllowPolicy`).

use crate::error::invalid_value;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use slam_cloud_core::{AwsError, AwsResult};

/// How often a message may be received at the most (Developer Guide, "Configure a dead-letter queue").
const MOST_RECEIPTS: i64 = 1000;
/// How many queues a policy may name (API reference, SetQueueAttributes).
const MOST_SOURCES: usize = 10;

/// A `RedrivePolicy`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redrive {
    /// The ARN of the dead-letter queue.
    pub target: String,
    /// After so many receipts a message goes there.
    pub receipts: i64,
    /// As it was written.
    pub text: String,
}

fn wrong(text: &str, reason: impl std::fmt::Display) -> AwsError {
    invalid_value(text, "RedrivePolicy", reason)
}

impl Redrive {
    /// Reads a policy.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> AwsResult<Self> {
        let policy: Map<String, Value> =
            serde_json::from_str(text).map_err(|_| wrong(text, "Redrive policy is not a valid JSON map."))?;
        if let Some(other) =
            policy.keys().find(|key| !["deadLetterTargetArn", "maxReceiveCount"].contains(&key.as_str()))
        {
            return Err(wrong(
                text,
                format_args!(
                    "Only following attributes are allowed: [deadLetterTargetArn, maxReceiveCount]. Found {other}."
                ),
            ));
        }
        let lacks =
            |name: &str| wrong(text, format_args!("Redrive policy does not contain mandatory attribute: {name}."));
        let target = policy.get("deadLetterTargetArn").ok_or_else(|| lacks("deadLetterTargetArn"))?;
        let count = policy.get("maxReceiveCount").ok_or_else(|| lacks("maxReceiveCount"))?;
        // Clients write the number as a text, too.
        let receipts = match count {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        let receipts = receipts.filter(|receipts| (1..=MOST_RECEIPTS).contains(receipts)).ok_or_else(|| {
            let shown = count.as_str().map_or_else(|| count.to_string(), str::to_owned);
            let reason =
                format!("Invalid value for maxReceiveCount: {shown}, valid values are from 1 to 1000 both inclusive.");
            wrong(text, reason)
        })?;
        let target = target.as_str().ok_or_else(|| wrong(text, "deadLetterTargetArn must be a string."))?;
        Ok(Self { target: target.to_owned(), receipts, text: text.to_owned() })
    }

    /// Why its target cannot be that of a queue.
    pub fn refused(&self, reason: impl std::fmt::Display) -> AwsError {
        wrong(&self.text, reason)
    }
}

/// A `RedriveAllowPolicy`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedriveAllow {
    /// Who may.
    pub permission: Permission,
    /// As it was written.
    pub text: String,
}

/// Whose messages a dead-letter queue takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Permission {
    /// Those of every queue of the account and region.
    AllowAll,
    /// Nobody's.
    DenyAll,
    /// Those of the queues with these ARNs.
    ByQueue(Vec<String>),
}

impl RedriveAllow {
    /// Reads a policy.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> AwsResult<Self> {
        let wrong = |reason: &str| invalid_value(text, "RedriveAllowPolicy", reason);
        let policy: Map<String, Value> =
            serde_json::from_str(text).map_err(|_| wrong("Redrive allow policy is not a valid JSON map."))?;
        let known = |key: &&String| !["redrivePermission", "sourceQueueArns"].contains(&key.as_str());
        if policy.keys().find(known).is_some() {
            return Err(wrong("Only following attributes are allowed: [redrivePermission, sourceQueueArns]."));
        }
        let sources = match policy.get("sourceQueueArns") {
            None => None,
            Some(Value::Array(items)) => {
                let texts = items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
                Some(texts.ok_or_else(|| wrong("sourceQueueArns must be a list of ARNs."))?)
            }
            Some(_) => return Err(wrong("sourceQueueArns must be a list of ARNs.")),
        };
        let permission = match (policy.get("redrivePermission").and_then(Value::as_str), sources) {
            (Some("allowAll"), None) => Permission::AllowAll,
            (Some("denyAll"), None) => Permission::DenyAll,
            (Some("allowAll" | "denyAll"), Some(_)) => {
                return Err(wrong("sourceQueueArns can only be specified when redrivePermission is byQueue."));
            }
            (Some("byQueue"), Some(sources)) if (1..=MOST_SOURCES).contains(&sources.len()) => {
                Permission::ByQueue(sources)
            }
            (Some("byQueue"), _) => return Err(wrong("byQueue needs from 1 to 10 sourceQueueArns.")),
            _ => return Err(wrong("redrivePermission must be one of allowAll, denyAll, byQueue.")),
        };
        Ok(Self { permission, text: text.to_owned() })
    }

    /// Whether the queue of that ARN may send its dead letters.
    pub fn admits(&self, source: &str) -> bool {
        match &self.permission {
            Permission::AllowAll => true,
            Permission::DenyAll => false,
            Permission::ByQueue(sources) => sources.iter().any(|known| known == source),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redrive_policy_has_its_form() {
        let check = |text: &str, expected: Option<i64>| {
            assert_eq!(Redrive::parse(text).ok().map(|redrive| redrive.receipts), expected, "{text}");
        };
        let arn = "arn:aws:sqs:us-east-1:000000000000:d";
        let with = |count: &str| format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":{count}}}"#);
        check(&with("3"), Some(3));
        check(&with("\"1000\""), Some(1000));
        for wrong in ["0", "1001", "\"many\"", "null", "1.5"] {
            check(&with(wrong), None);
        }
        for wrong in ["", "[]", "{}", r#"{"maxReceiveCount":1}"#, r#"{"deadLetterTargetArn":"a"}"#] {
            check(wrong, None);
        }
    }

    #[test]
    fn a_redrive_allow_policy_lets_in_whom_it_names() {
        let check = |text: &str, expected: Option<bool>| {
            assert_eq!(RedriveAllow::parse(text).ok().map(|policy| policy.admits("a")), expected, "{text}");
        };
        check(r#"{"redrivePermission":"allowAll"}"#, Some(true));
        check(r#"{"redrivePermission":"denyAll"}"#, Some(false));
        check(r#"{"redrivePermission":"byQueue","sourceQueueArns":["a"]}"#, Some(true));
        check(r#"{"redrivePermission":"byQueue","sourceQueueArns":["b"]}"#, Some(false));
        check(r#"{"redrivePermission":"byQueue","sourceQueueArns":[]}"#, None);
        check(r#"{"redrivePermission":"byQueue"}"#, None);
        check(r#"{"redrivePermission":"denyAll","sourceQueueArns":["a"]}"#, None);
        check(r#"{"redrivePermission":"some"}"#, None);
        check("{}", None);
        let eleven = serde_json::to_string(&vec!["a"; 11]).unwrap();
        check(&format!(r#"{{"redrivePermission":"byQueue","sourceQueueArns":{eleven}}}"#), None);
    }
}
