//! The engines' files, one for an account and region, and which there are: one that was lost is not the same as none.

use serde::{Deserialize, Serialize};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::store::is_absent;
use slam_cloud_core::{AwsError, AwsResult, Collection, Context, Store, StoreError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// That there is a file, kept in the store.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Known {}

/// The id under which a scope's file is known.
const ID: &str = "file";

/// The files in a folder.
pub struct Files {
    folder: PathBuf,
    known: Collection<Known>,
}

impl Files {
    /// The files of a folder.
    ///
    /// # Errors
    /// When what was stored cannot be read.
    pub fn open(folder: PathBuf, store: &Arc<Store>) -> Result<Self, StoreError> {
        Ok(Self { folder, known: Collection::open(store, "dynamodb.files")? })
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of an account and region.
    ///
    /// # Errors
    /// When there was one and it is empty or gone: a new one would be tables without items, or no tables, without a word.
    pub fn of(&self, context: &Context) -> AwsResult<PathBuf> {
        // Both come from the request, so neither may lead out of the folder.
        let plain =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !plain(&context.account) || !plain(&context.region) {
            return Err(AwsError::validation(format!("'{}' is not a region", context.region)));
        }
        let scope = Scope::regional(context);
        let file = self.path(&scope);
        if is_absent(&file) && self.known.get(&scope, ID).is_some() {
            return Err(AwsError::internal(format_args!(
                "{} with the tables of {} is empty or was removed: put it back from a copy, or stop the cloud and begin \
                 anew with `slam cloud check --repair`",
                file.display(),
                context.region
            )));
        }
        Ok(file)
    }

    /// The files that there were and that are empty or gone, with their scopes.
    pub fn lost(&self) -> Vec<(Scope, PathBuf)> {
        let known = self.known.all().into_iter();
        let files = known.map(|(scope, _, _)| {
            let file = self.path(&scope);
            (scope, file)
        });
        files.filter(|(_, file)| is_absent(file)).collect()
    }

    fn path(&self, scope: &Scope) -> PathBuf {
        self.folder.join(&*scope.account).join(format!("{}.db", scope.region))
    }

    /// Forgets that there was a file: a new one is made when it is needed.
    ///
    /// # Errors
    /// When that cannot be committed.
    pub async fn forget_one(&self, scope: &Scope) -> AwsResult<()> {
        self.known.remove(scope, ID).await?;
        Ok(())
    }

    /// Notes that there is the file of an account and region.
    ///
    /// # Errors
    /// When that cannot be committed.
    pub async fn note(&self, context: &Context) -> AwsResult<()> {
        let scope = Scope::regional(context);
        if self.known.get(&scope, ID).is_none() {
            self.known.put(&scope, ID, Known {}).await?;
        }
        Ok(())
    }

    /// Forgets all files.
    ///
    /// # Errors
    /// When that cannot be committed.
    pub async fn forget(&self) -> AwsResult<()> {
        Ok(self.known.clear().await?)
    }
}
