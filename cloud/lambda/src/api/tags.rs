//! ListTags, TagResource, UntagResource.

use crate::LambdaService;
use crate::error::{function_not_found, invalid_parameter, not_found, unsupported};
use crate::model::{Function, FunctionName, Mapping, limits};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Arn, AwsError, AwsResult, Context};
use slam_cloud_kit::tags::{self, Tags};
use slam_cloud_wire::lambda as wire;
use std::sync::Arc;

/// ListTags.
pub(super) async fn list(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::ListTags,
) -> AwsResult<wire::ListTagsResponse> {
    if let Some(id) = mapping(&context, &input.resource) {
        let mapping = service.store.mappings.get(&Scope::regional(&context), id);
        let mapping = mapping.ok_or_else(|| no_mapping(&input.resource))?;
        return Ok(wire::ListTagsResponse { tags: Some(mapping.tags.clone()) });
    }
    let name = function(&context, &input.resource)?;
    Ok(wire::ListTagsResponse { tags: Some(service.function(&context, &name)?.tags.clone()) })
}

/// TagResource.
pub(super) async fn tag(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::TagResource,
) -> AwsResult<wire::TagResourceOutput> {
    if let Some(id) = mapping(&context, &input.resource) {
        let change = |tags: &mut Tags| {
            tags.extend(input.tags.clone());
            limits::tags(tags)
        };
        change_mapping(&service, &context, &input.resource, id, change).await?;
        return Ok(wire::TagResourceOutput {});
    }
    let name = function(&context, &input.resource)?;
    let change = |present: Option<&Function>| {
        let mut function = present.cloned().ok_or_else(|| function_not_found(&name.arn(&context)))?;
        if input.tags.is_empty() {
            return Err(invalid_parameter("An error occurred and the request cannot be processed."));
        }
        function.tags.extend(input.tags);
        limits::tags(&function.tags)?;
        revise(&mut function);
        Ok(Some(function))
    };
    service.store.functions.update(&Scope::regional(&context), &name.name, change).await?;
    Ok(wire::TagResourceOutput {})
}

/// UntagResource.
pub(super) async fn untag(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::UntagResource,
) -> AwsResult<wire::UntagResourceOutput> {
    if let Some(id) = mapping(&context, &input.resource) {
        let change = |tags: &mut Tags| {
            tags::remove(tags, &input.tag_keys);
            Ok(())
        };
        change_mapping(&service, &context, &input.resource, id, change).await?;
        return Ok(wire::UntagResourceOutput {});
    }
    let name = function(&context, &input.resource)?;
    let change = |present: Option<&Function>| {
        let mut function = present.cloned().ok_or_else(|| function_not_found(&name.arn(&context)))?;
        tags::remove(&mut function.tags, &input.tag_keys);
        revise(&mut function);
        Ok::<_, AwsError>(Some(function))
    };
    service.store.functions.update(&Scope::regional(&context), &name.name, change).await?;
    Ok(wire::UntagResourceOutput {})
}

/// Tags are part of a function's revision, not of what its environments are made of (recorded: `test_tag_lifecycle`).
fn revise(function: &mut Function) {
    function.latest.revision = slam_cloud_core::id::request_id();
}

/// The event source mapping that the ARN of a tagged resource names.
fn mapping<'a>(context: &Context, arn: &'a str) -> Option<&'a str> {
    let (_, id) = arn.split_once(":event-source-mapping:")?;
    (crate::model::mapping::arn(context, id) == arn).then_some(id)
}

fn no_mapping(arn: &str) -> AwsError {
    not_found(format!("Event source mapping not found: {arn}"))
}

async fn change_mapping(
    service: &LambdaService,
    context: &Context,
    arn: &str,
    id: &str,
    change: impl FnOnce(&mut Tags) -> AwsResult<()>,
) -> AwsResult<()> {
    let write = |present: Option<&Mapping>| {
        let mut mapping = present.cloned().ok_or_else(|| no_mapping(arn))?;
        change(&mut mapping.tags)?;
        Ok::<_, AwsError>(Some(mapping))
    };
    service.store.mappings.update(&Scope::regional(context), id, write).await.map(drop)
}

/// The function that the ARN of a tagged resource names.
fn function(context: &Context, arn: &str) -> AwsResult<FunctionName> {
    let resource = Arn::parse(arn).map(|arn| arn.resource).unwrap_or_default();
    match resource.split_once(':') {
        // One of another account or region.
        Some(("event-source-mapping", _)) => Err(no_mapping(arn)),
        Some((kind @ ("layer" | "code-signing-config" | "capacity-provider"), _)) => {
            Err(unsupported(&format!("the resource type {kind} of Lambda")))
        }
        _ => {
            let name = FunctionName::parse(context, arn, None)?;
            if name.qualifier.is_some() {
                return Err(invalid_parameter(
                    "Tags on function aliases and versions are not supported. Please specify a function ARN.",
                ));
            }
            Ok(name)
        }
    }
}
