//! Where the messages of a subscription go that cannot be delivered.

use super::document::object;
use crate::error::invalid;
use slam_cloud_core::{Arn, AwsResult};

/// The dead-letter queue of a `RedrivePolicy` (recorded: `test_validate_set_sub_attributes`, `test_validations_for_fifo`).
///
/// # Errors
/// When there is none in it, or one of another kind than the subscription's.
pub fn queue(policy: &str, fifo: bool, account: &str, region: &str) -> AwsResult<String> {
    let document = object("RedrivePolicy", policy)?;
    let target = document.get("deadLetterTargetArn").and_then(|target| target.as_str()).unwrap_or_default();
    let wrong = || invalid("RedrivePolicy: deadLetterTargetArn is an invalid arn");
    let arn = Arn::parse(target).filter(|arn| arn.service == "sqs" && !arn.resource.is_empty()).ok_or_else(wrong)?;
    // Developer Guide, "Amazon SNS dead-letter queues": "the same AWS account and Region" as the subscription.
    if arn.account != account || arn.region != region {
        return Err(invalid(
            "RedrivePolicy: the dead-letter queue must be in the account and the region of the subscription",
        ));
    }
    if fifo && !arn.resource.ends_with(super::name::FIFO) {
        return Err(invalid("RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic."));
    }
    Ok(target.to_owned())
}
