//! CloudWatch Logs.
//!
//! - [`api`]: the operations, one file per group of them.
//! - [`model`]: log groups, policies, how requests name groups, and the positions that tokens stand for.
//! - [`pattern`]: filter patterns, the small language of FilterLogEvents.
//! - [`store`]: streams and events in tables of their own, because they grow without bound.
//! - [`bounds`]: how much is kept. [`sweep`]: what retention has ended is deleted in the background.

mod api;
mod bounds;
mod dialect;
mod error;
mod model;
mod pattern;
mod store;
mod sweep;

use crate::error::no_such_group;
use crate::model::group::Group;
use crate::model::resource_policy::ResourcePolicy;
use crate::store::EventStore;
use bounds::Bounds;
use futures_util::future::BoxFuture;
use slam_cloud_core::collection::{Collection, Scope};
use slam_cloud_core::dialect::Dialect;
use slam_cloud_core::{AwsResult, Cloud, Context, Registry, Service, ServiceModel, Store, StoreError};
use slam_cloud_wire::logs;
use std::sync::Arc;

/// The service: its groups and policies in memory, its streams and events in the store.
pub struct LogsService {
    cloud: Cloud,
    /// The policies for a whole account and region, by name.
    policies: Collection<ResourcePolicy>,
    groups: Collection<Group>,
    events: EventStore,
    bounds: Bounds,
    /// One policy is put at a time, so that there are not too many.
    limiting: tokio::sync::Mutex<()>,
    /// One makes room at a time.
    trimming: tokio::sync::Mutex<()>,
}

/// Opens the service's state and registers its operations.
///
/// # Errors
/// When the store cannot be read.
pub fn register(cloud: &Cloud, store: &Arc<Store>, registry: &mut Registry) -> Result<Arc<LogsService>, StoreError> {
    let service = Arc::new(LogsService {
        cloud: cloud.clone(),
        policies: Collection::open(store, "logs.policies")?,
        groups: Collection::open(store, "logs.groups")?,
        events: EventStore::open(store)?,
        bounds: Bounds::of_environment(),
        limiting: tokio::sync::Mutex::default(),
        trimming: tokio::sync::Mutex::default(),
    });
    api::register(&service, registry);
    Ok(service)
}

impl LogsService {
    /// The group of that name.
    fn group(&self, context: &Context, name: &str) -> AwsResult<Arc<Group>> {
        self.groups.get(&Scope::regional(context), name).ok_or_else(no_such_group)
    }
}

impl Service for LogsService {
    fn name(&self) -> &'static str {
        logs::SERVICE.name
    }

    fn models(&self) -> Vec<&'static ServiceModel> {
        vec![&logs::SERVICE]
    }

    fn dialect(&self) -> &'static Dialect {
        &dialect::DIALECT
    }

    fn start(self: Arc<Self>) -> BoxFuture<'static, AwsResult<()>> {
        sweep::start(&self);
        Box::pin(async { Ok(()) })
    }

    fn reset(&self) -> BoxFuture<'_, AwsResult<()>> {
        Box::pin(async {
            self.policies.clear().await?;
            self.groups.clear().await?;
            Ok(self.events.clear().await?)
        })
    }
}

/// Milliseconds since 1970.
fn now() -> i64 {
    slam_cloud_core::Timestamp::now().as_millisecond()
}
