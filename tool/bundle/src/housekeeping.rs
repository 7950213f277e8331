//! What the cache holds, and its removal, for a person who wants the room. Nothing in it is missed for good: the next build
//! makes what it needs.

use crate::BundleError;
use crate::cache::{self, bytes_of, is_in_progress};
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The folder of packages on their way from one cloud to another, in a cache.
pub const PROMOTED: &str = "promoted";

/// The kinds of what is kept, with their folders.
const KINDS: [(&str, &[&str]); 4] = [
    ("packages", &["packages", "built"]),
    ("dependencies", &["dependencies"]),
    ("checks", &["checks"]),
    (PROMOTED, &[PROMOTED]),
];

/// What there is of a kind, or what was removed of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cached {
    /// `packages`, `dependencies`, `checks` (what the builds' checks remember) or `promoted`.
    pub kind: &'static str,
    /// How many files and folders.
    pub entries: usize,
    /// What they take.
    pub bytes: u64,
}

/// What is in a cache, by kind.
#[must_use]
pub fn cached(cache: &Path) -> Vec<Cached> {
    let kind = |(kind, folders): &(&'static str, &[&str])| {
        let entries: Vec<_> = folders.iter().flat_map(|folder| entries(&cache.join(folder))).collect();
        Cached { kind, entries: entries.len(), bytes: entries.iter().map(|entry| bytes_of(entry)).sum() }
    };
    KINDS.iter().map(kind).collect()
}

/// Removes what was not used for so long, and tells what that was. What a build is making now stays.
///
/// # Errors
/// When something cannot be removed.
pub fn clean(cache: &Path, unused_for: Duration) -> Result<Vec<Cached>, BundleError> {
    let now = SystemTime::now();
    KINDS
        .iter()
        .map(|(kind, folders)| {
            let mut removed = Cached { kind, entries: 0, bytes: 0 };
            for entry in folders.iter().flat_map(|folder| entries(&cache.join(folder))) {
                let used = fs::metadata(&entry).and_then(|metadata| metadata.modified());
                // What is gone meanwhile was removed by another; what was used in the future was used just now.
                let age = used.ok().and_then(|used| now.duration_since(used).ok()).unwrap_or_default();
                if age < unused_for || is_in_progress(&entry, age) {
                    continue;
                }
                let bytes = bytes_of(&entry);
                cache::remove(&entry).map_err(BundleError::io(&entry, "removed"))?;
                removed.entries += 1;
                removed.bytes += bytes;
            }
            Ok(removed)
        })
        .collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    #[test]
    fn what_was_not_used_is_removed_and_what_is_being_made_stays() {
        let hour = Duration::from_secs(3600);
        let directory = tempfile::tempdir().expect("a temporary directory");
        let cache = directory.path();
        for (name, hours) in
            [("packages/new.zip", 0), ("packages/old.zip", 30), ("built/old", 30), ("checks/.build-1", 0)]
        {
            let path = cache.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("created");
            fs::write(&path, "12345").expect("written");
            File::open(&path).and_then(|file| file.set_modified(SystemTime::now() - hour * hours)).expect("set");
        }
        fs::create_dir_all(cache.join("dependencies/a/b")).expect("created");
        fs::write(cache.join("dependencies/a/b/c"), "123").expect("written");
        let of = |found: &[Cached]| -> Vec<_> { found.iter().map(|it| (it.kind, it.entries, it.bytes)).collect() };
        let all = [("packages", 3, 15), ("dependencies", 1, 3), ("checks", 1, 5), ("promoted", 0, 0)];
        assert_eq!(of(&cached(cache)), all);
        let removed = clean(cache, 24 * hour).expect("cleaned");
        assert_eq!(of(&removed), [("packages", 2, 10), ("dependencies", 0, 0), ("checks", 0, 0), ("promoted", 0, 0)]);
        clean(cache, Duration::ZERO).expect("cleaned");
        let left = [("packages", 0, 0), ("dependencies", 0, 0), ("checks", 1, 5), ("promoted", 0, 0)];
        assert_eq!(of(&cached(cache)), left);
    }
}
