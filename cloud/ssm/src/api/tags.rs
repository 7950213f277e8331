//! Tags of parameters; other resources of Systems Manager are not here.

use crate::SsmService;
use crate::error::invalid_resource_id;
use crate::model::name::Reference;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_kit::tags::{Refused, Tags, check};
use slam_cloud_wire::ssm;
use std::sync::Arc;

/// What CloudFormation marks its resources with.
const OWN: [&str; 1] = ["aws:cloudformation:"];

/// Tags of a request, with AWS's limits.
///
/// # Errors
/// What is wrong with them.
pub fn checked(tags: Vec<ssm::Tag>) -> AwsResult<Tags> {
    let tags = tags.into_iter().map(|tag| (tag.key, tag.value)).collect();
    check_all(&tags).map(|()| tags)
}

fn check_all(tags: &Tags) -> AwsResult<()> {
    check(tags, &OWN).map_err(|refused| match refused {
        // AWS's shape has no message.
        Refused::TooMany => AwsError::bad_request("TooManyTagsError", ""),
        other => AwsError::validation(other.to_string()),
    })
}

/// The key of the parameter whose tags are meant.
fn resource(context: &Context, kind: &str, id: &str) -> AwsResult<String> {
    match kind {
        "Parameter" => Reference::plain(context, id).map_err(|_| invalid_resource_id()),
        other => Err(AwsError::unsupported(format!("the resource type {other} of Systems Manager"))),
    }
}

fn missing(error: AwsError) -> AwsError {
    if error.code == "ParameterNotFound" { invalid_resource_id() } else { error }
}

/// AddTagsToResource.
pub async fn add(
    service: Arc<SsmService>,
    context: Context,
    input: ssm::AddTagsToResource,
) -> AwsResult<ssm::AddTagsToResourceResult> {
    let key = resource(&context, &input.resource_type, &input.resource_id)?;
    let added = checked(input.tags)?;
    let change = service.parameters.change(&context, &key, |parameter| {
        parameter.tags.extend(added);
        check_all(&parameter.tags)
    });
    change.await.map_err(missing)?;
    Ok(ssm::AddTagsToResourceResult {})
}

/// RemoveTagsFromResource.
pub async fn remove(
    service: Arc<SsmService>,
    context: Context,
    input: ssm::RemoveTagsFromResource,
) -> AwsResult<ssm::RemoveTagsFromResourceResult> {
    let key = resource(&context, &input.resource_type, &input.resource_id)?;
    let change = service.parameters.change(&context, &key, |parameter| {
        slam_cloud_kit::tags::remove(&mut parameter.tags, &input.tag_keys);
        Ok(())
    });
    change.await.map_err(missing)?;
    Ok(ssm::RemoveTagsFromResourceResult {})
}

/// ListTagsForResource.
pub async fn list(
    service: Arc<SsmService>,
    context: Context,
    input: ssm::ListTagsForResource,
) -> AwsResult<ssm::ListTagsForResourceResult> {
    let key = resource(&context, &input.resource_type, &input.resource_id)?;
    let parameter = service.parameters.get(&context, &key).map_err(missing)?;
    let tags = parameter.tags.iter().map(|(key, value)| ssm::Tag { key: key.clone(), value: value.clone() });
    Ok(ssm::ListTagsForResourceResult { tag_list: Some(tags.collect()) })
}
