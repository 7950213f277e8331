//! IAM and STS of the embedded cloud: who somebody is, and what they may do.
//!
//! - [`policy`]: the policy language, pure.
//! - [`authorizer`]: gathers the policies that bear on a call and decides ([`slam_cloud_core::Authorizer`]).
//! - [`credential`]: access keys, from the installation's root key to a function's session.
//! - [`model`]: roles, users, groups, managed policies. [`store`]: where they are kept.
//! - [`managed`]: AWS's own managed policies.
//! - `api`: the operations, one file per group.

mod api;
mod authorizer;
mod credential;
mod dialect;
mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
mod managed;
mod model;
mod policy;
mod store;

use authorizer::Decisions;
use futures_util::future::BoxFuture;
use slam_cloud_core::dialect::Dialect;
use slam_cloud_core::{AwsResult, Cloud, Registry, Service, ServiceModel, Settings, Store, StoreError};
use slam_cloud_wire as wire;
use std::sync::Arc;
use store::Collections;

/// The service.
pub struct Iam {
    settings: Settings,
    collections: Collections,
    decisions: Decisions,
    uses: credential::Uses,
}

/// Opens IAM and STS, registers their operations and makes IAM the one who decides.
///
/// # Errors
/// When what was stored cannot be read.
pub fn register(cloud: &Cloud, store: &Arc<Store>, registry: &mut Registry) -> Result<Arc<Iam>, StoreError> {
    let iam = Arc::new(Iam {
        settings: cloud.settings().clone(),
        collections: Collections::open(store)?,
        decisions: Decisions::default(),
        uses: credential::Uses::default(),
    });
    registry.authorizer(Arc::<Iam>::clone(&iam));
    registry.keys(Arc::<Iam>::clone(&iam));
    api::register(&iam, registry);
    Ok(iam)
}

impl Service for Iam {
    fn name(&self) -> &'static str {
        "iam"
    }

    fn models(&self) -> Vec<&'static ServiceModel> {
        vec![&wire::iam::SERVICE, &wire::sts::SERVICE]
    }

    fn dialect(&self) -> &'static Dialect {
        &dialect::DIALECT
    }

    fn reset(&self) -> BoxFuture<'_, AwsResult<()>> {
        Box::pin(async {
            let _change = self.change().await;
            Ok(self.collections.clear().await?)
        })
    }
}
