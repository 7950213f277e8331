//! What IAM refuses to store of trust policies, beyond what no evaluator could read, and what it refuses of all.
//! [`super::identity`] has the rest.

use super::condition::Condition;
use super::document::Policy;
use serde_json::{Map, Value};
use slam_cloud_core::Arn;
use std::collections::BTreeSet;

/// Checks a role's trust policy.
///
/// # Errors
/// The message of `MalformedPolicyDocument`.
pub fn trust(text: &str) -> Result<(), String> {
    for statement in statements(text)? {
        for prohibited in ["Resource", "NotResource"] {
            if statement.get(prohibited).is_some() {
                return Err(format!("Has prohibited field {prohibited}"));
            }
        }
        let Some(principal) = statement.get("Principal").or_else(|| statement.get("NotPrincipal")) else {
            return Err("Missing required field Principal cannot be empty!".to_owned());
        };
        for named in super::principal::Principals::read(principal).unwrap_or_default() {
            let known = match named.kind.as_str() {
                "*" => true,
                "AWS" => is_aws_principal(&named.value),
                "Service" => named.value.ends_with(".amazonaws.com") || named.value.ends_with(".amazonaws.com.cn"),
                "Federated" | "CanonicalUser" => true,
                _ => false,
            };
            if !known {
                return Err(invalid_principal(&named.kind, &named.value));
            }
        }
        for action in texts(&statement, &["Action", "NotAction"]) {
            check_action(&action)?;
            let of_sts = action.to_ascii_lowercase();
            let of_sts = of_sts.strip_prefix("sts:").unwrap_or_default();
            let trusting = ["assumerole", "tagsession", "setsourceidentity", "setcontext"];
            if of_sts != "*" && !trusting.iter().any(|prefix| of_sts.starts_with(prefix)) {
                return Err("AssumeRole policy may only specify STS AssumeRole actions.".to_owned());
            }
        }
    }
    Ok(())
}

/// IAM's sentence about a principal that does not exist.
pub fn invalid_principal(kind: &str, value: &str) -> String {
    let kind = if kind == "Service" { "SERVICE" } else { kind };
    format!("Invalid principal in policy: \"{kind}\":\"{value}\"")
}

fn statements(text: &str) -> Result<Vec<Value>, String> {
    let document: Value = serde_json::from_str(text).map_err(|_| "This policy contains invalid Json".to_owned())?;
    match document.get("Version") {
        None => {}
        Some(Value::String(version)) if ["2012-10-17", "2008-10-17"].contains(&version.as_str()) => {}
        Some(_) => return Err("Policy document must be version 2012-10-17 or greater.".to_owned()),
    }
    let known = |name: &String| ["Version", "Id", "Statement"].contains(&name.as_str());
    if !document.as_object().is_some_and(|fields| fields.keys().all(known)) {
        return Err("Syntax errors in policy.".to_owned());
    }
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(statement) => vec![statement.clone()],
        None => Vec::new(),
    };
    Policy::parse(text)?;
    if statements.is_empty() {
        return Err("Could not parse the policy: Statement is empty!".to_owned());
    }
    statements.iter().try_for_each(check_fields)?;
    check_sids(statements.iter().filter_map(Value::as_object))?;
    Ok(statements)
}

/// Checks the ids of statements.
///
/// # Errors
/// The message of `MalformedPolicyDocument`.
pub(super) fn check_sids<'s>(statements: impl Iterator<Item = &'s Map<String, Value>>) -> Result<(), String> {
    let mut sids = BTreeSet::new();
    for sid in statements.filter_map(|statement| statement.get("Sid")) {
        let sid = sid.as_str().unwrap_or("-");
        if !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular \
                        expression [0-9A-Za-z]*"
                .to_owned());
        }
        if !sid.is_empty() && !sids.insert(sid) {
            return Err("Statement IDs (SID) in a single policy must be unique.".to_owned());
        }
    }
    Ok(())
}

/// Whether IAM has an operator of conditions.
pub(super) fn known_operator(operator: &str) -> bool {
    Condition::new(operator, "aws:username", &[], false).is_some()
}

fn check_fields(statement: &Value) -> Result<(), String> {
    const KNOWN: [&str; 9] =
        ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];
    let fields = statement.as_object().into_iter().flat_map(|fields| fields.keys());
    match fields.into_iter().find(|name| !KNOWN.contains(&name.as_str())) {
        Some(_) => Err("Syntax errors in policy.".to_owned()),
        None => Ok(()),
    }
}

fn texts(statement: &Value, names: &[&str]) -> Vec<String> {
    let values = names.iter().filter_map(|name| statement.get(*name));
    values.filter_map(super::texts::texts).flatten().collect()
}

/// Checks an action's form.
///
/// # Errors
/// The message of `MalformedPolicyDocument`.
pub(super) fn check_action(action: &str) -> Result<(), String> {
    if action == "*" {
        return Ok(());
    }
    let Some((vendor, name)) = action.split_once(':') else {
        return Err("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".to_owned());
    };
    if name.contains(':') {
        return Err("Actions/Condition can contain only one colon.".to_owned());
    }
    if vendor.is_empty() || !vendor.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)) {
        return Err(format!("Vendor {vendor} is not valid"));
    }
    Ok(())
}

fn is_aws_principal(value: &str) -> bool {
    let account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if value == "*" || account(value) {
        return true;
    }
    // A principal that was deleted since is kept under its unique id.
    if ["AIDA", "AROA"].iter().any(|prefix| value.starts_with(prefix)) && !value.contains(':') {
        return true;
    }
    Arn::parse(value).is_some_and(|arn| {
        let named = ["user/", "role/", "assumed-role/", "federated-user/"].iter().any(|kind| {
            // Wildcards are allowed nowhere in a principal's ARN.
            arn.resource.strip_prefix(kind).is_some_and(|name| !name.is_empty() && !name.contains('*'))
        });
        ["iam", "sts"].contains(&arn.service.as_str()) && account(&arn.account) && (arn.resource == "root" || named)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(result: Result<(), String>, expected: Option<&str>) {
        assert_eq!(result.err().as_deref(), expected);
    }

    #[test]
    fn a_policy_as_it_should_be() {
        check(
            trust(
                r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},
                    "Action":["sts:AssumeRole","sts:TagSession"]}]}"#,
            ),
            None,
        );
    }

    #[test]
    fn malformed_trust_policies() {
        for (text, message) in [
            (
                r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole"}}"#,
                "Missing required field Principal cannot be empty!",
            ),
            (
                r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":"*","Resource":"*"}}"#,
                "Has prohibited field Resource",
            ),
            (
                r#"{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Principal":"*"}}"#,
                "AssumeRole policy may only specify STS AssumeRole actions.",
            ),
            (
                r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"ann"}}}"#,
                "Invalid principal in policy: \"AWS\":\"ann\"",
            ),
            (
                r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda"}}}"#,
                "Invalid principal in policy: \"SERVICE\":\"lambda\"",
            ),
        ] {
            check(trust(text), Some(message));
        }
    }
}
