//! S3's errors, for requests that are refused before its own layer sees them.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use quick_xml::escape::escape;
use slam_cloud_core::AwsError;
use std::fmt::Write as _;

pub(super) fn encode_error(error: &AwsError, request_id: &str) -> Response<Bytes> {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{}</Code><Message>{}</Message>",
        escape(&*error.code),
        escape(&error.message)
    );
    for (name, value) in &error.members {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        // Writing to a string cannot fail.
        let _ = write!(xml, "<{name}>{}</{name}>", escape(&text));
    }
    let _ = write!(xml, "<RequestId>{0}</RequestId><HostId>{0}</HostId></Error>", escape(request_id));
    let mut response = Response::new(Bytes::from(xml));
    *response.status_mut() = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    if let Ok(request_id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("x-amz-request-id", request_id);
    }
    response
}
