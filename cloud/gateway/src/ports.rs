//! The loopback ports that APIs have for themselves.

use crate::plane::{Apis, DataPlane};
use serde::Serialize;
use serde::de::DeserializeOwned;
use slam_cloud_core::{AwsResult, Cloud, Collection, StoreError};
use std::sync::Arc;

/// Opens a port for an API. Without one the API is still reached by the cloud's own port.
pub async fn open<S: Apis>(service: &Arc<S>, api_id: &str, preferred: Option<u16>) -> Option<u16> {
    let plane = Arc::new(DataPlane::new(Arc::clone(service)));
    let opened = service.cloud().ports().open(api_id, preferred, plane).await;
    if let Err(error) = &opened {
        tracing::warn!(api = api_id, %error, "the API gets no port of its own");
    }
    opened.ok()
}

/// Opens the ports of all APIs, each at its number if that is free. `port` is where an API's is kept.
///
/// # Errors
/// When the store cannot be written.
pub async fn open_all<S, T>(
    service: &Arc<S>,
    apis: &Collection<T>,
    port: impl Fn(&mut T) -> &mut Option<u16>,
) -> AwsResult<()>
where
    S: Apis,
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    for (scope, id, api) in apis.all() {
        let kept = *port(&mut T::clone(&api));
        let opened = open(service, &id, kept).await;
        if opened != kept {
            // Of the API as it is now: it may have been changed since.
            let moved = |api: &T| {
                let mut api = api.clone();
                *port(&mut api) = opened;
                api
            };
            apis.update::<StoreError>(&scope, &id, |api| Ok(api.map(moved))).await?;
        }
    }
    Ok(())
}

/// Closes the ports of all APIs.
pub async fn close_all<T>(cloud: &Cloud, apis: &Collection<T>)
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    for (_, id, _) in apis.all() {
        cloud.ports().close(&id).await;
    }
}

/// The URL that an API's stages are below: at its own port, or by a path that needs no name resolution.
pub fn url(cloud: &Cloud, api_id: &str) -> String {
    match cloud.ports().of(api_id) {
        Some(port) => format!("http://localhost:{port}"),
        None => format!("http://localhost:{}/_aws/execute-api/{api_id}", cloud.settings().port),
    }
}
