//! What stands between HTTP and the operations.
//!
//! The server has verified the request's signature and put a [`Context`] into its extensions. Here the traces of the
//! signature are taken off, the operation is found that the request is ([`operation`]), the body is decoded and verified
//! ([`payload`]), the request goes through s3s, which asks [`crate::api::access`] before it acts, and the answer gets what
//! AWS's has and s3s's lacks ([`finish`]).

mod cors;
mod document;
mod door;
mod finish;
mod host;
mod normalize;
mod operation;
mod payload;
mod plane;
mod rewrite;
mod strip;
mod website;
mod wire;

pub use plane::S3Plane;

use crate::api::access::keys;
use crate::backend::{Backend, access_denied};
use crate::call::{Brought, Call};
use crate::error::Fault;
use crate::{Body, S3Service};
use ::http::{HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::body::Bytes;
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::S3ServiceBuilder;
use s3s::{HttpError, S3Error};
use slam_cloud_core::{Context, Principal};
use std::sync::Arc;

/// The largest document: the completion of an upload in 10,000 parts, with a checksum each, fits.
const MAX_XML: usize = 8 * 1024 * 1024;

/// s3s around the backend.
pub fn wire(backend: &Arc<Backend>) -> s3s::service::S3Service {
    let mut builder = S3ServiceBuilder::new(wire::Wire { backend: Arc::clone(backend) });
    let mut config = S3Config::default();
    config.xml_max_body_size = MAX_XML;
    builder.set_config(Arc::new(StaticConfigProvider::new(Arc::new(config))));
    builder.set_host(host::Hosts);
    // s3s asks for permissions only where there is authentication; it never comes to any, because the traces of
    // signatures are taken off.
    builder.set_auth(door::NoSignatures);
    builder.set_access(door::Door { backend: Arc::clone(backend) });
    builder.build()
}

impl S3Service {
    /// Answers a request whose extensions hold the [`Context`] of its verified caller.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: hyper::body::Body<Data = Bytes> + Send + 'static,
        Box<dyn std::error::Error + Send + Sync>: From<B::Error>,
    {
        let request = request.map(Body::http_body_unsync);
        let method = request.method().clone();
        let origin = request.headers().get(header::ORIGIN).cloned();
        let in_host = bucket_in_host(&request);
        let in_path = || request.uri().path().split('/').nth(1).filter(|part| !part.is_empty()).map(str::to_owned);
        let bucket = in_host.clone().or_else(in_path);
        let context = request.extensions().get::<Context>().cloned();
        let website = host_of(&request).and_then(host::website).map(str::to_owned);
        let request_id = context.as_ref().map_or_else(slam_cloud_core::id::request_id, |c| c.request_id.to_string());
        if let Some(bucket) = website {
            return website::answer(&self.backend, &bucket, &request_id);
        }
        let mut response = match self.answer(request, context, bucket.as_deref(), in_host.is_some()).await {
            Ok(response) => response,
            Err(fault) => S3Error::from(fault).to_http_response().unwrap_or_else(|_| Response::new(Body::empty())),
        };
        if let (Some(origin), Some(bucket)) = (origin, &bucket)
            && method != Method::OPTIONS
        {
            cors::add_headers(&self.backend, bucket, &method, &origin, response.headers_mut());
        }
        finish::finish(response, &method, bucket.as_deref(), &request_id)
    }

    async fn answer(
        &self,
        request: Request<Body>,
        context: Option<Context>,
        bucket: Option<&str>,
        bucket_in_host: bool,
    ) -> Result<Response<Body>, Fault> {
        // Without a context nobody has looked at the signature.
        let context = context.ok_or_else(access_denied)?;
        if request.method() == Method::OPTIONS {
            return cors::preflight(&self.backend, bucket.unwrap_or_default(), request.headers());
        }
        let content_type = request.headers().get(header::CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
        if request.method() == Method::POST && content_type.starts_with(b"multipart/form-data") {
            return Err(Fault::unsupported("POST Object (an upload by an HTML form)"));
        }
        let (mut parts, body) = request.into_parts();
        let mut brought = Brought { head: keys::of_head(&parts), ..Default::default() };
        let signature = strip::signature(&mut parts)?;
        let operation = operation::of(&parts, bucket_in_host).map_err(|fault| match &*context.principal {
            // A stranger is told nothing.
            Principal::Anonymous if fault.error.code == "NotImplemented" => access_denied(),
            _ => fault,
        })?;
        let mut call = Call::new(context);
        let mut body = payload::decode(&mut parts, body, signature.as_ref(), &self.cloud, &call.trailers).await?;
        document::prepare(operation, &mut parts, &mut body, &mut brought, &mut call).await?;
        call.headers = Arc::new(parts.headers.clone());
        call.brought = Arc::new(brought);
        normalize::request(&mut parts)?;
        parts.extensions.insert(call);
        parts.extensions.insert(operation);
        let response = self.wire.call(Request::from_parts(parts, body)).await.map_err(|error: HttpError| {
            let error: Box<dyn std::error::Error + Send + Sync> = error.into();
            Fault::from(slam_cloud_core::AwsError::internal(error))
        })?;
        // s3s reads a document before anybody looks for the bucket (recorded: test_s3_default_bucket_encryption_exc).
        if let Some(bucket) = bucket
            && operation.0 != "CreateBucket"
            && response.body().bytes().is_some_and(|body| body.windows(12).any(|bytes| bytes == b"MalformedXML"))
            && response.status() == StatusCode::BAD_REQUEST
        {
            self.backend.bucket(bucket)?;
        }
        Ok(response)
    }
}

/// The bucket that a request names in its host, if any.
fn bucket_in_host(request: &Request<Body>) -> Option<String> {
    host::parse(host_of(request).unwrap_or_default()).0.map(str::to_owned)
}

fn host_of(request: &Request<Body>) -> Option<&str> {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    host.or_else(|| request.uri().authority().map(|authority| authority.as_str()))
}
