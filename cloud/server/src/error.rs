//! Why the server does not start, in words for the person who started it.

use slam_cloud_core::StoreError;
use std::net::IpAddr;
use std::path::PathBuf;

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Something else listens there.
    #[error(
        "port {port} is taken{}; stop that program or choose another port with SLAM_PORT",
        by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default()
    )]
    PortTaken {
        /// The port.
        port: u16,
        /// Who has it, if the system tells.
        by: Option<String>,
    },
    /// The address cannot be listened on for another reason.
    #[error("cannot listen on {host}:{port}: {reason}")]
    Listen {
        /// The address.
        host: IpAddr,
        /// The port.
        port: u16,
        /// The system's reason.
        reason: std::io::Error,
    },
    /// Another machine could reach the cloud, and nobody said that it may.
    #[error(
        "{host} is not a loopback address: whoever reaches the cloud can run code on this machine; \
         say --allow-remote if that is wanted"
    )]
    NotLoopback {
        /// The address.
        host: IpAddr,
    },
    /// The folder belongs to a running cloud.
    #[error(
        "the data folder {} is in use by another embedded cloud{}; stop it with `slam cloud stop`, \
         or set SLAM_HOME to use another folder",
        folder.display(),
        pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    Locked {
        /// The folder.
        folder: PathBuf,
        /// The other cloud's process.
        pid: Option<u32>,
    },
    /// The folder cannot be made or written.
    #[error(
        "the data folder {} cannot be used: {reason}; {}, or set SLAM_HOME to another one",
        folder.display(),
        if is_full(reason) { "make room on its disk" } else { "make it writable" }
    )]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// The system's reason.
        reason: std::io::Error,
    },
    /// A file of the installation does not have its form.
    #[error("{} is damaged: {reason}", file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no store any more, but what belongs with it.
    #[error(
        "{} is empty or was removed, and only it tells what the other files of {} are: nothing of them was touched; \
         put that file back from a copy (and remove slam.db-wal), or begin anew with `slam cloud check --repair`, which sets the files aside",
        file.display(), folder.display()
    )]
    StoreLost {
        /// The store's file.
        file: PathBuf,
        /// The data folder.
        folder: PathBuf,
    },
    /// The store is that of another folder.
    #[error(
        "{} is not the store that the other files of {} belong with (its id is not in store.id): nothing of them was \
         touched; put the right file back, or begin with this one and `slam cloud check --repair`, which sets the files aside",
        file.display(), folder.display()
    )]
    StoreOfAnother {
        /// The store's file.
        file: PathBuf,
        /// The data folder.
        folder: PathBuf,
    },
    /// What was stored cannot be read.
    #[error("{}: {reason}", file.display())]
    Store {
        /// The store's file.
        file: PathBuf,
        /// What is wrong with it.
        reason: StoreError,
    },
    /// The system's random generator cannot be read, so no key can be made.
    #[error("no access key can be made: {0}")]
    Random(String),
    /// A service cannot start.
    #[error("{service} cannot start: {reason}")]
    Service {
        /// The service's name.
        service: &'static str,
        /// Why.
        reason: String,
    },
}

/// Whether the disk, or what the user may take of it, is full.
fn is_full(reason: &std::io::Error) -> bool {
    matches!(reason.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Error, ErrorKind};

    #[test]
    fn what_to_do_follows_from_the_reason() {
        let check = |kind: ErrorKind, expected: &str| {
            let told = StartError::Folder { folder: "home".into(), reason: Error::from(kind) }.to_string();
            assert!(told.contains(expected), "{told}");
        };
        check(ErrorKind::StorageFull, "; make room on its disk, or set SLAM_HOME");
        check(ErrorKind::PermissionDenied, "; make it writable, or set SLAM_HOME");
    }
}
