//! Queues' own policies: put as a whole, or statement by statement by AddPermission.

use crate::error::{invalid_attribute, invalid_value, missing, over_limit};
use serde_json::{Value, json};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_kit::policy::check;
use slam_cloud_wire::sqs as wire;

/// The largest policy, in bytes (Developer Guide, "Amazon SQS policy quotas").
const LARGEST: usize = 8192;
/// The most statements.
const STATEMENTS: usize = 20;
/// The most principals of a statement.
const PRINCIPALS: usize = 50;
/// The most actions of a statement.
const ACTIONS: usize = 7;
/// The longest label.
const LABEL: usize = 80;

/// The actions that AddPermission takes (API reference, AddPermission).
const PERMITTED: [&str; 7] = [
    "*",
    "SendMessage",
    "ReceiveMessage",
    "DeleteMessage",
    "ChangeMessageVisibility",
    "GetQueueAttributes",
    "GetQueueUrl",
];

/// A policy that is put as a whole; none takes the policy away.
///
/// # Errors
/// When it is no policy, or a larger one than AWS takes.
pub fn checked(text: &str) -> AwsResult<Option<String>> {
    if text.is_empty() {
        return Ok(None);
    }
    if text.len() > LARGEST || check(text.trim_start()).is_err() {
        return Err(invalid_attribute("Policy"));
    }
    let document: Value = serde_json::from_str(text).map_err(|_| invalid_attribute("Policy"))?;
    for statement in statements(&document) {
        let count = |value: &Value| value.as_array().map_or(1, Vec::len);
        let principals = statement["Principal"].get("AWS").map_or(0, count);
        if count(&statement["Action"]) > ACTIONS || principals > PRINCIPALS {
            return Err(over_limit("A policy statement has at most 7 actions and 50 principals."));
        }
    }
    within(&document).map(|()| Some(text.to_owned()))
}

fn statements(document: &Value) -> Vec<&Value> {
    match &document["Statement"] {
        Value::Array(statements) => statements.iter().collect(),
        statement => vec![statement],
    }
}

fn within(document: &Value) -> AwsResult<()> {
    let count = statements(document).len();
    let many =
        || over_limit(format!("{count} statements were found in the policy, but at most {STATEMENTS} are allowed."));
    if count > STATEMENTS { Err(many()) } else { Ok(()) }
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
    /// Refuses what AWS does not take.
    ///
    /// # Errors
    /// What is wrong.
    pub fn check(&self) -> AwsResult<()> {
        let is_label = (1..=LABEL).contains(&self.label.len())
            && self.label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if !is_label {
            let reason = "Label can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
            return Err(invalid_value(self.label, "Label", reason));
        }
        if self.accounts.is_empty() {
            return Err(missing("AWSAccountIds"));
        }
        if self.actions.is_empty() {
            return Err(missing("Actions"));
        }
        for action in self.actions {
            if !PERMITTED.contains(&action.as_str()) {
                let reason = "Only the queue owner is allowed to invoke this action.";
                let known = wire::SERVICE.operations.iter().any(|operation| operation.name == action);
                let reason =
                    if known { reason } else { "Please refer to the appropriate WSDL for a list of valid actions." };
                return Err(invalid_value(format_args!("SQS:{action}"), "ActionName", reason));
            }
        }
        for account in self.accounts {
            if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(invalid_value(format_args!("[{account}]"), "PrincipalId", "Unable to verify."));
            }
        }
        if self.actions.len() > ACTIONS || self.accounts.len() > PRINCIPALS {
            return Err(over_limit("A permission has at most 7 actions and 50 accounts."));
        }
        Ok(())
    }

    /// A policy with it (recorded: `test_sqs_permission_lifecycle`).
    ///
    /// # Errors
    /// When there is a statement of that label, or the policy is full.
    pub fn added(&self, policy: Option<&str>, arn: &str, partition: &str) -> AwsResult<String> {
        let mut document = match policy {
            Some(policy) => serde_json::from_str(policy).map_err(AwsError::internal)?,
            None => json!({ "Version": "2008-10-17", "Id": format!("{arn}/SQSDefaultPolicy"), "Statement": [] }),
        };
        let one_or_all = |mut texts: Vec<Value>| if texts.len() == 1 { texts.remove(0) } else { Value::Array(texts) };
        let accounts = self.accounts.iter().map(|account| json!(format!("arn:{partition}:iam::{account}:root")));
        let actions = self.actions.iter().map(|action| json!(format!("SQS:{action}")));
        let mut all: Vec<Value> = statements(&document).into_iter().cloned().collect();
        if all.iter().any(|statement| statement["Sid"] == self.label) {
            return Err(invalid_value(self.label, "Label", "Already exists."));
        }
        all.push(json!({
            "Sid": self.label,
            "Effect": "Allow",
            "Principal": { "AWS": one_or_all(accounts.collect()) },
            "Action": one_or_all(actions.collect()),
            "Resource": arn,
        }));
        document["Statement"] = Value::Array(all);
        within(&document)?;
        let text = document.to_string();
        if text.len() > LARGEST { Err(over_limit("The policy is larger than 8192 bytes.")) } else { Ok(text) }
    }
}

