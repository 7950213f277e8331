//! Event source mappings at work: what they read, and how it gets to their functions.
//!
//! - [`check`]: whether a function's role may read a source. [`caller`]: calls as that role. [`target`]: the function.
//! - [`filter`]: which records it is to get. [`answer`]: which of a batch it says have failed.
//! - [`queue`]: queues are read. [`record`]: messages as functions see them. [`pace`]: how many batches at a time.
//! - [`stream`]: streams are read. [`reading`]: for whom, and how far. [`stream_record`]: their records. [`batch`]: batches that are tried again, in parts.
//!   [`failure`]: who is told of records that were given up.
//! - [`pause`]: how long to wait after an error.
//!
//! A task looks after each mapping: it brings it to the state that was asked for, lets it read while it is enabled, and lets a
//! deleted one end before it is forgotten.

mod answer;
mod batch;
mod caller;
pub mod check;
mod failure;
pub mod filter;
mod pace;
mod pause;
mod queue;
mod reading;
mod record;
mod stream;
mod stream_record;
pub mod target;

use crate::model::Mapping;
use crate::model::mapping::{Source, State};
use crate::pool::Pool;
use crate::store::LambdaStore;
use pause::Pause;
use reading::Reading;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Cloud, StoreError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use target::Target;
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;

/// Tells who reads that its mapping was changed.
type Changes = watch::Receiver<()>;

/// What mappings stand on.
pub struct Sources {
    cloud: Cloud,
    store: Arc<LambdaStore>,
    pool: Arc<Pool>,
    running: Mutex<HashMap<String, Running>>,
    /// Tells those who read streams that somebody wrote to a table.
    written: Arc<Notify>,
    /// One mapping is made at a time, so that two of the same are not.
    pub(crate) creating: tokio::sync::Mutex<()>,
}

/// The task that looks after a mapping.
struct Running {
    changed: watch::Sender<()>,
    task: AbortHandle,
}

impl Sources {
    /// Mappings that rest until [`Sources::start`].
    pub fn new(cloud: Cloud, store: Arc<LambdaStore>, pool: Arc<Pool>) -> Arc<Self> {
        let (running, written, creating) = Default::default();
        Arc::new(Self { cloud, store, pool, running, written, creating })
    }

    /// Goes on where the last process ended.
    pub fn start(self: &Arc<Self>) {
        for (scope, id, _) in self.store.mappings.all() {
            self.changed(&scope, &id);
        }
    }

    /// Somebody wrote to a table.
    pub fn written(&self) {
        self.written.notify_waiters();
    }

    /// Has a mapping looked after that was made or changed.
    pub fn changed(self: &Arc<Self>, scope: &Scope, id: &str) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.get(id).is_some_and(|running| running.changed.send(()).is_ok()) {
            return;
        }
        let (changed, changes) = watch::channel(());
        let task = tokio::spawn(Arc::clone(self).look_after(scope.clone(), id.to_owned(), changes));
        running.insert(id.to_owned(), Running { changed, task: task.abort_handle() });
    }

    /// Ends all reading: what was read and is not done comes again.
    pub fn stop(&self) {
        for (_, running) in self.running.lock().unwrap_or_else(PoisonError::into_inner).drain() {
            running.task.abort();
        }
    }

    /// The function of a mapping, with its role.
    pub fn target(&self, scope: &Scope, mapping: &Mapping) -> Target {
        Target::new(&self.cloud, &self.store, &self.pool, scope, mapping)
    }

    async fn look_after(self: Arc<Self>, scope: Scope, id: String, mut changes: Changes) {
        let mut pause = Pause::default();
        loop {
            changes.mark_unchanged();
            match self.settle(&scope, &id).await {
                Ok(None) => break,
                Ok(Some(mapping)) => {
                    pause = Pause::default();
                    if mapping.state == State::Enabled {
                        self.read(&scope, &id, mapping, changes.clone()).await;
                    }
                    if changes.changed().await.is_err() {
                        return;
                    }
                }
                Err(error) => {
                    tracing::warn!(mapping = id, %error, "the state of an event source mapping could not be written");
                    pause.wait(self.cloud.clock()).await;
                }
            }
        }
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    /// Brings a mapping to the state that was asked for; `None` when it is gone.
    async fn settle(&self, scope: &Scope, id: &str) -> AwsResult<Option<Arc<Mapping>>> {
        let settle = |present: Option<&Mapping>| {
            let mapping = present.and_then(|mapping| Some(Mapping { state: mapping.settled()?, ..mapping.clone() }));
            Ok::<_, AwsError>(mapping)
        };
        let present = self.store.mappings.get(scope, id);
        match present {
            Some(mapping) if mapping.settled() == Some(mapping.state) => Ok(Some(mapping)),
            _ => {
                let settled = self.store.mappings.update(scope, id, settle).await?;
                if settled.is_none() {
                    self.store.checkpoints.remove(scope, id).await?;
                }
                Ok(settled)
            }
        }
    }

    /// Reads until the mapping is changed.
    async fn read(&self, scope: &Scope, id: &str, mapping: Arc<Mapping>, changes: Changes) {
        let target = self.target(scope, &mapping);
        match Source::of(&mapping.source) {
            Some(Source::Queue { fifo }) => queue::read(target, mapping, fifo, changes).await,
            Some(Source::Stream) => {
                let Some(settings) = mapping.stream.clone() else { return };
                let (store, scope, id) = (Arc::clone(&self.store), scope.clone(), id.to_owned());
                let reading = Reading { target, mapping, settings, store, scope, id, changes };
                stream::Reader::new(reading, &self.written).read().await;
            }
            None => {}
        }
    }

    /// Forgets every mapping.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.stop();
        self.store.mappings.clear().await?;
        self.store.checkpoints.clear().await
    }
}
