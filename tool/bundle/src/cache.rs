//! Atomic, bounded directories: what is in place is complete, whoever else builds at the same time.

use crate::BundleError;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

/// What is older than this and beyond the number to keep is removed.
const SAFE_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// Nothing younger is ever removed: a build may be using it.
const BUSY_AGE: Duration = Duration::from_secs(60 * 60);

/// What a directory may hold. Beyond it goes what was not used for longest, whatever the number to keep.
const MOST: u64 = 2_000_000_000;

/// What the names begin with of what is being made.
const IN_PROGRESS: [&str; 2] = [SCRATCH, "promote-"];
const SCRATCH: &str = ".build-";

/// A directory to build in, that is gone unless it is kept.
pub fn scratch(directory: &Path) -> Result<TempDir, BundleError> {
    fs::create_dir_all(directory).map_err(BundleError::io(directory, "created"))?;
    tempfile::Builder::new().prefix(SCRATCH).tempdir_in(directory).map_err(BundleError::io(directory, "written"))
}

/// Move what was built to its place. When another build was faster its result stays: it is the same.
pub fn keep(built: &Path, place: &Path, replace: bool) -> Result<(), BundleError> {
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
pub fn touch(path: &Path) {
    // Only the order of removal depends on it.
    let _ = File::open(path).and_then(|file| file.set_modified(SystemTime::now()));
}

/// Remove the entries of a directory that were not used for long, but the newest `count`, and more where they take too much.
pub fn prune(directory: &Path, count: usize) {
    prune_to(directory, count, MOST);
}

fn prune_to(directory: &Path, count: usize, most: u64) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    let mut entries: Vec<(SystemTime, PathBuf)> =
        entries.flatten().filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).collect();
    entries.sort_by(|one, other| other.cmp(one));
    let now = SystemTime::now();
    let mut bytes = 0;
    for (number, (modified, path)) in entries.into_iter().enumerate() {
        bytes += bytes_of(&path);
        let age = now.duration_since(modified).unwrap_or_default();
        if number >= count && age > SAFE_AGE || bytes > most && age > BUSY_AGE {
            // What stays is tried again by the next build.
            let _ = remove(&path);
        }
    }
}

/// Removes a file or a directory; a directory at once, so that nobody finds half of it.
pub fn remove(path: &Path) -> io::Result<()> {
    let found = |error: io::Error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) };
    match path.parent().filter(|_| path.is_dir()) {
        Some(parent) => {
            let aside = tempfile::Builder::new().prefix(SCRATCH).tempdir_in(parent)?;
            fs::rename(path, aside.path().join("old")).or_else(found)?;
            aside.close()
        }
        None => fs::remove_file(path).or_else(found),
    }
}

/// Whether an entry of this age may be one that is being made.
pub fn is_in_progress(path: &Path, age: Duration) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    age < BUSY_AGE && IN_PROGRESS.iter().any(|prefix| name.starts_with(prefix))
}

/// What a file, or all that is in a directory, takes.
pub fn bytes_of(path: &Path) -> u64 {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            fs::read_dir(path).into_iter().flatten().flatten().map(|entry| bytes_of(&entry.path())).sum()
        }
        Ok(metadata) => metadata.len(),
        // Gone meanwhile.
        Err(_) => 0,
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
    fn what_takes_too_much_goes_the_oldest_first() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        for (name, age) in [("busy", 0), ("newer", 2), ("older", 3), ("oldest", 4)] {
            let folder = directory.path().join(name);
            fs::create_dir(&folder).expect("created");
            fs::write(folder.join("file"), "12345").expect("written");
            File::open(&folder).and_then(|file| file.set_modified(SystemTime::now() - age * BUSY_AGE)).expect("set");
        }
        let left = |most| {
            prune_to(directory.path(), 9, most);
            let mut names: Vec<_> =
                fs::read_dir(directory.path()).expect("read").flatten().map(|entry| entry.file_name()).collect();
            names.sort();
            names
        };
        assert_eq!(left(10), ["busy", "newer"]);
        assert_eq!(left(1), ["busy"]);
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
