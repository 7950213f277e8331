//! The engines: one database per account and region, opened when it is first needed.

mod dispatch;
mod files;
mod order;
mod read;
mod types;
mod unindexed;
mod whole;

pub use dispatch::{OPERATIONS, STREAM_OPERATIONS};
pub use files::Files;
pub(crate) use read::{check_demands, model};

use crate::expression::request;
use dynoxide::{AttributeValue, Database};
use serde_json::Value;
use slam_cloud_core::service::Finding;
use slam_cloud_core::{AwsError, AwsResult, Context, Durability};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
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
    /// One without tables: what it refuses, it refuses before it looks for one.
    bare: Arc<OnceLock<Database>>,
}

#[derive(Default)]
struct Open {
    engines: HashMap<Place, Database>,
    sweeper: Option<tokio::task::JoinHandle<()>>,
}

impl Engines {
    /// The engines of these files.
    pub fn new(files: Files, durability: Durability) -> Self {
        Self { files, durability, open: Arc::default(), bare: Arc::default() }
    }

    /// Runs an operation of a call's account and region and returns its answer in JSON.
    ///
    /// # Errors
    /// What the engine refuses, in AWS's words.
    pub async fn run(&self, context: &Context, operation: &'static str, body: String) -> AwsResult<String> {
        let engine = self.engine(context).await?;
        let (bare, durability) = (Arc::clone(&self.bare), self.durability);
        let perform = move |body: &str| {
            let whole = whole::run(&engine, durability, operation, body);
            whole.unwrap_or_else(|| dispatch::run(&engine, operation, body)).map_err(|error| match error {
                error if unindexed::is_refused(&error) => unindexed::refusal(&engine, body),
                error => error,
            })
        };
        let run = move || match in_the_engines_form(operation, body) {
            Ok(body) => perform(&body).map_err(|told| {
                without_tables(&bare).map_or_else(|fault| fault, |bare| order::first(&bare, operation, &body, told))
            }),
            Err((fault, body)) => Err(without_tables(&bare).map_or_else(
                |fault| fault,
                |bare| order::first(&bare, operation, &body, first_fault(&bare, operation, fault, &body)),
            )),
        };
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

    /// How many bytes the items of a table with a partition key's value have together, with what these local secondary indexes
    /// have of them. The engine tells nobody, so its file is read beside it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn collection_size(
        &self,
        context: &Context,
        table: &str,
        indexes: Vec<String>,
        key: Value,
    ) -> AwsResult<i64> {
        let (engine, durability) = (self.engine(context).await?, self.durability);
        let table = table.to_owned();
        let read = move || {
            let key: AttributeValue = serde_json::from_value(key).map_err(AwsError::internal)?;
            let Some(key) = key.to_key_string() else { return Ok(0) };
            let storage = whole::second(&engine, durability)?;
            let mut bytes = storage.get_partition_size(&table, &key).map_err(crate::error::convert)?;
            for index in indexes {
                bytes += storage.get_lsi_partition_size(&table, &index, &key).map_err(crate::error::convert)?;
            }
            Ok(bytes)
        };
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

/// A request whose expressions are right, with those that the engine cannot read in another form; or what is wrong.
fn in_the_engines_form(operation: &'static str, body: String) -> Result<String, (String, String)> {
    if !body.contains("Expression") {
        return Ok(body);
    }
    let checked = request::check(operation, &mut serde_json::Deserializer::from_str(&body));
    let rewritten = match checked {
        Ok(rewritten) => rewritten,
        Err(fault) => return Err((fault, body)),
    };
    if rewritten.is_empty() {
        return Ok(body);
    }
    let Ok(mut request) = serde_json::from_str::<Value>(&body) else { return Ok(body) };
    for (place, expression) in rewritten {
        if let Some(given) = request.pointer_mut(&place) {
            *given = expression.into();
        }
    }
    Ok(request.to_string())
}

/// The engine that has no tables.
fn without_tables(bare: &OnceLock<Database>) -> AwsResult<Database> {
    match bare.get() {
        Some(engine) => Ok(engine.clone()),
        None => Database::memory().map(|engine| bare.get_or_init(|| engine).clone()).map_err(crate::error::convert),
    }
}

/// What AWS tells of a request with a wrong expression: what is wrong with its members comes first.
fn first_fault(bare: &Database, operation: &'static str, fault: String, body: &str) -> AwsError {
    // What the engine says of expressions itself, it says in another order, and it follows them however deep they go.
    let body = request::without_expressions(body);
    let of_expressions = |message: &str| message.contains("Expression: ") || message.starts_with("Value provided in ");
    // Which keys a batch asks for is looked at after them (dynalite, test/batchGetItem.js, "… for empty ProjectionExpression").
    let is_later =
        |message: &str| of_expressions(message) || message == "Provided list of item keys contains duplicates";
    match dispatch::run(bare, operation, &body) {
        Err(error) if &*error.code != "ResourceNotFoundException" && !is_later(&error.message) => error,
        // The writes of single items put it into an envelope (moto's tests that are verified on AWS:
        // test_put_item_unused_attributes, test_get_item_unused_attribute_name).
        _ if matches!(operation, "PutItem" | "UpdateItem" | "DeleteItem") => {
            AwsError::validation(format!("1 validation error detected: {fault}"))
        }
        _ => AwsError::validation(fault),
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
