//! Tags of pools.

use crate::CognitoService;
use crate::error::{invalid_parameter, no_pool};
use crate::model::Pool;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_kit::tags::{Tags, check, remove};
use slam_cloud_wire::cognito as wire;
use std::sync::Arc;

/// What CloudFormation marks its resources with.
const OWN: [&str; 1] = ["aws:cloudformation:"];

/// Checks tags.
///
/// # Errors
/// What is wrong with them.
pub fn check_tags(tags: &Tags) -> AwsResult<()> {
    check(tags, &OWN).map_err(|refused| invalid_parameter(refused.to_string()))
}

fn pool_of(arn: &str) -> AwsResult<&str> {
    arn.split_once(":userpool/").map(|(_, id)| id).ok_or_else(|| no_pool(arn))
}

async fn change(
    service: &CognitoService,
    context: &Context,
    arn: &str,
    change: impl FnOnce(&mut Tags),
) -> AwsResult<()> {
    let now = service.now();
    let change = |pool: &mut Pool| {
        let tags = pool.settings.user_pool_tags.get_or_insert_default();
        change(tags);
        pool.changed = now;
        check_tags(tags)
    };
    service.pools.change(&Scope::regional(context), pool_of(arn)?, change).await.map(drop)
}

/// TagResource.
pub async fn tag(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::TagResource,
) -> AwsResult<wire::TagResourceResponse> {
    change(&service, &context, &input.resource_arn, |tags| tags.extend(input.tags)).await?;
    Ok(wire::TagResourceResponse {})
}

/// UntagResource.
pub async fn untag(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::UntagResource,
) -> AwsResult<wire::UntagResourceResponse> {
    change(&service, &context, &input.resource_arn, |tags| remove(tags, &input.tag_keys)).await?;
    Ok(wire::UntagResourceResponse {})
}

/// ListTagsForResource.
pub async fn list(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::ListTagsForResource,
) -> AwsResult<wire::ListTagsForResourceResponse> {
    let pool = service.pools.get(&Scope::regional(&context), pool_of(&input.resource_arn)?)?;
    Ok(wire::ListTagsForResourceResponse { tags: Some(pool.settings.user_pool_tags.clone().unwrap_or_default()) })
}
