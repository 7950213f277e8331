//! What tables need beside the engine's own doing.

use crate::DynamoDb;
use crate::model::description;
use serde_json::Value;
use slam_cloud_core::{AwsError, AwsResult, Context};

/// Whether an operation makes, changes, describes or deletes a table.
pub(super) fn concerns(operation: &str) -> bool {
    matches!(operation, "CreateTable" | "UpdateTable" | "DeleteTable" | "DescribeTable")
}

/// A request as the engine takes it, where that is another one: its streams keep both images, whatever they show.
fn for_engine(request: &Value) -> Option<Value> {
    let view = shown(request)?;
    if view == ALL {
        return None;
    }
    let mut inside = request.clone();
    inside["StreamSpecification"]["StreamViewType"] = ALL.into();
    Some(inside)
}

/// What shows all.
const ALL: &str = "NEW_AND_OLD_IMAGES";

/// What a stream that a request turns on shows. What is wrong with it is told by the engine.
fn shown(request: &Value) -> Option<&str> {
    let specification = request.get("StreamSpecification")?;
    let view = specification.get("StreamViewType")?.as_str()?;
    let on = specification.get("StreamEnabled") == Some(&Value::Bool(true));
    (on && matches!(view, "KEYS_ONLY" | "NEW_IMAGE" | "OLD_IMAGE" | ALL)).then_some(view)
}

impl DynamoDb {
    /// Keeps what the engine does not, before there is what it is about: if the process ends in between, it is about nothing. Gives
    /// the request as the engine takes it, where that is another one.
    pub(super) async fn before_table(
        &self,
        context: &Context,
        operation: &str,
        request: &Value,
    ) -> AwsResult<Option<Value>> {
        if matches!(operation, "CreateTable" | "UpdateTable")
            && let Some(table) = request.get("TableName").and_then(Value::as_str)
        {
            let view = shown(request);
            match (operation, self.engines.table(context, table).await?) {
                ("CreateTable", None) => self.tables.begin(context, table, view).await?,
                ("UpdateTable", Some(known)) if !known.stream_enabled => {
                    if let Some(view) = view {
                        self.tables.set_stream_view(context, table, view).await?;
                    }
                }
                _ => {}
            }
        }
        Ok(for_engine(request))
    }

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
            // Again, as another creation of that name may have been refused meanwhile.
            "CreateTable" => {
                self.tables.begin(context, table, shown(request)).await?;
                indexes.clear();
            }
            "DeleteTable" => self.tables.forget(context, table).await?,
            "UpdateTable" => {
                indexes = description::throughput_after(request, &indexes);
                self.tables.set_throughput(context, table, indexes.clone()).await?;
            }
            _ => {}
        }
        let mut view = settings.stream_view.clone().filter(|_| operation != "CreateTable");
        if let Some(shown) = shown(request) {
            self.tables.set_stream_view(context, table, shown).await?;
            view = Some(shown.to_owned());
        }
        let mut answer: Value = serde_json::from_str(&answer).map_err(AwsError::internal)?;
        let member = if operation == "DescribeTable" { "Table" } else { "TableDescription" };
        if let Some(described) = answer.get_mut(member) {
            description::complete(operation, described, &indexes);
            if let (Some(view), Some(stream)) = (view, described.get_mut("StreamSpecification")) {
                stream["StreamViewType"] = view.into();
            }
        }
        Ok(answer.to_string())
    }
}
