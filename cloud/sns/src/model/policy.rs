//! Topics' own policies: put as a whole, or statement by statement by AddPermission.

use crate::error::invalid;
use serde_json::{Value, json};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_kit::policy::{Malformed, check};
use slam_cloud_wire::sns as wire;

/// The largest policy, in bytes (Developer Guide, "Amazon SNS endpoints and quotas": policies).
const LARGEST: usize = 30_720;
/// What AddPermission may permit, and what each topic's owner may at first (API reference, AddPermission; recorded:
/// `test_create_topic_test_arn`).
const OF_OWNER: [&str; 8] = [
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
];

/// The policy of a topic for which nothing was said (recorded: `test_create_topic_test_arn`).
pub fn default(arn: &str, account: &str) -> String {
    json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": OF_OWNER.map(|action| format!("SNS:{action}")),
            "Resource": arn,
            "Condition": {"StringEquals": {"AWS:SourceOwner": account}},
        }],
    })
    .to_string()
}

/// A policy that is put as a whole; none puts the first one back.
///
/// # Errors
/// When it is no policy, or a larger one than AWS takes.
pub fn checked(text: &str) -> AwsResult<Option<String>> {
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > LARGEST {
        return Err(invalid("Policy Error: the policy is too large"));
    }
    match check(text.trim_start()) {
        Ok(()) => {}
        Err(Malformed::Json) => return Err(invalid("Policy failed to parse JSON")),
        Err(reason) => return Err(invalid(format_args!("Policy Error: {reason}"))),
    }
    let document: Value = serde_json::from_str(text).map_err(|_| invalid("Policy failed to parse JSON"))?;
    let statements = statements(&document);
    for action in statements.iter().flat_map(|statement| listed(&statement["Action"])) {
        let is_ours = action == "*" || action.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sns:"));
        if !is_ours {
            return Err(out_of_scope());
        }
    }
    Ok(Some(text.to_owned()))
}

/// Recorded: `test_add_permission_errors`.
fn out_of_scope() -> AwsError {
    invalid("Policy statement action out of service scope!")
}

fn listed(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        value => value.as_str().into_iter().collect(),
    }
}

fn statements(document: &Value) -> Vec<Value> {
    match &document["Statement"] {
        Value::Array(statements) => statements.clone(),
        Value::Null => Vec::new(),
        statement => vec![statement.clone()],
    }
}

/// What AddPermission adds.
pub struct Grant<'a> {
    /// The statement's id.
    pub label: &'a str,
    /// The accounts that may.
    pub accounts: &'a [String],
    /// What they may.
    pub actions: &'a [String],
}

impl Grant<'_> {
    /// A policy with it (recorded: `test_topic_add_permission`, `test_topic_add_multiple_permissions`,
    /// `test_add_permission_errors`).
    ///
    /// # Errors
    /// When it is none, there is a statement of that label, or the policy is full.
    pub fn added(&self, policy: &str, arn: &str, partition: &str) -> AwsResult<String> {
        let mut document: Value = serde_json::from_str(policy).map_err(AwsError::internal)?;
        let mut all = statements(&document);
        if all.iter().any(|statement| statement["Sid"] == self.label) {
            return Err(invalid("Statement already exists"));
        }
        for action in self.actions {
            if !wire::SERVICE.operations.iter().any(|operation| operation.name == action)
                || !OF_OWNER.contains(&&**action)
            {
                return Err(out_of_scope());
            }
        }
        let is_account = |text: &String| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        if self.accounts.is_empty() || !self.accounts.iter().all(is_account) {
            return Err(invalid("AWSAccountId"));
        }
        if self.actions.is_empty() {
            return Err(invalid("ActionName"));
        }
        let one_or_all = |mut texts: Vec<Value>| if texts.len() == 1 { texts.remove(0) } else { Value::Array(texts) };
        let accounts = self.accounts.iter().map(|account| json!(format!("arn:{partition}:iam::{account}:root")));
        let actions = self.actions.iter().map(|action| json!(format!("SNS:{action}")));
        all.push(json!({
            "Sid": self.label,
            "Effect": "Allow",
            "Principal": {"AWS": one_or_all(accounts.collect())},
            "Action": one_or_all(actions.collect()),
            "Resource": arn,
        }));
        document["Statement"] = Value::Array(all);
        let text = document.to_string();
        if text.len() > LARGEST { Err(invalid("Policy Error: the policy is too large")) } else { Ok(text) }
    }
}

/// A policy without the statement of a label, which need not be there (recorded: `test_topic_remove_permission`).
///
/// # Errors
/// When the policy cannot be read.
pub fn removed(policy: &str, label: &str) -> AwsResult<String> {
    let mut document: Value = serde_json::from_str(policy).map_err(AwsError::internal)?;
    let mut all = statements(&document);
    all.retain(|statement| statement["Sid"] != label);
    document["Statement"] = Value::Array(all);
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_come_and_go_by_their_labels() {
        let (accounts, actions) = (["111111111111".to_owned()], ["Publish".to_owned()]);
        let grant = |label| Grant { label, accounts: &accounts, actions: &actions };
        let first = default("arn", "000000000000");
        let both = grant("a").added(&first, "arn", "aws").unwrap();
        assert!(grant("a").added(&both, "arn", "aws").is_err());
        assert_eq!(removed(&both, "a").unwrap(), first);
        assert_eq!(removed(&first, "a").unwrap(), first);
        for (account, action) in [("1", "Publish"), ("111111111111", "CreateTopic"), ("111111111111", "Dance")] {
            let (accounts, actions) = ([account.to_owned()], [action.to_owned()]);
            assert!(Grant { label: "a", accounts: &accounts, actions: &actions }.added(&first, "arn", "aws").is_err());
        }
    }

    #[test]
    fn a_policy_is_about_sns() {
        let of = |action: &str| {
            format!(r#"{{"Statement":{{"Effect":"Allow","Principal":"*","Action":"{action}","Resource":"*"}}}}"#)
        };
        for (policy, expected) in
            [(of("sns:Publish"), true), (of("*"), true), (of("sqs:SendMessage"), false), ("{}".to_owned(), false)]
        {
            assert_eq!(checked(&policy).is_ok(), expected, "{policy}");
        }
        assert_eq!(checked("").unwrap(), None);
    }
}
