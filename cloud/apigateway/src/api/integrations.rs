//! What stands behind a method.

use super::{integration_mut, method, method_mut};
use crate::ApiGateway;
use crate::error::{bad_request, invalid_mapping, no_integration, no_resource};
use crate::model::{
    Integration, IntegrationType, Method, PassthroughBehavior, ResponseTransferMode, RestApi, ServiceCall, Texts, uri,
};
use crate::patch::{self, Op, Patch, invalid_path};
use crate::vtl::Template;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::apigateway as wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// AWS: "Quotas for configuring and running a REST API", integration timeout.
const TIMEOUT: std::ops::RangeInclusive<i64> = 50..=29_000;
/// "When you use response streaming, you can configure the integration timeout up to 15 minutes."
const STREAMED_TIMEOUT: i64 = 900_000;
const TEMPLATE_LENGTH: usize = 300 * 1024;

/// Puts an integration behind a method, in place of the one before.
pub async fn put(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::PutIntegration,
) -> AwsResult<wire::Integration> {
    let integration = build(&input)?;
    service.store.change_api(&context, &input.rest_api_id, no_resource, |api| place(api, &input, integration)).await
}

/// Puts an integration behind a method of an API.
pub(super) fn add(api: &mut RestApi, input: &wire::PutIntegration) -> AwsResult<wire::Integration> {
    place(api, input, build(input)?)
}

fn place(api: &mut RestApi, input: &wire::PutIntegration, integration: Integration) -> AwsResult<wire::Integration> {
    let method = method_mut(api, &input.resource_id, &input.http_method)?;
    check_parameters(method, integration.request_parameters.as_ref())?;
    let shape = (&integration).into();
    method.integration = Some(integration);
    Ok(shape)
}

fn build(input: &wire::PutIntegration) -> AwsResult<Integration> {
    let kind = IntegrationType::parse(&input.r#type).ok_or_else(|| {
        bad_request("Invalid IntegrationType specified. Valid options are HTTP,AWS,MOCK,HTTP_PROXY,AWS_PROXY")
    })?;
    if input.connection_type.as_deref() == Some("VPC_LINK") || input.connection_id.is_some() {
        return Err(AwsError::unsupported("the connection type VPC_LINK of an integration"));
    }
    let http_method = input.integration_http_method.clone().filter(|method| !method.is_empty());
    if kind != IntegrationType::Mock && http_method.is_none() {
        return Err(bad_request("Enumeration value for HttpMethod must be non-empty"));
    }
    check_uri(kind, input.uri.as_deref())?;
    check_credentials(input.credentials.as_deref())?;
    check_templates(input.request_templates.as_ref())?;
    let integration = Integration {
        kind,
        http_method: http_method.filter(|_| kind != IntegrationType::Mock),
        uri: input.uri.clone().filter(|_| kind != IntegrationType::Mock),
        credentials: input.credentials.clone(),
        request_parameters: input.request_parameters.clone(),
        request_templates: input.request_templates.clone(),
        passthrough_behavior: passthrough(input.passthrough_behavior.as_deref())?,
        content_handling: content_handling(input.content_handling.as_deref())?,
        timeout_in_millis: input.timeout_in_millis.unwrap_or(*TIMEOUT.end()),
        response_transfer_mode: transfer_mode(input.response_transfer_mode.as_deref())?,
        cache_namespace: input.cache_namespace.clone().unwrap_or_else(|| input.resource_id.clone()),
        cache_key_parameters: input.cache_key_parameters.clone().unwrap_or_default(),
        responses: BTreeMap::new(),
    };
    check_transfer(&integration)?;
    check_service(&integration)?;
    Ok(integration)
}

/// Services other than Lambda are called as a role: "API Gateway … must have the appropriate IAM policies attached to an IAM
/// role" (<https://docs.aws.amazon.com/apigateway/latest/developerguide/integrating-api-with-aws-services-s3.html>).
fn check_service(integration: &Integration) -> AwsResult<()> {
    let uri = integration.uri.as_deref().unwrap_or_default();
    if integration.kind != IntegrationType::Aws || uri::lambda_function(uri).is_some() {
        return Ok(());
    }
    let call = ServiceCall::parse(uri)?;
    match integration.credentials {
        Some(_) => Ok(()),
        None => {
            let what = format_args!("an integration with {} without the role that calls it", call.service.name);
            Err(AwsError::unsupported(what))
        }
    }
}

fn transfer_mode(name: Option<&str>) -> AwsResult<ResponseTransferMode> {
    name.map_or(Ok(ResponseTransferMode::default()), |name| {
        ResponseTransferMode::parse(name)
            .ok_or_else(|| bad_request("Invalid ResponseTransferMode specified. Valid options are BUFFERED,STREAM"))
    })
}

