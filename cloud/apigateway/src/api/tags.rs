//! Tags of APIs and stages.

use crate::ApiGateway;
use crate::error::{bad_request, no_api, no_stage, not_found};
use crate::model::Texts;
use crate::store::key;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Arn, AwsError, AwsResult, Context};
use slam_cloud_kit::tags::{self, Refused};
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// What a tag's ARN names.
enum Tagged {
    Api(String),
    Stage(String, String),
}

/// `arn:aws:apigateway:REGION::/restapis/ID[/stages/NAME]`
fn tagged(arn: &str) -> AwsResult<Tagged> {
    let invalid = || bad_request("Invalid ARN specified in the request");
    let arn = Arn::parse(arn).filter(|arn| arn.service == "apigateway").ok_or_else(invalid)?;
    match arn.resource.trim_start_matches('/').split('/').collect::<Vec<_>>()[..] {
        ["restapis", api] => Ok(Tagged::Api(api.to_owned())),
        ["restapis", api, "stages", stage] => Ok(Tagged::Stage(api.to_owned(), stage.to_owned())),
        [kind, ..] if !kind.is_empty() => Err(AwsError::unsupported(format_args!("tagging /{kind} of API Gateway"))),
        _ => Err(not_found("Invalid resource ARN specified")),
    }
}

/// Whether a resource may have these tags.
pub(super) fn check(tags: &Texts) -> AwsResult<()> {
    tags::check(tags, &["aws:cloudformation:"]).map_err(|refused| match refused {
        Refused::TooMany => bad_request("A resource can have at most 50 tags"),
        Refused::Reserved(name) => bad_request(format!("Invalid tag key {name}: the prefix aws: is reserved")),
        other => bad_request(other.to_string()),
    })
}

async fn change(
    service: &ApiGateway,
    context: &Context,
    arn: &str,
    change: impl FnOnce(&mut Texts) -> AwsResult<()>,
) -> AwsResult<()> {
    let _one_at_a_time = service.store.changing.lock().await;
    match tagged(arn)? {
        Tagged::Api(id) => {
            service.store.change_api(context, &id, || no_api(context, &id), |api| change(&mut api.tags)).await
        }
        Tagged::Stage(api, name) => {
            let id = key(&api, &name);
            let changed = service
                .store
                .stages
                .update(&Scope::regional(context), &id, |stage| {
                    let mut stage = stage.cloned().ok_or_else(no_stage)?;
                    change(&mut stage.tags)?;
                    Ok::<_, AwsError>(Some(stage))
                })
                .await?;
            changed.map(|_| ()).ok_or_else(no_stage)
        }
    }
}

/// Adds tags.
pub async fn tag(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::TagResource,
) -> AwsResult<wire::TagResourceOutput> {
    change(&service, &context, &input.resource_arn, |tags| {
        tags.extend(input.tags);
        check(tags)
    })
    .await?;
    Ok(wire::TagResourceOutput {})
}

/// Takes tags away.
pub async fn untag(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::UntagResource,
) -> AwsResult<wire::UntagResourceOutput> {
    change(&service, &context, &input.resource_arn, |tags| {
        tags::remove(tags, &input.tag_keys);
        Ok(())
    })
    .await?;
    Ok(wire::UntagResourceOutput {})
}

/// Answers tags.
pub async fn get(service: Arc<ApiGateway>, context: Context, input: wire::GetTags) -> AwsResult<wire::Tags> {
    let tags = match tagged(&input.resource_arn)? {
        Tagged::Api(id) => service.store.api(&context, &id)?.tags.clone(),
        Tagged::Stage(api, name) => {
            let stage = service.store.stages.get(&Scope::regional(&context), &key(&api, &name));
            stage.ok_or_else(no_stage)?.tags.clone()
        }
    };
    Ok(wire::Tags { tags: Some(tags) })
}
