//! Amazon EventBridge Scheduler.
//!
//! - [`api`]: the operations, one file per group of them.
//! - [`model`]: groups, schedules, when they come and what they call.
//! - [`store`]: groups and schedules on disk, and which of them is next.
//! - [`timer`]: hands on what is due. [`delivery`]: calls the target, again after a pause when it has to. [`dead_letter`]: what is
//!   said of an invocation that is given up.
//! - [`deletion`]: takes the schedules of a deleted group away.
//!
//! What is due is written down as an invocation before its schedule is set to its next time, and forgotten when the target
//! has taken it: a crash in between repeats an invocation (with the same execution id) and loses none.

mod api;
mod dead_letter;
mod deletion;
mod delivery;
mod dialect;
mod error;
mod model;
mod store;
mod timer;

use crate::delivery::Deliveries;
use crate::store::SchedulerStore;
use futures_util::future::BoxFuture;
use slam_cloud_core::dialect::Dialect;
use slam_cloud_core::{AwsResult, Cloud, Registry, Service, ServiceModel, Store, StoreError};
use slam_cloud_kit::role::Roles;
use slam_cloud_wire::scheduler;
use std::sync::Arc;

/// Whom the roles of schedules must trust.
const PRINCIPAL: &str = "scheduler.amazonaws.com";

/// The service: its schedules, and the invocations under way.
pub struct SchedulerService {
    cloud: Cloud,
    store: SchedulerStore,
    deliveries: Deliveries,
    roles: Roles,
}

/// Opens the service's state and registers its operations.
///
/// # Errors
/// When the store cannot be read.
pub fn register(
    cloud: &Cloud,
    store: &Arc<Store>,
    registry: &mut Registry,
) -> Result<Arc<SchedulerService>, StoreError> {
    let service = Arc::new(SchedulerService {
        cloud: cloud.clone(),
        store: SchedulerStore::open(store)?,
        deliveries: delivery::open(cloud, store)?,
        roles: Roles::new(PRINCIPAL, "scheduler"),
    });
    api::register(&service, registry);
    Ok(service)
}

impl Service for SchedulerService {
    fn name(&self) -> &'static str {
        scheduler::SERVICE.name
    }

    fn models(&self) -> Vec<&'static ServiceModel> {
        vec![&scheduler::SERVICE]
    }

    fn dialect(&self) -> &'static Dialect {
        &dialect::DIALECT
    }

    fn start(self: Arc<Self>) -> BoxFuture<'static, AwsResult<()>> {
        delivery::start(&self);
        deletion::resume(&self);
        timer::start(&self);
        Box::pin(async { Ok(()) })
    }

    fn reset(&self) -> BoxFuture<'_, AwsResult<()>> {
        Box::pin(async {
            self.store.clear().await?;
            self.deliveries.clear().await?;
            self.roles.clear();
            Ok(())
        })
    }
}
