//! Parameters on disk: a document each, with its versions, of which there are at most a hundred.

use crate::error::no_such_parameter;
use crate::model::parameter::Parameter;
use slam_cloud_core::collection::{Collection, Scope};
use slam_cloud_core::{AwsResult, Context, Store, StoreError};
use std::sync::Arc;

/// The parameters by account, region and key (their names without the slash that they begin with).
pub struct ParameterStore {
    parameters: Collection<Parameter>,
}

impl ParameterStore {
    /// Loads them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open(store: &Arc<Store>) -> Result<Self, StoreError> {
        Ok(Self { parameters: Collection::open(store, "ssm.parameters")? })
    }

    /// The parameter with that key.
    pub fn find(&self, context: &Context, key: &str) -> Option<Arc<Parameter>> {
        self.parameters.get(&Scope::regional(context), key)
    }

    /// The parameter with that key, which must be there.
    ///
    /// # Errors
    /// `ParameterNotFound`.
    pub fn get(&self, context: &Context, key: &str) -> AwsResult<Arc<Parameter>> {
        self.find(context, key).ok_or_else(no_such_parameter)
    }

    /// All of them with their keys, by key.
    pub fn list(&self, context: &Context) -> Vec<(String, Arc<Parameter>)> {
        self.parameters.list(&Scope::regional(context))
    }

    /// Reads, decides and writes as one step.
    ///
    /// # Errors
    /// What `change` answers, or a store's error.
    pub async fn update(
        &self,
        context: &Context,
        key: &str,
        change: impl FnOnce(Option<&Parameter>) -> AwsResult<Parameter>,
    ) -> AwsResult<()> {
        let change = |parameter: Option<&Parameter>| change(parameter).map(Some);
        self.parameters.update(&Scope::regional(context), key, change).await?;
        Ok(())
    }

    /// Changes a parameter, which must be there.
    ///
    /// # Errors
    /// `ParameterNotFound`, what `change` answers, or a store's error.
    pub async fn change(
        &self,
        context: &Context,
        key: &str,
        change: impl FnOnce(&mut Parameter) -> AwsResult<()>,
    ) -> AwsResult<()> {
        let change = |parameter: Option<&Parameter>| {
            let mut parameter = parameter.ok_or_else(no_such_parameter)?.clone();
            change(&mut parameter)?;
            Ok(parameter)
        };
        self.update(context, key, change).await
    }

    /// Deletes a parameter; `false` when there is none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn delete(&self, context: &Context, key: &str) -> Result<bool, StoreError> {
        Ok(self.parameters.remove(&Scope::regional(context), key).await?.is_some())
    }

    /// Removes everything.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.parameters.clear().await
    }
}
