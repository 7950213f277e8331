//! What stands beside an operation's input and output.

use crate::error::Fault;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use s3s::S3Response;
use s3s::dto::Tag;
use sha2::{Digest, Sha256};
use slam_cloud_core::Context;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

/// What an operation is told beside its input, and what it adds to the answer beside its output.
#[derive(Clone)]
pub struct Call {
    /// Who calls.
    pub context: Context,
    /// The headers that come after the body.
    pub trailers: Trailers,
    /// The request's headers.
    pub headers: Arc<HeaderMap>,
    /// The tags of a bucket to be created, which s3s does not read.
    pub tags: Option<Arc<Vec<Tag>>>,
    /// What is wrong with the document, told to whoever may send it.
    pub flaw: Option<Fault>,
    /// What policies may ask for.
    pub brought: Arc<Brought>,
    reply: Arc<Mutex<Reply>>,
}

/// What an operation adds to the answer that s3s makes of its output.
#[derive(Clone, Default)]
struct Reply {
    headers: HeaderMap,
    more: ReplyMore,
}

/// Turns a document of s3s's into AWS's.
pub type Rewrite = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// Where AWS's answer differs from its own model, which s3s follows; travels in the answer's extensions.
#[derive(Clone, Default)]
pub struct ReplyMore {
    /// Another status.
    pub status: Option<StatusCode>,
    /// What becomes of the document.
    pub rewrite: Option<Rewrite>,
}

impl Call {
    /// A call of which nothing but the caller is known.
    pub fn new(context: Context) -> Self {
        Self {
            context,
            trailers: Default::default(),
            headers: Default::default(),
            tags: None,
            flaw: None,
            brought: Default::default(),
            reply: Default::default(),
        }
    }

    /// Adds a header to the answer.
    pub fn reply(&self, name: &'static str, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.with_reply(|reply| reply.headers.insert(HeaderName::from_static(name), value));
        }
    }

    /// Sets the answer's status.
    pub fn reply_status(&self, status: StatusCode) {
        self.with_reply(|reply| reply.more.status = Some(status));
    }

    /// Has the answer's document rewritten.
    pub fn reply_rewritten(&self, rewrite: impl Fn(&str) -> String + Send + Sync + 'static) {
        self.with_reply(|reply| reply.more.rewrite = Some(Arc::new(rewrite)));
    }

    /// A header that is kept with an object: what s3s read of it, or the UTF-8 that s3s does not take (recorded:
    /// test_system_metadata_with_unicode).
    pub fn system_metadata(&self, read: Option<String>, name: HeaderName) -> Option<String> {
        read.or_else(|| Some(std::str::from_utf8(self.headers.get(name)?.as_bytes()).ok()?.to_owned()))
    }

    /// The answer of an output and what was added to it.
    pub fn respond<T>(&self, output: T) -> S3Response<T> {
        let reply = self.with_reply(std::mem::take);
        let mut response = S3Response::with_headers(output, reply.headers);
        response.extensions.insert(reply.more);
        response
    }

    fn with_reply<T>(&self, change: impl FnOnce(&mut Reply) -> T) -> T {
        change(&mut self.reply.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The headers that come after a body, once it was read.
#[derive(Clone, Default)]
pub struct Trailers(Arc<Mutex<HeaderMap>>);

impl Trailers {
    /// A trailing header's text.
    pub fn get(&self, name: &str) -> Option<String> {
        let trailers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Some(trailers.get(name)?.to_str().ok()?.to_owned())
    }

    /// Tells what came.
    pub fn set(&self, trailers: HeaderMap) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = trailers;
    }
}

/// What a request brings that is not in its headers any more when permission is asked for.
#[derive(Clone, Debug, Default)]
pub struct Brought {
    /// How it is signed, and a condition as it was sent.
    pub head: Vec<(&'static str, String)>,
    /// The tags in its document.
    pub tags: Vec<(String, String)>,
    /// The region in CreateBucket's document.
    pub location_constraint: Option<String>,
}

/// A header's text.
pub fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(HeaderName::from_str(name).ok()?)?.to_str().ok()
}

/// The extended request id of a request, which tells AWS's support nothing here; its form is what clients log.
pub fn host_id(request_id: &str) -> String {
    BASE64.encode(Sha256::digest(request_id))
}
