//! What Lambda keeps in the store.

use crate::invoke::PendingEvent;
use crate::model::Function;
use slam_cloud_core::collection::{Collection, Scope};
use slam_cloud_core::{AwsResult, Store, StoreError};
use std::collections::HashSet;
use std::sync::Arc;

/// Lambda's collections.
pub struct LambdaStore {
    /// Functions by name.
    pub functions: Collection<Function>,
    /// Asynchronous invocations that are not done, by their own id.
    pub events: Collection<PendingEvent>,
}

impl LambdaStore {
    /// Opens the collections.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open(store: &Arc<Store>) -> Result<Self, StoreError> {
        Ok(Self {
            functions: Collection::open(store, "lambda_functions")?,
            events: Collection::open(store, "lambda_events")?,
        })
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// When that cannot be committed.
    pub async fn clear(&self) -> AwsResult<()> {
        self.functions.clear().await?;
        self.events.clear().await?;
        Ok(())
    }

    /// The hashes of all packages that any version of any function needs.
    pub fn packages(&self) -> HashSet<String> {
        let functions = self.functions.all();
        functions.iter().flat_map(|(_, _, function)| function.packages()).map(str::to_owned).collect()
    }

    /// The concurrency that the functions of a scope have reserved, without the one named.
    pub fn reserved(&self, scope: &Scope, without: Option<&str>) -> i64 {
        let functions = self.functions.list(scope);
        functions
            .iter()
            .filter(|(name, _)| Some(name.as_str()) != without)
            .filter_map(|(_, function)| function.reserved_concurrency)
            .sum()
    }
}
