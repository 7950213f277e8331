//! The operations that other services call: typed shapes, the same way through the engine.

use crate::DynamoDb;
use crate::access;
use slam_cloud_core::{Access, AwsError, AwsResult, Context, Operation, Registry};
use slam_cloud_wire::{dynamodb as wire, json};
use std::sync::Arc;

pub(super) fn register(service: &Arc<DynamoDb>, registry: &mut Registry) {
    typed::<wire::CreateTable>(service, registry);
    typed::<wire::DeleteTable>(service, registry);
    typed::<wire::DescribeTable>(service, registry);
    typed::<wire::ListTables>(service, registry);
    typed::<wire::UpdateTable>(service, registry);
    typed::<wire::DescribeTimeToLive>(service, registry);
    typed::<wire::UpdateTimeToLive>(service, registry);
    typed::<wire::ListTagsOfResource>(service, registry);
    typed::<wire::TagResource>(service, registry);
    typed::<wire::UntagResource>(service, registry);
}

fn typed<O: Operation + Clone + Sync>(service: &Arc<DynamoDb>, registry: &mut Registry) {
    registry.internal_operation::<DynamoDb, O, _, _>(service, access_of, run);
}

fn access_of<O: Operation + Clone>(_: &DynamoDb, context: &Context, input: &O) -> Vec<Access> {
    access::of_table(context, O::MODEL.name, &json::input_to_json(input.clone()))
}

async fn run<O: Operation>(service: Arc<DynamoDb>, context: Context, input: O) -> AwsResult<O::Output> {
    let mut request = json::input_to_json(input);
    crate::names::unqualify(&context, O::MODEL.name, &mut request)?;
    let text = request.to_string();
    let answer = service.perform(&context, O::MODEL.name, &request, text).await?;
    json::output_from_json::<O>(serde_json::from_str(&answer).map_err(AwsError::internal)?)
}
