//! AWS Systems Manager's Parameter Store.
//!
//! - [`api`]: the operations, one file per group of them.
//! - [`model`]: parameters with their versions, how requests name them, and what filters ask of them.
//! - [`store`]: parameters on disk.
//!
//! There is no KMS here: the value of a SecureString lies in the cloud's data as any other value does. What is answered
//! without `WithDecryption` is a text made at random, which tells nothing of it.

mod api;
mod error;
mod model;
mod store;

use crate::store::ParameterStore;
use futures_util::future::BoxFuture;
use slam_cloud_core::{AwsResult, Cloud, Registry, Service, ServiceModel, Store, StoreError};
use slam_cloud_wire::ssm;
use std::sync::Arc;

/// The service: its parameters.
pub struct SsmService {
    cloud: Cloud,
    parameters: ParameterStore,
}

/// Opens the service's state and registers its operations.
///
/// # Errors
/// When the store cannot be read.
pub fn register(cloud: &Cloud, store: &Arc<Store>, registry: &mut Registry) -> Result<Arc<SsmService>, StoreError> {
    let service = Arc::new(SsmService { cloud: cloud.clone(), parameters: ParameterStore::open(store)? });
    api::register(&service, registry);
    Ok(service)
}

impl Service for SsmService {
    fn name(&self) -> &'static str {
        ssm::SERVICE.name
    }

    fn models(&self) -> Vec<&'static ServiceModel> {
        vec![&ssm::SERVICE]
    }

    fn reset(&self) -> BoxFuture<'_, AwsResult<()>> {
        Box::pin(async { Ok(self.parameters.clear().await?) })
    }
}
