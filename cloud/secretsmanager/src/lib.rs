//! AWS Secrets Manager.
//!
//! - [`api`]: the operations, one file per group of them.
//! - [`model`]: secrets with their versions, how requests name them, and passwords.
//! - [`store`]: secrets on disk. [`sweep`]: what is scheduled for deletion is deleted in the background.
//!
//! There is no KMS here: values lie in the cloud's data as everything else does. They are told by GetSecretValue and
//! BatchGetSecretValue alone, never by an error or a log.

mod api;
mod dialect;
mod error;
mod model;
mod store;
mod sweep;

use crate::store::SecretStore;
use futures_util::future::BoxFuture;
use slam_cloud_core::dialect::Dialect;
use slam_cloud_core::{AwsResult, Cloud, Registry, Service, ServiceModel, Store, StoreError};
use slam_cloud_wire::secretsmanager;
use std::sync::Arc;

/// The service: its secrets.
pub struct SecretsManagerService {
    cloud: Cloud,
    secrets: SecretStore,
}

/// Opens the service's state and registers its operations.
///
/// # Errors
/// When the store cannot be read.
pub fn register(
    cloud: &Cloud,
    store: &Arc<Store>,
    registry: &mut Registry,
) -> Result<Arc<SecretsManagerService>, StoreError> {
    let service = Arc::new(SecretsManagerService { cloud: cloud.clone(), secrets: SecretStore::open(store)? });
    api::register(&service, registry);
    Ok(service)
}

impl Service for SecretsManagerService {
    fn name(&self) -> &'static str {
        secretsmanager::SERVICE.name
    }

    fn models(&self) -> Vec<&'static ServiceModel> {
        vec![&secretsmanager::SERVICE]
    }

    fn dialect(&self) -> &'static Dialect {
        &dialect::DIALECT
    }

    fn start(self: Arc<Self>) -> BoxFuture<'static, AwsResult<()>> {
        sweep::start(&self);
        Box::pin(async { Ok(()) })
    }

    fn reset(&self) -> BoxFuture<'_, AwsResult<()>> {
        Box::pin(async { Ok(self.secrets.clear().await?) })
    }
}
