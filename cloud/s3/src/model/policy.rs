//! What S3 itself asks of a bucket's policy; IAM evaluates it.

use crate::error::{Answer, Fault};
use serde_json::Value;

/// The size AWS allows.
const MAX_BYTES: usize = 20 * 1024;

/// Checks a policy's form.
///
/// # Errors
/// As recorded in `test_bucket_policy_exc`.
pub fn check(policy: &str) -> Answer<()> {
    let malformed = |message: &str| Fault::new("MalformedPolicy", 400, message);
    let not_json = || malformed("Policies must be valid JSON and the first byte must be '{'");
    if policy.len() > MAX_BYTES {
        return Err(Fault::new("PolicyTooLarge", 400, "Policy exceeds the maximum allowed document size."));
    }
    if !policy.starts_with('{') {
        return Err(not_json());
    }
    let document: Value = serde_json::from_str(policy).map_err(|_| not_json())?;
    for statement in statements(&document).ok_or_else(|| malformed("Missing required field Statement"))? {
        for (field, or) in
            [("Effect", ""), ("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource")]
        {
            if statement.get(field).is_none() && statement.get(or).is_none() {
                return Err(malformed(&format!("Missing required field {field}")));
            }
        }
        if !matches!(statement["Effect"].as_str(), Some("Allow" | "Deny")) {
            return Err(malformed("Invalid effect: the Effect of a statement must be Allow or Deny"));
        }
    }
    Ok(())
}

fn statements(document: &Value) -> Option<Vec<&Value>> {
    match document.get("Statement")? {
        Value::Array(statements) => Some(statements.iter().collect()),
        statement @ Value::Object(_) => Some(vec![statement]),
        _ => None,
    }
}

/// The conditions by which a statement for everybody is not public ("The meaning of 'public'").
const NARROWING: [&str; 11] = [
    "aws:sourceip",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceowner",
    "aws:sourceaccount",
    "aws:userid",
    "aws:principalorgid",
    "aws:principalarn",
    "aws:principalaccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

/// Whether a policy lets everybody in.
pub fn is_public(policy: &str) -> bool {
    let Ok(document) = serde_json::from_str::<Value>(policy) else { return false };
    statements(&document).unwrap_or_default().into_iter().any(|statement| {
        statement["Effect"] == "Allow" && names_everybody(statement) && !is_narrowed(statement.get("Condition"))
    })
}

fn names_everybody(statement: &Value) -> bool {
    let is_star = |value: &Value| match value {
        Value::String(text) => text == "*",
        Value::Array(items) => items.iter().any(|item| item == "*"),
        _ => false,
    };
    match statement.get("Principal") {
        Some(Value::Object(kinds)) => kinds.get("AWS").is_some_and(is_star),
        Some(principal) => is_star(principal),
        None => statement.get("NotPrincipal").is_some(),
    }
}

fn is_narrowed(condition: Option<&Value>) -> bool {
    let operators = condition.and_then(Value::as_object).into_iter().flat_map(|operators| operators.values());
    operators
        .filter_map(Value::as_object)
        .flat_map(|keys| keys.keys())
        .any(|key| NARROWING.contains(&key.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_for_everybody_is_public_unless_narrowed() {
        let check = |principal: &str, condition: &str, expected: bool| {
            let policy = format!(
                r#"{{"Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject",
                    "Resource":"arn:aws:s3:::b/*"{condition}}}]}}"#
            );
            assert_eq!(is_public(&policy), expected, "{policy}");
        };
        check(r#""*""#, "", true);
        check(r#"{"AWS":"*"}"#, "", true);
        check(r#"{"AWS":"arn:aws:iam::111111111111:root"}"#, "", false);
        check(r#"{"Service":"cloudfront.amazonaws.com"}"#, "", false);
        check(r#""*""#, r#","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#, false);
        check(r#""*""#, r#","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#, true);
    }

    // Recorded: test_bucket_policy_exc.
    #[test]
    fn a_policy_must_have_its_form() {
        let check_refused = |policy: &str, message: &str| {
            assert_eq!(check(policy).unwrap_err().error.message, message, "{policy}");
        };
        check_refused("", "Policies must be valid JSON and the first byte must be '{'");
        check_refused("invalid json", "Policies must be valid JSON and the first byte must be '{'");
        check_refused("{}", "Missing required field Statement");
    }
}
