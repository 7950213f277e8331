//! The bytes of a request's body: `aws-chunked` decoded, hashes and chunk signatures verified as they pass.
//!
//! Formats: "Authenticating requests: using the Authorization header" and "Signature calculations for … multiple
//! chunks" in the S3 API reference.

mod chunked;

use super::strip::Signature;
use crate::Body;
use crate::call::{Trailers, text};
use crate::error::payload::PayloadError;
use crate::error::{Answer, Fault};
use ::http::request::Parts;
use ::http::{HeaderMap, HeaderValue, header};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use http_body_util::StreamBody;
use hyper::body::Frame;
use sha2::{Digest, Sha256};
use slam_cloud_core::Cloud;
use std::pin::Pin;

/// Bodies up to this size are verified before anything else is done with them.
const AT_ONCE: u64 = 1024 * 1024;

/// A body's bytes on their way.
type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>> + Send>>;

/// Decodes and verifies a body; what can only be known at its end breaks it off with a [`PayloadError`].
///
/// # Errors
/// When the headers contradict each other, or a small body is not what was signed.
pub async fn decode(
    parts: &mut Parts,
    body: Body,
    signature: Option<&Signature>,
    cloud: &Cloud,
    trailers: &Trailers,
) -> Answer<Body> {
    let told = text(&parts.headers, "x-amz-content-sha256").unwrap_or_default().to_owned();
    let chunks: Chunks = Box::pin(body.map(|chunk| chunk.map_err(|_| PayloadError::Broken)));
    match told.as_str() {
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => chunked_body(parts, chunks, None, trailers),
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" | "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => {
            let verifier = signature.and_then(|signature| {
                let secret = cloud.credential(&signature.access_key)?.secret_access_key;
                Some(chunked::Verifier::new(signature, &secret))
            });
            chunked_body(parts, chunks, verifier, trailers)
        }
        other if other.starts_with("STREAMING-") => {
            Err(Fault::unsupported(format_args!("the payload format {other} of x-amz-content-sha256")))
        }
        hash if hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            hashed_body(parts, chunks, hash.to_ascii_lowercase()).await
        }
        _ => Ok(Body::http_body_unsync(StreamBody::new(chunks.map(|chunk| chunk.map(Frame::data))))),
    }
}

fn chunked_body(
    parts: &mut Parts,
    chunks: Chunks,
    verifier: Option<chunked::Verifier>,
    trailers: &Trailers,
) -> Answer<Body> {
    let length = text(&parts.headers, "x-amz-decoded-content-length").and_then(|length| length.parse().ok());
    let length: u64 = length.ok_or_else(Fault::missing_content_length)?;
    parts.headers.remove("x-amz-decoded-content-length");
    parts.headers.remove(header::TRANSFER_ENCODING);
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    strip_encoding(&mut parts.headers);
    let decoder = chunked::Decoder::new(chunks, length, verifier, trailers.clone());
    let decoded = futures_util::stream::unfold(Some(decoder), |decoder| async {
        let mut decoder = decoder?;
        match decoder.next().await {
            Ok(Some(bytes)) => Some((Ok(bytes), Some(decoder))),
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    });
    Ok(Body::http_body_unsync(StreamBody::new(Box::pin(decoded.map(|chunk| chunk.map(Frame::data))))))
}

/// `aws-chunked` is how the body travels, not what the object is encoded with.
fn strip_encoding(headers: &mut HeaderMap) {
    let Some(encoding) = headers.remove(header::CONTENT_ENCODING) else { return };
    let kept: Vec<&str> = encoding.to_str().unwrap_or_default().split(',').map(str::trim).collect();
    let kept: Vec<&str> = kept.into_iter().filter(|one| !one.eq_ignore_ascii_case("aws-chunked")).collect();
    if let Ok(value) = HeaderValue::from_str(&kept.join(","))
        && !value.is_empty()
    {
        headers.insert(header::CONTENT_ENCODING, value);
    }
}

async fn hashed_body(parts: &Parts, mut chunks: Chunks, expected: String) -> Answer<Body> {
    let length = text(&parts.headers, "content-length").and_then(|length| length.parse::<u64>().ok());
    if length.is_none_or(|length| length <= AT_ONCE) {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = chunks.next().await {
            bytes.extend_from_slice(&chunk?);
            if bytes.len() as u64 > AT_ONCE {
                return Err(Fault::missing_content_length());
            }
        }
        check_hash(expected, Sha256::digest(&bytes).as_slice())?;
        return Ok(Body::from(bytes.freeze()));
    }
    let hashing = (chunks, Sha256::new(), Some(expected));
    let verified = futures_util::stream::unfold(hashing, |(mut chunks, mut hash, expected)| async {
        let told = expected?;
        match chunks.next().await {
            Some(Ok(bytes)) => {
                hash.update(&bytes);
                Some((Ok(bytes), (chunks, hash, Some(told))))
            }
            Some(Err(error)) => Some((Err(error), (chunks, hash, None))),
            None => {
                let error = check_hash(told, hash.clone().finalize().as_slice()).err()?;
                Some((Err(error), (chunks, hash, None)))
            }
        }
    });
    Ok(Body::http_body_unsync(StreamBody::new(Box::pin(verified.map(|chunk| chunk.map(Frame::data))))))
}

fn check_hash(expected: String, computed: &[u8]) -> Result<(), PayloadError> {
    let computed = hex::encode(computed);
    if expected == computed { Ok(()) } else { Err(PayloadError::Hash { expected, computed }) }
}
