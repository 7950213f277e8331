//! S3, through the wire layer of `s3s` and on a backend of our own.
//!
//! - [`http`]: what stands around s3s: bodies decoded, hosts read, CORS, AWS's headers.
//! - [`api`]: the operations, one file per group of them, in s3s's shapes.
//! - [`call`]: what stands beside an operation's input and output.
//! - [`model`]: buckets, versions, checksums, conditions, policies, lifecycle rules.
//! - [`store`]: versions and uploads in tables. [`bodies`]: their bytes in files.
//! - [`backend`]: what the operations work on. `sweep`: lifecycle rules executed, left-overs removed.
//! - `notify`: who is told of what happens to objects.
//! - `check`: whether every object has its body.

mod api;
mod backend;
mod bodies;
mod call;
mod check;
mod error;
mod http;
mod model;
mod notify;
mod store;
mod sweep;

pub use s3s::Body;

use crate::backend::Backend;
use futures_util::future::BoxFuture;
use slam_cloud_core::plane::Plane;
use slam_cloud_core::service::Finding;
use slam_cloud_core::{AwsResult, Cloud, Registry, Service, ServiceModel, Store, StoreError};
use std::sync::Arc;

/// The service's name in calls and signatures.
pub const NAME: &str = "s3";

/// The service: its face to HTTP.
pub struct S3Service {
    cloud: Cloud,
    backend: Arc<Backend>,
    wire: s3s::service::S3Service,
}

/// Opens the service's state and registers its operations for calls from inside; HTTP enters by its plane.
///
/// # Errors
/// When the store or the folder of bodies cannot be opened.
pub fn register(cloud: &Cloud, store: &Arc<Store>, registry: &mut Registry) -> Result<Arc<S3Service>, StoreError> {
    let backend = Arc::new(Backend::open(cloud, store)?);
    let wire = http::wire(&backend);
    let service = Arc::new(S3Service { cloud: cloud.clone(), backend, wire });
    api::register(&service, registry);
    Ok(service)
}

impl Service for S3Service {
    fn name(&self) -> &'static str {
        NAME
    }

    /// None: the wire is s3s'.
    fn models(&self) -> Vec<&'static ServiceModel> {
        Vec::new()
    }

    fn planes(self: Arc<Self>) -> Vec<Arc<dyn Plane>> {
        vec![Arc::new(http::S3Plane::new(self))]
    }

    fn start(self: Arc<Self>) -> BoxFuture<'static, AwsResult<()>> {
        sweep::start(&self.backend);
        self.backend.notifier.start();
        Box::pin(async { Ok(()) })
    }

    fn check(&self, repair: bool) -> BoxFuture<'_, AwsResult<Vec<Finding>>> {
        Box::pin(async move { check::check(&self.backend, repair).await.map_err(Into::into) })
    }

    fn reset(&self) -> BoxFuture<'_, AwsResult<()>> {
        Box::pin(self.backend.clear())
    }
}
