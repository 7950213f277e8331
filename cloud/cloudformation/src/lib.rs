//! CloudFormation: templates become stacks of the other services' resources.
//!
//! - [`template`]: text to a checked template; intrinsic functions; references.
//! - [`registry`]: AWS's own schemas of the resource types.
//! - [`stack`]: operations on stacks, durable and in parallel.
//! - [`resources`]: one provider per resource type, calling its service through the door.
//! - [`api`]: the operations. [`model`], [`store`]: what is kept.

mod api;
mod dialect;
mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
mod model;
mod registry;
pub mod resources;
mod stack;
mod store;
mod template;

use futures_util::future::BoxFuture;
use slam_cloud_core::dialect::Dialect;
use slam_cloud_core::{AwsResult, Cloud, Registry, Service, ServiceModel, Store, StoreError};
use slam_cloud_wire::cloudformation as wire;
use std::sync::Arc;
use store::StackStore;

/// The service.
pub struct CloudFormation {
    engine: Arc<stack::Engine>,
    /// Requests that begin an operation decide one after the other.
    admission: tokio::sync::Mutex<()>,
}

impl Service for CloudFormation {
    fn name(&self) -> &'static str {
        wire::SERVICE.name
    }

    fn models(&self) -> Vec<&'static ServiceModel> {
        vec![&wire::SERVICE]
    }

    fn dialect(&self) -> &'static Dialect {
        &dialect::DIALECT
    }

    /// Takes up the operations that the last process left in the middle.
    fn start(self: Arc<Self>) -> BoxFuture<'static, AwsResult<()>> {
        self.engine.resume();
        Box::pin(async { Ok(()) })
    }

    fn reset(&self) -> BoxFuture<'_, AwsResult<()>> {
        Box::pin(async {
            self.engine.abort_all();
            Ok(self.engine.store.clear().await?)
        })
    }

    fn shutdown(&self) -> BoxFuture<'_, ()> {
        Box::pin(async { self.engine.abort_all() })
    }
}

/// Opens the tables and registers every operation.
///
/// # Errors
/// When the tables cannot be opened.
pub fn register(cloud: &Cloud, store: &Arc<Store>, registry: &mut Registry) -> Result<Arc<CloudFormation>, StoreError> {
    let engine = stack::Engine::new(cloud.clone(), StackStore::open(store)?);
    let service = Arc::new(CloudFormation { engine, admission: tokio::sync::Mutex::default() });
    api::register(&service, registry);
    Ok(service)
}
