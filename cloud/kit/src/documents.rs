//! Documents that belong to another, under `owner/id`: the deployments and stages of an API, which are as large as it or change
//! apart from it, what a usage plan counts, the users of a pool.

use serde::Serialize;
use serde::de::DeserializeOwned;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Collection, StoreError};
use std::sync::Arc;

/// The id of a document of this owner.
pub fn key(owner: &str, id: &str) -> String {
    format!("{owner}/{id}")
}

/// The documents of an owner with their ids, in the order of these.
pub fn under<T>(
    collection: &Collection<T>,
    scope: &Scope,
    owner: &str,
) -> impl Iterator<Item = (String, Arc<T>)> + use<T>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let prefix = key(owner, "");
    collection.list(scope).into_iter().filter(move |(id, _)| id.starts_with(&prefix))
}

/// Deletes the documents of an owner.
///
/// # Errors
/// When the store cannot be written.
pub async fn sweep<T>(collection: &Collection<T>, scope: &Scope, owner: &str) -> Result<(), StoreError>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    for (id, _) in under(collection, scope, owner) {
        collection.remove(scope, &id).await?;
    }
    Ok(())
}

/// Deletes the documents whose owners are gone: a deletion that was cut short has left them behind.
///
/// # Errors
/// When the store cannot be written.
pub async fn sweep_orphans<T, O>(collection: &Collection<T>, owners: &Collection<O>) -> Result<(), StoreError>
where
    T: Serialize + DeserializeOwned + Send + Sync + 'static,
    O: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    for (scope, id, _) in collection.all() {
        let owner = id.split('/').next().unwrap_or_default();
        if owners.get(&scope, owner).is_none() {
            collection.remove(&scope, &id).await?;
        }
    }
    Ok(())
}
