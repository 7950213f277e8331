//! The statuses that a method may answer with.

use super::{method, method_mut};
use crate::ApiGateway;
use crate::error::{conflict, no_resource, no_response, not_found};
use crate::model::{MethodResponse, RestApi};
use crate::patch::{self, Op, Patch, invalid_path};
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// Adds a status.
pub async fn put(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::PutMethodResponse,
) -> AwsResult<wire::MethodResponse> {
    service.store.change_api(&context, &input.rest_api_id, no_resource, |api| add(api, &input)).await
}

/// Adds a status to a method of an API.
pub(super) fn add(api: &mut RestApi, input: &wire::PutMethodResponse) -> AwsResult<wire::MethodResponse> {
    for model in input.response_models.iter().flat_map(|models| models.values()) {
        super::methods::known_model(api, model)?;
    }
    let method = method_mut(api, &input.resource_id, &input.http_method)?;
    if method.responses.contains_key(&input.status_code) {
        return Err(conflict("Response already exists for this resource"));
    }
    for parameter in input.response_parameters.iter().flat_map(|parameters| parameters.keys()) {
        known_parameter(parameter)?;
    }
    let response = MethodResponse {
        status_code: input.status_code.clone(),
        response_parameters: input.response_parameters.clone(),
        response_models: input.response_models.clone(),
    };
    let shape = (&response).into();
    method.responses.insert(input.status_code.clone(), response);
    Ok(shape)
}

fn known_parameter(name: &str) -> AwsResult<()> {
    match name.strip_prefix("method.response.header.").is_some_and(|name| !name.is_empty()) {
        true => Ok(()),
        false => Err(crate::error::invalid_mapping("parameter specified", name)),
    }
}

/// Answers a status.
pub async fn get(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::GetMethodResponse,
) -> AwsResult<wire::MethodResponse> {
    let api = service.store.api(&context, &input.rest_api_id).map_err(|_| no_resource())?;
    let method = method(&api, &input.resource_id, &input.http_method)?;
    method.responses.get(&input.status_code).map(Into::into).ok_or_else(no_response)
}

/// Takes a status away.
pub async fn delete(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::DeleteMethodResponse,
) -> AwsResult<wire::DeleteMethodResponseOutput> {
    service
        .store
        .change_api(&context, &input.rest_api_id, no_resource, |api| {
            let method = method_mut(api, &input.resource_id, &input.http_method)?;
            method.responses.remove(&input.status_code).ok_or_else(no_response)?;
            Ok(wire::DeleteMethodResponseOutput {})
        })
        .await
}

/// Changes a status.
pub async fn update(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::UpdateMethodResponse,
) -> AwsResult<wire::MethodResponse> {
    let patches = patch::read(input.patch_operations)?;
    service
        .store
        .change_api(&context, &input.rest_api_id, no_resource, |api| {
            method(api, &input.resource_id, &input.http_method)?;
            for patch in &patches {
                apply(api, (&input.resource_id, &input.http_method, &input.status_code), patch)?;
            }
            let method = method(api, &input.resource_id, &input.http_method)?;
            method.responses.get(&input.status_code).map(Into::into).ok_or_else(no_response)
        })
        .await
}

fn apply(api: &mut RestApi, (resource_id, verb, status): (&str, &str, &str), patch: &Patch) -> AwsResult<()> {
    let target = patch.target();
    if let (["responseModels", _], Op::Add | Op::Replace) = (&target[..], patch.op) {
        super::methods::known_model(api, &patch.text())?;
    }
    let method = method_mut(api, resource_id, verb)?;
    let response = method.responses.get_mut(status).ok_or_else(no_response)?;
    match target[..] {
        ["responseParameters", name] => {
            let known = response.response_parameters.as_ref().is_some_and(|map| map.contains_key(name));
            // Recorded: test_update_method_lack_response_parameters_and_models, test_update_method_wrong_param_names.
            if patch.op == Op::Add {
                known_parameter(name)?;
            } else if !known {
                return Err(not_found("Invalid parameter name specified"));
            }
            super::methods::patch_map(&mut response.response_parameters, name, patch, Patch::flag);
        }
        ["responseModels", content_type] => {
            let known = response.response_models.as_ref().is_some_and(|map| map.contains_key(content_type));
            if patch.op != Op::Add && !known {
                return Err(not_found("Content-Type specified was not found"));
            }
            super::methods::patch_map(&mut response.response_models, content_type, patch, Patch::text);
        }
        _ => return Err(invalid_path(&patch.path)),
    }
    Ok(())
}
