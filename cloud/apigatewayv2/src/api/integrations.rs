//! What stands behind routes.

use super::paging::page;
use super::texts::checked_description;
use crate::ApiGatewayV2;
use crate::error::{bad_request, conflict, invalid_mapping, too_many};
use crate::model::mapping::{Mapping, Side};
use crate::model::subtype::Subtype;
use crate::model::wire::answered;
use crate::model::{Api, Integration, IntegrationType, PayloadFormat, Texts, uri};
use slam_cloud_core::{AwsError, AwsResult, Context, id};
use slam_cloud_wire::apigatewayv2 as wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// "Quotas for configuring and running an HTTP API".
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
const INTEGRATIONS: usize = 300;
/// "The default timeout is 30 seconds for HTTP APIs", which is the longest, too.
pub(super) const MOST_MILLIS: i64 = 30_000;

/// Creates an integration.
pub async fn create(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::CreateIntegration,
) -> AwsResult<wire::CreateIntegrationResult> {
    let id = id::made_by(&context.request_id, "Integration", 7);
    let api_id = input.api_id.clone();
    let add = |api: &mut Api| {
        if api.integrations.len() >= INTEGRATIONS {
            return Err(too_many("integrations", INTEGRATIONS));
        }
        api.integrations.insert(id.clone(), read(&id, false, input)?);
        Ok(())
    };
    let api = service.change(&context, &api_id, add).await?;
    answered(wire::Integration::from(api.integration(&id)?))
}

/// What an input asks for, checked.
fn read(id: &str, managed: bool, input: wire::CreateIntegration) -> AwsResult<Integration> {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let kind = match input.integration_type.as_str() {
        "AWS_PROXY" => IntegrationType::AwsProxy,
        "HTTP_PROXY" => IntegrationType::HttpProxy,
        // <https://github.com/aws/aws-cli/issues/6363>
        _ => {
            return Err(bad_request(
                "Currently, an API with a protocol type of HTTP may only be associated with proxy integrations (AWS_PROXY, HTTP_PROXY)",
            ));
        }
    };
    let format = given(input.payload_format_version)
        .ok_or_else(|| bad_request("PayloadFormatVersion is a required parameter for integration"))?;
    let payload_format = PayloadFormat::parse(&format)
        .ok_or_else(|| bad_request("Invalid PayloadFormatVersion specified. Valid options are 1.0,2.0"))?;
    let integration = Integration {
        id: id.to_owned(),
        kind,
        subtype: given(input.integration_subtype),
        method: given(input.integration_method),
        uri: given(input.integration_uri),
        credentials_arn: given(input.credentials_arn),
        description: checked_description(input.description)?,
        payload_format,
        request_parameters: input.request_parameters.filter(|parameters| !parameters.is_empty()),
        response_parameters: input.response_parameters.filter(|parameters| !parameters.is_empty()),
        timeout_in_millis: input.timeout_in_millis.unwrap_or(MOST_MILLIS),
        managed,
    };
    let integration = match (kind, &integration.subtype) {
        (IntegrationType::AwsProxy, None) => lambda(integration)?,
        (IntegrationType::AwsProxy, Some(_)) => action(integration)?,
        (IntegrationType::HttpProxy, None) => server(integration)?,
        (IntegrationType::HttpProxy, Some(_)) => {
            return Err(bad_request("IntegrationSubtype is supported for AWS_PROXY integrations only"));
        }
    };
    check_credentials(integration.credentials_arn.as_deref())?;
    check_responses(integration.response_parameters.as_ref())?;
    Ok(integration)
}

fn lambda(mut integration: Integration) -> AwsResult<Integration> {
    uri::check_function(integration.uri.as_deref())?;
    if integration.method.get_or_insert_with(|| "POST".into()) != "POST" {
        return Err(bad_request("Lambda functions are invoked with the IntegrationMethod POST"));
    }
    check_requests(integration.request_parameters.as_ref())?;
    Ok(integration)
}

/// "For all other integrations, 1.0 is the only supported value" (the model on PayloadFormatVersion).
fn of_format_one(integration: &Integration) -> AwsResult<()> {
    match integration.payload_format {
        PayloadFormat::One => Ok(()),
        PayloadFormat::Two => Err(bad_request("PayloadFormatVersion 2.0 is supported for Lambda integrations only")),
    }
}

fn action(integration: Integration) -> AwsResult<Integration> {
    let subtype = Subtype::parse(integration.subtype.as_deref().unwrap_or_default())?;
    of_format_one(&integration)?;
    if integration.uri.is_some() {
        return Err(bad_request("IntegrationUri is not supported with an IntegrationSubtype"));
    }
    // "You must create an IAM role that grants API Gateway permissions to invoke the AWS service action."
    if integration.credentials_arn.is_none() {
        return Err(bad_request("CredentialsArn is required with an IntegrationSubtype"));
    }
    subtype.check(integration.request_parameters.as_ref().unwrap_or(&Texts::new()))?;
    Ok(integration)
}

fn server(integration: Integration) -> AwsResult<Integration> {
    of_format_one(&integration)?;
    uri::check_http(integration.uri.as_deref())?;
    match integration.method.as_deref() {
        Some("ANY" | "DELETE" | "GET" | "HEAD" | "OPTIONS" | "PATCH" | "POST" | "PUT") => {}
        Some(_) => return Err(bad_request("Invalid IntegrationMethod specified")),
        None => return Err(bad_request("IntegrationMethod is required for HTTP_PROXY integrations")),
    }
    check_requests(integration.request_parameters.as_ref())?;
    Ok(integration)
}

