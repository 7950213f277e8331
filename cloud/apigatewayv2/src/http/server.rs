//! Integrations with HTTP servers.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-http.html>

use super::answer::Answer;
use super::compiled::CompiledIntegration;
use super::exchange::Exchange;
use super::failure::Failure;
use super::mapped::QUERY;
use crate::ApiGatewayV2;
use bytes::Bytes;
use http::header::{HeaderMap, HeaderValue};
use http_body_util::{BodyExt as _, Full, Limited};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use slam_cloud_gateway::BODY;
use slam_cloud_gateway::request::{header_name, latin1};
use slam_cloud_kit::outside::Unsent;
use std::sync::Arc;

/// Braces are encoded, too: a value is never taken for a path variable.
const PATH: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'`').add(b'#').add(b'?').add(b'%').add(b'{').add(b'}');

/// Headers that are the API's own towards a server.
const DROPPED: [&str; 5] = ["host", "content-length", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"];

/// Hands a request on to a server, and its answer back.
///
/// # Errors
/// 500 for an address that is none, 503 when nobody answers there, or not in time.
pub async fn proxy(
    service: &Arc<ApiGatewayV2>,
    exchange: &Exchange<'_>,
    integration: &CompiledIntegration,
    template: &str,
) -> Result<Answer, Failure> {
    let request = request(exchange, integration, template)?;
    let answered = async {
        let (parts, body) = service.http.request(request).await.map_err(unsent)?.into_parts();
        let body = Limited::new(body, BODY).collect().await.map_err(unreachable)?.to_bytes();
        let header = |(name, value): (&http::HeaderName, &HeaderValue)| (name.to_string(), latin1(value.as_bytes()));
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers.iter().map(header).collect(), body })
    };
    let waited = tokio::time::timeout(integration.timeout, answered).await;
    waited.unwrap_or_else(|_| Err(Failure::Unavailable("The integration did not answer in time".into())))
}

fn request(
    exchange: &Exchange<'_>,
    integration: &CompiledIntegration,
    template: &str,
) -> Result<http::Request<Full<Bytes>>, Failure> {
    let sent = &exchange.request;
    let url = url(exchange, integration, template);
    let invalid = |reason: String| Failure::Internal(format!("Invalid endpoint address: {reason}"));
    let uri: http::Uri = url.parse().map_err(|error: http::uri::InvalidUri| invalid(error.to_string()))?;
    let verb = match integration.method.as_str() {
        // ANY passes the client's verb on.
        "ANY" | "" => sent.method.clone(),
        verb => http::Method::from_bytes(verb.as_bytes()).map_err(|error| invalid(error.to_string()))?,
    };
    let mut headers = HeaderMap::with_capacity(sent.headers.len() + 2);
    for (name, value) in sent.headers.iter().filter(|(name, _)| !DROPPED.contains(&name.as_str())) {
        if let (Some(name), Ok(value)) = (header_name(name), HeaderValue::from_str(value)) {
            headers.append(name, value);
        }
    }
    let mut tell = |name: &'static str, text: &str| {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.append(name, value);
        }
    };
    // "HTTP APIs translate incoming X-Forwarded-* headers to the standard Forwarded header, and append the egress IP, Host, and
    // protocol." <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>
    let forwarded = sent.header("x-forwarded-for").unwrap_or_default();
    let client = forwarded.rsplit(", ").next().unwrap_or_default();
    tell("forwarded", &format!("by=127.0.0.1;for={client};host={};proto=http", exchange.domain_name()));
    tell("via", &format!("{} AmazonAPIGateway", sent.protocol));
    let mut request = http::Request::new(Full::new(sent.body.clone()));
    *request.method_mut() = verb;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(request)
}

/// The server's URL, with path variables filled in behind its host. "When the $default route receives a request, API Gateway sends
/// the full request path to the integration." A path that a mapping has overwritten takes the place of the template's.
fn url(exchange: &Exchange<'_>, integration: &CompiledIntegration, template: &str) -> String {
    let sent = &exchange.request;
    let overwrites = integration.requests.iter().any(|mapping| mapping.place == crate::model::mapping::Place::Path);
    let (base, own_query) = template.split_once('?').map_or((template, None), |(base, query)| (base, Some(query)));
    let (origin, path) = base.split_at(end_of_host(base));
    let mut path = filled(path, &sent.path_parameters, PATH);
    if overwrites || exchange.route_key() == "$default" {
        let kept = if overwrites { "" } else { path.trim_end_matches('/') };
        path = format!("{kept}{}", utf8_percent_encode(&slam_cloud_gateway::request::decode(&sent.path), PATH));
    }
    let own_query = own_query.map(|query| filled(query, &sent.path_parameters, QUERY));
    let encoded = |text: &str| utf8_percent_encode(text, QUERY).to_string();
    let pairs = sent.query.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    let query: Vec<String> = own_query.into_iter().chain(pairs).collect();
    if query.is_empty() { format!("{origin}{path}") } else { format!("{origin}{path}?{}", query.join("&")) }
}

/// Where the path of a URL begins.
fn end_of_host(url: &str) -> usize {
    let host = url.find("://").map_or(0, |at| at + 3);
    url[host..].find('/').map_or(url.len(), |at| host + at)
}

/// `{name}` and `{name+}` become the variable's value, encoded.
fn filled(template: &str, variables: &[(String, String)], set: &'static AsciiSet) -> String {
    variables.iter().fold(template.to_owned(), |text, (name, value)| {
        let value = utf8_percent_encode(value, set).to_string();
        text.replace(&format!("{{{name}}}"), &value).replace(&format!("{{{name}+}}"), &value)
    })
}

/// Whoever owns the machine is told what to do; clients are told no more than on AWS.
fn unsent(reason: Unsent) -> Failure {
    if let Unsent::Own(reason) = &reason {
        tracing::warn!("an API's integration was refused: {reason}");
    }
    unreachable(reason)
}

fn unreachable(error: impl std::fmt::Display) -> Failure {
    Failure::Unavailable(format!("The endpoint cannot be reached: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_path_variables_stay_where_they_are() {
        let variables = [("id".to_owned(), "evil.com/{a}?&".to_owned()), ("a".to_owned(), "x".to_owned())];
        for (url, host, path) in [
            ("https://{id}.example.com/{id}", "https://{id}.example.com", "/evil.com/%7Ba%7D%3F&"),
            ("https://{id}", "https://{id}", ""),
            ("http://a.example/{a+}", "http://a.example", "/x"),
        ] {
            let (origin, rest) = url.split_at(end_of_host(url));
            assert_eq!((origin, filled(rest, &variables, PATH).as_str()), (host, path));
        }
        assert_eq!(filled("x={id}", &variables, QUERY), "x=evil.com%2F%7Ba%7D%3F%26");
    }
}
