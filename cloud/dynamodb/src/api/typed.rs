//! The operations that other services call: typed shapes, the same way through the engine.

use crate::DynamoDb;
use slam_cloud_core::{AwsError, AwsResult, Context, Operation};
use slam_cloud_wire::json;
use std::sync::Arc;

/// Does what was authorized.
pub(super) async fn run<O: Operation>(service: Arc<DynamoDb>, context: Context, input: O) -> AwsResult<O::Output> {
    let mut request = json::input_to_json(input);
    crate::names::unqualify(&context, O::MODEL.name, &mut request)?;
    let text = request.to_string();
    let answer = service.perform(&context, O::MODEL.name, &request, text).await?;
    json::output_from_json::<O>(serde_json::from_str(&answer).map_err(AwsError::internal)?)
}
