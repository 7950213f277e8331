//! Website endpoints (`bucket.s3-website-region.…`). No bucket here has a website, as `PutBucketWebsite` is refused: what AWS
//! answers of such a bucket is true of all of them.

use crate::Body;
use crate::backend::Backend;
use crate::error::escape;
use ::http::{HeaderValue, Response, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};

/// A page for browsers (recorded: test_website_hosting_no_such_website).
pub fn answer(backend: &Backend, bucket: &str, request_id: &str) -> Response<Body> {
    let (code, message) = match backend.bucket(bucket) {
        Ok(_) => ("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
        Err(_) => ("NoSuchBucket", "The specified bucket does not exist"),
    };
    let (bucket, host_id) = (escape(bucket), BASE64.encode(Sha256::digest(request_id)));
    let page = format!(
        "<html>\n<head><title>404 Not Found</title></head>\n<body>\n<h1>404 Not Found</h1>\n<ul>\n<li>Code: {code}</li>\n\
         <li>Message: {message}</li>\n<li>BucketName: {bucket}</li>\n<li>RequestId: {request_id}</li>\n\
         <li>HostId: {host_id}</li>\n</ul>\n<hr/>\n</body>\n</html>\n"
    );
    let mut response = Response::new(Body::from(page));
    *response.status_mut() = StatusCode::NOT_FOUND;
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}
