//! The permissions of what does not come to the engine from the wire. [`crate::access`] has those of the engine's requests,
//! which ask for the door by themselves.

use crate::DynamoDb;
use crate::access;
use crate::model::streams;
use crate::names::{table_arn, table_name};
use slam_cloud_core::{Access, Context, Operation};
use slam_cloud_wire::{dynamodb as wire, dynamodbstreams as wire_streams, json};

/// Those on a table, called from inside.
pub(super) fn of_table<O: Operation + Clone>(_: &DynamoDb, context: &Context, input: &O) -> Vec<Access> {
    access::of_table(context, O::MODEL.name, &json::input_to_json(input.clone()))
}

/// The stream stands in the iterator.
pub(super) fn of_records(_: &DynamoDb, _: &Context, input: &wire_streams::GetRecords) -> Vec<Access> {
    let stream = streams::inner(&input.shard_iterator).map_or("*", |(stream, _)| stream);
    vec![Access::new("dynamodb:GetRecords", stream)]
}

pub(super) fn describe_limits(_: &DynamoDb, _: &Context, _: &wire::DescribeLimits) -> Vec<Access> {
    vec![Access::new("dynamodb:DescribeLimits", "*")]
}

pub(super) fn describe_endpoints(_: &DynamoDb, _: &Context, _: &wire::DescribeEndpoints) -> Vec<Access> {
    vec![Access::new("dynamodb:DescribeEndpoints", "*")]
}

pub(super) fn describe_backups(
    _: &DynamoDb,
    context: &Context,
    input: &wire::DescribeContinuousBackups,
) -> Vec<Access> {
    on_table(context, "dynamodb:DescribeContinuousBackups", &input.table_name)
}

pub(super) fn update_backups(_: &DynamoDb, context: &Context, input: &wire::UpdateContinuousBackups) -> Vec<Access> {
    on_table(context, "dynamodb:UpdateContinuousBackups", &input.table_name)
}

fn on_table(context: &Context, action: &'static str, table: &str) -> Vec<Access> {
    vec![Access::new(action, table_arn(context, table_name(context, table).unwrap_or(table)))]
}
