//! Tags of topics.

use crate::SnsService;
use crate::error::{invalid, no_such_resource};
use crate::model::name::Reference;
use crate::model::topic::Topic;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_kit::tags::{Refused, Tags, check, remove};
use slam_cloud_wire::sns as wire;
use std::sync::Arc;

/// What CloudFormation marks its resources with.
const OWN: [&str; 1] = ["aws:cloudformation:"];

/// Tags of a request, with AWS's limits.
///
/// # Errors
/// What is wrong with them.
pub fn checked(tags: Vec<wire::Tag>) -> AwsResult<Tags> {
    let count = tags.len();
    let tags: Tags = tags.into_iter().map(|tag| (tag.key, tag.value)).collect();
    if tags.len() < count {
        return Err(invalid("Duplicated keys are not allowed."));
    }
    check_all(&tags).map(|()| tags)
}

fn check_all(tags: &Tags) -> AwsResult<()> {
    check(tags, &OWN).map_err(|refused| match refused {
        Refused::TooMany => {
            AwsError::bad_request("TagLimitExceeded", "Could not complete request: tag quota of per resource exceeded")
        }
        refused => invalid(format_args!("Tags Reason: {refused}")),
    })
}

/// A topic by its ARN, which must be there.
fn named(service: &SnsService, context: &Context, arn: &str) -> AwsResult<Reference> {
    let reference = Reference::of_arn(context, arn).map_err(|_| no_such_resource())?;
    service.topics.find(&reference).map(|_| reference).ok_or_else(no_such_resource)
}

/// TagResource.
pub async fn tag(
    service: Arc<SnsService>,
    context: Context,
    input: wire::TagResource,
) -> AwsResult<wire::TagResourceResponse> {
    let added = checked(input.tags)?;
    let change = |topic: &mut Topic| {
        topic.tags.extend(added);
        check_all(&topic.tags)
    };
    service.topics.change(&named(&service, &context, &input.resource_arn)?, change).await?;
    Ok(wire::TagResourceResponse {})
}

/// UntagResource.
pub async fn untag(
    service: Arc<SnsService>,
    context: Context,
    input: wire::UntagResource,
) -> AwsResult<wire::UntagResourceResponse> {
    let change = |topic: &mut Topic| {
        remove(&mut topic.tags, &input.tag_keys);
        Ok(())
    };
    service.topics.change(&named(&service, &context, &input.resource_arn)?, change).await?;
    Ok(wire::UntagResourceResponse {})
}

/// ListTagsForResource (recorded: `test_tags_removed_after_deletion`).
pub async fn list(
    service: Arc<SnsService>,
    context: Context,
    input: wire::ListTagsForResource,
) -> AwsResult<wire::ListTagsForResourceResponse> {
    let topic = service.topics.get(&named(&service, &context, &input.resource_arn)?)?;
    let tags = topic.tags.iter().map(|(key, value)| wire::Tag { key: key.clone(), value: value.clone() });
    Ok(wire::ListTagsForResourceResponse { tags: Some(tags.collect()) })
}
