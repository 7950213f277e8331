//! What items' operations need beside the engine's own doing.

use crate::DynamoDb;
use crate::expression::request::{entered, updated};
use crate::model::{collections, images, index_keys, key_conditions};
use crate::names::table_name;
use serde_json::{Value, json};
use slam_cloud_core::{AwsError, AwsResult, Context};
use std::collections::BTreeMap;

/// Whether a request for items, by its text, needs more than the engine does.
pub(super) fn concerns(operation: &str, text: &str) -> bool {
    match operation {
        "UpdateItem" => {
            let steps = || text.contains("UpdateExpression") && text.contains(['[', '.']);
            text.contains("UPDATED_") || text.contains("ALL_OLD") || text.len() > index_keys::SHORTEST || steps()
        }
        "Query" if text.contains("KeyConditions") && text.contains("Expression") => true,
        "GetItem" | "Query" | "Scan" => text.contains("ProjectionExpression") || text.contains("FilterExpression"),
        "TransactWriteItems" => text.contains("ReturnItemCollectionMetrics") || text.len() > index_keys::SHORTEST,
        "PutItem" | "BatchWriteItem" | "ExecuteStatement" | "BatchExecuteStatement" | "ExecuteTransaction" => {
            text.len() > index_keys::SHORTEST
        }
        _ => false,
    }
}

/// A request as the engine takes it, where that is another one.
pub(super) fn before(operation: &str, request: &Value) -> Option<Value> {
    match operation {
        "Query" => key_conditions::as_expression(request),
        _ => None,
    }
}

impl DynamoDb {
    /// Refuses items with keys for indexes that are too long.
    pub(super) async fn check_index_keys(&self, context: &Context, operation: &str, request: &Value) -> AwsResult<()> {
        for (name, item) in index_keys::written(operation, request) {
            let name = table_name(context, &name)?;
            let Some(table) = self.engines.table(context, name).await? else { continue };
            let definitions = [table.gsi_definitions.as_deref(), table.lsi_definitions.as_deref()];
            if let Some(fault) = index_keys::fault(definitions.into_iter().flatten(), &item) {
                return Err(AwsError::validation(fault));
            }
        }
        Ok(())
    }

    /// Refuses expressions that step into keys, which are scalars (dynalite's suite, which was recorded on AWS: test/getItem.js,
    /// test/query.js, test/scan.js, test/updateItem.js).
    pub(super) async fn check_entered(&self, context: &Context, operation: &str, request: &Value) -> AwsResult<()> {
        if !matches!(operation, "GetItem" | "Query" | "Scan" | "UpdateItem") {
            return Ok(());
        }
        let entered = entered(request);
        let Some(name) = request.get("TableName").and_then(Value::as_str).filter(|_| !entered.is_empty()) else {
            return Ok(());
        };
        let table = self.engines.table(context, name).await?;
        let fault = table.and_then(|table| index_keys::entered(&table, &entered, request));
        fault.map_or(Ok(()), |fault| Err(AwsError::validation(fault)))
    }

    /// Whether an update that is asked for the item before it makes a new one. The engine then answers with the key, as if
    /// that had been there.
    pub(super) async fn is_upsert(&self, context: &Context, operation: &str, request: &Value) -> AwsResult<bool> {
        if operation != "UpdateItem" || request.get("ReturnValues") != Some(&json!("ALL_OLD")) {
            return Ok(false);
        }
        let wanted = json!({"TableName": request.get("TableName"), "Key": request.get("Key"), "ConsistentRead": true});
        let found = self.engines.run(context, "GetItem", wanted.to_string()).await;
        // What is wrong with the request is told by the update itself.
        Ok(found.is_ok_and(|found| !found.contains("\"Item\"")))
    }

    /// A transaction's answer with what is asked about the item collections that it changed: "a list of tables that were
    /// processed by TransactWriteItems and, for each table, information about any item collections that were affected" (API
    /// Reference).
    pub(super) async fn with_collections(
        &self,
        context: &Context,
        operation: &str,
        request: &Value,
        answer: String,
    ) -> AwsResult<String> {
        if operation != "TransactWriteItems" || !collections::is_asked(request) {
            return Ok(answer);
        }
        let mut told: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        let mut seen = Vec::new();
        for (name, item) in collections::written(request) {
            let Some(table) = self.engines.table(context, name).await? else { continue };
            let indexes = collections::indexes(&table);
            let Some(key) = collections::key(&table, item).filter(|_| !indexes.is_empty()) else { continue };
            if seen.contains(&(name, key.1.clone())) {
                continue;
            }
            seen.push((name, key.1.clone()));
            let bytes = self.engines.collection_size(context, name, indexes, key.1.clone()).await?;
            told.entry(name).or_default().push(collections::metrics(key, bytes));
        }
        if told.is_empty() {
            return Ok(answer);
        }
        let mut answer: Value = serde_json::from_str(&answer).map_err(AwsError::internal)?;
        answer["ItemCollectionMetrics"] = json!(told);
        Ok(answer.to_string())
    }

    /// The answer of an operation on items as AWS gives it.
    pub(super) fn after_items(request: &Value, upsert: bool, answer: String) -> AwsResult<String> {
        let returned = request.get("ReturnValues").and_then(Value::as_str).unwrap_or_default();
        if !upsert && !returned.starts_with("UPDATED_") {
            return Ok(answer);
        }
        let mut answer: Value = serde_json::from_str(&answer).map_err(AwsError::internal)?;
        if upsert {
            if answer.get("Attributes") == request.get("Key") {
                answer.as_object_mut().map(|answer| answer.remove("Attributes"));
            }
        } else if let (Some(written), Some(attributes)) = (updated(request), answer.get_mut("Attributes")) {
            *attributes = images::at_paths(attributes, &written.paths);
            if attributes.as_object().is_some_and(serde_json::Map::is_empty) {
                answer.as_object_mut().map(|answer| answer.remove("Attributes"));
            }
        }
        Ok(answer.to_string())
    }
}
