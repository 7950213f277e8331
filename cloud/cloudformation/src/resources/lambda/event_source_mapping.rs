//! `AWS::Lambda::EventSourceMapping`.

use crate::resources::{Input, Made, Physical, Properties, Provider, Retag, Work, until};
use async_trait::async_trait;
use serde_json::{Value, json};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::lambda as wire;

/// The provider.
pub struct EventSourceMapping;

/// What is fixed at creation.
const FIXED: [&str; 3] = ["EventSourceArn", "StartingPosition", "Tags"];

#[async_trait]
impl Provider for EventSourceMapping {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "BatchSize",
            "BisectBatchOnFunctionError",
            "DestinationConfig",
            "Enabled",
            "EventSourceArn",
            "FilterCriteria",
            "FunctionName",
            "FunctionResponseTypes",
            "MaximumBatchingWindowInSeconds",
            "MaximumRecordAgeInSeconds",
            "MaximumRetryAttempts",
            "ParallelizationFactor",
            "ScalingConfig",
            "StartingPosition",
            "Tags",
        ]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let made = work.send::<wire::CreateEventSourceMapping>(work.input()).await?;
        let id = made.uuid.unwrap_or_default();
        work.exists(&id);
        settled(work, &id).await
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let input = FIXED.iter().fold(work.input(), |input, name| input.without(name));
        let input = input.or(defaults(work)).with("UUID", &*old.id);
        work.send::<wire::UpdateEventSourceMapping>(input).await?;
        settled(work, &old.id).await
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        let mapping = Input::of("Resource", made.attribute("EventSourceMappingArn"));
        tags.apply::<wire::TagResource, wire::UntagResource>(work, mapping).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.call(wire::DeleteEventSourceMapping { uuid: old.id.clone() }).await?;
        until("The event source mapping", || async {
            let found = work.call_unless_gone(wire::GetEventSourceMapping { uuid: old.id.clone() }).await?;
            Ok(found.is_none().then_some(()))
        })
        .await
    }
}

/// What a mapping has of which its template no longer says anything.
fn defaults(work: &Work) -> Value {
    let source = Properties(&work.properties).text("EventSourceArn").unwrap_or_default();
    let common = json!({
        "Enabled": true,
        "FilterCriteria": { "Filters": [] },
        "FunctionResponseTypes": [],
        "MaximumBatchingWindowInSeconds": 0,
    });
    let own = if source.contains(":dynamodb:") {
        json!({
            "BatchSize": 100,
            "BisectBatchOnFunctionError": false,
            "DestinationConfig": { "OnFailure": { "Destination": "" } },
            "MaximumRecordAgeInSeconds": -1,
            "MaximumRetryAttempts": -1,
            "ParallelizationFactor": 1,
        })
    } else {
        json!({ "BatchSize": 10, "ScalingConfig": {} })
    };
    match (common, own) {
        (Value::Object(common), Value::Object(own)) => Value::Object(common.into_iter().chain(own).collect()),
        (common, _) => common,
    }
}

/// Waits until a mapping is in the state that was asked for.
async fn settled(work: &Work, id: &str) -> AwsResult<Made> {
    until("The event source mapping", || async {
        let now = work.call(wire::GetEventSourceMapping { uuid: id.to_owned() }).await?;
        let is_settled = matches!(now.state.as_deref(), Some("Enabled" | "Disabled"));
        let arn = now.event_source_mapping_arn.unwrap_or_default();
        Ok(is_settled.then(|| Made::known_as("Id", id).with("EventSourceMappingArn", arn)))
    })
    .await
}
