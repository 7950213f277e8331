//! What services themselves ask of a resource's policy that is put as a whole; IAM evaluates it.

use serde_json::Value;
use std::fmt;

/// Why a text is no resource's policy. Services have words of their own for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// It is no JSON object.
    Json,
    /// It, or a statement, lacks a field.
    Missing(&'static str),
    /// A statement neither allows nor denies.
    Effect,
}

impl fmt::Display for Malformed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Json => formatter.write_str("it is not valid JSON"),
            Self::Missing(field) => write!(formatter, "the field {field} is missing"),
            Self::Effect => formatter.write_str("the Effect of a statement must be Allow or Deny"),
        }
    }
}

/// Checks a policy's form.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(policy: &str) -> Result<(), Malformed> {
    if !policy.starts_with('{') {
        return Err(Malformed::Json);
    }
    let document: Value = serde_json::from_str(policy).map_err(|_| Malformed::Json)?;
    for statement in statements(&document).ok_or(Malformed::Missing("Statement"))? {
        for (field, or) in
            [("Effect", ""), ("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource")]
        {
            if statement.get(field).is_none() && statement.get(or).is_none() {
                return Err(Malformed::Missing(field));
            }
        }
        if !matches!(statement["Effect"].as_str(), Some("Allow" | "Deny")) {
            return Err(Malformed::Effect);
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

/// The conditions by which a statement for everybody is not public (S3's User Guide, "The meaning of 'public'").
const NARROWING: [&str; 10] = [
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
];

/// Whether a policy lets everybody in. `own` are the service's own conditions that narrow it, in lower case.
pub fn is_public(policy: &str, own: &[&str]) -> bool {
    let Ok(document) = serde_json::from_str::<Value>(policy) else { return false };
    statements(&document).unwrap_or_default().into_iter().any(|statement| {
        statement["Effect"] == "Allow" && names_everybody(statement) && !is_narrowed(statement.get("Condition"), own)
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

fn is_narrowed(condition: Option<&Value>, own: &[&str]) -> bool {
    let operators = condition.and_then(Value::as_object).into_iter().flat_map(|operators| operators.values());
    operators.filter_map(Value::as_object).flat_map(|keys| keys.keys()).any(|key| {
        let key = key.to_ascii_lowercase();
        NARROWING.contains(&key.as_str()) || own.contains(&key.as_str())
    })
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
            assert_eq!(is_public(&policy, &["s3:own"]), expected, "{policy}");
        };
        check(r#""*""#, "", true);
        check(r#"{"AWS":"*"}"#, "", true);
        check(r#"{"AWS":"arn:aws:iam::111111111111:root"}"#, "", false);
        check(r#"{"Service":"cloudfront.amazonaws.com"}"#, "", false);
        check(r#""*""#, r#","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#, false);
        check(r#""*""#, r#","Condition":{"StringEquals":{"s3:Own":"x"}}"#, false);
        check(r#""*""#, r#","Condition":{"Bool":{"aws:SecureTransport":"true"}}"#, true);
    }

    #[test]
    fn a_policy_must_have_its_form() {
        let statement =
            |more: &str| format!(r#"{{"Statement":{{"Principal":"*","Action":"s3:*","Resource":"*"{more}}}}}"#);
        for (policy, expected) in [
            (String::new(), Err(Malformed::Json)),
            ("[]".into(), Err(Malformed::Json)),
            ("{}".into(), Err(Malformed::Missing("Statement"))),
            (statement(""), Err(Malformed::Missing("Effect"))),
            (statement(r#","Effect":"allow""#), Err(Malformed::Effect)),
            (statement(r#","Effect":"Allow""#), Ok(())),
        ] {
            assert_eq!(check(&policy), expected, "{policy}");
        }
    }
}
