//! Archives and replays on disk: a document each, and the events of archives as rows.
//!
//! - [`rows`]: the events. [`sweep`]: forgets what is too old.

pub mod rows;
mod sweep;

pub use sweep::start as start_sweep;

use crate::error::{exists, not_found, too_many};
use crate::model::archive::{Amount, Archive, Replay, State};
use crate::model::name::BusName;
use rusqlite::Connection;
use slam_cloud_core::collection::{Collection, Scope};
use slam_cloud_core::{AwsError, AwsResult, Clock, Store, StoreError};
use slam_cloud_kit::pattern::{Event, Pattern};
use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// The replays of an account and region that may be under way.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
const REPLAYS: usize = 10;

/// An archive as events meet it.
pub struct Active {
    key: i64,
    pattern: Option<Pattern>,
}

impl Active {
    /// Its number, if it keeps an event.
    pub fn keeps(&self, event: &Event) -> Option<i64> {
        self.pattern.as_ref().is_none_or(|pattern| pattern.matches(event)).then_some(self.key)
    }
}

/// Archives and replays by account, region and name.
pub struct Archives {
    store: Arc<Store>,
    archives: Collection<Archive>,
    replays: Collection<Replay>,
    active: RwLock<HashMap<BusName, Arc<[Active]>>>,
    next: AtomicI64,
    /// Held while a replay is begun, so that no more begin than may.
    starting: tokio::sync::Mutex<()>,
    clock: Clock,
}

