//! Secrets on disk: a document each, with its versions and its policy.

use crate::error::no_such_secret;
use crate::model::name::Reference;
use crate::model::secret::Secret;
use slam_cloud_core::collection::{Collection, Scope};
use slam_cloud_core::{AwsError, AwsResult, Context, Store, StoreError, Timestamp};
use std::sync::Arc;

/// The secrets by account, region and name.
pub struct SecretStore {
    secrets: Collection<Secret>,
}

impl SecretStore {
    /// Loads them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open(store: &Arc<Store>) -> Result<Self, StoreError> {
        Ok(Self { secrets: Collection::open(store, "secretsmanager.secrets")? })
    }

    /// The secret that a request means, in its account.
    pub fn find(&self, reference: &Reference) -> Option<Arc<Secret>> {
        let now = Timestamp::now();
        reference.candidates().find_map(|(name, suffix)| {
            let secret = self.secrets.get(&reference.scope, name)?;
            (suffix.is_none_or(|suffix| secret.suffix == suffix) && !secret.is_gone(now)).then_some(secret)
        })
    }

    /// The same, which must be there.
    ///
    /// # Errors
    /// When it is not, or what names it is no name.
    pub fn get(&self, context: &Context, reference: &Reference) -> AwsResult<Arc<Secret>> {
        reference.check(context)?;
        self.find(reference).ok_or_else(no_such_secret)
    }

    /// All of an account and region, by name.
    pub fn list(&self, scope: &Scope) -> Vec<Arc<Secret>> {
        let now = Timestamp::now();
        let secrets = self.secrets.list(scope).into_iter().map(|(_, secret)| secret);
        secrets.filter(|secret| !secret.is_gone(now)).collect()
    }

    /// Creates a secret, or answers with the one that has its name.
    ///
    /// # Errors
    /// What `existing` says of it, or a store's error.
    pub async fn create(
        &self,
        scope: &Scope,
        secret: Secret,
        existing: impl FnOnce(&Secret) -> AwsResult<()>,
    ) -> AwsResult<Option<Arc<Secret>>> {
        let name = secret.name.clone();
        let now = Timestamp::now();
        let change = |current: Option<&Secret>| match current.filter(|current| !current.is_gone(now)) {
            Some(current) => existing(current).map(|()| Some(current.clone())),
            None => Ok(Some(secret)),
        };
        self.secrets.update(scope, &name, change).await
    }

    /// Changes a secret, which must be there.
    ///
    /// # Errors
    /// When it is not, what `change` answers, or a store's error.
    pub async fn change(
        &self,
        context: &Context,
        reference: &Reference,
        change: impl FnOnce(&mut Secret) -> AwsResult<()>,
    ) -> AwsResult<Arc<Secret>> {
        let found = self.get(context, reference)?;
        let change = |current: Option<&Secret>| {
            // It may have been deleted and created again since.
            let mut secret =
                current.filter(|current| current.suffix == found.suffix).ok_or_else(no_such_secret)?.clone();
            change(&mut secret)?;
            Ok(Some(secret))
        };
        let changed = self.secrets.update::<AwsError>(&reference.scope, &found.name, change).await?;
        changed.ok_or_else(no_such_secret)
    }

    /// Deletes a secret for good.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remove(&self, scope: &Scope, secret: &Secret) -> Result<(), StoreError> {
        let change = |current: Option<&Secret>| Ok(current.filter(|current| current.suffix != secret.suffix).cloned());
        self.secrets.update::<StoreError>(scope, &secret.name, change).await?;
        Ok(())
    }

    /// Those whose recovery window has ended, with where they are.
    pub fn ended(&self, now: Timestamp) -> Vec<(Scope, Arc<Secret>)> {
        let all = self.secrets.all().into_iter();
        all.filter(|(_, _, secret)| secret.is_gone(now)).map(|(scope, _, secret)| (scope, secret)).collect()
    }

    /// Removes everything.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.secrets.clear().await
    }
}
