//! What tables need beside the engine's own doing.

use crate::DynamoDb;
use crate::model::description;
use serde_json::Value;
use slam_cloud_core::{AwsError, AwsResult, Context};

/// Whether an operation makes, changes, describes or deletes a table.
pub(super) fn concerns(operation: &str) -> bool {
    matches!(operation, "CreateTable" | "UpdateTable" | "DeleteTable" | "DescribeTable")
}

impl DynamoDb {
    /// Keeps what the engine does not, and completes its answer.
    pub(super) async fn after_table(
        &self,
        context: &Context,
        operation: &str,
        request: &Value,
        answer: String,
    ) -> AwsResult<String> {
        let table = request.get("TableName").and_then(Value::as_str).unwrap_or_default();
        let settings = self.tables.get(context, table);
        let mut indexes = settings.indexes.clone();
        match operation {
            // Whatever an earlier table of that name had is not this one's.
            "CreateTable" => {
                self.tables.forget(context, table).await?;
                indexes.clear();
            }
            "DeleteTable" => self.tables.forget(context, table).await?,
            "UpdateTable" => {
                indexes = description::throughput_after(request, &indexes);
                self.tables.set_throughput(context, table, indexes.clone()).await?;
            }
            _ => {}
        }
        let mut answer: Value = serde_json::from_str(&answer).map_err(AwsError::internal)?;
        let member = if operation == "DescribeTable" { "Table" } else { "TableDescription" };
        if let Some(described) = answer.get_mut(member) {
            description::complete(operation, described, &indexes);
        }
        Ok(answer.to_string())
    }
}
