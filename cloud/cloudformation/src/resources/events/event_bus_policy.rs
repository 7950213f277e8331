//! `AWS::Events::EventBusPolicy`: a statement of a bus's policy.

use crate::resources::{Made, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::events as wire;
use tokio::sync::Mutex;

/// The provider.
pub struct EventBusPolicy;

/// Held while a bus's policy is read and put: resources are made at the same time.
static CHANGING: Mutex<()> = Mutex::const_new(());

/// The properties that describe a statement by its parts.
const PARTS: [&str; 3] = ["Action", "Condition", "Principal"];

fn bus(properties: &Map<String, Value>) -> Option<String> {
    Properties(properties).text("EventBusName")
}

/// The policy of the bus with the statement in the place of one of its id.
async fn with_statement(work: &Work, id: &str, statement: &str) -> AwsResult<String> {
    let described = work.call(wire::DescribeEventBus { name: bus(&work.properties) }).await?;
    let policy: Value = described.policy.and_then(|policy| serde_json::from_str(&policy).ok()).unwrap_or_default();
    let mut statements = match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(statement) => vec![statement.clone()],
        None => Vec::new(),
    };
    let mut statement: Value = serde_json::from_str(statement).map_err(AwsError::internal)?;
    statement["Sid"] = json!(id);
    statements.retain(|other| other["Sid"] != statement["Sid"]);
    statements.push(statement);
    Ok(json!({ "Version": "2012-10-17", "Statement": statements }).to_string())
}

#[async_trait]
impl Provider for EventBusPolicy {
    fn supported(&self) -> &'static [&'static str] {
        &["Action", "Condition", "EventBusName", "Principal", "Statement", "StatementId"]
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), String> {
        match properties.contains_key("Statement") {
            true if PARTS.iter().any(|part| properties.contains_key(*part)) => {
                Err("Statement cannot be specified together with Action, Condition or Principal".to_owned())
            }
            false if !["Action", "Principal"].iter().all(|part| properties.contains_key(*part)) => {
                Err("Either Statement, or Action and Principal, must be specified".to_owned())
            }
            _ => Ok(()),
        }
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let id = Properties(&work.properties).need("StatementId")?;
        match Properties(&work.properties).document("Statement") {
            Some(statement) => {
                let _changing = CHANGING.lock().await;
                let policy = with_statement(work, &id, &statement).await?;
                let event_bus_name = bus(&work.properties);
                let input = wire::PutPermission { event_bus_name, policy: Some(policy), ..Default::default() };
                work.call(input).await?;
            }
            None => {
                work.send::<wire::PutPermission>(work.input()).await?;
            }
        }
        Ok(Made::new(id))
    }

    async fn update(&self, work: &Work, _: &Physical) -> AwsResult<Made> {
        self.create(work).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let input = wire::RemovePermission {
            event_bus_name: bus(&old.properties),
            statement_id: Some(old.id.clone()),
            remove_all_permissions: None,
        };
        work.call_unless_gone(input).await.map(drop)
    }
}