/// Whether the transfer mode fits the rest of the integration. AWS: "Stream the integration response for your proxy
/// integrations" (which types, how long), "Set up a Lambda proxy integration with payload response streaming" (which
/// invocation). What AWS's errors say is not recorded.
fn check_transfer(integration: &Integration) -> AwsResult<()> {
    let mode = integration.response_transfer_mode;
    let longest = match mode {
        ResponseTransferMode::Buffered => *TIMEOUT.end(),
        ResponseTransferMode::Stream => STREAMED_TIMEOUT,
    };
    if !(*TIMEOUT.start()..=longest).contains(&integration.timeout_in_millis) {
        return Err(bad_request(format!("Timeout should be between 50 ms and {longest} ms")));
    }
    let proxy = matches!(integration.kind, IntegrationType::AwsProxy | IntegrationType::HttpProxy);
    if mode == ResponseTransferMode::Stream && !proxy {
        return Err(bad_request(
            "The response transfer mode STREAM is only supported for integrations of type HTTP_PROXY and AWS_PROXY",
        ));
    }
    match integration.uri.as_deref().and_then(uri::lambda_function) {
        Some((_, of_uri)) if of_uri != mode => Err(bad_request(format!(
            "The integration URI invokes a Lambda function with a response transfer mode of {}, which does not match \
             the integration's {}",
            of_uri.name(),
            mode.name()
        ))),
        _ => Ok(()),
    }
}

fn check_uri(kind: IntegrationType, uri: Option<&str>) -> AwsResult<()> {
    let given = uri.unwrap_or_default();
    match kind {
        IntegrationType::Mock => Ok(()),
        IntegrationType::Aws => uri::check_aws(given, false),
        IntegrationType::AwsProxy => uri::check_aws(given, true),
        IntegrationType::Http | IntegrationType::HttpProxy => uri::check_http(given),
    }
}

/// The role as which a backend is called: the caller must be allowed to pass it (see the crate's registrations).
fn check_credentials(credentials: Option<&str>) -> AwsResult<()> {
    match credentials {
        Some(arn) if arn.contains(":iam::*:user/") => {
            Err(AwsError::unsupported("calling an integration with the caller's credentials"))
        }
        Some(arn) if !arn.contains(":role/") => Err(bad_request("Invalid ARN specified in the request")),
        _ => Ok(()),
    }
}

fn passthrough(name: Option<&str>) -> AwsResult<PassthroughBehavior> {
    name.map_or(Ok(PassthroughBehavior::default()), |name| {
        PassthroughBehavior::parse(name).ok_or_else(|| {
            bad_request(
                "Invalid PassthroughBehavior specified. Valid options are WHEN_NO_MATCH,NEVER,WHEN_NO_TEMPLATES",
            )
        })
    })
}

pub(super) fn content_handling(name: Option<&str>) -> AwsResult<Option<String>> {
    match name {
        None | Some("") => Ok(None),
        Some(name @ ("CONVERT_TO_BINARY" | "CONVERT_TO_TEXT")) => Ok(Some(name.to_owned())),
        Some(_) => {
            Err(bad_request("Invalid ContentHandling specified. Valid options are CONVERT_TO_BINARY,CONVERT_TO_TEXT"))
        }
    }
}

/// A template that cannot be read could never answer: refusing it here is our own, and the words are.
pub(super) fn check_templates(templates: Option<&Texts>) -> AwsResult<()> {
    check_template_texts(templates)?;
    for (content_type, template) in templates.into_iter().flatten() {
        if let Err(error) = Template::parse(template) {
            return Err(bad_request(format!("Invalid mapping template specified for {content_type}: {error}")));
        }
    }
    Ok(())
}

/// Templates of any language.
pub(super) fn check_template_texts(templates: Option<&Texts>) -> AwsResult<()> {
    for (content_type, template) in templates.into_iter().flatten() {
        if !content_type.contains('/') && content_type != "$default" {
            return Err(bad_request(format!(
                "Validation Result: warnings : [], errors : [Invalid content type specified: {content_type}]"
            )));
        }
        if template.len() > TEMPLATE_LENGTH {
            return Err(bad_request("Mapping template cannot be larger than 300 KB"));
        }
    }
    Ok(())
}

/// Whether request parameters go where parameters can go, and come from what the method declares.
fn check_parameters(method: &Method, parameters: Option<&Texts>) -> AwsResult<()> {
    for (to, from) in parameters.into_iter().flatten() {
        let place = to.strip_prefix("integration.request.").and_then(|rest| rest.split_once('.'));
        if !matches!(place, Some(("header" | "querystring" | "path", name)) if !name.is_empty()) {
            return Err(invalid_mapping("parameter specified", to));
        }
        check_source(method, from)?;
    }
    Ok(())
}

