//! DynamoDB and DynamoDB Streams of the embedded cloud, on the embeddable engine `dynoxide`.
//!
//! The engine knows tables, items, expressions, PartiQL and streams. Around it stands what it leaves out:
//!
//! - [`engine`]: one database per account and region, kept off the reactor; requests and answers in AWS's JSON.
//! - [`access`]: what permissions a request needs, down to the leading keys.
//! - [`partiql`]: what PartiQL's statements touch and write.
//! - [`names`]: the ARNs of this account and region, which the engine does not know.
//! - [`model`], [`store`]: settings of tables that the engine does not keep. [`model::description`]: tables as AWS
//!   describes them.
//! - [`endpoint`]: what arrives at DynamoDB's endpoint and is no operation. `api`: the operations.

mod access;
mod api;
mod dialect;
mod endpoint;
mod engine;
mod error;
mod expression;
#[cfg(fuzzing)]
pub mod fuzzing;
mod model;
mod names;
mod partiql;
mod store;

use engine::{Engines, Files};
use futures_util::future::BoxFuture;
use http::request::Parts;
use slam_cloud_core::dialect::Dialect;
use slam_cloud_core::plane::Plane;
use slam_cloud_core::service::{BodyLimit, Finding};
use slam_cloud_core::{AwsResult, Cloud, Registry, Service, ServiceModel, Store, StoreError};
use slam_cloud_wire as wire;
use std::sync::Arc;
use store::Tables;

/// The service.
pub struct DynamoDb {
    cloud: Cloud,
    engines: Engines,
    tables: Tables,
}

/// Opens DynamoDB and registers its operations and those of DynamoDB Streams.
///
/// # Errors
/// When what was stored cannot be read.
pub fn register(cloud: &Cloud, store: &Arc<Store>, registry: &mut Registry) -> Result<Arc<DynamoDb>, StoreError> {
    let service = Arc::new(DynamoDb {
        cloud: cloud.clone(),
        engines: Engines::new(Files::open(cloud.settings().data.join("dynamodb"), store)?, store.durability()),
        tables: Tables::open(store)?,
    });
    api::register(&service, registry);
    Ok(service)
}

impl Service for DynamoDb {
    fn name(&self) -> &'static str {
        "dynamodb"
    }

    fn models(&self) -> Vec<&'static ServiceModel> {
        vec![&wire::dynamodb::SERVICE, &wire::dynamodbstreams::SERVICE]
    }

    fn dialect(&self) -> &'static Dialect {
        &dialect::DIALECT
    }

    /// BatchWriteItem's 16 MB.
    fn body_limit(&self, _: &Parts) -> BodyLimit {
        BodyLimit { bytes: 16 * 1024 * 1024, operation: None }
    }

    fn planes(self: Arc<Self>) -> Vec<Arc<dyn Plane>> {
        vec![Arc::new(endpoint::EndpointPlane::new(self))]
    }

    fn check(&self, repair: bool) -> BoxFuture<'_, AwsResult<Vec<Finding>>> {
        Box::pin(self.engines.check(repair))
    }

    fn reset(&self) -> BoxFuture<'_, AwsResult<()>> {
        Box::pin(async {
            self.engines.reset().await?;
            Ok(self.tables.clear().await?)
        })
    }

    fn shutdown(&self) -> BoxFuture<'_, ()> {
        Box::pin(async { self.engines.close().await })
    }
}
