//! What a stage's logs tell of a request.
//!
//! AWS: "Set up CloudWatch logging for REST APIs in API Gateway"; the sentences are those of TestInvokeMethod's log
//! (recorded: TestApiGatewayTestInvoke::test_invoke_test_method).

use super::exchange::Exchange;
use super::gateway_response::GatewayResponse;
use crate::ApiGateway;
use crate::logs::{Destination, EVENT_LENGTH, Lines};
use crate::model::LoggingLevel;
use bytes::Bytes;

/// Notes a request that was answered.
pub fn report(
    service: &ApiGateway,
    exchange: &Exchange<'_>,
    response: &http::Response<Bytes>,
    failure: Option<&GatewayResponse>,
) {
    let Some(role) = &exchange.stage.log_role else { return };
    let stage = exchange.stage;
    if let Some((group, format)) = &stage.access_log {
        let line = format.line(|name| access_variable(exchange, response, failure, name));
        write(service, exchange, role, group.clone(), false, vec![line]);
    }
    let lines = execution_lines(exchange, response, failure);
    if !lines.is_empty() {
        let group = format!("API-Gateway-Execution-Logs_{}/{}", stage.api_id, stage.name);
        write(service, exchange, role, group, true, lines);
    }
}

fn write(
    service: &ApiGateway,
    exchange: &Exchange<'_>,
    role: &str,
    group: String,
    own_group: bool,
    messages: Vec<String>,
) {
    let destination =
        Destination { role: role.to_owned(), group, stream: exchange.stage.log_stream.clone(), own_group };
    let timestamp = exchange.arrival.time.as_millisecond();
    let lines = Lines { context: exchange.stage.context.clone(), destination, timestamp, messages };
    service.logs.write(&service.cloud, &service.roles, lines);
}

/// Access logs know more than templates: what came of the request.
fn access_variable(
    exchange: &Exchange<'_>,
    response: &http::Response<Bytes>,
    failure: Option<&GatewayResponse>,
    name: &str,
) -> Option<String> {
    let latency = || exchange.arrival.began.elapsed().as_millis().to_string();
    match name {
        "status" | "integration.status" | "integrationStatus" => Some(response.status().as_u16().to_string()),
        "responseLength" => Some(response.body().len().to_string()),
        "responseLatency" | "integration.latency" | "integrationLatency" | "integration.latencyMs" => Some(latency()),
        "error.responseType" => failure.map(|failure| failure.kind().to_owned()),
        "error.message" => failure.map(message),
        "error.messageString" => failure.map(|failure| serde_json::Value::from(message(failure)).to_string()),
        "integrationErrorMessage" | "integration.error" => failure.map(GatewayResponse::reason),
        name => exchange.context_variable(name),
    }
}

fn message(failure: &GatewayResponse) -> String {
    let body: serde_json::Value = serde_json::from_str(&failure.parts().2).unwrap_or_default();
    let text = body.get("message").or_else(|| body.get("Message")).and_then(serde_json::Value::as_str);
    text.unwrap_or_default().to_owned()
}

fn execution_lines(
    exchange: &Exchange<'_>,
    response: &http::Response<Bytes>,
    failure: Option<&GatewayResponse>,
) -> Vec<String> {
    let method = exchange.method;
    let mut lines = Vec::new();
    match method.logging {
        LoggingLevel::Off => return lines,
        LoggingLevel::Error if failure.is_none() => return lines,
        _ => {}
    }
    let request = &exchange.request;
    let full = method.logging == LoggingLevel::Info;
    if full {
        lines.push(format!("Extended Request Id: {}", exchange.arrival.extended_request_id));
        lines.push(format!("Starting execution for request: {}", exchange.arrival.request_id));
        lines.push(format!("HTTP Method: {}, Resource Path: {}", request.method, request.path));
    }
    if full && method.data_trace {
        lines.push(format!("Method request path: {}", pairs(&request.path_parameters)));
        lines.push(format!("Method request query string: {}", pairs(&request.query)));
        lines.push(format!("Method request headers: {}", pairs(&request.headers)));
        lines.push(format!("Method request body before transformations: {}", request.text()));
        let body = String::from_utf8_lossy(response.body());
        lines.push(format!("Method response body after transformations: {body}"));
    }
    match failure {
        Some(failure) => lines.push(failure.reason()),
        None => lines.push("Successfully completed execution".into()),
    }
    lines.push(format!("Method completed with status: {}", response.status().as_u16()));
    lines.into_iter().map(|line| cut(format!("({}) {line}", exchange.arrival.request_id))).collect()
}

/// `{a=1, b=2}`
fn pairs(pairs: &[(String, String)]) -> String {
    let shown: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{{{}}}", shown.join(", "))
}

fn cut(mut line: String) -> String {
    if line.len() > EVENT_LENGTH {
        let end = (0..=EVENT_LENGTH).rev().find(|end| line.is_char_boundary(*end)).unwrap_or(0);
        line.truncate(end);
        line.push_str(" [TRUNCATED]");
    }
    line
}