impl Archives {
    /// Loads them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open(store: &Arc<Store>, clock: Clock) -> Result<Self, StoreError> {
        store.migrate(rows::TABLES)?;
        let archives: Collection<Archive> = Collection::open(store, "events.archives")?;
        let last = archives.all().iter().map(|(_, _, archive)| archive.key).max().unwrap_or(0);
        let last = last.max(store.read_now(rows::last_archive)?);
        Ok(Self {
            store: Arc::clone(store),
            archives,
            replays: Collection::open(store, "events.replays")?,
            active: RwLock::default(),
            next: AtomicI64::new(last + 1),
            starting: tokio::sync::Mutex::default(),
            clock,
        })
    }

    /// A number for a new archive, that no other has.
    pub fn number(&self) -> i64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// An archive, which must be there (recorded: `test_describe_archive_error_unknown_archive`).
    ///
    /// # Errors
    /// When it is not.
    pub fn archive(&self, scope: &Scope, name: &str) -> AwsResult<Arc<Archive>> {
        self.find(scope, name).ok_or_else(|| not_found(format!("Archive {name} does not exist.")))
    }

    /// An archive, if it is there.
    pub fn find(&self, scope: &Scope, name: &str) -> Option<Arc<Archive>> {
        self.archives.get(scope, name)
    }

    /// All archives of an account and region, by name.
    pub fn list(&self, scope: &Scope) -> Vec<(String, Arc<Archive>)> {
        self.archives.list(scope)
    }

    /// Those that keep their events for some days only: their numbers, and the days.
    pub fn limited(&self) -> Vec<(i64, i64)> {
        let all = self.archives.all().into_iter();
        all.map(|(_, _, archive)| (archive.key, archive.retention)).filter(|(_, days)| *days > 0).collect()
    }

    /// How much archives have, by their numbers.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn amounts(&self) -> Result<HashMap<i64, Amount>, StoreError> {
        self.store.read(rows::amounts).await
    }

    /// Makes an archive (recorded: `test_create_archive_error_duplicate`).
    ///
    /// # Errors
    /// When there is one of its name.
    pub async fn add(&self, scope: &Scope, name: &str, archive: Archive) -> AwsResult<()> {
        let bus = archive.bus(scope);
        let change = |there: Option<&Archive>| match there {
            Some(_) => Err(exists(format!("Archive {name} already exists."))),
            None => Ok(Some(archive)),
        };
        self.archives.update::<AwsError>(scope, name, change).await?;
        self.forget(&bus);
        Ok(())
    }

    /// Changes an archive, which must be there.
    ///
    /// # Errors
    /// When it is not.
    pub async fn change(
        &self,
        scope: &Scope,
        name: &str,
        change: impl FnOnce(&mut Archive),
    ) -> AwsResult<Arc<Archive>> {
        let bus = self.archive(scope, name)?.bus(scope);
        let change = |there: Option<&Archive>| {
            let mut archive = there.cloned().ok_or_else(|| not_found(format!("Archive {name} does not exist.")))?;
            change(&mut archive);
            Ok(Some(archive))
        };
        let changed = self.archives.update::<AwsError>(scope, name, change).await?;
        self.forget(&bus);
        changed.ok_or_else(|| not_found(format!("Archive {name} does not exist.")))
    }

    /// Deletes an archive with its events.
    ///
    /// # Errors
    /// When it is not there, or the store fails.
    pub async fn remove(&self, scope: &Scope, name: &str) -> AwsResult<()> {
        let archive = self.archive(scope, name)?;
        self.archives.remove(scope, name).await?;
        self.forget(&archive.bus(scope));
        let key = archive.key;
        while self.store.free(move |c| rows::remove_some(c, key, i64::MAX)).await? {}
        Ok(())
    }

    /// Forgets events of an archive that were taken before a moment, in milliseconds.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn expire(&self, key: i64, before: i64) -> Result<(), StoreError> {
        while self.store.free(move |c| rows::remove_some(c, key, before)).await? {}
        Ok(())
    }

    /// The archives of a bus. They are read when they are asked for first after a change.
    pub fn active(&self, bus: &BusName) -> Arc<[Active]> {
        if let Some(active) = self.active.read().unwrap_or_else(PoisonError::into_inner).get(bus) {
            return Arc::clone(active);
        }
        let mut all = self.active.write().unwrap_or_else(PoisonError::into_inner);
        let archives = self.archives.list(&bus.scope).into_iter().map(|(_, archive)| archive);
        let active = archives.filter(|archive| archive.bus == bus.name).map(|archive| Active {
            key: archive.key,
            pattern: archive.pattern.as_deref().and_then(|pattern| Pattern::parse(pattern).ok()),
        });
        let active: Arc<[Active]> = active.collect();
        // Buses without archives, which may be any names at all, are not kept.
        if !active.is_empty() {
            all.insert(bus.clone(), Arc::clone(&active));
        }
        active
    }

    fn forget(&self, bus: &BusName) {
        self.active.write().unwrap_or_else(PoisonError::into_inner).remove(bus);
    }

    /// A replay, which must be there (recorded: `test_describe_replay_error_unknown_replay`).
    ///
    /// # Errors
    /// When it is not.
    pub fn replay(&self, scope: &Scope, name: &str) -> AwsResult<Arc<Replay>> {
        self.replays.get(scope, name).ok_or_else(|| not_found(format!("Replay {name} does not exist.")))
    }

    /// All replays of an account and region, by name.
    pub fn replays(&self, scope: &Scope) -> Vec<(String, Arc<Replay>)> {
        self.replays.list(scope)
    }

    /// The replays that have not ended.
    pub fn unfinished(&self) -> Vec<(Scope, String)> {
        let all = self.replays.all().into_iter();
        all.filter(|(_, _, replay)| replay.state.is_active()).map(|(scope, name, _)| (scope, name)).collect()
    }

    /// Begins a replay (recorded: `test_start_replay_error_duplicate_name_same_archive`).
    ///
    /// # Errors
    /// When there is one of its name, or too many are under way.
    pub async fn add_replay(&self, scope: &Scope, name: &str, replay: Replay) -> AwsResult<()> {
        let _starting = self.starting.lock().await;
        if self.replays.get(scope, name).is_some() {
            return Err(exists(format!("Replay {name} already exists.")));
        }
        if self.replays(scope).iter().filter(|(_, replay)| replay.state.is_active()).count() >= REPLAYS {
            return Err(too_many());
        }
        self.replays.put(scope, name, replay).await?;
        Ok(())
    }

    /// Changes a replay, which must be there.
    ///
    /// # Errors
    /// When it is not, or what `change` answers.
    pub async fn change_replay(
        &self,
        scope: &Scope,
        name: &str,
        change: impl FnOnce(&mut Replay) -> AwsResult<()>,
    ) -> AwsResult<()> {
        let change = |there: Option<&Replay>| {
            let mut replay = there.cloned().ok_or_else(|| not_found(format!("Replay {name} does not exist.")))?;
            change(&mut replay)?;
            Ok(Some(replay))
        };
        self.replays.update::<AwsError>(scope, name, change).await.map(drop)
    }

    /// Ends a replay.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn end_replay(
        &self,
        scope: &Scope,
        name: &str,
        (state, reason): (State, Option<String>),
    ) -> AwsResult<()> {
        let now = self.clock.now();
        let change = |replay: &mut Replay| {
            (replay.state, replay.reason, replay.ended) = (state, reason, Some(now));
            Ok(())
        };
        self.change_replay(scope, name, change).await?;
        let key = rows::replay_key(scope, name);
        Ok(self.store.free(move |c| rows::forget_place(c, &key)).await?)
    }

    /// Reads rows.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.store.read(query).await
    }

    /// Removes everything.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.replays.clear().await?;
        self.archives.clear().await?;
        self.active.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.store.free(rows::clear).await
    }
}
