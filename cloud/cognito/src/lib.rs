//! Amazon Cognito user pools.
//!
//! - [`api`]: the operations, one file per group of them.
//! - [`model`]: pools, their app clients, users and groups. [`store`]: where they are kept.
//! - [`srp`]: passwords that are proved without being sent. [`tokens`]: what whoever signs in is given.
//! - [`new_user`]: users as they are made. [`sign_in`]: from a flow to tokens.
//! - [`messages`]: what mail and text messages would tell users.
//! - [`plane`]: the documents below a pool's issuer.
//!
//! Operations that users call for themselves have no signature: what they are proves who calls, an access token, a password or
//! a code. A pool is found by the client's id or by the token then, wherever it is.

mod api;
mod dialect;
mod error;
mod messages;
mod model;
mod new_user;
mod plane;
mod sign_in;
mod srp;
mod store;
mod tokens;

use crate::messages::Messages;
use crate::plane::{Documents, Outbox};
use crate::sign_in::spent::Spent;
use crate::store::Pools;
use crate::tokens::keys::Keys;
use futures_util::future::BoxFuture;
use slam_cloud_core::dialect::Dialect;
use slam_cloud_core::plane::Plane;
use slam_cloud_core::{AwsResult, Cloud, Registry, Service, ServiceModel, Store, StoreError, Timestamp};
use slam_cloud_wire::cognito;
use std::sync::Arc;

/// The service: its pools with all that is in them.
pub struct CognitoService {
    cloud: Cloud,
    pools: Pools,
    keys: Keys,
    messages: Messages,
    spent: Spent,
}

/// Opens the service's state and registers its operations.
///
/// # Errors
/// When the store cannot be read.
pub fn register(cloud: &Cloud, store: &Arc<Store>, registry: &mut Registry) -> Result<Arc<CognitoService>, StoreError> {
    let service = Arc::new(CognitoService {
        cloud: cloud.clone(),
        pools: Pools::open(store)?,
        keys: Keys::open(store)?,
        messages: Messages::default(),
        spent: Spent::default(),
    });
    api::register(&service, registry);
    Ok(service)
}

impl CognitoService {
    fn now(&self) -> Timestamp {
        self.cloud.clock().now()
    }
}

impl Service for CognitoService {
    fn name(&self) -> &'static str {
        cognito::SERVICE.name
    }

    fn models(&self) -> Vec<&'static ServiceModel> {
        vec![&cognito::SERVICE]
    }

    fn dialect(&self) -> &'static Dialect {
        &dialect::DIALECT
    }

    fn planes(self: Arc<Self>) -> Vec<Arc<dyn Plane>> {
        vec![Arc::new(Documents(Arc::clone(&self))), Arc::new(Outbox(self))]
    }

    fn reset(&self) -> BoxFuture<'_, AwsResult<()>> {
        Box::pin(async {
            self.messages.clear();
            self.pools.clear().await?;
            Ok(self.keys.clear().await?)
        })
    }

    fn start(self: Arc<Self>) -> BoxFuture<'static, AwsResult<()>> {
        Box::pin(async move {
            self.pools.sweep().await?;
            Ok(self.keys.sweep(&self.pools).await?)
        })
    }
}
