//! Integrations with services of AWS: a request in the service's own protocol, sent as the integration's role.
//!
//! The request goes to the plane that answers the service's clients, in the process: templates are given what those clients
//! would be, and policies are asked as they are for them. Recorded: test_apigateway_s3_any, test_apigateway_s3_method_mapping,
//! test_sqs_aws_integration, test_rest_api_to_dynamodb_integration, test_apigateway_to_eventbridge.

use super::backend::{FromBackend, received};
use super::exchange::Exchange;
use super::gateway_response::GatewayResponse;
use super::lambda::caller;
use super::outgoing::{Outgoing, user_agent};
use super::target::Target;
use crate::ApiGateway;
use crate::model::ServiceCall;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use http_body_util::{BodyExt as _, Full, Limited};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use slam_cloud_core::plane::{Acting, Arrival, Sender};
use slam_cloud_core::request_body::RequestBody;
use slam_cloud_core::{Cloud, Context};
use slam_cloud_gateway::BODY;
use slam_cloud_wire::uri::encoded;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

/// What of a path needs no encoding.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Calls the service of an integration with a body that its template made. What the service refuses is an answer, too: by
/// its status an integration response is chosen.
///
/// # Errors
/// 500 when the role cannot be taken on or the request cannot be made, 502 when the answer is too large for an API, 504 when
/// it takes too long.
pub async fn call(
    service: &Arc<ApiGateway>,
    exchange: &Exchange<'_>,
    body: Bytes,
    context: &Value,
) -> Result<FromBackend, GatewayResponse> {
    let Target::Service(named) = &exchange.method.integration.target else {
        return Err(GatewayResponse::Configuration("the integration names no service".into()));
    };
    let head = request(exchange, named, body, context)?;
    let acting = caller(service, exchange).await.map_err(|error| GatewayResponse::Configuration(error.to_string()))?;
    let acting =
        Context { region: named.region.as_str().into(), user_agent: Some(user_agent(exchange).into()), ..acting };
    // On a task of its own: what the service does it does, whether or not API Gateway still waits.
    let answer = tokio::spawn(send(service.cloud.clone(), named.service.name, head, acting));
    match tokio::time::timeout(exchange.method.integration.timeout, answer).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(failure)) => Err(GatewayResponse::Configuration(failure.to_string())),
        Err(_) => Err(GatewayResponse::IntegrationTimeout),
    }
}

async fn send(
    cloud: Cloud,
    signed_for: &'static str,
    request: http::Request<Bytes>,
    acting: Context,
) -> Result<FromBackend, GatewayResponse> {
    let (mut head, body) = request.into_parts();
    head.extensions.insert(Acting(acting));
    let arrival = Arrival {
        head,
        body: RequestBody::new(Full::new(body)),
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: cloud.settings().port,
        owner: None,
        sender: Sender::Direct,
        signed_for: Some(signed_for.to_owned()),
    };
    let plane = cloud.plane_of(&arrival);
    let plane = plane.ok_or_else(|| GatewayResponse::Configuration(format!("nobody answers for {signed_for}")))?;
    let (parts, body) = plane.answer(arrival).await.into_parts();
    let too_large = |_| GatewayResponse::BadGateway("the service's answer is larger than 10 MB, or broke off".into());
    let body = Limited::new(body, BODY).collect().await.map_err(too_large)?.to_bytes();
    let selector = Some(parts.status.as_u16().to_string());
    Ok(FromBackend { selector, headers: received(&parts.headers), body })
}

