//! A resource's own policy, built statement by statement as operations such as AddPermission build it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The statements of a resource's policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Statements {
    /// In the order of their adding.
    pub statements: Vec<Value>,
    /// Changes with every change.
    pub revision: String,
}

/// A statement of that id is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken;

/// There is no statement of that id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing;

impl Statements {
    /// The policy document.
    pub fn document(&self) -> String {
        json!({ "Version": "2012-10-17", "Id": "default", "Statement": self.statements }).to_string()
    }

    /// Adds a statement.
    ///
    /// # Errors
    /// When one of the same `Sid` is there.
    pub fn add(&mut self, statement: Value) -> Result<(), Taken> {
        if self.statements.iter().any(|other| other["Sid"] == statement["Sid"]) {
            return Err(Taken);
        }
        self.statements.push(statement);
        self.revision = slam_cloud_core::id::request_id();
        Ok(())
    }

    /// Removes a statement.
    ///
    /// # Errors
    /// When there is none of this id.
    pub fn remove(&mut self, id: &str) -> Result<(), Missing> {
        let position = self.statements.iter().position(|statement| statement["Sid"] == id).ok_or(Missing)?;
        self.statements.remove(position);
        self.revision = slam_cloud_core::id::request_id();
        Ok(())
    }
}

/// The `Principal` that AWS makes of what an operation names: everybody, an account, an ARN, a service. `None` when it is
/// none of these.
pub fn principal(text: &str, partition: &str) -> Option<Value> {
    let account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let service = [".amazonaws.com", ".amazonaws.com.cn", ".amazon.com"].iter().any(|end| text.ends_with(end));
    match text {
        "*" => Some(json!("*")),
        _ if account => Some(json!({ "AWS": format!("arn:{partition}:iam::{text}:root") })),
        _ if text.starts_with("arn:") => Some(json!({ "AWS": text })),
        _ if service => Some(json!({ "Service": text })),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_has_an_id_of_its_own() {
        let mut statements = Statements::default();
        assert_eq!(statements.add(json!({ "Sid": "a" })), Ok(()));
        let revision = statements.revision.clone();
        assert_eq!(statements.add(json!({ "Sid": "a" })), Err(Taken));
        assert_eq!(statements.remove("b"), Err(Missing));
        assert_eq!(statements.revision, revision);
        assert_eq!(statements.remove("a"), Ok(()));
        assert_ne!(statements.revision, revision);
        assert!(statements.statements.is_empty());
    }
}
