//! What is next of what comes at times of its own: the times of all, in memory, and how many there are.

use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Clock, Timestamp};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};
use tokio::sync::Notify;

/// What comes, by where it is and what it is stored by.
pub type Key = (Scope, String);

/// The times.
#[derive(Default)]
pub struct Agenda {
    entries: Mutex<Entries>,
    /// Told when something may come earlier than before.
    changed: Notify,
}

#[derive(Default)]
struct Entries {
    times: HashMap<Key, Option<Timestamp>>,
    order: BTreeSet<(Timestamp, Key)>,
    counts: HashMap<Scope, usize>,
}

impl Agenda {
    /// Notes one as `look` tells it now: its next time, if it has one; `None` when it is gone. Whoever looks first is
    /// not overtaken, so that the last note is of the last change.
    pub fn note(&self, key: Key, look: impl FnOnce() -> Option<Option<Timestamp>>) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let Entries { times, order, counts } = &mut *entries;
        if let Some(former) = times.remove(&key) {
            *counts.entry(key.0.clone()).or_default() -= 1;
            if let Some(former) = former {
                order.remove(&(former, key.clone()));
            }
        }
        if let Some(time) = look() {
            *counts.entry(key.0.clone()).or_default() += 1;
            if let Some(time) = time {
                order.insert((time, key.clone()));
            }
            times.insert(key, time);
        }
        self.changed.notify_one();
    }

    /// Waits until something is due by a clock: its time, and whose it is.
    pub async fn due(&self, clock: Clock) -> (Timestamp, Key) {
        loop {
            let first = self.first();
            if let Some(due) = first.as_ref().filter(|(time, _)| *time <= clock.now()) {
                return due.clone();
            }
            let next = async {
                match first {
                    Some((time, _)) => clock.sleep_until(time).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = next => {}
                () = self.changed.notified() => {}
            }
        }
    }

    /// The first time, and whose it is.
    fn first(&self) -> Option<(Timestamp, Key)> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).order.first().cloned()
    }

    /// How many there are in an account and region.
    pub fn count(&self, scope: &Scope) -> usize {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).counts.get(scope).copied().unwrap_or(0)
    }

    /// Forgets all.
    pub fn clear(&self) {
        *self.entries.lock().unwrap_or_else(PoisonError::into_inner) = Entries::default();
    }
}
