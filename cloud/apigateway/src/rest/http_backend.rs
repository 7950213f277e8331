//! Integrations with HTTP servers: `HTTP` and `HTTP_PROXY`. Plain HTTP only; `https` is refused when it is configured.

use super::backend::{FromBackend, received};
use super::exchange::Exchange;
use super::gateway_response::GatewayResponse;
use super::outgoing::Outgoing;
use super::streamed::Patience;
use super::target::Target;
use crate::ApiGateway;
use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue};
use http_body_util::{BodyExt as _, Full, Limited};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;
use slam_cloud_core::Body;
use slam_cloud_core::stream::BrokenOff;
use slam_cloud_gateway::BODY;
use slam_cloud_gateway::answer::Answer;
use slam_cloud_gateway::request::header_name;
use slam_cloud_kit::outside::{Outside, Unsent};
use slam_cloud_wire::uri;
use std::sync::Arc;
use tokio::time::timeout_at;

const SEGMENT: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'#').add(b'?').add(b'%');

/// Passes a request through: `HTTP_PROXY`.
///
/// # Errors
/// 504 when the backend cannot be reached or takes too long.
pub async fn proxy(service: &Arc<ApiGateway>, exchange: &Exchange<'_>) -> Result<Answer, GatewayResponse> {
    let request = &exchange.request;
    let ours = ["host", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "via"];
    let passed = request.headers.iter().filter(|(name, _)| !ours.contains(&name.to_ascii_lowercase().as_str()));
    let mut outgoing = Outgoing {
        path: request.decoded_path_parameters(),
        query: request.query.clone(),
        headers: passed.cloned().collect(),
        body: request.body.clone(),
    };
    outgoing.map(exchange);
    if exchange.method.integration.streams {
        return stream(service, exchange, outgoing).await;
    }
    let (status, headers, body) = send(service, exchange, outgoing).await?;
    Ok(Answer { status, headers, body: body.into() })
}

/// Answers with the head of the endpoint's response as soon as it is there; the body follows as it comes.
async fn stream(
    service: &Arc<ApiGateway>,
    exchange: &Exchange<'_>,
    outgoing: Outgoing,
) -> Result<Answer, GatewayResponse> {
    let patience = Patience::of(exchange);
    let response = service.http.request(request(exchange, outgoing)?);
    let response = timeout_at(patience.end(), response).await.map_err(|_| GatewayResponse::IntegrationTimeout)?;
    let (parts, body) = response.map_err(unsent)?.into_parts();
    let pieces = futures_util::stream::unfold(Some(body), move |body| async move {
        let mut body = body?;
        match timeout_at(patience.next(), body.frame()).await {
            Err(_) => Some((Err(BrokenOff("the integration took too long".into())), None)),
            Ok(None) => None,
            Ok(Some(Err(error))) => Some((Err(BrokenOff(error.to_string())), None)),
            Ok(Some(Ok(frame))) => Some((Ok(frame.into_data().unwrap_or_default()), Some(body))),
        }
    });
    Ok(Answer { status: parts.status.as_u16(), headers: received(&parts.headers), body: Body::stream(pieces) })
}

/// Sends what a template made: `HTTP`.
///
/// # Errors
/// As [`proxy`].
pub async fn mapped(
    service: &Arc<ApiGateway>,
    exchange: &Exchange<'_>,
    body: Bytes,
    context: &Value,
) -> Result<FromBackend, GatewayResponse> {
    let mut outgoing = Outgoing::mapped(exchange, body);
    outgoing.map(exchange);
    outgoing.apply_overrides(context);
    let (status, headers, body) = send(service, exchange, outgoing).await?;
    Ok(FromBackend { selector: Some(status.to_string()), headers, body })
}

