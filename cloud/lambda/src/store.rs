//! What Lambda keeps in the store.

use crate::model::checkpoint::Checkpoint;
use crate::model::{Function, Layer, Mapping};
use slam_cloud_core::collection::{Collection, Scope};
use slam_cloud_core::{AwsResult, Store, StoreError};
use std::collections::HashSet;
use std::sync::Arc;

/// Lambda's collections.
pub struct LambdaStore {
    /// Functions by name.
    pub functions: Collection<Function>,
    /// Layers by name.
    pub layers: Collection<Layer>,
    /// Event source mappings by UUID.
    pub mappings: Collection<Mapping>,
    /// How far they have come in streams, by the mappings' UUIDs.
    pub checkpoints: Collection<Checkpoint>,
}

impl LambdaStore {
    /// Opens the collections.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open(store: &Arc<Store>) -> Result<Self, StoreError> {
        Ok(Self {
            functions: Collection::renamed(store, "lambda.functions", "lambda_functions")?,
            layers: Collection::renamed(store, "lambda.layers", "lambda_layers")?,
            mappings: Collection::open(store, "lambda.mappings")?,
            checkpoints: Collection::open(store, "lambda.checkpoints")?,
        })
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// When that cannot be committed.
    pub async fn clear(&self) -> AwsResult<()> {
        self.functions.clear().await?;
        self.layers.clear().await?;
        self.mappings.clear().await?;
        self.checkpoints.clear().await?;
        Ok(())
    }

    /// The hashes of all packages that any version of any function or layer needs.
    pub fn packages(&self) -> HashSet<String> {
        let (functions, layers) = (self.functions.all(), self.layers.all());
        let layers = layers.iter().flat_map(|(_, _, layer)| layer.versions.values());
        let functions = functions.iter().flat_map(|(_, _, function)| function.packages());
        functions.chain(layers.map(|version| version.code.hash.clone())).collect()
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
