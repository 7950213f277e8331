//! S3, through the wire layer of `s3s` and on a backend of our own.
//!
//! - [`http`]: what stands around s3s: bodies decoded, hosts read, CORS, who may do what, AWS's headers.
//! - [`api`]: the operations, one file per group of them, in s3s's shapes.
//! - `internal`: the same operations in the generated shapes, for calls from other services.
//! - [`model`]: buckets, versions, checksums, conditions, policies, lifecycle rules.
//! - [`store`]: versions and uploads in tables. [`bodies`]: their bytes in files.
//! - [`backend`]: what the operations work on. `sweep`: lifecycle rules executed, left-overs removed.

pub mod api;
pub mod backend;
pub mod bodies;
pub mod fault;
pub mod http;
mod internal;
pub mod model;
pub mod store;
mod sweep;

pub use crate::http::Secrets;
pub use s3s::Body;

use crate::backend::Backend;
use slam_cloud_core::{AwsResult, Cloud, Registry, Service, Store, StoreError};
use std::pin::Pin;
use std::sync::Arc;

/// The service's name in calls and signatures.
pub const NAME: &str = "s3";

/// The service: its face to HTTP.
pub struct S3Service {
    backend: Arc<Backend>,
    wire: s3s::service::S3Service,
    secrets: Secrets,
}

/// Opens the service's state and registers its operations for calls from inside; HTTP enters by
/// [`S3Service::handle`]. `secrets` finds the secret of an access key, with which signed chunks are verified; chunks
/// of a key without a known secret (in open mode) are taken unverified.
///
/// # Errors
/// When the store or the folder of bodies cannot be opened.
pub fn register(
    cloud: &Cloud,
    store: &Arc<Store>,
    registry: &mut Registry,
    secrets: Secrets,
) -> Result<Arc<S3Service>, StoreError> {
    let backend = Arc::new(Backend::open(cloud, store)?);
    sweep::start(&backend);
    internal::register(&backend, registry);
    let wire = http::wire(&backend);
    let service = Arc::new(S3Service { backend, wire, secrets });
    registry.foreign_service(service.clone());
    Ok(service)
}

impl Service for S3Service {
    fn name(&self) -> &'static str {
        NAME
    }

    fn reset(&self) -> Pin<Box<dyn Future<Output = AwsResult<()>> + Send + '_>> {
        Box::pin(self.backend.clear())
    }
}
