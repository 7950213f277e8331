//! How a backend's answers become a method's.

use super::{integration_mut, method};
use crate::ApiGateway;
use crate::error::{bad_request, invalid_mapping, no_integration, no_resource, no_response};
use crate::model::{IntegrationResponse, Method, RestApi, Texts};
use crate::patch::{self, Patch, invalid_path};
use slam_cloud_core::java::Pattern;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// Puts a response, in place of the one before.
pub async fn put(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::PutIntegrationResponse,
) -> AwsResult<wire::IntegrationResponse> {
    let response = build(&input)?;
    service.store.change_api(&context, &input.rest_api_id, no_resource, |api| place(api, &input, response)).await
}

/// Puts a response to an integration of an API.
pub(super) fn add(api: &mut RestApi, input: &wire::PutIntegrationResponse) -> AwsResult<wire::IntegrationResponse> {
    place(api, input, build(input)?)
}

fn build(input: &wire::PutIntegrationResponse) -> AwsResult<IntegrationResponse> {
    super::integrations::check_templates(input.response_templates.as_ref())?;
    check_pattern(input.selection_pattern.as_deref())?;
    Ok(IntegrationResponse {
        status_code: input.status_code.clone(),
        selection_pattern: input.selection_pattern.clone(),
        response_parameters: input.response_parameters.clone(),
        response_templates: input.response_templates.clone(),
        content_handling: super::integrations::content_handling(input.content_handling.as_deref())?,
    })
}

fn place(
    api: &mut RestApi,
    input: &wire::PutIntegrationResponse,
    response: IntegrationResponse,
) -> AwsResult<wire::IntegrationResponse> {
    let method = method(api, &input.resource_id, &input.http_method)?;
    check_parameters(method, &input.status_code, input.response_parameters.as_ref())?;
    let shape = (&response).into();
    let integration = integration_mut(api, &input.resource_id, &input.http_method)?;
    integration.responses.insert(input.status_code.clone(), response);
    Ok(shape)
}

/// A pattern that cannot be read would never match: this is our own refusal.
fn check_pattern(pattern: Option<&str>) -> AwsResult<()> {
    match pattern.map(Pattern::whole_lines) {
        Some(Err(error)) => Err(bad_request(format!("Invalid selectionPattern specified: {error}"))),
        _ => Ok(()),
    }
}

/// Whether response parameters go to headers that the method declares.
fn check_parameters(method: &Method, status: &str, parameters: Option<&Texts>) -> AwsResult<()> {
    let declared = method.responses.get(status).map(|response| response.response_parameters.as_ref());
    for (to, from) in parameters.into_iter().flatten() {
        if !to.starts_with("method.response.header.") {
            return Err(invalid_mapping("parameter specified", to));
        }
        if let Some(declared) = declared
            && !declared.is_some_and(|declared| declared.contains_key(to))
        {
            return Err(invalid_mapping("parameter specified", to));
        }
        let literal = from.len() >= 2 && from.starts_with('\'') && from.ends_with('\'');
        let known = [
            "integration.response.header.",
            "integration.response.multivalueheader.",
            "integration.response.body",
            "context.",
            "stageVariables.",
        ];
        if !literal && !known.iter().any(|prefix| from.starts_with(prefix)) {
            return Err(invalid_mapping("specified", from));
        }
    }
    Ok(())
}

/// Answers a response.
pub async fn get(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::GetIntegrationResponse,
) -> AwsResult<wire::IntegrationResponse> {
    let api = service.store.api(&context, &input.rest_api_id).map_err(|_| no_resource())?;
    let method = method(&api, &input.resource_id, &input.http_method)?;
    let integration = method.integration.as_ref().ok_or_else(no_integration)?;
    integration.responses.get(&input.status_code).map(Into::into).ok_or_else(no_response)
}

/// Takes a response away.
pub async fn delete(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::DeleteIntegrationResponse,
) -> AwsResult<wire::DeleteIntegrationResponseOutput> {
    service
        .store
        .change_api(&context, &input.rest_api_id, no_resource, |api| {
            let resource = super::resource(api, &input.resource_id)?;
            // Recorded: test_delete_integration_response_errors: here a missing method is a missing integration.
            if !resource.methods.contains_key(&input.http_method) {
                return Err(no_integration());
            }
            let integration = integration_mut(api, &input.resource_id, &input.http_method)?;
            integration.responses.remove(&input.status_code).ok_or_else(no_response)?;
            Ok(wire::DeleteIntegrationResponseOutput {})
        })
        .await
}

/// Changes a response.
pub async fn update(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::UpdateIntegrationResponse,
) -> AwsResult<wire::IntegrationResponse> {
    let patches = patch::read(input.patch_operations)?;
    service
        .store
        .change_api(&context, &input.rest_api_id, no_resource, |api| {
            let integration = integration_mut(api, &input.resource_id, &input.http_method)?;
            let response = integration.responses.get_mut(&input.status_code).ok_or_else(no_response)?;
            for patch in &patches {
                apply(response, patch)?;
            }
            let response = response.clone();
            let method = method(api, &input.resource_id, &input.http_method)?;
            check_parameters(method, &input.status_code, response.response_parameters.as_ref())?;
            Ok((&response).into())
        })
        .await
}

fn apply(response: &mut IntegrationResponse, patch: &Patch) -> AwsResult<()> {
    match patch.target()[..] {
        ["selectionPattern"] => {
            patch.only_replace()?;
            check_pattern(patch.value.as_deref())?;
            response.selection_pattern = patch.value.clone();
        }
        ["contentHandling"] => {
            patch.only_replace()?;
            response.content_handling = super::integrations::content_handling(patch.value.as_deref())?;
        }
        ["responseParameters", name] => {
            super::methods::patch_map(&mut response.response_parameters, name, patch, Patch::text);
        }
        ["responseTemplates", content_type] => {
            super::methods::patch_map(&mut response.response_templates, content_type, patch, Patch::text);
            super::integrations::check_templates(response.response_templates.as_ref())?;
        }
        _ => return Err(invalid_path(&patch.path)),
    }
    Ok(())
}
