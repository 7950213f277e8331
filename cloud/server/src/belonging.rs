//! Whether the store is the one that the data folder belongs with.
//!
//! Services keep files beside the store that only its rows tell of, and sweeps remove what no row tells of. Beside a store that
//! was emptied, removed or exchanged that would be everything: so the folder keeps the store's id, and no cloud starts
//! where they do not belong together.

use crate::StartError;
use crate::data::{DataFolder, LOST};
use slam_cloud_core::Store;
use slam_cloud_core::store::is_absent;
use std::fs;
use std::path::{Path, PathBuf};

/// The file with the store's id.
pub(crate) const FILE: &str = "store.id";

/// Makes sure, before the store is opened (which would make a new one), that it was not lost.
///
/// # Errors
/// [`StartError::StoreLost`] where the store is new and the folder is not.
pub(crate) fn check_file(folder: &DataFolder) -> Result<(), StartError> {
    let file = folder.database();
    if is_absent(&file) && (folder.join(FILE).exists() || holds_files(folder.path())) {
        return Err(StartError::StoreLost { file, folder: folder.path().to_owned() });
    }
    Ok(())
}

/// Makes sure that an opened store is the folder's, and notes it where the folder has none yet.
///
/// # Errors
/// [`StartError::StoreOfAnother`] where it is another's.
pub(crate) fn check_id(folder: &DataFolder, store: &Store) -> Result<(), StartError> {
    match fs::read_to_string(folder.join(FILE)) {
        Ok(id) if id.trim() == store.id() => Ok(()),
        // Unreadable or empty is not the same as never written.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => folder.write(FILE, store.id().as_bytes()),
        _ => {
            // Or its log would be read into the right file, once that is put back.
            let _ = store.settle();
            Err(StartError::StoreOfAnother { file: folder.database(), folder: folder.path().to_owned() })
        }
    }
}

/// Forgets which store the folder had: the next one is.
///
/// # Errors
/// When the file cannot be removed.
pub(crate) fn forget(folder: &DataFolder) -> Result<(), StartError> {
    match fs::remove_file(folder.join(FILE)) {
        Err(reason) if reason.kind() != std::io::ErrorKind::NotFound => {
            Err(StartError::Folder { folder: folder.path().to_owned(), reason })
        }
        _ => Ok(()),
    }
}

/// The folders that services have there.
pub(crate) fn folders(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    paths.filter(|path| path.is_dir() && path.file_name().is_none_or(|name| name != LOST)).collect()
}

/// Whether a service has left files there. A folder of before the id was kept has nothing else to tell it by.
fn holds_files(folder: &Path) -> bool {
    folders(folder).iter().any(|path| holds_file(path))
}

fn holds_file(folder: &Path) -> bool {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| Some((entry.path(), entry.file_type().ok()?))).any(|(path, kind)| match kind.is_dir() {
        true => holds_file(&path),
        false => true,
    })
}
