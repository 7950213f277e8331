//! The engines: one database per account and region, opened when it is first needed.

mod dispatch;
mod files;
mod read;

pub use dispatch::{OPERATIONS, STREAM_OPERATIONS};
pub use files::Files;
pub(crate) use read::model;

use dynoxide::Database;
use slam_cloud_core::service::Finding;
use slam_cloud_core::{AwsError, AwsResult, Context, Durability};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::runtime::{Handle, RuntimeFlavor};

/// How often items past their time to live are looked for. AWS promises days, typically minutes.
const SWEEP: Duration = Duration::from_secs(60);

/// Account and region.
type Place = (Arc<str>, Arc<str>);

/// All open engines.
pub struct Engines {
    files: Files,
    durability: Durability,
    open: Arc<Mutex<Open>>,
}

#[derive(Default)]
struct Open {
    engines: HashMap<Place, Database>,
    sweeper: Option<tokio::task::JoinHandle<()>>,
}

impl Engines {
    /// The engines of these files.
    pub fn new(files: Files, durability: Durability) -> Self {
        Self { files, durability, open: Arc::default() }
    }

    /// Runs an operation of a call's account and region and returns its answer in JSON.
    ///
    /// # Errors
    /// What the engine refuses, in AWS's words.
    pub async fn run(&self, context: &Context, operation: &'static str, body: String) -> AwsResult<String> {
        let engine = self.engine(context).await?;
        let run = move || dispatch::run(&engine, operation, &body);
        // One item is found within microseconds, less than a change of threads takes; but the engine may be busy
        // with a scan or wait for the disk, so other tasks are told to move on. Longer work goes elsewhere.
        if dispatch::is_short(operation) && Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread {
            return tokio::task::block_in_place(run);
        }
        tokio::task::spawn_blocking(run).await.map_err(AwsError::internal)?
    }

    /// What the engine keeps about a table; `None` when there is no such table.
    ///
    /// # Errors
    /// When the engine cannot be opened or read.
    pub async fn table(&self, context: &Context, name: &str) -> AwsResult<Option<dynoxide::TableMetadata>> {
        let engine = self.engine(context).await?;
        let name = name.to_owned();
        let read = move || engine.get_table_metadata(&name).map_err(crate::error::convert);
        if Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread {
            return tokio::task::block_in_place(read);
        }
        tokio::task::spawn_blocking(read).await.map_err(AwsError::internal)?
    }

    async fn engine(&self, context: &Context) -> AwsResult<Database> {
        let place = (Arc::clone(&context.account), Arc::clone(&context.region));
        if let Some(engine) = self.open.lock().unwrap_or_else(PoisonError::into_inner).engines.get(&place) {
            return Ok(engine.clone());
        }
        let path = self.files.of(context)?;
        let (open, durability) = (Arc::clone(&self.open), self.durability);
        let engine = tokio::task::spawn_blocking(move || {
            // Held while opening, so that no two callers open the same file.
            let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(engine) = open.engines.get(&place) {
                return Ok(engine.clone());
            }
            let engine = open_file(&path, durability)?;
            open.engines.insert(place, engine.clone());
            Ok::<_, AwsError>(engine)
        });
        let engine = engine.await.map_err(AwsError::internal)??;
        self.files.note(context).await?;
        self.start_sweeper();
        Ok(engine)
    }

    /// Starts the task that deletes expired items, once.
    fn start_sweeper(&self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.sweeper.is_some() {
            return;
        }
        let engines = Arc::downgrade(&self.open);
        open.sweeper = Some(tokio::spawn(async move {
            loop {
                tokio::time::sleep(SWEEP).await;
                let Some(open) = engines.upgrade() else { return };
                let all: Vec<Database> =
                    open.lock().unwrap_or_else(PoisonError::into_inner).engines.values().cloned().collect();
                drop(open);
                for engine in all {
                    let swept = tokio::task::spawn_blocking(move || engine.sweep_ttl()).await;
                    if let Ok(Err(error)) = swept {
                        tracing::warn!(%error, "expired items could not be deleted");
                    }
                }
            }
        }));
    }

    /// The files of tables that were lost. With `repair` they are forgotten, and those regions begin anew.
    ///
    /// # Errors
    /// When that cannot be committed.
    pub async fn check(&self, repair: bool) -> AwsResult<Vec<Finding>> {
        let mut found = Vec::new();
        for (scope, file) in self.files.lost() {
            if repair {
                self.files.forget_one(&scope).await?;
            }
            let remedy = match repair {
                true => "its tables are forgotten: make them again",
                false => "put it back from a copy",
            };
            found.push(Finding {
                what: format!("{} with the tables of {}", file.display(), scope.region),
                trouble: "it is empty or was removed".to_owned(),
                remedy: remedy.to_owned(),
                mended: repair,
            });
        }
        Ok(found)
    }

    /// Closes all engines.
    pub async fn close(&self) {
        let open = std::mem::take(&mut *self.open.lock().unwrap_or_else(PoisonError::into_inner));
        if let Some(sweeper) = open.sweeper {
            sweeper.abort();
        }
        // The last handle writes SQLite's log back into its file.
        let _ = tokio::task::spawn_blocking(move || drop(open.engines)).await;
    }

    /// Closes all engines and deletes their files.
    ///
    /// # Errors
    /// When a file cannot be deleted.
    pub async fn reset(&self) -> AwsResult<()> {
        self.close().await;
        match tokio::fs::remove_dir_all(self.files.folder()).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(AwsError::internal(format_args!(
                "the tables in {} cannot be deleted: {error}",
                self.files.folder().display()
            ))),
            _ => self.files.forget().await,
        }
    }
}

fn open_file(path: &Path, durability: Durability) -> AwsResult<Database> {
    let failed = |error: &dyn std::fmt::Display| {
        AwsError::internal(format_args!("the tables in {} cannot be opened: {error}", path.display()))
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    }
    let text = path.to_str().ok_or_else(|| failed(&"its name is not UTF-8"))?;
    let engine = Database::new(text).map_err(|error| failed(&error))?;
    if durability == Durability::Process {
        // By this name the engine offers synchronous=NORMAL: what was acknowledged survives the end of the process.
        engine.disable_bulk_loading().map_err(|error| failed(&error))?;
    }
    // Its name, its account's folder, and DynamoDB's.
    let names = path.ancestors().skip(1).take(3).try_for_each(|folder| durability.keep_names(folder));
    names.map_err(|error| failed(&error))?;
    Ok(engine)
}
