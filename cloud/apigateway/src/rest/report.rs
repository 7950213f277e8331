//! What a stage's logs tell of a request.
//!
//! AWS: "Set up CloudWatch logging for REST APIs in API Gateway"; the sentences are those of TestInvokeMethod's log
//! (recorded: TestApiGatewayTestInvoke::test_invoke_test_method).

use super::authorized::Authorized;
use super::compiled::CompiledStage;
use super::exchange::{Exchange, variable};
use super::gateway_response::GatewayResponse;
use crate::ApiGateway;
use crate::model::LoggingLevel;
use bytes::Bytes;
use futures_util::stream::{BoxStream, Stream, StreamExt as _};
use slam_cloud_core::Body;
use slam_cloud_core::stream::BrokenOff;
use slam_cloud_gateway::arrival::Arrival;
use slam_cloud_gateway::logs::{EVENT_LENGTH, Lines};
use slam_cloud_kit::service_logs::Destination;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// Notes a request that was answered: now, or when the last piece of its answer has gone.
pub fn report(
    service: &Arc<ApiGateway>,
    exchange: &Exchange<'_>,
    response: http::Response<Body>,
    failure: Option<&GatewayResponse>,
) -> http::Response<Body> {
    let Some(role) = &exchange.stage.log_role else { return response };
    let report = Report {
        service: Arc::clone(service),
        stage: Arc::clone(exchange.stage),
        role: role.clone(),
        arrival: exchange.arrival.clone(),
        context: exchange.stage.access_log.as_ref().map(|_| exchange.context_document()).unwrap_or_default(),
        status: response.status().as_u16(),
        streams: matches!(response.body(), Body::Stream(_)),
        to_all_headers: exchange.arrival.began.elapsed(),
        authorizer_latency: exchange.authorized.as_ref().and_then(Authorized::latency),
        failure: failure.cloned(),
        lines: execution_lines(exchange, &response, failure),
    };
    response.map(|body| match body {
        Body::Whole(bytes) => {
            report.write(bytes.len());
            Body::Whole(bytes)
        }
        Body::Stream(pieces) => Body::stream(Reported { pieces, length: 0, report: Some(report) }),
    })
}

/// Pieces that are noted when the last one has gone, or the client has.
struct Reported {
    pieces: BoxStream<'static, Result<Bytes, BrokenOff>>,
    length: usize,
    report: Option<Report>,
}

impl Reported {
    fn end(&mut self) {
        if let Some(report) = self.report.take() {
            report.write(self.length);
        }
    }
}

impl Stream for Reported {
    type Item = Result<Bytes, BrokenOff>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = self.pieces.poll_next_unpin(context);
        match &polled {
            Poll::Ready(Some(Ok(piece))) => self.length += piece.len(),
            Poll::Ready(_) => self.end(),
            Poll::Pending => {}
        }
        polled
    }
}

impl Drop for Reported {
    fn drop(&mut self) {
        self.end();
    }
}

/// What is known of a request when the head of its answer is.
struct Report {
    service: Arc<ApiGateway>,
    stage: Arc<CompiledStage>,
    role: String,
    arrival: Arrival,
    /// `$context`, for an access log.
    context: serde_json::Value,
    status: u16,
    streams: bool,
    to_all_headers: Duration,
    authorizer_latency: Option<Duration>,
    failure: Option<GatewayResponse>,
    /// Of the execution log.
    lines: Vec<String>,
}

impl Report {
    /// Writes it, with the length of the answer's body.
    fn write(self, length: usize) {
        let stage = Arc::clone(&self.stage);
        if let Some((group, format)) = &stage.access_log {
            let line = format.line(|name| self.access_variable(name, length));
            self.hand_over(group.clone(), false, vec![line]);
        }
        if !self.lines.is_empty() {
            let group = format!("API-Gateway-Execution-Logs_{}/{}", stage.api_id, stage.name);
            self.hand_over(group, true, self.lines.clone());
        }
    }

    fn hand_over(&self, group: String, own_group: bool, messages: Vec<String>) {
        let stream = self.stage.log_stream.clone();
        let destination = Destination { group, stream, own_group };
        let timestamp = self.arrival.time.as_millisecond();
        let (context, role) = (self.stage.context.clone(), Some(self.role.clone()));
        let lines = Lines { context, role, destination, timestamp, messages };
        self.service.logs.write(&self.service.cloud, &self.service.roles, lines);
    }

    /// Access logs know more than templates: what came of the request. Of streams:
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/response-streaming-troubleshoot.html>
    fn access_variable(&self, name: &str, length: usize) -> Option<String> {
        let failure = self.failure.as_ref();
        let milliseconds = |duration: Duration| duration.as_millis().to_string();
        match name {
            "status" | "integration.status" | "integrationStatus" => Some(self.status.to_string()),
            "responseLength" => Some(length.to_string()),
            "responseLatency" | "integration.latency" | "integrationLatency" | "integration.latencyMs" => {
                Some(milliseconds(self.arrival.began.elapsed()))
            }
            "integration.responseTransferMode" => Some(if self.streams { "STREAMED" } else { "BUFFERED" }.into()),
            "integration.timeToAllHeaders" => self.streams.then(|| milliseconds(self.to_all_headers)),
            "authorizer.latency" => self.authorizer_latency.map(milliseconds),
            "authorizer.status" | "authorizer.integrationStatus" => self.authorizer_latency.map(|_| "200".to_owned()),
            "integrationErrorMessage" | "integration.error" => failure.map(GatewayResponse::reason),
            name => match name.strip_prefix("error.") {
                Some(name) => failure.and_then(|failure| failure.variable(name)),
                None => variable(&self.context, name),
            },
        }
    }
}

fn execution_lines(
    exchange: &Exchange<'_>,
    response: &http::Response<Body>,
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
        let body = String::from_utf8_lossy(response.body().at_hand());
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
