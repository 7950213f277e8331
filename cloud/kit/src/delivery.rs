//! An event handed to an ARN: as the service principal that a resource's policy lets in, or as a role.

use bytes::Bytes;
use slam_cloud_core::{Arn, AwsError, AwsResult, Cloud, Context};
use slam_cloud_wire::lambda::Invoke;

/// Delivers an event once, without waiting for what becomes of it. `context` says as whom: a service principal with the
/// event's source as its `source_arn` ([`Context::as_service`]), or a role.
///
/// # Errors
/// What the target answers; `NotImplemented` for a target that the embedded cloud does not have, by its name.
pub async fn deliver(cloud: &Cloud, context: Context, target: &str, event: Bytes) -> AwsResult<()> {
    let service = Arn::parse(target).map(|arn| arn.service).unwrap_or_default();
    match service.as_str() {
        "lambda" => {
            let input = Invoke {
                function_name: target.to_owned(),
                invocation_type: Some("Event".to_owned()),
                payload: Some(event),
                ..Invoke::default()
            };
            cloud.call(context, input).await.map(drop)
        }
        _ => Err(AwsError::unsupported(format_args!("the delivery of events to {target}"))),
    }
}
