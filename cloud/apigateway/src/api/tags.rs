//! Tags of APIs, stages, API keys and usage plans.

pub(super) use slam_cloud_gateway::tags::check;

use crate::ApiGateway;
use crate::error::{bad_request, no_api, no_api_key, no_stage, no_usage_plan, not_found};
use crate::model::Texts;
use crate::store::key;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Arn, AwsError, AwsResult, Collection, Context};
use slam_cloud_kit::tags;
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// What a tag's ARN names.
enum Tagged {
    Api(String),
    Stage(String, String),
    ApiKey(String),
    UsagePlan(String),
}

/// `arn:aws:apigateway:REGION::/restapis/ID[/stages/NAME]`, `…::/apikeys/ID`, `…::/usageplans/ID`
fn tagged(arn: &str) -> AwsResult<Tagged> {
    let invalid = || bad_request("Invalid ARN specified in the request");
    let arn = Arn::parse(arn).filter(|arn| arn.service == "apigateway").ok_or_else(invalid)?;
    match arn.resource.trim_start_matches('/').split('/').collect::<Vec<_>>()[..] {
        ["restapis", api] => Ok(Tagged::Api(api.to_owned())),
        ["restapis", api, "stages", stage] => Ok(Tagged::Stage(api.to_owned(), stage.to_owned())),
        ["apikeys", id] => Ok(Tagged::ApiKey(id.to_owned())),
        ["usageplans", id] => Ok(Tagged::UsagePlan(id.to_owned())),
        [kind, ..] if !kind.is_empty() => Err(AwsError::unsupported(format_args!("tagging /{kind} of API Gateway"))),
        _ => Err(not_found("Invalid resource ARN specified")),
    }
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
            change_in(&service.store.stages, context, &id, no_stage, |stage| change(&mut stage.tags)).await
        }
        Tagged::ApiKey(id) => {
            change_in(&service.store.api_keys, context, &id, no_api_key, |found| change(&mut found.tags)).await
        }
        Tagged::UsagePlan(id) => {
            change_in(&service.store.usage_plans, context, &id, no_usage_plan, |plan| change(&mut plan.tags)).await
        }
    }
}

/// Changes a document of a collection.
async fn change_in<T>(
    collection: &Collection<T>,
    context: &Context,
    id: &str,
    missing: fn() -> AwsError,
    change: impl FnOnce(&mut T) -> AwsResult<()>,
) -> AwsResult<()>
where
    T: Clone + serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static,
{
    let changed = collection
        .update(&Scope::regional(context), id, |document| {
            let mut document = document.cloned().ok_or_else(missing)?;
            change(&mut document)?;
            Ok::<_, AwsError>(Some(document))
        })
        .await?;
    changed.map(|_| ()).ok_or_else(missing)
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
        Tagged::ApiKey(id) => {
            let found = service.store.api_keys.get(&Scope::regional(&context), &id);
            found.ok_or_else(no_api_key)?.tags.clone()
        }
        Tagged::UsagePlan(id) => {
            let plan = service.store.usage_plans.get(&Scope::regional(&context), &id);
            plan.ok_or_else(no_usage_plan)?.tags.clone()
        }
    };
    Ok(wire::Tags { tags: Some(tags) })
}
