//! Integrations with mapping templates: `AWS`, `HTTP` and `MOCK`.
//!
//! AWS: "Data transformations for REST APIs", "Integration passthrough behaviors".

use super::backend::{FromBackend, set_header};
use super::compiled::{CompiledResponse, Templates};
use super::exchange::Exchange;
use super::gateway_response::GatewayResponse;
use super::target::Target;
use super::{aws_service, http_backend, lambda};
use crate::ApiGateway;
use crate::model::{IntegrationType, PassthroughBehavior};
use crate::vtl::{Input, Parameters, Rendered, Scope};
use bytes::Bytes;
use serde_json::Value;
use slam_cloud_gateway::answer::Answer;
use slam_cloud_gateway::media::{converted_request, converted_response};
use slam_cloud_gateway::request::media_type;
use std::sync::{Arc, LazyLock};

/// Headers that a parameter mapping may not set (recorded: test_apigateway_header_remapping_aws: 500).
const UNMAPPABLE_AWS: [&str; 7] =
    ["authorization", "connection", "content-length", "expect", "proxy-authenticate", "te", "transfer-encoding"];

/// Refuses mappings of headers that belong to the connection.
pub fn check_mapped_headers(exchange: &Exchange<'_>) -> Result<(), GatewayResponse> {
    let integration = &exchange.method.integration;
    let unmappable: &[&str] = match integration.kind {
        IntegrationType::Aws | IntegrationType::AwsProxy => &UNMAPPABLE_AWS,
        IntegrationType::Http | IntegrationType::HttpProxy => &["content-length", "transfer-encoding"],
        IntegrationType::Mock => &[],
    };
    let names = integration.parameters.iter().filter(|(place, ..)| place == "header").map(|(_, name, _)| name);
    match names.map(|name| name.to_ascii_lowercase()).find(|name| unmappable.contains(&name.as_str())) {
        Some(name) => Err(GatewayResponse::Configuration(format!("the header {name} cannot be mapped"))),
        None => Ok(()),
    }
}

/// Answers a request through templates.
///
/// # Errors
/// Whatever API Gateway answers itself.
pub async fn answer(service: &Arc<ApiGateway>, exchange: &Exchange<'_>) -> Result<Answer, GatewayResponse> {
    let (body, context) = request_body(exchange)?;
    let from_backend = match exchange.method.integration.kind {
        IntegrationType::Mock => mock(&body)?,
        IntegrationType::Http => http_backend::mapped(service, exchange, body, &context).await?,
        _ if matches!(exchange.method.integration.target, Target::Service(_)) => {
            aws_service::call(service, exchange, body, &context).await?
        }
        _ => function(service, exchange, body).await?,
    };
    response(exchange, from_backend, context)
}

/// The body for the backend, and `$context` as the template left it.
fn request_body(exchange: &Exchange<'_>) -> Result<(Bytes, Value), GatewayResponse> {
    let integration = &exchange.method.integration;
    let context = exchange.context_document();
    let kind = exchange.request.media_type();
    let kind = if kind.is_empty() { "application/json".to_owned() } else { kind };
    let binary = exchange.stage.binary.contain(&kind);
    let handling = integration.content_handling.as_deref();
    // Recorded: test_apigw_s3_binary_support_request_convert_to_binary.
    let body = converted_request(exchange.request.body.clone(), handling, binary)
        .ok_or_else(|| GatewayResponse::Configuration("Unable to base64 decode the body.".into()))?;
    let template = integration.templates.get(&kind).or_else(|| integration.templates.get("$default"));
    match (template, integration.passthrough) {
        // Recorded: test_apigw_s3_binary_support_request_convert_to_binary_with_request_template.
        (Some(_), _) if handling == Some("CONVERT_TO_BINARY") && !body.is_empty() => {
            Err(GatewayResponse::Configuration("Unable to transform request: its body is binary".into()))
        }
        (Some(template), _) => {
            let rendered = render(exchange, template, &body, context, "request")?;
            Ok((rendered.text.into(), rendered.context))
        }
        (None, PassthroughBehavior::WhenNoMatch) => Ok((body, context)),
        (None, PassthroughBehavior::WhenNoTemplates) if integration.templates.0.is_empty() => Ok((body, context)),
        (None, _) => Err(GatewayResponse::UnsupportedMediaType),
    }
}

