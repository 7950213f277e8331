//! What S3 itself asks of a bucket's policy; IAM evaluates it.

use crate::error::{Answer, Fault};
use serde_json::{Value, json};
use slam_cloud_kit::policy::{self, Malformed};

/// The size AWS allows.
const MAX_BYTES: usize = 20 * 1024;
/// S3's own condition by which a policy is not public ("The meaning of 'public'").
const NARROWING: [&str; 1] = ["s3:x-amz-server-side-encryption-aws-kms-key-id"];

/// Checks a policy's form.
///
/// # Errors
/// As recorded in `test_bucket_policy_exc`.
pub fn check(policy: &str) -> Answer<()> {
    if policy.len() > MAX_BYTES {
        return Err(Fault::new("PolicyTooLarge", 400, "Policy exceeds the maximum allowed document size."));
    }
    policy::check(policy).map_err(|malformed| {
        let message = match malformed {
            Malformed::Json => "Policies must be valid JSON and the first byte must be '{'".to_owned(),
            Malformed::Missing(field) => format!("Missing required field {field}"),
            Malformed::Effect => "Invalid effect: the Effect of a statement must be Allow or Deny".to_owned(),
        };
        Fault::new("MalformedPolicy", 400, message)
    })
}

/// A bucket's policy, or none, that allows an action as well.
pub fn allowing(policy: Option<&str>, action: &str) -> String {
    let mut document = policy.and_then(|policy| serde_json::from_str(policy).ok()).unwrap_or_else(|| json!({}));
    let mut statements = match document["Statement"].take() {
        Value::Array(statements) => statements,
        Value::Null => Vec::new(),
        statement => vec![statement],
    };
    statements.push(json!({"Effect": "Allow", "Principal": "*", "Action": action, "Resource": "*"}));
    document["Statement"] = Value::Array(statements);
    document.to_string()
}

/// Whether a policy lets everybody in.
pub fn is_public(policy: &str) -> bool {
    policy::is_public(policy, &NARROWING)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_allows_what_an_acl_grants() {
        let granted = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"});
        let check = |policy: Option<&str>, expected: Value| {
            let found: Value = serde_json::from_str(&allowing(policy, "s3:GetObject")).expect("a document");
            assert_eq!(found, expected);
        };
        check(None, json!({"Statement": [granted]}));
        let one = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Deny"}}"#;
        check(Some(one), json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny"}, granted]}));
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
