//! What stands between HTTP and the operations.
//!
//! The server has verified the request's signature and put a [`Context`] into its extensions. Here the traces of the
//! signature are taken off, the body is decoded and verified ([`payload`]), the request goes through s3s, which asks
//! [`crate::access`] before it acts, and the answer gets what AWS's has and s3s's lacks ([`finish`]).

mod cors;
mod door;
mod finish;
mod host;
mod normalize;
mod payload;
mod plane;
mod rewrite;
mod strip;
mod wire;

pub use plane::S3Plane;

use crate::access::keys;
use crate::backend::{Backend, access_denied};
use crate::call::{Brought, Call, Trailers, text};
use crate::fault::Fault;
use crate::{Body, S3Service};
use ::http::request::Parts;
use ::http::{HeaderValue, Method, Request, Response, header};
use hyper::body::Bytes;
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::dto::{Tag, Tagging};
use s3s::service::S3ServiceBuilder;
use s3s::xml::{Deserialize, Deserializer};
use s3s::{HttpError, S3Error};
use slam_cloud_core::Context;
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
        let bucket = self.bucket_of(&request);
        let context = request.extensions().get::<Context>().cloned();
        let request_id = context.as_ref().map_or_else(slam_cloud_core::id::request_id, |c| c.request_id.to_string());
        let mut response = match self.answer(request, context, bucket.as_deref()).await {
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

    /// The bucket that a request names, if any.
    fn bucket_of(&self, request: &Request<Body>) -> Option<String> {
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        let host = host.or_else(|| request.uri().authority().map(|authority| authority.as_str())).unwrap_or_default();
        let in_host = host::parse(host).0.map(str::to_owned);
        in_host.or_else(|| request.uri().path().split('/').nth(1).filter(|part| !part.is_empty()).map(str::to_owned))
    }

    async fn answer(
        &self,
        request: Request<Body>,
        context: Option<Context>,
        bucket: Option<&str>,
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
        let trailers = Trailers::default();
        let mut body = payload::decode(&mut parts, body, signature.as_ref(), &self.cloud, &trailers).await?;
        let tags = match parts.method == Method::PUT && parts.uri.query().is_none() && is_bucket(&parts, bucket) {
            true => {
                let document = body.store_all_limited(MAX_XML).await.map_err(|_| Fault::malformed_xml())?;
                let document = String::from_utf8_lossy(&document);
                brought.location_constraint = keys::location_constraint(&document);
                bucket_tags(&document)?.map(Arc::new)
            }
            false => None,
        };
        if parts.method == Method::PUT && has_parameter(&parts, "tagging") {
            brought.tags = tags_of(&mut body).await?;
        }
        refuse_elements(&parts, &mut body).await?;
        if is_bare_completion(&parts) {
            body = Body::from("<CompleteMultipartUpload/>".to_owned());
            parts.headers.remove(header::CONTENT_LENGTH);
        }
        if parts.method == Method::PUT && has_parameter(&parts, "tagging") && is_without_tags(&mut body).await? {
            body = Body::from("<Tagging><TagSet></TagSet></Tagging>".to_owned());
            parts.headers.remove(header::CONTENT_LENGTH);
        }
        let headers = Arc::new(parts.headers.clone());
        normalize::request(&mut parts)?;
        let mut call = Call::new(context);
        call.trailers = trailers;
        call.headers = headers;
        call.tags = tags;
        call.brought = Arc::new(brought);
        parts.extensions.insert(call);
        self.wire.call(Request::from_parts(parts, body)).await.map_err(|error: HttpError| {
            let error: Box<dyn std::error::Error + Send + Sync> = error.into();
            slam_cloud_core::AwsError::internal(error).into()
        })
    }
}

/// Whether a request is about a bucket as a whole.
fn is_bucket(parts: &Parts, bucket: Option<&str>) -> bool {
    let path = parts.uri.path().trim_matches('/');
    path.is_empty() || Some(path) == bucket
}

/// Whether a request completes an upload without a document, which s3s would call malformed before it looks for the
/// upload (recorded: test_multipart_no_such_upload).
fn is_bare_completion(parts: &Parts) -> bool {
    parts.method == Method::POST
        && has_parameter(parts, "uploadId")
        && text(&parts.headers, "content-length").is_none_or(|length| length == "0")
        && !parts.headers.contains_key(header::TRANSFER_ENCODING)
}

fn has_parameter(parts: &Parts, name: &str) -> bool {
    let mut pairs = parts.uri.query().unwrap_or_default().split('&');
    pairs.any(|pair| pair.split('=').next() == Some(name))
}

/// Refuses by name the elements of documents that s3s does not read: it would drop them.
async fn refuse_elements(parts: &Parts, body: &mut Body) -> Result<(), Fault> {
    const OF_ENCRYPTION: &[&str] = &["BlockedEncryptionTypes"];
    const OF_PARTS: &[&str] =
        &["ChecksumMD5", "ChecksumSHA512", "ChecksumXXHASH128", "ChecksumXXHASH3", "ChecksumXXHASH64"];
    let (operation, unread) = match parts.method {
        Method::PUT if has_parameter(parts, "encryption") => ("PutBucketEncryption", OF_ENCRYPTION),
        Method::POST if has_parameter(parts, "uploadId") => ("CompleteMultipartUpload", OF_PARTS),
        _ => return Ok(()),
    };
    let document = body.store_all_limited(MAX_XML).await.map_err(|_| Fault::malformed_xml())?;
    let document = String::from_utf8_lossy(&document);
    let is_there = |name: &&&str| document.contains(&format!("<{name}"));
    match unread.iter().find(is_there) {
        Some(name) => Err(Fault::unsupported(format_args!("the parameter {name} of {operation}"))),
        None => Ok(()),
    }
}

/// Whether a document of tags lacks the set, which s3s requires and S3 does not (recorded:
/// test_put_object_tagging_none_value).
async fn is_without_tags(body: &mut Body) -> Result<bool, Fault> {
    let document = body.store_all_limited(MAX_XML).await.map_err(|_| Fault::malformed_xml())?;
    let document = String::from_utf8_lossy(&document);
    let root = document.trim_start().split_inclusive("?>").last().unwrap_or_default().trim();
    let Some((attributes, content)) = root.strip_prefix("<Tagging").and_then(|rest| rest.split_once('>')) else {
        return Ok(false);
    };
    Ok((attributes.ends_with('/') && content.is_empty()) || content.trim() == "</Tagging>")
}

/// The tags in CreateBucket's document.
fn bucket_tags(document: &str) -> Result<Option<Vec<Tag>>, Fault> {
    let Some((_, tags)) = document.split_once("<Tags>") else { return Ok(None) };
    let (tags, _) = tags.split_once("</Tags>").ok_or_else(Fault::malformed_xml)?;
    let tagging = format!("<Tagging><TagSet>{tags}</TagSet></Tagging>");
    let tagging = Tagging::deserialize(&mut Deserializer::new(tagging.as_bytes()));
    Ok(Some(tagging.map_err(|_| Fault::malformed_xml())?.tag_set))
}

/// The tags in a document that sets some; none in what is no such document, which s3s will refuse.
async fn tags_of(body: &mut Body) -> Result<Vec<(String, String)>, Fault> {
    let document = body.store_all_limited(MAX_XML).await.map_err(|_| Fault::malformed_xml())?;
    let tagging = Tagging::deserialize(&mut Deserializer::new(&document));
    let set = tagging.map(|tagging| tagging.tag_set).unwrap_or_default();
    Ok(set.into_iter().filter_map(|tag| Some((tag.key?, tag.value?))).collect())
}
