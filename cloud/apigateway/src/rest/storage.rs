//! Integrations with S3: an object is what answers. Of S3's operations, those that read one: GetObject and HeadObject.
//!
//! AWS: "Tutorial: Create a REST API as an Amazon S3 proxy"; recorded: test_apigateway_s3_any,
//! test_apigateway_s3_method_mapping, test_apigw_s3_binary_support_response_no_content_handling.

use super::backend::FromBackend;
use super::exchange::Exchange;
use super::gateway_response::GatewayResponse;
use super::lambda::caller;
use super::target::Target;
use crate::ApiGateway;
use bytes::Bytes;
use serde_json::Value;
use slam_cloud_core::{AwsError, AwsResult, Context, Timestamp};
use slam_cloud_gateway::BODY;
use slam_cloud_wire::s3::{GetObject, HeadObject, HeadObjectOutput};
use std::fmt::Write as _;
use std::sync::Arc;

/// Reads the object of an integration, as its role. What S3 refuses is an answer too: of its status an integration
/// response is chosen.
///
/// # Errors
/// 500 when the role cannot be taken on, 502 when the object is too large for an API, 504 when it takes too long.
pub async fn read(service: &Arc<ApiGateway>, exchange: &Exchange<'_>) -> Result<FromBackend, GatewayResponse> {
    let Target::Object(template) = &exchange.method.integration.target else {
        return Err(GatewayResponse::Configuration("the integration names no object".into()));
    };
    let context = caller(service, exchange).await.map_err(|error| GatewayResponse::Configuration(error.to_string()))?;
    let wanted = wanted(template, exchange);
    let only_head = exchange.method.integration.http_method == "HEAD";
    let answer =
        tokio::time::timeout(exchange.method.integration.timeout, fetch(service, &context, wanted, only_head)).await;
    match answer.map_err(|_| GatewayResponse::IntegrationTimeout)? {
        Ok((_, None)) => Err(GatewayResponse::BadGateway("the object is larger than 10 MB".into())),
        Ok((head, Some(body))) => Ok(FromBackend { selector: Some("200".into()), headers: headers(head), body }),
        Err(error) => Ok(refused(&error, exchange)),
    }
}

/// The head of an object and its body: none when it is too large for an API, for it is read whole.
async fn fetch(
    service: &Arc<ApiGateway>,
    context: &Context,
    wanted: HeadObject,
    only_head: bool,
) -> AwsResult<(HeadObjectOutput, Option<Bytes>)> {
    let get = GetObject {
        bucket: wanted.bucket.clone(),
        key: wanted.key.clone(),
        if_match: wanted.if_match.clone(),
        if_none_match: wanted.if_none_match.clone(),
        if_modified_since: wanted.if_modified_since,
        if_unmodified_since: wanted.if_unmodified_since,
        ..GetObject::default()
    };
    let head = service.cloud.call(context.clone(), wanted).await;
    match head {
        Ok(head) if only_head => Ok((head, Some(Bytes::new()))),
        Ok(head) if head.content_length.is_some_and(|length| length > BODY as i64) => Ok((head, None)),
        Err(error) if only_head => Err(error),
        // Of an error, GetObject says more.
        head => {
            let object = service.cloud.call(context.clone(), get).await?;
            Ok((head?, Some(object.body.unwrap_or_default())))
        }
    }
}

/// What is asked for: the object, with what is mapped to the path in place of `{name}`, and the conditions that are
/// mapped to headers. Parameters come decoded, so `a%2Fb` of one segment and `a/b` of a greedy variable are the same key.
fn wanted(template: &str, exchange: &Exchange<'_>) -> HeadObject {
    let mut path = template.to_owned();
    let mut wanted = HeadObject::default();
    for (place, name, source) in &exchange.method.integration.parameters {
        let Some(value) = source.of_request(exchange).pop() else { continue };
        match (place.as_str(), name.to_ascii_lowercase().as_str()) {
            ("path", _) => path = path.replace(&format!("{{{name}}}"), &value),
            ("header", "if-match") => wanted.if_match = Some(value),
            ("header", "if-none-match") => wanted.if_none_match = Some(value),
            ("header", "if-modified-since") => wanted.if_modified_since = time(&value),
            ("header", "if-unmodified-since") => wanted.if_unmodified_since = time(&value),
            // Others are refused when they are configured.
            _ => {}
        }
    }
    let (bucket, key) = path.split_once('/').unwrap_or((&path, ""));
    HeadObject { bucket: bucket.to_owned(), key: key.to_owned(), ..wanted }
}

/// A date that cannot be read is no condition.
fn time(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text).ok().map(|moment| moment.timestamp())
}

fn headers(head: HeadObjectOutput) -> Vec<(String, String)> {
    let modified = head.last_modified.map(|moment| moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string());
    let named = [
        ("Content-Type", head.content_type),
        ("Content-Length", head.content_length.map(|length| length.to_string())),
        ("ETag", head.e_tag),
        ("Last-Modified", modified),
        ("Cache-Control", head.cache_control),
        ("Content-Disposition", head.content_disposition),
        ("Content-Encoding", head.content_encoding),
        ("Content-Language", head.content_language),
        ("Expires", head.expires),
        ("Accept-Ranges", head.accept_ranges),
        ("x-amz-server-side-encryption", head.server_side_encryption),
        ("x-amz-storage-class", head.storage_class),
        ("x-amz-version-id", head.version_id),
    ];
    let named = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let own = head.metadata.into_iter().flatten().map(|(name, value)| (format!("x-amz-meta-{name}"), value));
    named.chain(own).collect()
}

/// S3's error as S3 sends it.
fn refused(error: &AwsError, exchange: &Exchange<'_>) -> FromBackend {
    let is_head = exchange.method.integration.http_method == "HEAD";
    let body = if is_head || error.status == 304 { String::new() } else { document(error, exchange) };
    let headers = vec![("Content-Type".to_owned(), "application/xml".to_owned())];
    FromBackend { selector: Some(error.status.to_string()), headers, body: body.into() }
}

fn document(error: &AwsError, exchange: &Exchange<'_>) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
    let mut element = |name: &str, value: &str| {
        let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let _ = write!(text, "<{name}>{value}</{name}>");
    };
    element("Code", &error.code);
    element("Message", &error.message);
    for (name, value) in &error.members {
        element(name, &value.as_str().map_or_else(|| Value::to_string(value), str::to_owned));
    }
    element("RequestId", &exchange.arrival.request_id);
    element("HostId", &exchange.arrival.extended_request_id);
    text + "</Error>"
}
