//! Amazon SQS: standard and FIFO queues.
//!
//! - [`api`]: the operations, one file per group of them.
//! - [`model`]: queues, their attributes and policies, messages, and how AWS names and checks them.
//! - [`store`]: queues on disk. [`messages`]: their messages, in tables of their own.
//! - [`tasks`]: what moves messages out of dead-letter queues. [`sweep`]: what is too old is deleted in the background.
//! - [`dialect`]: how SQS says what is wrong, in both of its protocols.
//!
//! Other services send, receive and delete through the door, as everybody does: `cloud.call(context, sqs::SendMessage { … })`.
//! A ReceiveMessage that waits costs nothing until there is a message.

mod api;
mod dialect;
mod error;
mod messages;
mod model;
mod store;
mod sweep;
mod tasks;

use crate::messages::Messages;
use crate::store::QueueStore;
use futures_util::future::BoxFuture;
use slam_cloud_core::dialect::Dialect;
use slam_cloud_core::{AwsResult, Cloud, Registry, Service, ServiceModel, Store, StoreError};
use slam_cloud_wire::sqs;
use std::sync::Arc;

/// The service: its queues in memory, its messages in the store.
pub struct SqsService {
    cloud: Cloud,
    queues: Arc<QueueStore>,
    messages: Messages,
    /// One move task is started at a time.
    starting: tokio::sync::Mutex<()>,
}

/// Opens the service's state and registers its operations.
///
/// # Errors
/// When the store cannot be read.
pub fn register(cloud: &Cloud, store: &Arc<Store>, registry: &mut Registry) -> Result<Arc<SqsService>, StoreError> {
    let service = Arc::new(SqsService {
        cloud: cloud.clone(),
        queues: Arc::new(QueueStore::open(store)?),
        messages: Messages::open(store, cloud.clock())?,
        starting: tokio::sync::Mutex::default(),
    });
    api::register(&service, registry);
    Ok(service)
}

impl SqsService {
    /// The time, in milliseconds since 1970.
    fn now(&self) -> i64 {
        self.cloud.clock().now_ms()
    }
}

impl Service for SqsService {
    fn name(&self) -> &'static str {
        sqs::SERVICE.name
    }

    fn models(&self) -> Vec<&'static ServiceModel> {
        vec![&sqs::SERVICE]
    }

    fn dialect(&self) -> &'static Dialect {
        &dialect::DIALECT
    }

    fn start(self: Arc<Self>) -> BoxFuture<'static, AwsResult<()>> {
        sweep::start(&self);
        tasks::resume(&self);
        Box::pin(async { Ok(()) })
    }

    fn reset(&self) -> BoxFuture<'_, AwsResult<()>> {
        Box::pin(async {
            self.queues.clear().await?;
            Ok(self.messages.clear_all().await?)
        })
    }

    fn hurry(&self) {
        self.messages.waiting().close();
    }
}
