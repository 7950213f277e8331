//! Amazon EventBridge.
//!
//! - [`api`]: the operations, one file per group of them. [`bus_access`]: the permissions on buses.
//! - [`model`]: buses, rules, targets, events and what targets are given of them, archives.
//! - [`store`]: buses and rules on disk, and the rules as events meet them.
//! - [`taking`]: matches events and stores them with whom they are for. [`waiting`]: what is stored of that, and whose turn it is.
//! - [`archived`]: archives on disk. [`replaying`]: their events come again.
//! - [`outbound`]: invokes API destinations, with what their connections say.
//! - [`delivery`]: calls targets, again after a pause when it has to. [`timer`]: rules that come by themselves.
//!
//! What was accepted is durable: PutEvents answers when the deliveries are stored, in one transaction, and a delivery is forgotten when
//! its target has taken it.

mod api;
mod archived;
mod bus_access;
mod delivery;
mod dialect;
mod error;
mod model;
mod outbound;
mod replaying;
mod store;
mod taking;
mod timer;
mod waiting;

use crate::archived::Archives;
use crate::outbound::Outbound;
use crate::store::EventsStore;
use crate::waiting::Waiting;
use futures_util::future::BoxFuture;
use slam_cloud_core::dialect::Dialect;
use slam_cloud_core::{AwsResult, Cloud, Registry, Service, ServiceModel, Store, StoreError};
use slam_cloud_kit::role::Roles;
use slam_cloud_wire::events;
use std::sync::Arc;

/// As whom EventBridge calls targets, and whom their roles must trust.
const PRINCIPAL: &str = "events.amazonaws.com";

/// The service: its buses and rules, and the deliveries under way.
pub struct EventsService {
    cloud: Cloud,
    store: EventsStore,
    archives: Archives,
    waiting: Waiting,
    outbound: Outbound,
    roles: Roles,
}

/// Opens the service's state and registers its operations.
///
/// # Errors
/// When the store cannot be read.
pub fn register(cloud: &Cloud, store: &Arc<Store>, registry: &mut Registry) -> Result<Arc<EventsService>, StoreError> {
    let service = Arc::new(EventsService {
        cloud: cloud.clone(),
        store: EventsStore::open(store)?,
        archives: Archives::open(store, cloud.clock())?,
        waiting: Waiting::open(store, cloud.clock())?,
        outbound: Outbound::open(cloud, store)?,
        roles: Roles::new(PRINCIPAL, "events"),
    });
    service.outbound.continue_from(service.waiting.turns()?);
    api::register(&service, registry);
    Ok(service)
}

impl Service for EventsService {
    fn name(&self) -> &'static str {
        events::SERVICE.name
    }

    fn models(&self) -> Vec<&'static ServiceModel> {
        vec![&events::SERVICE]
    }

    fn dialect(&self) -> &'static Dialect {
        &dialect::DIALECT
    }

    fn start(self: Arc<Self>) -> BoxFuture<'static, AwsResult<()>> {
        delivery::start(&self);
        timer::start(&self);
        replaying::resume(&self);
        archived::start_sweep(&self);
        outbound::states::resume(&self);
        Box::pin(async { Ok(()) })
    }

    fn reset(&self) -> BoxFuture<'_, AwsResult<()>> {
        Box::pin(async {
            self.store.clear().await?;
            self.archives.clear().await?;
            self.waiting.clear().await?;
            self.outbound.clear().await?;
            self.roles.clear();
            Ok(())
        })
    }
}
