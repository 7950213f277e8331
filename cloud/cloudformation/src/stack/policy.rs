//! Stack policies: which resources an update may touch.

use crate::error::invalid;
use crate::model::Change;
use serde_json::Value;
use slam_cloud_core::{AwsError, AwsResult};

/// The largest stack policy in bytes (the service model).
const MAX_POLICY: usize = 16_384;

/// Refuses what is not a stack policy.
///
/// # Errors
/// `Error validating stack policy: …`
pub fn check(policy: &str) -> AwsResult<()> {
    let fault = |what: &str| invalid(format!("Error validating stack policy: {what}"));
    if policy.len() > MAX_POLICY {
        return Err(fault("Policy is too long"));
    }
    let document: Value = serde_json::from_str(policy).map_err(|_| fault("Invalid stack policy"))?;
    let statements =
        document.get("Statement").and_then(Value::as_array).ok_or_else(|| fault("Invalid stack policy"))?;
    for statement in statements {
        if !matches!(statement.get("Effect").and_then(Value::as_str), Some("Allow" | "Deny")) {
            return Err(fault("Effect must be Allow or Deny"));
        }
        if statement.get("Action").is_none() && statement.get("NotAction").is_none() {
            return Err(fault("Action must be given"));
        }
        if statement.get("Principal").and_then(Value::as_str) != Some("*") {
            return Err(fault("Principal must be *"));
        }
        if statement.get("Resource").is_none() && statement.get("NotResource").is_none() {
            return Err(fault("Resource must be given"));
        }
        if let Some(condition) = statement.get("Condition") {
            let operators = condition.as_object().into_iter().flatten();
            for (operator, keys) in operators {
                let key = keys.as_object().filter(|keys| keys.len() == 1 && keys.contains_key("ResourceType"));
                if !matches!(&**operator, "StringEquals" | "StringLike") || key.is_none() {
                    return Err(fault("Condition must be StringEquals or StringLike on ResourceType"));
                }
            }
        }
    }
    Ok(())
}

/// Refuses a change that the policy does not allow.
///
/// # Errors
/// `Action denied by stack policy: …`
pub fn allows(policy: &str, change: &Change) -> AwsResult<()> {
    let action = match (&*change.action, change.replacement.as_deref()) {
        ("Remove", _) => "Update:Delete",
        ("Modify", Some("True" | "Conditional")) => "Update:Replace",
        ("Modify", _) => "Update:Modify",
        _ => return Ok(()),
    };
    let document: Value = serde_json::from_str(policy).unwrap_or_default();
    let resource = format!("LogicalResourceId/{}", change.logical_id);
    let mut allowed = false;
    for (index, statement) in document.get("Statement").and_then(Value::as_array).into_iter().flatten().enumerate() {
        if !concerns(statement, action, &resource, &change.resource_type) {
            continue;
        }
        if statement.get("Effect").and_then(Value::as_str) == Some("Deny") {
            return Err(denied(&format!("Statement [#{}] does not allow [{action}]", index + 1), &resource));
        }
        allowed = true;
    }
    if allowed { Ok(()) } else { Err(denied(&format!("no statement allows [{action}]"), &resource)) }
}

fn denied(why: &str, resource: &str) -> AwsError {
    invalid(format!("Action denied by stack policy: {why} for resource [{resource}]"))
}

fn concerns(statement: &Value, action: &str, resource: &str, resource_type: &str) -> bool {
    let any = |member: &str, text: &str| {
        statement.get(member).map(|patterns| texts(patterns).iter().any(|pattern| matches(pattern, text)))
    };
    let acts = any("Action", action).unwrap_or_else(|| !any("NotAction", action).unwrap_or(true));
    let meant = any("Resource", resource).unwrap_or_else(|| !any("NotResource", resource).unwrap_or(true));
    let conditions = statement.get("Condition").and_then(Value::as_object).into_iter().flatten();
    let mut holds = true;
    for (operator, keys) in conditions {
        let values = keys.get("ResourceType").map(texts).unwrap_or_default();
        holds &= values.iter().any(|value| match &**operator {
            "StringLike" => matches(value, resource_type),
            _ => *value == resource_type,
        });
    }
    acts && meant && holds
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// `*` stands for any text, `?` for one character.
fn matches(pattern: &str, text: &str) -> bool {
    let expression: String = pattern
        .chars()
        .map(|c| match c {
            '*' => ".*".to_owned(),
            '?' => ".".to_owned(),
            other => regex::escape(&other.to_string()),
        })
        .collect();
    regex::Regex::new(&format!("^{expression}$")).is_ok_and(|expression| expression.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_allows(policy: &str, action: &str, replacement: Option<&str>, expected: bool) {
        let change = Change {
            action: action.into(),
            logical_id: "Table".into(),
            resource_type: "AWS::DynamoDB::Table".into(),
            replacement: replacement.map(Into::into),
            ..Change::default()
        };
        assert!(check(policy).is_ok(), "{policy}");
        assert_eq!(allows(policy, &change).is_ok(), expected, "{policy}");
    }

    const PROTECT: &str = r#"{"Statement": [
        {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": ["Update:Replace", "Update:Delete"], "Principal": "*", "Resource": "LogicalResourceId/Ta*",
         "Condition": {"StringEquals": {"ResourceType": ["AWS::DynamoDB::Table"]}}}]}"#;

    #[test]
    fn a_denied_action_is_refused_and_others_are_not() {
        check_allows(PROTECT, "Modify", Some("False"), true);
        check_allows(PROTECT, "Modify", Some("True"), false);
        check_allows(PROTECT, "Remove", None, false);
    }

    #[test]
    fn what_no_statement_allows_is_refused() {
        let policy = r#"{"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "NotResource": "LogicalResourceId/Table"}]}"#;
        check_allows(policy, "Modify", Some("False"), false);
    }
}
