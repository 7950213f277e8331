//! Tags of APIs and stages.

pub(super) use slam_cloud_gateway::tags::check;

use crate::ApiGatewayV2;
use crate::error::{bad_request, no_api, not_found};
use crate::model::{Api, Stage, Texts};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Arn, AwsError, AwsResult, Context};
use slam_cloud_kit::tags;
use slam_cloud_wire::apigatewayv2 as wire;
use std::sync::Arc;

/// What a tag's ARN names.
enum Tagged {
    Api(String),
    Stage(String, String),
}

/// `arn:aws:apigateway:REGION::/apis/ID[/stages/NAME]`
fn tagged(arn: &str) -> AwsResult<Tagged> {
    let invalid = || bad_request("Invalid ARN specified in the request");
    let arn = Arn::parse(arn).filter(|arn| arn.service == "apigateway").ok_or_else(invalid)?;
    match arn.resource.trim_start_matches('/').split('/').collect::<Vec<_>>()[..] {
        ["apis", api] => Ok(Tagged::Api(api.to_owned())),
        ["apis", api, "stages", stage] => Ok(Tagged::Stage(api.to_owned(), stage.to_owned())),
        [kind, ..] if !kind.is_empty() => Err(AwsError::unsupported(format_args!("tagging /{kind} of API Gateway V2"))),
        _ => Err(not_found("Invalid resource ARN specified")),
    }
}

async fn change(
    service: &ApiGatewayV2,
    context: &Context,
    arn: &str,
    change: impl FnOnce(&mut Texts) -> AwsResult<()>,
) -> AwsResult<()> {
    let _one_at_a_time = service.store.changing.lock().await;
    match tagged(arn)? {
        Tagged::Api(id) => {
            let retag = |api: Option<&Api>| {
                let mut api = api.cloned().ok_or_else(|| no_api(context, &id))?;
                change(&mut api.tags)?;
                Ok::<_, AwsError>(Some(api))
            };
            service.store.apis.update(&Scope::regional(context), &id, retag).await.map(drop)
        }
        Tagged::Stage(api, name) => {
            let retag = |stage: &mut Stage| change(&mut stage.tags);
            service.store.change_stage(context, (&api, &name), retag).await.map(drop)
        }
    }
}

/// Adds tags.
pub async fn tag(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::TagResource,
) -> AwsResult<wire::TagResourceResponse> {
    let add = |tags: &mut Texts| {
        tags.extend(input.tags.unwrap_or_default());
        check(tags)
    };
    change(&service, &context, &input.resource_arn, add).await?;
    Ok(wire::TagResourceResponse {})
}

/// Takes tags away.
pub async fn untag(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::UntagResource,
) -> AwsResult<wire::UntagResourceOutput> {
    let remove = |tags: &mut Texts| {
        tags::remove(tags, &input.tag_keys);
        Ok(())
    };
    change(&service, &context, &input.resource_arn, remove).await?;
    Ok(wire::UntagResourceOutput {})
}

/// Answers tags.
pub async fn get(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::GetTags,
) -> AwsResult<wire::GetTagsResponse> {
    let tags = match tagged(&input.resource_arn)? {
        Tagged::Api(id) => service.store.api(&context, &id)?.tags.clone(),
        Tagged::Stage(api, name) => service.store.stage(&context, &api, &name)?.tags.clone(),
    };
    Ok(wire::GetTagsResponse { tags: Some(tags) })
}