fn check_source(method: &Method, from: &str) -> AwsResult<()> {
    let literal = from.len() >= 2 && from.starts_with('\'') && from.ends_with('\'');
    if literal || from.starts_with("context.") || from.starts_with("stageVariables.") {
        return Ok(());
    }
    let Some(source) = from.strip_prefix("method.request.") else { return Err(invalid_mapping("specified", from)) };
    if source == "body" || source.starts_with("body.") || source.starts_with("body[") {
        return Ok(());
    }
    let (place, name) = source.split_once('.').unwrap_or((source, ""));
    let declared = match place {
        "multivalueheader" => "header",
        "multivaluequerystring" => "querystring",
        place => place,
    };
    let declared = format!("method.request.{declared}.{name}");
    match method.request_parameters.as_ref().is_some_and(|parameters| parameters.contains_key(&declared)) {
        true => Ok(()),
        false => Err(invalid_mapping("parameter specified", from)),
    }
}

/// Answers an integration.
pub async fn get(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::GetIntegration,
) -> AwsResult<wire::Integration> {
    let api = service.store.api(&context, &input.rest_api_id).map_err(|_| no_resource())?;
    let method = method(&api, &input.resource_id, &input.http_method)?;
    method.integration.as_ref().map(Into::into).ok_or_else(no_integration)
}

/// Takes an integration away.
pub async fn delete(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::DeleteIntegration,
) -> AwsResult<wire::DeleteIntegrationOutput> {
    service
        .store
        .change_api(&context, &input.rest_api_id, no_resource, |api| {
            let method = method_mut(api, &input.resource_id, &input.http_method)?;
            method.integration.take().ok_or_else(no_integration)?;
            Ok(wire::DeleteIntegrationOutput {})
        })
        .await
}

/// Changes an integration.
pub async fn update(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::UpdateIntegration,
) -> AwsResult<wire::Integration> {
    let patches = patch::read(input.patch_operations)?;
    service
        .store
        .change_api(&context, &input.rest_api_id, no_resource, |api| {
            let integration = integration_mut(api, &input.resource_id, &input.http_method)?;
            for patch in &patches {
                apply(integration, &input.resource_id, patch)?;
            }
            check_transfer(integration)?;
            check_service(integration)?;
            let shape = (&*integration).into();
            let parameters = integration.request_parameters.clone();
            check_parameters(method(api, &input.resource_id, &input.http_method)?, parameters.as_ref())?;
            Ok(shape)
        })
        .await
}

fn apply(integration: &mut Integration, resource_id: &str, patch: &Patch) -> AwsResult<()> {
    match patch.target()[..] {
        ["requestParameters", name] => {
            return only_entries(patch, &mut integration.request_parameters, name);
        }
        ["requestTemplates", content_type] => {
            only_entries(patch, &mut integration.request_templates, content_type)?;
            return check_templates(integration.request_templates.as_ref());
        }
        ["cacheKeyParameters", name] => {
            integration.cache_key_parameters.retain(|parameter| parameter != name);
            if patch.op != Op::Remove {
                integration.cache_key_parameters.push(name.to_owned());
            }
            return Ok(());
        }
        _ => {}
    }
    let known = [
        "uri",
        "httpMethod",
        "credentials",
        "passthroughBehavior",
        "contentHandling",
        "timeoutInMillis",
        "responseTransferMode",
    ];
    match patch.target()[..] {
        ["cacheNamespace"] => {
            patch.only_replace()?;
            integration.cache_namespace = patch.optional_text().unwrap_or_else(|| resource_id.to_owned());
        }
        ["connectionType"] if patch.text() == "INTERNET" => patch.only_replace()?,
        ["connectionType" | "connectionId" | "tlsConfig" | "integrationTarget", ..] => {
            return Err(AwsError::unsupported(format_args!("the patch path {} of UpdateIntegration", patch.path)));
        }
        [property] if known.contains(&property) => {
            patch.only_replace()?;
            replace(integration, property, patch)?;
        }
        _ => return Err(invalid_path(&patch.path)),
    }
    Ok(())
}

fn replace(integration: &mut Integration, property: &str, patch: &Patch) -> AwsResult<()> {
    match property {
        "uri" => {
            check_uri(integration.kind, patch.value.as_deref())?;
            integration.uri = patch.optional_text();
        }
        "httpMethod" => integration.http_method = patch.optional_text(),
        "credentials" => {
            check_credentials(patch.optional_text().as_deref())?;
            integration.credentials = patch.optional_text();
        }
        "passthroughBehavior" => integration.passthrough_behavior = passthrough(Some(&patch.text()))?,
        "contentHandling" => integration.content_handling = content_handling(patch.value.as_deref())?,
        "timeoutInMillis" => {
            integration.timeout_in_millis = patch.text().parse().map_err(|_| invalid_path(&patch.path))?;
        }
        "responseTransferMode" => integration.response_transfer_mode = transfer_mode(Some(&patch.text()))?,
        _ => return Err(invalid_path(&patch.path)),
    }
    Ok(())
}

fn only_entries(patch: &Patch, map: &mut Option<Texts>, key: &str) -> AwsResult<()> {
    if key.is_empty() {
        return Err(invalid_path(&patch.path));
    }
    super::methods::patch_map(map, key, patch, Patch::text);
    Ok(())
}