/// The request, with everything filled in.
fn request(
    exchange: &Exchange<'_>,
    named: &ServiceCall,
    body: Bytes,
    context: &Value,
) -> Result<http::Request<Bytes>, GatewayResponse> {
    let invalid = |reason: String| GatewayResponse::Configuration(format!("Invalid endpoint address: {reason}"));
    let verb = match exchange.method.integration.http_method.as_str() {
        "ANY" => exchange.request.method.clone(),
        verb => verb.parse().map_err(|_| invalid(format!("the method {verb}")))?,
    };
    let bodiless = matches!(verb, http::Method::GET | http::Method::HEAD);
    let mut outgoing = Outgoing::mapped(exchange, if bodiless { Bytes::new() } else { body });
    let target = named.action.as_ref().zip(named.service.target);
    if let Some((action, prefix)) = target {
        outgoing.headers.retain(|(name, _)| name != "Content-Type");
        outgoing.headers.push(("Content-Type".into(), "application/x-amz-json-1.0".into()));
        outgoing.headers.push(("X-Amz-Target".into(), format!("{prefix}.{action}")));
    }
    outgoing.map(exchange);
    outgoing.apply_overrides(context);
    let mut query = named.query.clone();
    if let (Some(action), None) = (&named.action, outgoing.header("x-amz-target")) {
        if !named.service.speaks_query {
            let reason = format!(
                "the action {action} of {} without the header X-Amz-Target (the query protocol) is not supported by the \
                 embedded cloud",
                named.service.name
            );
            return Err(GatewayResponse::Configuration(reason));
        }
        query.insert(0, ("Action".to_owned(), action.clone()));
    }
    for (_, value) in &mut query {
        *value = filled(value, &outgoing.path);
    }
    query.extend(outgoing.query.iter().cloned());
    let path = filled(&named.path, &outgoing.path);
    if !is_path_of(named.service.name, &path) {
        return Err(invalid(format!("{} has no path {path}", named.service.name)));
    }
    let mut uri = utf8_percent_encode(&path, PATH).to_string();
    for (index, (name, value)) in query.iter().enumerate() {
        uri.push(if index == 0 { '?' } else { '&' });
        uri.push_str(&encoded(name));
        if !value.is_empty() {
            uri.push('=');
            uri.push_str(&encoded(value));
        }
    }
    let mut request = http::Request::new(std::mem::take(&mut outgoing.body));
    *request.method_mut() = verb;
    *request.uri_mut() = uri.parse().map_err(|error: http::uri::InvalidUri| invalid(error.to_string()))?;
    let length = HeaderValue::from(request.body().len());
    if outgoing.headers.iter().all(|(name, _)| !name.eq_ignore_ascii_case("host")) {
        outgoing.headers.push(("Host".into(), format!("{}.{}.amazonaws.com", named.service.name, named.region)));
    }
    set_headers(request.headers_mut(), &outgoing.headers).map_err(invalid)?;
    request.headers_mut().insert(CONTENT_LENGTH, length);
    Ok(request)
}

/// Whether a service answers at a path at all. On AWS its host has nothing else; here other paths are others'.
fn is_path_of(service: &str, path: &str) -> bool {
    let account = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    match service {
        // The names of buckets begin with a letter or a digit.
        "s3" => !path.starts_with("/_"),
        "sqs" if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) => true,
        _ => path == "/",
    }
}

fn set_headers(headers: &mut HeaderMap, named: &[(String, String)]) -> Result<(), String> {
    for (name, value) in named {
        let known = HeaderName::from_bytes(name.as_bytes()).ok().zip(HeaderValue::from_str(value).ok());
        let (name, value) = known.ok_or_else(|| format!("the header {name:?} cannot be sent"))?;
        headers.append(name, value);
    }
    Ok(())
}

/// Puts path parameters in their places. They come decoded: `a%2Fb` of one segment and `a/b` of a greedy variable are the same.
/// What they bring is not looked through for names again.
fn filled(template: &str, parameters: &[(String, String)]) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let found = after.split_once('}').and_then(|(name, after)| {
            let name = name.strip_suffix('+').unwrap_or(name);
            parameters.iter().find(|(known, _)| known == name).map(|(_, value)| (value, after))
        });
        match found {
            Some((value, after)) => {
                text.push_str(value);
                rest = after;
            }
            None => {
                text.push('{');
                rest = after;
            }
        }
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_stand_in_their_places() {
        let parameters = [("a".to_owned(), "{b}".to_owned()), ("b".to_owned(), "x/y".to_owned())];
        for (template, expected) in
            [("/{a}/{b+}", "/{b}/x/y"), ("/{none}/{b}", "/{none}/x/y"), ("/{{b}}", "/{x/y}"), ("/{b", "/{b")]
        {
            assert_eq!(filled(template, &parameters), expected);
        }
    }

    #[test]
    fn s3_has_no_paths_of_the_cloud_s_own() {
        assert!(is_path_of("s3", "/bucket/key") && is_path_of("s3", "/"));
        assert!(!is_path_of("s3", "/_slam/health"));
    }
}
