//! Policies that let services write, of an account or of one group.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use slam_cloud_wire::logs;

/// A policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResourcePolicy {
    /// The document, as it was put.
    pub document: String,
    /// Milliseconds since 1970.
    pub updated: i64,
    /// What a change of a group's policy must name.
    pub revision: String,
}

impl ResourcePolicy {
    /// As it is told of an account.
    pub fn of_account(&self, name: String) -> logs::ResourcePolicy {
        logs::ResourcePolicy { policy_name: Some(name), ..self.told("ACCOUNT") }
    }

    /// As it is told of a group.
    pub fn of_group(&self, arn: String) -> logs::ResourcePolicy {
        let revision_id = Some(self.revision.clone());
        logs::ResourcePolicy { resource_arn: Some(arn), revision_id, ..self.told("RESOURCE") }
    }

    fn told(&self, scope: &str) -> logs::ResourcePolicy {
        logs::ResourcePolicy {
            policy_document: Some(self.document.clone()),
            last_updated_time: Some(self.updated),
            policy_scope: Some(scope.to_owned()),
            ..logs::ResourcePolicy::default()
        }
    }
}

/// What a document says first to have variables.
const CURRENT: &str = "2012-10-17";

/// One document with the statements of several. What looks like a variable in one of an older version is none, and stays none.
pub fn together<'d>(documents: impl IntoIterator<Item = &'d str>) -> String {
    let statements = documents.into_iter().flat_map(|document| {
        let mut document: Value = serde_json::from_str(document).unwrap_or_default();
        if document["Version"] != CURRENT {
            document = serde_json::from_str(&document.to_string().replace("${", "${$}{")).unwrap_or_default();
        }
        match document.get("Statement") {
            Some(Value::Array(statements)) => statements.clone(),
            Some(statement) => vec![statement.clone()],
            None => Vec::new(),
        }
    });
    json!({ "Version": CURRENT, "Statement": statements.collect::<Vec<_>>() }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_policies_are_asked_as_one() {
        let check = |documents: &[&str], expected: Value| {
            let whole: Value = serde_json::from_str(&together(documents.iter().copied())).unwrap();
            assert_eq!(whole["Statement"], expected, "{documents:?}");
        };
        check(&[], json!([]));
        let variable = |version: &str| format!(r#"{{"Version":"{version}","Statement":[{{"Resource":"${{a}}"}}]}}"#);
        check(
            &[&variable("2012-10-17"), &variable("2008-10-17")],
            json!([{"Resource": "${a}"}, {"Resource": "${$}{a}"}]),
        );
        check(
            &[r#"{"Statement":{"Sid":"a"}}"#, r#"{"Statement":[{"Sid":"b"},{"Sid":"c"}]}"#],
            json!([
                {"Sid": "a"}, {"Sid": "b"}, {"Sid": "c"}
            ]),
        );
    }
}
