//! Gateway responses: what API Gateway answers itself.

use super::integrations::check_template_texts;
use crate::ApiGateway;
use crate::error::{bad_request, invalid_mapping, no_api, not_found};
use crate::model::{Customization, ResponseType, RestApi, Texts};
use crate::patch::{self, Op, Patch, invalid_path};
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// The type that a request names. Which there are is the model's to say.
fn response_type(name: &str) -> AwsResult<ResponseType> {
    ResponseType::parse(name).ok_or_else(|| bad_request("Invalid response type specified"))
}

/// Changes a gateway response, in place of what was changed before.
pub async fn put(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::PutGatewayResponse,
) -> AwsResult<wire::GatewayResponse> {
    let (kind, customization) = build(&input)?;
    let missing = || no_api(&context, &input.rest_api_id);
    service.store.change_api(&context, &input.rest_api_id, missing, |api| Ok(place(api, kind, customization))).await
}

/// Changes a gateway response of an API.
pub(super) fn add(api: &mut RestApi, input: &wire::PutGatewayResponse) -> AwsResult<wire::GatewayResponse> {
    let (kind, customization) = build(input)?;
    Ok(place(api, kind, customization))
}

fn build(input: &wire::PutGatewayResponse) -> AwsResult<(ResponseType, Customization)> {
    let kind = response_type(&input.response_type)?;
    let customization = Customization {
        status_code: input.status_code.clone(),
        parameters: input.response_parameters.clone().unwrap_or_default(),
        templates: input.response_templates.clone().unwrap_or_default(),
    };
    check(&customization)?;
    Ok((kind, customization))
}

fn place(api: &mut RestApi, kind: ResponseType, customization: Customization) -> wire::GatewayResponse {
    api.gateway_responses.insert(kind, customization);
    shape(api, kind)
}

fn shape(api: &RestApi, kind: ResponseType) -> wire::GatewayResponse {
    (&api.gateway_response(kind)).into()
}

/// Whether the status is one, and headers are set of what can be known when API Gateway answers itself.
fn check(customization: &Customization) -> AwsResult<()> {
    customization.status_code.as_deref().map_or(Ok(()), check_status)?;
    check_template_texts(Some(&customization.templates))?;
    for (to, from) in &customization.parameters {
        match to.strip_prefix("gatewayresponse.").and_then(|rest| rest.split_once('.')) {
            Some(("header", name)) if !name.is_empty() => {}
            // A response has neither; what AWS does with them is not told.
            Some(("path" | "querystring", name)) if !name.is_empty() => {
                return Err(AwsError::unsupported(format_args!("the parameter {to} of a gateway response")));
            }
            _ => return Err(invalid_mapping("parameter specified", to)),
        }
        let literal = from.len() >= 2 && from.starts_with('\'') && from.ends_with('\'');
        let places = ["header", "querystring", "path", "multivalueheader", "multivaluequerystring"];
        let of_request = from.strip_prefix("method.request.").and_then(|rest| rest.split_once('.'));
        let known = literal
            || from.starts_with("context.")
            || from.starts_with("stageVariables.")
            || of_request.is_some_and(|(place, name)| places.contains(&place) && !name.is_empty());
        if !known {
            return Err(invalid_mapping("specified", from));
        }
    }
    Ok(())
}

/// Answers a gateway response, changed or not.
pub async fn get(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::GetGatewayResponse,
) -> AwsResult<wire::GatewayResponse> {
    let kind = response_type(&input.response_type)?;
    Ok(shape(&*service.store.api(&context, &input.rest_api_id)?, kind))
}

/// Answers all gateway responses of an API, changed or not.
pub async fn list(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::GetGatewayResponses,
) -> AwsResult<wire::GatewayResponses> {
    let api = service.store.api(&context, &input.rest_api_id)?;
    let items = ResponseType::all().map(|kind| shape(&api, kind)).collect();
    Ok(wire::GatewayResponses { position: None, items: Some(items) })
}

/// Takes back what was changed of a gateway response.
pub async fn delete(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::DeleteGatewayResponse,
) -> AwsResult<wire::DeleteGatewayResponseOutput> {
    let kind = response_type(&input.response_type)?;
    let missing = || no_api(&context, &input.rest_api_id);
    service
        .store
        .change_api(&context, &input.rest_api_id, missing, |api| {
            let removed = api.gateway_responses.remove(&kind);
            // Recorded: test_gateway_response_validation.
            removed.ok_or_else(|| not_found("Gateway response type not defined on api"))?;
            Ok(wire::DeleteGatewayResponseOutput {})
        })
        .await
}

/// Changes parts of a gateway response.
pub async fn update(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::UpdateGatewayResponse,
) -> AwsResult<wire::GatewayResponse> {
    let kind = response_type(&input.response_type)?;
    let missing = || no_api(&context, &input.rest_api_id);
    let api = service.store.api(&context, &input.rest_api_id)?;
    let patches = patch::read(input.patch_operations)?;
    drop(api);
    service
        .store
        .change_api(&context, &input.rest_api_id, missing, |api| {
            let mut changed = api.gateway_responses.get(&kind).cloned().unwrap_or_default();
            if changed.templates.is_empty() {
                changed.templates = api.gateway_response(kind).templates;
            }
            for patch in &patches {
                apply(&mut changed, patch)?;
            }
            check(&changed)?;
            api.gateway_responses.insert(kind, changed);
            Ok(shape(api, kind))
        })
        .await
}

/// Recorded: test_update_gateway_response.
fn apply(changed: &mut Customization, patch: &Patch) -> AwsResult<()> {
    match (&patch.target()[..], patch.op) {
        (["statusCode"], Op::Replace) => changed.status_code = Some(patch.text()),
        (["responseParameters", name], _) if !name.is_empty() => {
            entry(&mut changed.parameters, "responseParameters", name, patch)?;
        }
        (["responseTemplates", content_type], _) if !content_type.is_empty() => {
            entry(&mut changed.templates, "responseTemplates", content_type, patch)?;
        }
        _ => return Err(invalid_path(&patch.path)),
    }
    Ok(())
}

fn entry(entries: &mut Texts, of: &str, name: &str, patch: &Patch) -> AwsResult<()> {
    if patch.op != Op::Remove && patch.text().is_empty() {
        return Err(bad_request(format!("Invalid null or empty value in {of}")));
    }
    if patch.op != Op::Add && !entries.contains_key(name) {
        return Err(not_found("Invalid parameter name specified"));
    }
    match patch.op {
        Op::Remove => entries.remove(name),
        Op::Add | Op::Replace => entries.insert(name.to_owned(), patch.text()),
    };
    Ok(())
}

/// What the model demands of it where it is a member of a request: patches and documents have no model.
fn check_status(code: &str) -> AwsResult<()> {
    match code.as_bytes() {
        [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9'] => Ok(()),
        _ => Err(bad_request("Invalid status code specified")),
    }
}
