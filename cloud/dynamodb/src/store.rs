//! What is kept of tables beside the engine.

use crate::model::{Backups, IndexThroughput, TableSettings};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Collection, Context, Store, StoreError};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Settings of tables, by name.
pub struct Tables(Collection<TableSettings>);

impl Tables {
    /// Opens them.
    ///
    /// # Errors
    /// When what was stored cannot be read.
    pub fn open(store: &Arc<Store>) -> Result<Self, StoreError> {
        Ok(Self(Collection::renamed(store, "dynamodb.tables", "dynamodb-tables")?))
    }

    /// A table's settings; the defaults when nothing was ever set.
    pub fn get(&self, context: &Context, table: &str) -> Arc<TableSettings> {
        self.0.get(&Scope::regional(context), table).unwrap_or_default()
    }

    /// Sets a table's backups.
    ///
    /// # Errors
    /// When that cannot be committed.
    pub async fn set_backups(&self, context: &Context, table: &str, backups: Option<Backups>) -> AwsResult<()> {
        self.change(context, table, |settings| settings.backups = backups).await
    }

    /// Sets the throughput of a table's indexes.
    ///
    /// # Errors
    /// When that cannot be committed.
    pub async fn set_throughput(
        &self,
        context: &Context,
        table: &str,
        indexes: BTreeMap<String, IndexThroughput>,
    ) -> AwsResult<()> {
        if self.get(context, table).indexes == indexes {
            return Ok(());
        }
        self.change(context, table, |settings| settings.indexes = indexes).await
    }

    /// Sets what the records of a table's stream show.
    ///
    /// # Errors
    /// When that cannot be committed.
    pub async fn set_stream_view(&self, context: &Context, table: &str, view: &str) -> AwsResult<()> {
        if self.get(context, table).stream_view.as_deref() == Some(view) {
            return Ok(());
        }
        self.change(context, table, |settings| settings.stream_view = Some(view.to_owned())).await
    }

    /// The settings of a new table: whatever an earlier one of that name had is not this one's.
    ///
    /// # Errors
    /// When that cannot be committed.
    pub async fn begin(&self, context: &Context, table: &str, view: Option<&str>) -> AwsResult<()> {
        let new = TableSettings { stream_view: view.map(str::to_owned), ..TableSettings::default() };
        if *self.get(context, table) == new {
            return Ok(());
        }
        self.change(context, table, |settings| *settings = new).await
    }

    /// Forgets a table that was deleted.
    ///
    /// # Errors
    /// When that cannot be committed.
    pub async fn forget(&self, context: &Context, table: &str) -> AwsResult<()> {
        self.0.remove(&Scope::regional(context), table).await?;
        Ok(())
    }

    /// Forgets all tables.
    ///
    /// # Errors
    /// When that cannot be committed.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.0.clear().await
    }

    async fn change(&self, context: &Context, table: &str, change: impl FnOnce(&mut TableSettings)) -> AwsResult<()> {
        let scope = Scope::regional(context);
        let changed = self.0.update::<StoreError>(&scope, table, |current| {
            let mut settings = current.cloned().unwrap_or_default();
            change(&mut settings);
            Ok(Some(settings))
        });
        changed.await?;
        Ok(())
    }
}
