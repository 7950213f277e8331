//! Atomic, bounded directories: what is in place is complete, whoever else builds at the same time.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::BundleError;

/// What is older than this and beyond the number to keep is removed. Nothing younger ever is: a build may be using it.
const SAFE_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// A directory to build in, that is gone unless it is kept.
pub(crate) fn scratch(directory: &Path) -> Result<TempDir, BundleError> {
    fs::create_dir_all(directory).map_err(BundleError::io(directory, "created"))?;
    tempfile::Builder::new().prefix(".build-").tempdir_in(directory).map_err(BundleError::io(directory, "written"))
}

/// Move what was built to its place. When another build was faster its result stays: it is the same.
pub(crate) fn keep(built: &Path, place: &Path, replace: bool) -> Result<(), BundleError> {
    for _ in 0..3 {
        match fs::rename(built, place) {
            Ok(()) => return Ok(()),
            Err(_) if place.exists() && !replace => return Ok(()),
            // A directory that is not empty is not replaced by a rename.
            Err(_) if place.is_dir() => {
                let aside = scratch(place.parent().unwrap_or(place))?;
                // Gone meanwhile is as good as moved.
                let _ = fs::rename(place, aside.path().join("old"));
            }
            Err(error) => return Err(BundleError::io(place, "written")(error)),
        }
    }
    fs::rename(built, place).map_err(BundleError::io(place, "written"))
}

/// Mark as used, so that it is among the last to be removed.
pub(crate) fn touch(path: &Path) {
    // Only the order of removal depends on it.
    let _ = File::open(path).and_then(|file| file.set_modified(SystemTime::now()));
}

/// Remove the entries of a directory that were not used for long, but the newest `count`.
pub(crate) fn prune(directory: &Path, count: usize) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    let mut entries: Vec<(SystemTime, PathBuf)> =
        entries.flatten().filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).collect();
    entries.sort_by(|one, other| other.cmp(one));
    let now = SystemTime::now();
    for (modified, path) in entries.into_iter().skip(count) {
        if now.duration_since(modified).is_ok_and(|age| age > SAFE_AGE) {
            // A file that stays is tried again by the next build.
            let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_old_and_beyond_the_number_is_removed() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let old = SystemTime::now() - 2 * SAFE_AGE;
        for (name, modified) in [("old1", old), ("old2", old + Duration::from_secs(1)), ("young", SystemTime::now())] {
            let file = File::create(directory.path().join(name)).expect("created");
            file.set_modified(modified).expect("set");
        }
        prune(directory.path(), 2);
        let mut left: Vec<_> = fs::read_dir(directory.path()).expect("read").flatten().map(|e| e.file_name()).collect();
        left.sort();
        assert_eq!(left, ["old2", "young"]);
    }

    #[test]
    fn the_second_of_two_builds_is_dropped_unless_it_replaces() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let place = directory.path().join("place");
        let built = |content: &str| {
            let built = directory.path().join(content);
            fs::create_dir(&built).expect("created");
            fs::write(built.join("file"), content).expect("written");
            built
        };
        for (content, replace, expected) in [("one", false, "one"), ("two", false, "one"), ("three", true, "three")] {
            keep(&built(content), &place, replace).expect("kept");
            assert_eq!(fs::read_to_string(place.join("file")).expect("read"), expected);
        }
    }
}
