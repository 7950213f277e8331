//! Tags of groups.

use crate::SchedulerService;
use crate::error::no_such_group;
use crate::model::group::{self, Group};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_kit::tags::{Tags, check, remove};
use slam_cloud_wire::scheduler as wire;
use std::sync::Arc;

/// What CloudFormation marks its resources with.
const OWN: [&str; 1] = ["aws:cloudformation:"];

/// Tags of a request, with AWS's limits.
///
/// # Errors
/// What is wrong with them.
pub fn checked(tags: Vec<wire::Tag>) -> AwsResult<Tags> {
    let tags = tags.into_iter().map(|tag| (tag.key, tag.value)).collect();
    check_all(&tags).map(|()| tags)
}

fn check_all(tags: &Tags) -> AwsResult<()> {
    check(tags, &OWN).map_err(|refused| AwsError::validation(refused.to_string()))
}

/// The name of the group with an ARN, if it is of this account and region.
pub fn name_of<'a>(context: &Context, arn: &'a str) -> Option<&'a str> {
    arn.strip_prefix(&*group::arn(context, ""))
}

fn named<'a>(context: &Context, arn: &'a str) -> AwsResult<&'a str> {
    name_of(context, arn).ok_or_else(|| no_such_group(arn.rsplit('/').next().unwrap_or(arn)))
}

/// Changes the tags of a group.
async fn change(
    service: &SchedulerService,
    context: &Context,
    arn: &str,
    change: impl FnOnce(&mut Tags),
) -> AwsResult<()> {
    let now = service.cloud.clock().now();
    let change = |group: &mut Group| {
        change(&mut group.tags);
        group.changed = now;
        check_all(&group.tags)
    };
    service.store.change_group(&Scope::regional(context), named(context, arn)?, change).await
}

/// TagResource.
pub async fn tag(
    service: Arc<SchedulerService>,
    context: Context,
    input: wire::TagResource,
) -> AwsResult<wire::TagResourceOutput> {
    let added = checked(input.tags)?;
    change(&service, &context, &input.resource_arn, |tags| tags.extend(added)).await?;
    Ok(wire::TagResourceOutput {})
}

/// UntagResource.
pub async fn untag(
    service: Arc<SchedulerService>,
    context: Context,
    input: wire::UntagResource,
) -> AwsResult<wire::UntagResourceOutput> {
    change(&service, &context, &input.resource_arn, |tags| remove(tags, &input.tag_keys)).await?;
    Ok(wire::UntagResourceOutput {})
}

/// ListTagsForResource: a list, though it is empty (recorded: `test_untag_resource`).
pub async fn list(
    service: Arc<SchedulerService>,
    context: Context,
    input: wire::ListTagsForResource,
) -> AwsResult<wire::ListTagsForResourceOutput> {
    let group = service.store.group(&Scope::regional(&context), named(&context, &input.resource_arn)?)?;
    let tags = group.tags.iter().map(|(key, value)| wire::Tag { key: key.clone(), value: value.clone() });
    Ok(wire::ListTagsForResourceOutput { tags: Some(tags.collect()) })
}
