//! What an acknowledged write survives, for the store and for the files that services keep beside it.
//!
//! To survive power loss a file's bytes must be on the disk, and so must its name in the folder and that folder's name in
//! the one above, all before the row that speaks of it is committed
//! (<https://man7.org/linux/man-pages/man2/fsync.2.html>: "Calling fsync() does not necessarily ensure that the entry
//! in the directory containing the file has also reached disk").

use std::fs::File;
use std::io;
use std::path::Path;

/// What an acknowledged write survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The end of the process at any moment.
    #[default]
    Process,
    /// Power loss.
    Fsync,
}

impl Durability {
    /// Has a file's bytes survive. Its name is the folder's: see [`Self::keep_names`].
    ///
    /// # Errors
    /// When they cannot be written to the disk.
    pub fn keep_bytes(self, file: &File) -> io::Result<()> {
        match self {
            Self::Process => Ok(()),
            Self::Fsync => file.sync_all(),
        }
    }

    /// Has what was made, renamed and removed in a folder survive.
    ///
    /// # Errors
    /// When it cannot be written to the disk.
    pub fn keep_names(self, folder: &Path) -> io::Result<()> {
        match self {
            Self::Process => Ok(()),
            Self::Fsync => File::open(folder)?.sync_all(),
        }
    }

    /// Has everything below a folder survive, and the folder itself but for its name.
    ///
    /// # Errors
    /// When it cannot be written to the disk.
    pub fn keep_tree(self, folder: &Path) -> io::Result<()> {
        match self {
            Self::Process => Ok(()),
            Self::Fsync => sync_tree(folder),
        }
    }
}

/// One call for the whole file system: a package has thousands of files, and a sync for each of them takes seconds.
#[cfg(target_os = "linux")]
fn sync_tree(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}

#[cfg(not(target_os = "linux"))]
fn sync_tree(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            sync_tree(&entry.path())?;
        } else if kind.is_file() {
            File::open(entry.path())?.sync_all()?;
        }
    }
    File::open(folder)?.sync_all()
}
