//! Packages and layers cannot be changed by the functions that run in them: on AWS `/var/task` and `/opt` are read-only
//! file systems (<https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>, "Each execution
//! environment provides … disk space in the `/tmp` directory").
//!
//! Where the system lets the cloud do it, each environment finds them in a mount that is read-only, with AWS's error
//! (EROFS), and the files keep the modes that the zip file gave them. Elsewhere the files lose their write permission,
//! which root does not heed.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const WRITE: u32 = 0o222;
const OWNER: u32 = 0o700;

/// Takes the write permission from a folder and everything in it. Does nothing the second time.
pub(super) fn seal(folder: &Path) -> io::Result<()> {
    let mode = fs::symlink_metadata(folder)?.permissions().mode();
    if mode & WRITE == 0 {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, metadata) = (entry.path(), entry.metadata()?);
        if metadata.is_dir() {
            seal(&path)?;
        } else if metadata.is_file() {
            fs::set_permissions(&path, Permissions::from_mode(metadata.permissions().mode() & !WRITE))?;
        }
    }
    // Last, so that a folder without the permission has nothing in it that was not sealed.
    fs::set_permissions(folder, Permissions::from_mode(mode & !WRITE))
}

/// Removes a folder, sealed or not.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            unseal(folder)?;
            fs::remove_dir_all(folder)
        }
        removed => removed,
    }
}

/// Makes the folders ones that things can be removed from.
fn unseal(folder: &Path) -> io::Result<()> {
    fs::set_permissions(folder, Permissions::from_mode(OWNER))?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            unseal(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_sealed_folder_cannot_be_written_and_can_be_removed() {
        let root = tempfile::tempdir().unwrap();
        let outside = root.path().join("outside");
        fs::write(&outside, "").unwrap();
        let folder = root.path().join("package");
        fs::create_dir_all(folder.join("a/b")).unwrap();
        for (name, mode) in [("a/b/script", 0o775), ("a/module.py", 0o644)] {
            fs::write(folder.join(name), "").unwrap();
            fs::set_permissions(folder.join(name), Permissions::from_mode(mode)).unwrap();
        }
        std::os::unix::fs::symlink(&outside, folder.join("link")).unwrap();
        let before = mode(&outside);
        for _ in 0..2 {
            seal(&folder).unwrap();
        }
        let modes = ["", "a", "a/b", "a/b/script", "a/module.py"].map(|name| mode(&folder.join(name)));
        assert_eq!(modes, [0o555, 0o555, 0o555, 0o555, 0o444]);
        assert_eq!(mode(&outside), before);
        remove(&folder).unwrap();
        assert!(!folder.exists() && outside.exists());
    }
}
