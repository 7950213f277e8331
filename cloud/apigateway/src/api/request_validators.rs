//! Request validators.

use super::paging::page;
use crate::ApiGateway;
use crate::error::{bad_request, not_found};
use crate::model::{RequestValidator, RestApi};
use crate::patch::{self, Op, Patch};
use slam_cloud_core::{AwsError, AwsResult, Context, id};
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

fn missing() -> AwsError {
    not_found("Invalid Request Validator identifier specified")
}

/// Creates a validator.
pub async fn create(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::CreateRequestValidator,
) -> AwsResult<wire::RequestValidator> {
    let no_api = || bad_request("Invalid REST API identifier specified");
    let id = id::made_by(&context.request_id, "RequestValidator", 6);
    let api_id = input.rest_api_id.clone();
    service.store.change_api(&context, &api_id, no_api, |api| Ok(add(api, input, id))).await
}

/// Adds a validator to an API.
pub(super) fn add(api: &mut RestApi, input: wire::CreateRequestValidator, id: String) -> wire::RequestValidator {
    let validator = RequestValidator {
        id,
        name: input.name,
        validate_request_body: input.validate_request_body.unwrap_or(false),
        validate_request_parameters: input.validate_request_parameters.unwrap_or(false),
    };
    let shape = (&validator).into();
    api.request_validators.insert(validator.id.clone(), validator);
    shape
}

/// Answers a validator.
pub async fn get(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::GetRequestValidator,
) -> AwsResult<wire::RequestValidator> {
    let api = service.store.api(&context, &input.rest_api_id).map_err(|_| missing())?;
    api.request_validators.get(&input.request_validator_id).map(Into::into).ok_or_else(missing)
}

/// Answers the validators of an API.
pub async fn list(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::GetRequestValidators,
) -> AwsResult<wire::RequestValidators> {
    let api = service.store.api(&context, &input.rest_api_id)?;
    let all: Vec<&RequestValidator> = api.request_validators.values().collect();
    let (items, position) = page(all, |validator| &validator.id, input.position.as_deref(), input.limit);
    Ok(wire::RequestValidators { position, items: Some(items.into_iter().map(Into::into).collect()) })
}

/// Changes a validator.
pub async fn update(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::UpdateRequestValidator,
) -> AwsResult<wire::RequestValidator> {
    let patches = patch::read(input.patch_operations)?;
    service
        .store
        .change_api(&context, &input.rest_api_id, missing, |api| {
            let validator = api.request_validators.get_mut(&input.request_validator_id).ok_or_else(missing)?;
            for patch in &patches {
                apply(validator, patch)?;
            }
            Ok((&*validator).into())
        })
        .await
}

fn apply(validator: &mut RequestValidator, patch: &Patch) -> AwsResult<()> {
    match (patch.op, &patch.target()[..]) {
        (Op::Replace, ["name"]) if patch.text().is_empty() => {
            return Err(bad_request("Request Validator name cannot be blank"));
        }
        (Op::Replace, ["name"]) => validator.name = Some(patch.text()),
        (Op::Replace, ["validateRequestBody"]) => validator.validate_request_body = patch.flag(),
        (Op::Replace, ["validateRequestParameters"]) => validator.validate_request_parameters = patch.flag(),
        _ => return Err(patch.unsupported("/name, /validateRequestParameters, /validateRequestBody")),
    }
    Ok(())
}

/// Deletes a validator.
pub async fn delete(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::DeleteRequestValidator,
) -> AwsResult<wire::DeleteRequestValidatorOutput> {
    service
        .store
        .change_api(&context, &input.rest_api_id, missing, |api| {
            api.request_validators.remove(&input.request_validator_id).ok_or_else(missing)?;
            Ok(wire::DeleteRequestValidatorOutput {})
        })
        .await
}
