//! What the whole process asks of a service, beside its operations.

use crate::dialect::Dialect;
use crate::error::AwsResult;
use crate::plane::Plane;
use crate::schema::ServiceModel;
use futures_util::future::BoxFuture;
use http::request::Parts;
use serde_json::{Map, Value};
use std::sync::Arc;

/// A service: its tables, its life, and what else than operations it answers.
///
/// It is made and registered before the door opens, [started](Self::start) when every other service can be called,
/// [hurried](Self::hurry) when no more requests come in, and [shut down](Self::shutdown) before the process ends.
pub trait Service: Send + Sync + 'static {
    /// Its name, which is its crate's: `lambda`.
    fn name(&self) -> &'static str;

    /// The tables of its operations: one for most, two where one crate answers for two of AWS's services (IAM and STS),
    /// none where the wire is not ours (S3).
    fn models(&self) -> Vec<&'static ServiceModel>;

    /// Where it differs from other services in what it enforces and how it says it.
    fn dialect(&self) -> &'static Dialect {
        &Dialect::DEFAULT
    }

    /// How large the body of a request to one of its operations may be.
    fn body_limit(&self, _head: &Parts) -> BodyLimit {
        BodyLimit::DEFAULT
    }

    /// What it answers beside its operations: a data plane, endpoints of the cloud's own.
    fn planes(self: Arc<Self>) -> Vec<Arc<dyn Plane>> {
        Vec::new()
    }

    /// Begins what runs by itself: timers, sweeps, what the last process left undone. Called once the door is open.
    ///
    /// # Errors
    /// Why the cloud cannot start.
    fn start(self: Arc<Self>) -> BoxFuture<'static, AwsResult<()>> {
        Box::pin(async { Ok(()) })
    }

    /// Forgets everything, for `slam cloud reset` and the reset endpoint.
    ///
    /// # Errors
    /// What could not be forgotten.
    fn reset(&self) -> BoxFuture<'_, AwsResult<()>>;

    /// Answers what only waits on behalf of a client: the process is about to end, and lets every request be answered first.
    fn hurry(&self) {}

    /// Ends what runs (processes, listeners) before the process ends.
    fn shutdown(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }

    /// What it adds to the answer of the health endpoint.
    fn health(&self) -> Map<String, Value> {
        Map::new()
    }

    /// Compares what its rows tell with what is there, for `slam cloud check`, and with `repair` makes them agree. The cloud is not
    /// started then.
    ///
    /// # Errors
    /// What could not be looked at or mended.
    fn check(&self, _repair: bool) -> BoxFuture<'_, AwsResult<Vec<Finding>>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    /// The URLs at which what was deployed with it answers, for people.
    fn deployed(&self) -> Vec<Deployed> {
        Vec::new()
    }
}

/// How large a request's body may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyLimit {
    /// In bytes.
    pub bytes: u64,
    /// The operation that AWS names in its refusal of a larger one, where it names any.
    pub operation: Option<&'static str>,
}

impl BodyLimit {
    /// Where AWS says nothing of it.
    pub const DEFAULT: Self = Self { bytes: 4 * 1024 * 1024, operation: None };
}

/// Something stored that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is, in words that its owner knows: `s3://bucket/key`, a file.
    pub what: String,
    /// What is wrong with it.
    pub trouble: String,
    /// What to do about it, or what was done.
    pub remedy: String,
    /// Whether that was done.
    pub mended: bool,
}

/// Something deployed that answers at a URL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deployed {
    /// The name that its owner gave it.
    pub name: String,
    /// AWS's id of it.
    pub id: String,
    /// Its stage.
    pub stage: String,
    /// The region that it was made in.
    pub region: String,
    /// Where it answers.
    pub url: String,
}
