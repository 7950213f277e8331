//! Tags, by a group's ARN and by its name (the older operations).

use crate::LogsService;
use crate::error::no_such_group;
use crate::model::group::Group;
use crate::model::identifier::name_of_arn;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_kit::tags;
use slam_cloud_wire::logs;
use std::collections::BTreeMap;
use std::sync::Arc;

async fn change(
    service: &LogsService,
    context: &Context,
    name: &str,
    change: impl FnOnce(&mut BTreeMap<String, String>),
) -> AwsResult<()> {
    service
        .groups
        .update(&Scope::regional(context), name, |group| {
            let mut group: Group = group.ok_or_else(no_such_group)?.clone();
            change(&mut group.tags);
            if group.tags.len() > tags::MOST {
                return Err(AwsError::bad_request(
                    "TooManyTagsException",
                    format!("A resource can have no more than {} tags.", tags::MOST),
                ));
            }
            Ok(Some(group))
        })
        .await?;
    Ok(())
}

/// TagResource.
pub async fn tag_resource(
    service: Arc<LogsService>,
    context: Context,
    input: logs::TagResource,
) -> AwsResult<logs::TagResourceOutput> {
    let name = name_of_arn(&context, &input.resource_arn)?;
    change(&service, &context, &name, |tags| tags.extend(input.tags)).await?;
    Ok(logs::TagResourceOutput {})
}

/// UntagResource.
pub async fn untag_resource(
    service: Arc<LogsService>,
    context: Context,
    input: logs::UntagResource,
) -> AwsResult<logs::UntagResourceOutput> {
    let name = name_of_arn(&context, &input.resource_arn)?;
    change(&service, &context, &name, |tags| tags::remove(tags, &input.tag_keys)).await?;
    Ok(logs::UntagResourceOutput {})
}

/// ListTagsForResource.
pub async fn list_tags_for_resource(
    service: Arc<LogsService>,
    context: Context,
    input: logs::ListTagsForResource,
) -> AwsResult<logs::ListTagsForResourceResponse> {
    let name = name_of_arn(&context, &input.resource_arn)?;
    Ok(logs::ListTagsForResourceResponse { tags: Some(service.group(&context, &name)?.tags.clone()) })
}

/// TagLogGroup.
pub async fn tag_log_group(
    service: Arc<LogsService>,
    context: Context,
    input: logs::TagLogGroup,
) -> AwsResult<logs::TagLogGroupOutput> {
    change(&service, &context, &input.log_group_name, |tags| tags.extend(input.tags)).await?;
    Ok(logs::TagLogGroupOutput {})
}

/// UntagLogGroup.
pub async fn untag_log_group(
    service: Arc<LogsService>,
    context: Context,
    input: logs::UntagLogGroup,
) -> AwsResult<logs::UntagLogGroupOutput> {
    change(&service, &context, &input.log_group_name, |tags| tags::remove(tags, &input.tags)).await?;
    Ok(logs::UntagLogGroupOutput {})
}

/// ListTagsLogGroup.
pub async fn list_tags_log_group(
    service: Arc<LogsService>,
    context: Context,
    input: logs::ListTagsLogGroup,
) -> AwsResult<logs::ListTagsLogGroupResponse> {
    Ok(logs::ListTagsLogGroupResponse { tags: Some(service.group(&context, &input.log_group_name)?.tags.clone()) })
}