/// A role's name may have stage variables in it. That they stand for the word `role`, too, AWS takes
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html>); whoever may pass which roles could not tell.
pub(super) fn check_credentials(arn: Option<&str>) -> AwsResult<()> {
    match arn {
        None | Some("") => Ok(()),
        Some("arn:aws:iam::*:user/*") => {
            Err(AwsError::unsupported("passing the caller's identity through (CredentialsArn arn:aws:iam::*:user/*)"))
        }
        Some(arn) if arn.starts_with("arn:") && arn.contains(":role/") => Ok(()),
        Some(arn) if arn.starts_with("arn:") && arn.contains("${stageVariables.") => {
            Err(AwsError::unsupported("a role's ARN (CredentialsArn) in which a stage variable stands for `role/`"))
        }
        Some(_) => Err(bad_request("Invalid ARN specified in the request")),
    }
}

fn check_requests(parameters: Option<&Texts>) -> AwsResult<()> {
    for (key, value) in parameters.into_iter().flatten() {
        Mapping::parse(key, value, Side::Request).map_err(invalid_mapping)?;
    }
    Ok(())
}

/// "The selection key must be a valid HTTP status code within the range of 200-599."
fn check_responses(parameters: Option<&BTreeMap<String, Texts>>) -> AwsResult<()> {
    for (status, mappings) in parameters.into_iter().flatten() {
        if !status.parse().is_ok_and(|status: u16| (200..=599).contains(&status)) {
            return Err(bad_request(format!("Invalid status code {status} in ResponseParameters")));
        }
        for (key, value) in mappings {
            Mapping::parse(key, value, Side::Response).map_err(invalid_mapping)?;
        }
    }
    Ok(())
}

/// Answers an integration.
pub async fn get(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::GetIntegration,
) -> AwsResult<wire::GetIntegrationResult> {
    let api = service.store.api(&context, &input.api_id)?;
    answered(wire::Integration::from(api.integration(&input.integration_id)?))
}

/// Answers the integrations of an API.
pub async fn list(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::GetIntegrations,
) -> AwsResult<wire::GetIntegrationsResponse> {
    let api = service.store.api(&context, &input.api_id)?;
    let all = api.integrations.values().collect();
    let (found, next_token) =
        page(all, |found: &&Integration| &found.id, input.next_token.as_deref(), input.max_results.as_deref())?;
    Ok(wire::GetIntegrationsResponse { items: Some(found.into_iter().map(Into::into).collect()), next_token })
}

/// Changes an integration: what is given.
pub async fn update(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::UpdateIntegration,
) -> AwsResult<wire::UpdateIntegrationResult> {
    let (api_id, id) = (input.api_id.clone(), input.integration_id.clone());
    let change = |api: &mut Api| {
        let old = api.integration(&id)?;
        let changed = read(&id, old.managed, merged(old, input))?;
        api.integrations.insert(id.clone(), changed);
        Ok(())
    };
    let api = service.change(&context, &api_id, change).await?;
    answered(wire::Integration::from(api.integration(&id)?))
}

/// What an integration shall be after an update. A mapping to nothing takes one away ("Remove configured parameter mappings").
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html>
fn merged(old: &Integration, input: wire::UpdateIntegration) -> wire::CreateIntegration {
    let mut requests = old.request_parameters.clone().unwrap_or_default();
    for (key, value) in input.request_parameters.into_iter().flatten() {
        match value.is_empty() {
            true => drop(requests.remove(&key)),
            false => drop(requests.insert(key, value)),
        }
    }
    let mut responses = old.response_parameters.clone().unwrap_or_default();
    for (status, mappings) in input.response_parameters.into_iter().flatten() {
        match mappings.is_empty() {
            true => drop(responses.remove(&status)),
            false => drop(responses.insert(status, mappings)),
        }
    }
    wire::CreateIntegration {
        api_id: input.api_id,
        credentials_arn: input.credentials_arn.or_else(|| old.credentials_arn.clone()),
        description: input.description.or_else(|| old.description.clone()),
        integration_method: input.integration_method.or_else(|| old.method.clone()),
        integration_subtype: input.integration_subtype.or_else(|| old.subtype.clone()),
        integration_type: input.integration_type.unwrap_or_else(|| old.kind.name().into()),
        integration_uri: input.integration_uri.or_else(|| old.uri.clone()),
        payload_format_version: Some(input.payload_format_version.unwrap_or_else(|| old.payload_format.name().into())),
        request_parameters: Some(requests),
        response_parameters: Some(responses),
        timeout_in_millis: Some(input.timeout_in_millis.unwrap_or(old.timeout_in_millis)),
        ..wire::CreateIntegration::default()
    }
}

/// Deletes an integration that no route leads to.
pub async fn delete(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::DeleteIntegration,
) -> AwsResult<wire::DeleteIntegrationOutput> {
    let remove = |api: &mut Api| {
        let id = &input.integration_id;
        api.integration(id)?;
        let used = api.routes.values().filter(|route| route.integration_id() == Some(id));
        let used: Vec<&str> = used.map(|route| route.id.as_str()).collect();
        if !used.is_empty() {
            return Err(conflict(format!("Cannot delete Integration '{id}' due to Routes '{}'.", used.join(", "))));
        }
        api.integrations.remove(id);
        Ok(())
    };
    service.change(&context, &input.api_id, remove).await?;
    Ok(wire::DeleteIntegrationOutput {})
}
