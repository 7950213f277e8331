//! What is not needed any more is removed: packages that no version refers to and nobody holds.
//!
//! It is removed in the background and not at once: whoever has just deployed waits for the first answer of the new
//! code, and that comes first.

use super::{CodeStore, blocking, bytecode, seal};
use crate::store::LambdaStore;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::Notify;

/// How long a sweep waits for an invocation to be answered.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who needs which packages beside the versions that refer to them.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// How many hold each package: requests on their way, environments running.
    counts: Mutex<HashMap<String, usize>>,
    /// Told when something may be of no more use.
    wanted: Notify,
}

impl Held {
    fn counts(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn hold(self: &Arc<Self>, hash: &str) -> Hold {
        *self.counts().entry(hash.to_owned()).or_default() += 1;
        Hold { held: Arc::clone(self), hash: hash.to_owned() }
    }

    pub(super) fn want(&self) {
        self.wanted.notify_one();
    }
}

/// Keeps a package from being swept.
#[derive(Debug)]
pub struct Hold {
    held: Arc<Held>,
    hash: String,
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut counts = self.held.counts();
        if let Some(count) = counts.get_mut(&self.hash) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.hash);
                self.held.want();
            }
        }
    }
}

/// Sweeps whenever something may be of no more use, once an invocation has been `answered` or none was for a while.
/// Ends with the store.
pub(crate) async fn keep_swept(code: Weak<CodeStore>, store: Weak<LambdaStore>, answered: Arc<Notify>) {
    let Some(held) = code.upgrade().map(|code| Arc::clone(&code.held)) else { return };
    loop {
        held.wanted.notified().await;
        let _ = tokio::time::timeout(PATIENCE, answered.notified()).await;
        let (Some(code), Some(store)) = (code.upgrade(), store.upgrade()) else { return };
        code.sweep(move || store.packages()).await;
    }
}

impl CodeStore {
    /// Removes every package that no version refers to and nobody holds. Never fails: what could not be removed is
    /// met by the next sweep.
    async fn sweep(&self, referred: impl Fn() -> HashSet<String> + Send + 'static) {
        let folders = [self.packages.clone(), self.unpacked.clone(), bytecode(&self.unpacked)];
        let held = Arc::clone(&self.held);
        let swept = blocking(move || {
            for path in folders.iter().flat_map(std::fs::read_dir).flatten().flatten().map(|entry| entry.path()) {
                // Out of the way while nobody can take hold of it; removing it takes longer than others shall wait. Asked
                // in this order, because a hold is given up only after a version refers to the package.
                let counts = held.counts();
                let hash = hash_of(&path);
                if counts.contains_key(&hash) || referred().contains(&hash) {
                    continue;
                }
                let moved = set_aside(&path, &hash);
                drop(counts);
                let removed = moved.and_then(|path| match path.is_dir() {
                    true => seal::remove(&path),
                    false => std::fs::remove_file(&path),
                });
                if let Err(error) = removed {
                    tracing::warn!(path = %path.display(), %error, "cannot remove a package that is not used");
                }
            }
            Ok(())
        });
        let _ = swept.await;
    }
}

/// The hash that a name of the store begins with: `<hash>`, `<hash>.zip`, or `.<hash>.…` of what is not whole.
fn hash_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.trim_start_matches('.').split('.').next().unwrap_or_default().to_owned()
}

/// Gives it a name that nobody looks for.
fn set_aside(path: &Path, hash: &str) -> std::io::Result<PathBuf> {
    let aside = path.with_file_name(format!(".{hash}.swept"));
    if aside != path {
        std::fs::rename(path, &aside)?;
    }
    Ok(aside)
}

impl Drop for CodeStore {
    fn drop(&mut self) {
        self.held.want();
    }
}
