//! What keeps an environment apart from others and from the machine, as far as this system has the means.

use super::Parts;
use crate::runtime::Launch;
use slam_cloud_core::{AwsError, AwsResult, StoreError};
use slam_cloud_sandbox::{Launcher, Temporary};
use std::path::{Path, PathBuf};

/// The folder for temporary files on AWS.
const TEMPORARY: &str = "/tmp";

/// Starts what starts environments, which find what is in `unpacked` read-only, and says what this system lacks for it.
///
/// # Errors
/// When it cannot be started.
pub fn launcher(unpacked: &Path) -> Result<Launcher, StoreError> {
    let launcher = Launcher::new(unpacked).map_err(|error| StoreError::Database(error.to_string()))?;
    let reason = launcher.reason().unwrap_or_default();
    if !launcher.has_mounts() {
        tracing::warn!(
            reason,
            "this system lets the cloud make no mount namespace: functions find their packages read-only by the files' \
             modes, with EACCES in place of EROFS, and those of root can change them; /tmp is the machine's, and \
             EphemeralStorage bounds nothing"
        );
    }
    if !launcher.has_processes() {
        tracing::warn!(
            reason,
            "this system lets the cloud make no PID namespace: functions see the processes of this machine, and their \
             number is looked at and not limited by the kernel"
        );
    }
    Ok(launcher)
}

/// Where an environment has its temporary files.
pub(super) enum Place {
    /// On a `/tmp` of its own.
    Own(Temporary),
    /// In a folder.
    Folder(PathBuf),
}

/// A place for an environment's temporary files, of so many megabytes where it has mounts of its own.
///
/// # Errors
/// When it cannot be made.
pub(super) async fn temporary(parts: &Parts, id: &str, megabytes: i64, launch: &Launch) -> AwsResult<Place> {
    if parts.launcher.has_mounts() {
        let size = u64::try_from(megabytes).unwrap_or(512) << 20;
        return Ok(Place::Own(Temporary { size, kept: kept(&parts.folder, launch) }));
    }
    let folder = parts.temporary.join(id);
    let made = tokio::fs::create_dir_all(&folder).await;
    made.map_err(|error| AwsError::internal(format_args!("cannot make {}: {error}", folder.display())))?;
    Ok(Place::Folder(folder))
}

/// What an environment finds in its `/tmp` because it is below the machine's: the cloud's own folder and the runtime.
fn kept(own: &Path, launch: &Launch) -> Vec<PathBuf> {
    let runtime = launch.programs.iter().filter_map(|programs| programs.parent());
    let all = runtime.chain(launch.folders.iter().map(PathBuf::as_path)).chain([own]);
    all.filter(|path| path.strip_prefix(TEMPORARY).is_ok_and(|rest| rest != Path::new("")))
        .map(Path::to_owned)
        .collect()
}

impl Place {
    /// The folder, as the environment finds it.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Own(_) => Path::new(TEMPORARY),
            Self::Folder(folder) => folder,
        }
    }

    /// What is to be mounted.
    pub(super) fn mount(&self) -> Option<Temporary> {
        match self {
            Self::Own(temporary) => Some(temporary.clone()),
            Self::Folder(_) => None,
        }
    }

    /// Removes it, if it is not gone with the environment's processes.
    pub(super) async fn remove(&self) {
        if let Self::Folder(folder) = self {
            let _ = tokio::fs::remove_dir_all(folder).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::wrapper::Command;

    fn check(own: &str, programs: &str, folders: &[&str], expected: &[&str]) {
        let launch = Launch {
            version: String::new(),
            command: Command { program: PathBuf::new(), arguments: Vec::new() },
            programs: Some(programs.into()),
            folders: folders.iter().map(PathBuf::from).collect(),
            variables: Vec::new(),
        };
        assert_eq!(kept(Path::new(own), &launch), expected.iter().map(PathBuf::from).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_needed_below_tmp_stays() {
        check("/home/me/.slam/cloud/lambda", "/usr/bin", &["/usr/lib/python3"], &[]);
        check(
            "/tmp/home/cloud/lambda",
            "/tmp/python/bin",
            &["/tmp/packages", "/tmpx"],
            &["/tmp/python", "/tmp/packages", "/tmp/home/cloud/lambda"],
        );
        // All of it would be no /tmp of its own.
        check("/tmp/home/cloud/lambda", "/tmp/bin", &["/tmp"], &["/tmp/home/cloud/lambda"]);
    }
}