/// The backend's URL with path parameters and query filled in.
fn url(template: &str, outgoing: &Outgoing) -> String {
    let mut url = template.to_owned();
    for (name, value) in &outgoing.path {
        // A greedy parameter keeps its slashes; an ordinary one has had them decoded and cannot be told apart.
        let value = utf8_percent_encode(value, SEGMENT).to_string();
        url = url.replace(&format!("{{{name}}}"), &value).replace(&format!("{{{name}+}}"), &value);
    }
    for (index, (name, value)) in outgoing.query.iter().enumerate() {
        let first = index == 0 && !url.contains('?');
        url.push(if first { '?' } else { '&' });
        url.push_str(&format!("{}={}", uri::encoded(name), uri::encoded(value)));
    }
    url
}

type Received = (u16, Vec<(String, String)>, Bytes);

async fn send(
    service: &Arc<ApiGateway>,
    exchange: &Exchange<'_>,
    outgoing: Outgoing,
) -> Result<Received, GatewayResponse> {
    let request = request(exchange, outgoing)?;
    let answer = tokio::time::timeout(exchange.method.integration.timeout, receive(&service.http, request));
    answer.await.unwrap_or(Err(GatewayResponse::IntegrationTimeout))
}

fn request(exchange: &Exchange<'_>, outgoing: Outgoing) -> Result<http::Request<Full<Bytes>>, GatewayResponse> {
    let template = match &exchange.method.integration.target {
        Target::Http(template) => template,
        Target::Invalid(reason) => return Err(GatewayResponse::Configuration(reason.clone())),
        _ => return Err(GatewayResponse::Configuration("the integration names no HTTP endpoint".into())),
    };
    let invalid = |reason: String| GatewayResponse::Configuration(format!("Invalid endpoint address: {reason}"));
    let uri: http::Uri =
        url(template, &outgoing).parse().map_err(|error: http::uri::InvalidUri| invalid(error.to_string()))?;
    let verb = match exchange.method.integration.http_method.as_str() {
        // ANY passes the client's verb on.
        "ANY" | "" => exchange.request.method.clone(),
        verb => http::Method::from_bytes(verb.as_bytes()).map_err(|error| invalid(error.to_string()))?,
    };
    let mut headers = HeaderMap::with_capacity(outgoing.headers.len());
    for (name, value) in &outgoing.headers {
        if let (Some(name), Ok(value)) = (header_name(name), HeaderValue::from_str(value)) {
            headers.append(name, value);
        }
    }
    let mut request = http::Request::new(Full::new(outgoing.body));
    *request.method_mut() = verb;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(request)
}

async fn receive(client: &Outside, request: http::Request<Full<Bytes>>) -> Result<Received, GatewayResponse> {
    let (parts, body) = client.request(request).await.map_err(unsent)?.into_parts();
    let body = Limited::new(body, BODY).collect().await.map_err(unreachable)?.to_bytes();
    Ok((parts.status.as_u16(), received(&parts.headers), body))
}

/// Whoever owns the machine is told what to do; clients are told no more than on AWS.
fn unsent(reason: Unsent) -> GatewayResponse {
    if let Unsent::Own(reason) = &reason {
        tracing::warn!("an API's integration was refused: {reason}");
    }
    unreachable(reason)
}

fn unreachable(error: impl std::fmt::Display) -> GatewayResponse {
    GatewayResponse::IntegrationFailure(format!("the endpoint cannot be reached: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_filled_in_and_encoded() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let outgoing = Outgoing {
            path: vec![pair("id", "a b"), pair("proxy", "x/y?z")],
            query: vec![pair("q", "1 2&3"), pair("q", "ä")],
            headers: Vec::new(),
            body: Bytes::new(),
        };
        for (template, expected) in [
            ("http://h/{id}", "http://h/a%20b?q=1%202%263&q=%C3%A4"),
            ("http://h/{proxy}?a=b", "http://h/x/y%3Fz?a=b&q=1%202%263&q=%C3%A4"),
        ] {
            assert_eq!(url(template, &outgoing), expected);
        }
    }
}
