//! Where slam keeps things on a machine, and which port the cloud has.

use http::uri::Authority;
use slam_project::variables::{SLAM_ALLOW_HOSTS, SLAM_HOME, SLAM_PORT};
use slam_report::{Context, Report, Result};
use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::PathBuf;

/// LocalStack's port, which tools of the ecosystem expect.
const DEFAULT_PORT: u16 = 4566;

/// The mode of a folder that its owner alone may look into.
const PRIVATE: u32 = 0o700;

const CACHE: &str = "cache";

/// The folder of everything slam keeps: `$SLAM_HOME`, else `~/.slam`.
#[derive(Clone, Debug)]
pub struct Home {
    root: PathBuf,
    /// A person has named the folder, who may keep other things in it.
    is_named: bool,
}

impl Home {
    /// Finds the folder; it need not exist yet.
    pub fn locate() -> Result<Self> {
        let named = std::env::var_os(SLAM_HOME).filter(|value| !value.is_empty());
        let is_named = named.is_some();
        let root = match named {
            Some(folder) => std::path::absolute(folder).context("SLAM_HOME is no usable path")?,
            None => match std::env::home_dir() {
                Some(home) => home.join(".slam"),
                None => {
                    let message = "no home folder is known: set SLAM_HOME to the folder slam may keep things in";
                    return Err(Report::failure(message));
                }
            },
        };
        Ok(Self { root, is_named })
    }

    /// Makes the folder if need be, closed to other users of the machine: what is in it has the code of functions, what they
    /// say, and keys.
    pub fn make(&self) -> Result<()> {
        let made = DirBuilder::new().recursive(true).mode(PRIVATE).create(self.root.join(CACHE));
        made.context(format_args!("{} cannot be created", self.root.display()))?;
        // Older versions left them open.
        let mut own = vec![self.root.join(CACHE)];
        if !self.is_named {
            own.push(self.root.clone());
        }
        for folder in own {
            let mode = fs::metadata(&folder)?.permissions().mode();
            if mode & 0o077 != 0 {
                let closed = fs::set_permissions(&folder, Permissions::from_mode(PRIVATE));
                closed.context(format_args!("{} cannot be closed to other users", folder.display()))?;
            }
        }
        Ok(())
    }

    /// The folder itself.
    pub fn root(&self) -> &PathBuf {
        &self.root
    }

    /// The embedded cloud's data.
    pub fn cloud(&self) -> PathBuf {
        self.root.join("cloud")
    }

    /// What a cloud that runs in the background prints.
    pub fn cloud_log(&self) -> PathBuf {
        self.root.join("cloud.log")
    }

    /// Dependencies and packages that need not be built again.
    pub fn packages(&self) -> PathBuf {
        self.root.join(CACHE).join("bundle")
    }
}

/// The hosts of this machine that the cloud's integrations may reach: those of `$SLAM_ALLOW_HOSTS`.
pub fn allowed_hosts() -> Result<Vec<Authority>> {
    let text = std::env::var(SLAM_ALLOW_HOSTS).unwrap_or_default();
    let hosts = text.split(',').map(str::trim).filter(|host| !host.is_empty()).map(|host| {
        host.parse().map_err(|_| {
            let message = format_args!("{SLAM_ALLOW_HOSTS} has `{host}`, which is no host: write NAME or NAME:PORT");
            Report::failure(message)
        })
    });
    hosts.collect()
}

/// The cloud's port: `$SLAM_PORT`, else 4566.
pub fn port() -> Result<u16> {
    match std::env::var(SLAM_PORT) {
        Ok(text) if !text.is_empty() => match text.parse() {
            Ok(port) if port != 0 => Ok(port),
            _ => {
                let message = format_args!("{SLAM_PORT} is `{text}`, which is no port: give a number from 1 to 65535");
                Err(Report::failure(message))
            }
        },
        _ => Ok(DEFAULT_PORT),
    }
}
