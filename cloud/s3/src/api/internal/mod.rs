//! The operations for calls from other services, in the generated shapes.
//!
//! Permissions come from the same table as for HTTP: the door is asked by [`Internal::add`], with the bucket's policy and owner,
//! which an access function could not bring along.

pub mod buckets;
pub mod objects;

use crate::S3Service;
use crate::api::access::{Target, authorize};
use crate::backend::Backend;
use crate::call::Brought;
use crate::call::Call;
use crate::error::{Answer, Fault};
use ::http::{HeaderMap, HeaderName, HeaderValue};
use slam_cloud_core::{AwsError, Context, Operation, Operations};
use std::sync::Arc;

/// What an operation is about.
#[derive(Default)]
struct Place {
    bucket: String,
    key: Option<String>,
    version: Option<String>,
    tagging: Option<String>,
}

impl Place {
    fn bucket(name: &str) -> Self {
        Self { bucket: name.to_owned(), ..Self::default() }
    }

    fn object(bucket: &str, key: &str, version: Option<&String>) -> Self {
        Self { key: Some(key.to_owned()), version: version.cloned(), ..Self::bucket(bucket) }
    }
}

/// The operations on their way to the door.
pub struct Internal<'a>(pub(super) Operations<'a, S3Service>);

impl Internal<'_> {
    /// Adds an operation: where it acts, and what it does once that is allowed. The bucket decides by its policy and
    /// owner, which the handler looks up, so it is the handler that asks the door.
    fn add<O, F, R>(&mut self, place: fn(&O) -> Place, handler: F) -> &mut Self
    where
        O: Operation,
        F: Fn(Arc<Backend>, Call, O) -> R + Copy + Send + Sync + 'static,
        R: Future<Output = Answer<O::Output>> + Send,
    {
        let act = move |service: Arc<S3Service>, context: Context, input: O| async move {
            let (backend, place) = (Arc::clone(&service.backend), place(&input));
            let mut headers = HeaderMap::new();
            if let Some(Ok(tagging)) = place.tagging.as_deref().map(HeaderValue::from_str) {
                headers.insert(HeaderName::from_static("x-amz-tagging"), tagging);
            }
            let query: Vec<_> = place.version.into_iter().map(|version| ("versionId".to_owned(), version)).collect();
            let (bucket, key) = (Some(place.bucket.as_str()), place.key.as_deref());
            let target = Target { bucket, key, query: &query, headers: &headers, brought: &Brought::default() };
            authorize(&backend, &context, O::MODEL.name, &target).await?;
            handler(backend, Call::new(context), input).await.map_err(AwsError::from)
        };
        self.0.inside::<O>(|_, _, _| Vec::new(), act);
        self
    }
}

/// Refuses the first parameter that is given but not supported, by its name.
fn refuse(operation: &str, parameters: &[(&str, bool)]) -> Answer<()> {
    match parameters.iter().find(|(_, given)| *given) {
        Some((name, _)) => Err(Fault::unsupported(format_args!("the parameter {name} of {operation}"))),
        None => Ok(()),
    }
}

/// `ExpectedBucketOwner`
fn check_owner(backend: &Backend, bucket: &str, expected: Option<&String>) -> Answer<()> {
    match (backend.find_bucket(bucket), expected) {
        (Some(bucket), Some(expected)) if bucket.owner != *expected => Err(crate::backend::access_denied()),
        _ => Ok(()),
    }
}

/// A number that s3s keeps in 32 bits.
fn narrow(number: Option<i64>, name: &str) -> Answer<Option<i32>> {
    number
        .map(|number| {
            i32::try_from(number).map_err(|_| Fault::invalid_request(format!("{name} is out of range: {number}")))
        })
        .transpose()
}
