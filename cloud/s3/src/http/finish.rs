//! What AWS's answers have and s3s's lack: request ids, the further elements and default messages of errors.

use super::rewrite;
use crate::Body;
use crate::call::{ReplyMore, host_id};
use crate::error::{MALFORMED_XML, METHOD_NOT_ALLOWED, escape, take_members};
use ::http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};

/// Completes an answer.
pub fn finish(mut response: Response<Body>, method: &Method, bucket: Option<&str>, request_id: &str) -> Response<Body> {
    let host_id = host_id(request_id);
    let members = take_members(response.headers_mut());
    adjust(&mut response);
    let status = response.status();
    if status == StatusCode::NOT_MODIFIED || (*method == Method::HEAD && !status.is_success()) {
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().remove(header::CONTENT_TYPE);
    } else if (status.is_client_error() || status.is_server_error())
        && let Some(body) = response.body().bytes()
        && let Some(body) = error_body(&body, members, bucket, request_id, &host_id)
    {
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = Body::from(body);
    }
    let headers = response.headers_mut();
    for (name, value) in [("x-amz-request-id", request_id), ("x-amz-id-2", &host_id), ("server", "AmazonS3")] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// Makes of s3s's answer what is AWS's.
fn adjust(response: &mut Response<Body>) {
    let more = response.extensions_mut().remove::<ReplyMore>().unwrap_or_default();
    if let Some(status) = more.status {
        *response.status_mut() = status;
        if status == StatusCode::NO_CONTENT {
            *response.body_mut() = Body::empty();
        }
    }
    for (_, value) in response.headers_mut().iter_mut().filter(|(name, _)| name.as_str().starts_with("x-amz-meta-")) {
        if let Some(Ok(quoted)) = value.to_str().ok().and_then(rewrite::encoded_words).map(HeaderValue::try_from) {
            *value = quoted;
        }
    }
    // An object is answered as it is, whatever it looks like.
    let is_object = response.headers().contains_key(header::ACCEPT_RANGES);
    let Some(body) = response.body().bytes().filter(|body| !is_object && !body.is_empty()) else { return };
    let rewritten = more.rewrite.map(|rewrite| rewrite(&String::from_utf8_lossy(&body)));
    let body = rewritten.as_ref().map_or(&body[..], String::as_bytes);
    if let Some(body) = rewrite::declaration(body).or_else(|| rewritten.clone()) {
        response.headers_mut().remove(header::CONTENT_LENGTH);
        *response.body_mut() = Body::from(body);
    }
}

/// The XML of an error with what s3s leaves out; `None` when it is no such XML.
fn error_body(
    body: &[u8],
    mut members: String,
    bucket: Option<&str>,
    request_id: &str,
    host_id: &str,
) -> Option<String> {
    let body = std::str::from_utf8(body).ok()?;
    let inner = body.split_once("<Error>")?.1.strip_suffix("</Error>")?;
    let code = inner.split_once("<Code>")?.1.split_once("</Code>")?.0;
    // s3s refuses a name before an operation could (recorded: test_s3_uppercase_bucket_name).
    if let Some(bucket) = bucket.filter(|_| code == "InvalidBucketName" && members.is_empty()) {
        members = format!("<BucketName>{}</BucketName>", escape(bucket));
    }
    let told = inner.split_once("<Message>").and_then(|(_, rest)| Some(rest.split_once("</Message>")?.0.to_owned()));
    // s3s's own words for what is not well-formed differ from AWS's.
    let message = match (code, told) {
        ("MalformedXML", _) | (_, None) => escape(default_message(code)),
        (_, Some(told)) => told,
    };
    Some(format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>{members}\
         <RequestId>{request_id}</RequestId><HostId>{host_id}</HostId></Error>"
    ))
}

/// AWS's words for errors that s3s answers without any ("Error responses" in the API reference).
fn default_message(code: &str) -> &'static str {
    match code {
        "MalformedXML" => MALFORMED_XML,
        "MethodNotAllowed" => METHOD_NOT_ALLOWED,
        "InvalidBucketName" => "The specified bucket is not valid.",
        "KeyTooLongError" => "Your key is too long",
        "InvalidURI" => "Couldn't parse the specified URI.",
        "NotImplemented" => "A header you provided implies functionality that is not implemented",
        "IncompleteBody" => "You did not provide the number of bytes specified by the Content-Length HTTP header",
        "MissingContentLength" => "You must provide the Content-Length HTTP header.",
        "MaxMessageLengthExceeded" => "Your request was too big.",
        "InternalError" => "We encountered an internal error. Please try again.",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_gets_its_elements_and_ids() {
        let body = b"<?xml version=\"1.0\"?><Error><Code>InvalidBucketName</Code></Error>";
        let found = error_body(body, String::new(), Some("B"), "id", "host").unwrap();
        assert!(found.ends_with(
            "<Error><Code>InvalidBucketName</Code><Message>The specified bucket is not valid.</Message>\
             <BucketName>B</BucketName><RequestId>id</RequestId><HostId>host</HostId></Error>"
        ));
        assert_eq!(error_body(b"<Other/>", String::new(), None, "id", "host"), None);
    }
}
