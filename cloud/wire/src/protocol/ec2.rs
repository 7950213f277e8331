//! EC2's errors: those of forms, in an envelope of another name.

use super::respond;
use bytes::Bytes;
use http::Response;
use quick_xml::escape::escape;
use slam_cloud_core::AwsError;

pub(super) fn encode_error(error: &AwsError, request_id: &str) -> Response<Bytes> {
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{}</Code><Message>{}</Message>\
         </Error></Errors><RequestID>{}</RequestID></Response>",
        escape(&*error.code),
        escape(&error.message),
        escape(request_id)
    );
    respond(error.status, "text/xml", request_id, xml)
}
