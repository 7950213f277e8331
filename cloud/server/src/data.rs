//! The data folder: one cloud at a time, closed to other users of the machine.

use crate::StartError;
use rustix::fs::{FlockOperation, flock};
use serde::Serialize;
use slam_cloud_core::{Durability, Store, StoreError};
use std::fs::{self, File, OpenOptions};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file of everything that is not kept apart for its size.
const DATABASE: &str = "slam.db";
/// Where files are moved that have to give way: nothing there is a service's.
pub(crate) const LOST: &str = "lost";

/// Whether a process has the data folder: a cloud that ends has it a little longer than its port.
#[must_use]
pub fn is_in_use(path: &Path) -> bool {
    File::open(path.join("lock")).is_ok_and(|lock| flock(&lock, FlockOperation::NonBlockingLockShared).is_err())
}

/// The folder, locked for as long as this lives.
pub(crate) struct DataFolder {
    path: PathBuf,
    /// This process of the cloud, which no other has ever been.
    instance: String,
    /// The lock is the open file's, so it goes with the process however that ends.
    _lock: File,
}

/// What tells other commands of this machine about the running cloud.
#[derive(Serialize)]
struct Record<'a> {
    pid: u32,
    port: u16,
    version: &'a str,
    instance: &'a str,
}

impl DataFolder {
    /// Makes the folder if need be, and locks it.
    pub(crate) fn open(path: &Path) -> Result<Self, StartError> {
        let unusable = |reason| StartError::Folder { folder: path.to_owned(), reason };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unusable)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(unusable)?;
        let lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path.join("lock"))
            .map_err(unusable)?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut pid = String::new();
            let _ = (&lock).take(32).read_to_string(&mut pid);
            return Err(StartError::Locked { folder: path.to_owned(), pid: pid.trim().parse().ok() });
        }
        lock.set_len(0).map_err(unusable)?;
        (&lock).rewind().map_err(unusable)?;
        writeln!(&lock, "{}", std::process::id()).map_err(unusable)?;
        // SQLite gives its other files the mode of this one.
        let database =
            OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path.join(DATABASE));
        database.map_err(unusable)?;
        Ok(Self { path: path.to_owned(), instance: slam_cloud_core::id::request_id(), _lock: lock })
    }

    /// The folder itself.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A path in the folder.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Opens the store.
    pub(crate) fn store(&self, durability: Durability) -> Result<Arc<Store>, StartError> {
        Store::open(&self.database(), durability).map_err(|reason| self.unreadable(reason))
    }

    /// What is wrong with the store.
    pub(crate) fn unreadable(&self, reason: StoreError) -> StartError {
        StartError::Store { file: self.database(), reason }
    }

    /// The store's file.
    pub(crate) fn database(&self) -> PathBuf {
        self.join(DATABASE)
    }

    /// What tells this process of the cloud from all others, whatever port or process id they have had.
    pub(crate) fn instance(&self) -> &str {
        &self.instance
    }

    /// Tells other commands that the cloud runs, and where.
    pub(crate) fn announce(&self, port: u16, version: &str) -> Result<(), StartError> {
        let record = Record { pid: std::process::id(), port, version, instance: &self.instance };
        let text = serde_json::to_vec(&record).expect("a record of plain fields is valid JSON");
        self.write("cloud.json", &text)
    }

    /// Tells nobody any more.
    pub(crate) fn withdraw(&self) {
        let _ = fs::remove_file(self.join("cloud.json"));
    }

    /// Writes a file that only its owner may read, whole or not at all.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> Result<(), StartError> {
        let temporary = self.join(&format!("{name}.new"));
        let written = (|| {
            let _ = fs::remove_file(&temporary);
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
            file.write_all(content)?;
            file.sync_all()?;
            fs::rename(&temporary, self.join(name))?;
            Durability::Fsync.keep_names(&self.path)
        })();
        written.map_err(|reason| StartError::Folder { folder: self.path.clone(), reason })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cloud_has_a_folder() {
        let path = std::env::temp_dir().join(format!("slam-data-{}", slam_cloud_core::id::request_id()));
        let folder = DataFolder::open(&path).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&folder.database())), (0o700, 0o600));
        folder.announce(4566, "0.1.0").unwrap();
        assert_eq!(mode(&folder.join("cloud.json")), 0o600);
        match DataFolder::open(&path) {
            Err(StartError::Locked { pid, .. }) => assert_eq!(pid, Some(std::process::id())),
            other => panic!("{:?}", other.err()),
        }
        folder.withdraw();
        drop(folder);
        assert!(DataFolder::open(&path).is_ok());
        fs::remove_dir_all(path).unwrap();
    }
}