type Compiled = (String, Result<crate::vtl::Template, crate::vtl::TemplateError>);

/// Renders a template; one that fails is API_CONFIGURATION_ERROR, and the execution log says why.
fn render(
    exchange: &Exchange<'_>,
    (_, template): &Compiled,
    body: &[u8],
    context: Value,
    what: &str,
) -> Result<Rendered, GatewayResponse> {
    let failed = |error: crate::vtl::TemplateError| {
        GatewayResponse::Configuration(format!("Unable to transform {what}: {error}"))
    };
    let template = template.as_ref().map_err(|error| failed(error.clone()))?;
    let text = String::from_utf8_lossy(body);
    let request = &exchange.request;
    let path = request.decoded_path_parameters();
    let parameters = Parameters { path: &path, querystring: &request.query, header: &request.headers };
    let scope = Scope { input: Input::new(&text, parameters), context, stage_variables: &exchange.stage.variables };
    template.render(scope).map_err(failed)
}

/// `{"statusCode": 200}`, its quotes optional as on AWS (recorded: test_integration_mock_with_path_param).
fn mock(body: &[u8]) -> Result<FromBackend, GatewayResponse> {
    static STATUS: LazyLock<Option<regex::bytes::Regex>> =
        LazyLock::new(|| regex::bytes::Regex::new(r#"^\s*\{[^{}]*?["']?statusCode["']?\s*:\s*["']?(\d{3})\b"#).ok());
    let document: Option<Value> = serde_json::from_slice(body).ok();
    let member = document.as_ref().and_then(|document| document.get("statusCode"));
    let status = match member {
        Some(Value::Number(number)) => Some(number.to_string()),
        Some(Value::String(text)) => Some(text.clone()),
        _ => STATUS
            .as_ref()
            .and_then(|pattern| pattern.captures(body))
            .map(|found| String::from_utf8_lossy(&found[1]).into_owned()),
    };
    let status = status.filter(|status| status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit()));
    let Some(status) = status else {
        return Err(GatewayResponse::Configuration(
            "the request template of a MOCK integration gives no statusCode".into(),
        ));
    };
    Ok(FromBackend { selector: Some(status), headers: Vec::new(), body: Bytes::new() })
}

async fn function(
    service: &Arc<ApiGateway>,
    exchange: &Exchange<'_>,
    payload: Bytes,
) -> Result<FromBackend, GatewayResponse> {
    let is_type = |name: &str| name.eq_ignore_ascii_case("x-amz-invocation-type");
    let parameters = &exchange.method.integration.parameters;
    let invocation_type = parameters
        .iter()
        .find(|(place, name, _)| place == "header" && is_type(name))
        .and_then(|(_, _, source)| source.of_request(exchange).pop());
    // Functions are given JSON: of an empty body AWS makes an empty object.
    let payload = if payload.is_empty() { Bytes::from_static(b"{}") } else { payload };
    let answer = lambda::invoke(service, exchange, payload, invocation_type).await?;
    let body = answer.payload.unwrap_or_default();
    let selector = answer.function_error.map(|_| error_message(&body));
    let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    Ok(FromBackend { selector, headers, body })
}

fn error_message(payload: &[u8]) -> String {
    let document: Option<Value> = serde_json::from_slice(payload).ok();
    let message = document.as_ref().and_then(|document| document.get("errorMessage")).and_then(Value::as_str);
    message.unwrap_or_default().to_owned()
}

/// Chooses the integration response and makes the method's response of it.
fn response(exchange: &Exchange<'_>, from: FromBackend, context: Value) -> Result<Answer, GatewayResponse> {
    let chosen = choose(&exchange.method.integration.responses, from.selector.as_deref()).ok_or_else(|| {
        GatewayResponse::Configuration("No match for output mapping and no default output mapping configured".into())
    })?;
    let FromBackend { headers, body, .. } = from;
    let kind = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let binary = exchange.stage.binary.contain(kind.map_or("", |(_, value)| value));
    let accepted = exchange.stage.binary.accepted_by(exchange.request.header("accept"));
    let body = converted_response(body, chosen.content_handling.as_deref(), binary, accepted)
        .ok_or_else(|| GatewayResponse::Configuration("the integration response's body is no base 64".into()))?;
    let mut answer = Answer { status: chosen.status, headers: Vec::new(), body: body.clone().into() };
    let mut context = context;
    match template(&chosen.templates, exchange.request.header("accept")) {
        Some(template) => {
            let rendered = render(exchange, template, &body, context, "response")?;
            context = rendered.context;
            answer.body = rendered.text.into();
            answer.headers.push(("Content-Type".into(), template.0.clone()));
        }
        None => answer.headers.extend(kind.cloned()),
    }
    for (name, source) in &chosen.parameters {
        let values = source.of_answer(exchange, &headers, &body);
        set_header(&mut answer.headers, name, values);
    }
    apply_overrides(&mut answer, &context)?;
    Ok(answer)
}

/// The first response whose pattern fits, else the one without a pattern.
fn choose<'r>(responses: &'r [CompiledResponse], selector: Option<&str>) -> Option<&'r CompiledResponse> {
    let fits = |response: &&CompiledResponse| {
        let matches = |text| response.pattern.as_ref().is_some_and(|pattern| pattern.is_match(text).unwrap_or(false));
        selector.is_some_and(matches)
    };
    responses.iter().find(fits).or_else(|| responses.iter().find(|response| response.pattern.is_none()))
}

