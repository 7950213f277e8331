//! To functions: invoked for events, one record each.

use super::to::{Answer, Failure, Letter, To};
use crate::SnsService;
use crate::model::publication::Publication;
use serde_json::json;
use slam_cloud_core::Arn;
use slam_cloud_kit::delivery::deliver;

/// Invokes the function, whose policy decides (recorded: `test_delivery_lambda`).
///
/// # Errors
/// What Lambda answers.
pub async fn invoke(
    service: &SnsService,
    to: &To,
    publication: &Publication,
    letter: Letter,
) -> Result<Answer, Failure> {
    let function = &to.subscription.endpoint;
    let region = Arn::parse(function).map(|arn| arn.region).unwrap_or_default();
    let context = to.context(&region, publication);
    let request = context.request_id.to_string();
    deliver(&service.cloud, context, function, letter.body.into()).await?;
    Ok(Answer { status: 202, told: json!({"lambdaRequestId": request}).to_string() })
}