/// A policy without the statement of a label; none when it was the last.
///
/// # Errors
/// When there is none of that label (recorded: `test_sqs_permission_lifecycle`).
pub fn removed(policy: Option<&str>, label: &str) -> AwsResult<Option<String>> {
    let unknown = || invalid_value(label, "Label", "can't find label.");
    let mut document: Value =
        policy.map(serde_json::from_str).transpose().map_err(AwsError::internal)?.ok_or_else(unknown)?;
    let all = statements(&document);
    let left: Vec<Value> = all.iter().copied().filter(|statement| statement["Sid"] != label).cloned().collect();
    if left.len() == all.len() {
        return Err(unknown());
    }
    if left.is_empty() {
        return Ok(None);
    }
    document["Statement"] = Value::Array(left);
    Ok(Some(document.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_has_its_form_and_size() {
        let statement = r#"{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"}"#;
        let of = |count: usize| format!(r#"{{"Statement":[{}]}}"#, vec![statement; count].join(","));
        let actions = r#"["a:1","a:2","a:3","a:4","a:5","a:6","a:7","a:8"]"#;
        for (policy, expected) in [
            (of(STATEMENTS), None),
            (format!("\n{}", of(1)), None),
            (of(STATEMENTS + 1), Some("OverLimit")),
            (of(1).replace("\"sqs:*\"", actions), Some("OverLimit")),
            (format!("{}{}", " ".repeat(LARGEST), of(1)), Some("InvalidAttributeValue")),
            ("{}".to_owned(), Some("InvalidAttributeValue")),
            (String::new(), None),
        ] {
            let code = checked(&policy).err().map(|error| error.code.into_owned());
            assert_eq!(code.as_deref(), expected, "{policy}");
        }
    }

    #[test]
    fn permissions_come_and_go_by_their_labels() {
        let (accounts, actions) = (["111111111111".to_owned()], ["SendMessage".to_owned()]);
        let grant = |label| Grant { label, accounts: &accounts, actions: &actions };
        let first = grant("a").added(None, "arn", "aws").unwrap();
        let both = grant("b").added(Some(&first), "arn", "aws").unwrap();
        assert!(grant("b").added(Some(&both), "arn", "aws").is_err());
        let left = removed(Some(&both), "a").unwrap().unwrap();
        assert!(removed(Some(&left), "a").is_err() && removed(None, "a").is_err());
        assert_eq!(removed(Some(&left), "b").unwrap(), None);
        assert!(grant("a b").check().is_err() && grant("a-b_1").check().is_ok());
        for (accounts, actions) in [("1", "SendMessage"), ("111111111111", "DeleteQueue"), ("111111111111", "Dance")] {
            let (accounts, actions) = ([accounts.to_owned()], [actions.to_owned()]);
            assert!(Grant { label: "a", accounts: &accounts, actions: &actions }.check().is_err());
        }
    }
}