/// The template for what the client accepts, else for JSON, else the first.
fn template<'t>(templates: &'t Templates, accept: Option<&str>) -> Option<&'t Compiled> {
    let accepted = accept.into_iter().flat_map(|accept| accept.split(','));
    accepted
        .map(media_type)
        .find_map(|kind| templates.get(&kind))
        .or_else(|| templates.get("application/json"))
        .or_else(|| templates.0.first())
}

/// `$context.responseOverride`: what templates set there counts more than all else.
fn apply_overrides(answer: &mut Answer, context: &Value) -> Result<(), GatewayResponse> {
    let Some(overrides) = context.get("responseOverride") else { return Ok(()) };
    if let Some(status) = overrides.get("status") {
        let text = super::source::text_of(status.clone());
        answer.status = text.parse().map_err(|_| {
            GatewayResponse::Configuration(format!("{text} is no status to override the response's with"))
        })?;
    }
    for (name, value) in overrides.get("header").and_then(Value::as_object).into_iter().flatten() {
        let values = match value {
            Value::Array(values) => values.iter().cloned().map(super::source::text_of).collect(),
            value => vec![super::source::text_of(value.clone())],
        };
        set_header(&mut answer.headers, name, values);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mock_reads_its_status_leniently() {
        for (body, expected) in [
            (r#"{"statusCode": 200}"#, Some("200")),
            (r#"{"statusCode": "404"}"#, Some("404")),
            ("{statusCode: 200}", Some("200")),
            ("{'statusCode': 201, a: b}", Some("201")),
            ("", None),
            ("{}", None),
            (r#"{"statusCode": 20}"#, None),
            ("text", None),
        ] {
            assert_eq!(mock(body.as_bytes()).ok().and_then(|from| from.selector).as_deref(), expected, "{body}");
        }
    }

    #[test]
    fn overrides_count_more() {
        let mut answer = Answer { status: 200, headers: vec![("A".into(), "1".into())], body: "".into() };
        let context = serde_json::json!({"responseOverride": {"status": 444, "header": {"a": "2", "b": ["3", "4"]}}});
        apply_overrides(&mut answer, &context).unwrap();
        let headers: Vec<String> = answer.headers.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!((answer.status, headers.join(" ").as_str()), (444, "a=2 b=3 b=4"));
    }
}
