//! Amazon SNS: standard and FIFO topics, and their subscriptions.
//!
//! - [`api`]: the operations, one file per group of them.
//! - [`model`]: topics, subscriptions, messages, and how AWS names and checks them.
//! - [`store`]: topics and subscriptions on disk. [`publications`]: messages that not everybody has yet, in tables of their own.
//! - [`delivery`]: to queues, functions and servers. [`signing`]: signatures of what they get.
//! - [`plane`]: the links in it, which need no signature. [`sweep`]: what is over is deleted in the background.
//! - [`dialect`]: how SNS says what is wrong.
//!
//! Other services publish through the door, as everybody does: `cloud.call(context, sns::Publish { … })`.

mod api;
mod delivery;
mod dialect;
mod error;
mod model;
mod plane;
mod publications;
mod signing;
mod store;
mod sweep;

use crate::delivery::Deliveries;
use crate::model::sms_attributes::SmsAttributes;
use crate::publications::Publications;
use crate::signing::Signing;
use crate::store::TopicStore;
use futures_util::future::BoxFuture;
use slam_cloud_core::collection::Collection;
use slam_cloud_core::dialect::Dialect;
use slam_cloud_core::plane::Plane;
use slam_cloud_core::{AwsResult, Cloud, Registry, Service, ServiceModel, Store, StoreError};
use slam_cloud_wire::sns;
use std::sync::Arc;

/// The id of a region's settings of SMS.
const SETTINGS: &str = "settings";

/// The service: its topics in memory, its messages in the store.
pub struct SnsService {
    cloud: Cloud,
    topics: TopicStore,
    /// One for each region, [`SETTINGS`].
    sms: Collection<SmsAttributes>,
    publications: Publications,
    deliveries: Deliveries,
    signing: Signing,
}

/// Opens the service's state and registers its operations.
///
/// # Errors
/// When the store cannot be read.
pub fn register(cloud: &Cloud, store: &Arc<Store>, registry: &mut Registry) -> Result<Arc<SnsService>, StoreError> {
    let service = Arc::new(SnsService {
        cloud: cloud.clone(),
        topics: TopicStore::open(store)?,
        sms: Collection::open(store, "sns.sms")?,
        publications: Publications::open(store, cloud.clock())?,
        deliveries: Deliveries::new(cloud),
        signing: Signing::new(cloud.settings()),
    });
    api::register(&service, registry);
    Ok(service)
}

impl SnsService {
    /// The time, in milliseconds since 1970.
    fn now(&self) -> i64 {
        self.cloud.clock().now_ms()
    }
}

impl Service for SnsService {
    fn name(&self) -> &'static str {
        sns::SERVICE.name
    }

    fn models(&self) -> Vec<&'static ServiceModel> {
        vec![&sns::SERVICE]
    }

    fn dialect(&self) -> &'static Dialect {
        &dialect::DIALECT
    }

    fn planes(self: Arc<Self>) -> Vec<Arc<dyn Plane>> {
        vec![Arc::new(plane::Links::new(self))]
    }

    fn start(self: Arc<Self>) -> BoxFuture<'static, AwsResult<()>> {
        delivery::start(&self);
        sweep::start(&self);
        Box::pin(async { Ok(()) })
    }

    fn reset(&self) -> BoxFuture<'_, AwsResult<()>> {
        Box::pin(async {
            self.topics.clear().await?;
            self.sms.clear().await?;
            self.publications.clear().await?;
            self.deliveries.clear();
            Ok(())
        })
    }
}
