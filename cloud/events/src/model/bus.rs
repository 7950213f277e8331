//! Event buses.

use super::name::BusName;
use crate::error::not_found;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use slam_cloud_core::{AwsError, AwsResult, Timestamp};
use slam_cloud_kit::tags::Tags;
use slam_cloud_wire::events as wire;

/// The longest policy, in bytes (API reference, PutPermission, `PolicyLengthExceededException`).
const POLICY: usize = 10 * 1024;

/// A bus.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bus {
    /// What it is for.
    pub description: Option<String>,
    /// The ARN of the queue that is told of what cannot be decrypted: never, as nothing is encrypted here by keys of users.
    pub dead_letters: Option<String>,
    /// Its policy.
    pub policy: Option<Value>,
    /// Its tags.
    pub tags: Tags,
    /// When it was made.
    pub created: Timestamp,
    /// When it was changed last.
    pub changed: Timestamp,
}

impl Bus {
    /// Its policy as a document.
    pub fn document(&self) -> Option<String> {
        self.policy.as_ref().map(Value::to_string)
    }

    /// The queue as it is told.
    pub fn dead_letter_config(&self) -> Option<wire::DeadLetterConfig> {
        self.dead_letters.clone().map(|arn| wire::DeadLetterConfig { arn: Some(arn) })
    }

    /// Its line in a list.
    pub fn summary(&self, name: &BusName) -> wire::EventBus {
        wire::EventBus {
            name: Some(name.name.clone()),
            arn: Some(name.arn()),
            description: self.description.clone(),
            policy: self.document(),
            creation_time: Some(self.created),
            last_modified_time: Some(self.changed),
            managed_by: None,
        }
    }

    /// Replaces its policy.
    ///
    /// # Errors
    /// When the text is no policy, or too long.
    pub fn set_policy(&mut self, text: &str) -> AwsResult<()> {
        slam_cloud_kit::policy::check(text).map_err(|malformed| {
            AwsError::validation(format!("Parameter Policy is not valid. Reason: {malformed}."))
        })?;
        let policy = serde_json::from_str(text).map_err(AwsError::internal)?;
        self.policy = Some(checked(policy)?);
        Ok(())
    }

    /// Adds a statement, in the place of one of its id.
    ///
    /// # Errors
    /// When the policy is then too long.
    pub fn permit(&mut self, statement: Value) -> AwsResult<()> {
        let mut statements = self.statements();
        match statements.iter_mut().find(|other| other["Sid"] == statement["Sid"]) {
            Some(there) => *there = statement,
            None => statements.push(statement),
        }
        self.policy = Some(checked(document(statements))?);
        Ok(())
    }

    /// Takes a statement away.
    ///
    /// # Errors
    /// When there is none of this id (recorded: `test_remove_permission_non_existing_sid`).
    pub fn forbid(&mut self, id: &str) -> AwsResult<()> {
        let mut statements = self.statements();
        let position = statements.iter().position(|statement| statement["Sid"] == id);
        let position = position.ok_or_else(|| not_found("Statement with the provided id does not exist."))?;
        statements.remove(position);
        self.policy = (!statements.is_empty()).then(|| document(statements));
        Ok(())
    }

    fn statements(&self) -> Vec<Value> {
        match self.policy.as_ref().and_then(|policy| policy.get("Statement")) {
            Some(Value::Array(statements)) => statements.clone(),
            Some(statement) => vec![statement.clone()],
            None => Vec::new(),
        }
    }
}

fn document(statements: Vec<Value>) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn checked(policy: Value) -> AwsResult<Value> {
    match policy.to_string().len() <= POLICY {
        true => Ok(policy),
        false => Err(AwsError::bad_request(
            "PolicyLengthExceededException",
            format!("The policy of an event bus can have at most {POLICY} bytes."),
        )),
    }
}

/// The statement that an operation describes by its parts (recorded: `test_put_permission`).
pub fn statement(
    bus: &BusName,
    id: &str,
    principal: &str,
    action: &str,
    condition: Option<wire::Condition>,
) -> AwsResult<Value> {
    let partition = slam_cloud_core::arn::partition_of(&bus.scope.region);
    let principal = slam_cloud_kit::statements::principal(principal, partition)
        .ok_or_else(|| AwsError::validation("Parameter Principal is not valid."))?;
    let mut statement = json!({
        "Sid": id,
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        "Resource": bus.arn(),
    });
    if let Some(wire::Condition { r#type, key, value }) = condition {
        let keys: Map<String, Value> = [(key, Value::String(value))].into_iter().collect();
        statement["Condition"] = Value::Object([(r#type, Value::Object(keys))].into_iter().collect());
    }
    Ok(statement)
}
