//! The code store: packages and layers by the hash of their content, each unpacked once and shared by all versions that
//! have it.
//!
//! ```text
//! <data>/lambda/code/<hash>.zip        as it was sent
//! <data>/lambda/unpacked/<hash>/       what functions run in, and what plays /opt for those with one layer
//! <data>/lambda/unpacked/<set>/        what plays /opt for those with several layers, by the hash of all their hashes
//! <data>/lambda/bytecode/<hash>/       what Python has compiled of a package or layer
//! ```
//!
//! Packages, zipped and unpacked, are written beside their place and renamed into it, so that what is there is whole. What
//! no version refers to and nobody holds is removed: see [`sweep`]. Functions cannot change what is unpacked: see
//! [`seal`]. What is for another processor than this machine's, [`native`] finds.

mod check;
mod links;
pub mod native;
mod overlay;
mod seal;
mod sweep;
mod times;
mod unpack;

pub use sweep::Hold;

/// Unpacks a package to a folder that is not there yet.
#[cfg(fuzzing)]
pub fn unpack_to(package: &[u8], folder: &std::path::Path) -> AwsResult<()> {
    unpack::unpack(package, folder, Durability::Process)
}
pub(crate) use sweep::keep_swept;

use crate::error::invalid_parameter;
use crate::model::Code;
use base64::Engine as _;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use slam_cloud_core::{AwsError, AwsResult, Durability};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use sweep::Held;

/// The packages of all functions.
pub struct CodeStore {
    packages: PathBuf,
    unpacked: PathBuf,
    /// Whether functions find what is unpacked on a mount that is read-only; elsewhere only the modes of the files keep
    /// them from changing it.
    has_mounts: bool,
    held: Arc<Held>,
    durability: Durability,
}

impl CodeStore {
    /// Opens the store in this folder; functions may have mounts of their own.
    ///
    /// # Errors
    /// When its folders cannot be made.
    pub fn open(folder: &Path, durability: Durability, has_mounts: bool) -> std::io::Result<Self> {
        let (packages, unpacked) = (folder.join("code"), unpacked(folder));
        std::fs::create_dir_all(&packages)?;
        std::fs::create_dir_all(&unpacked)?;
        std::fs::create_dir_all(bytecode(&unpacked))?;
        durability.keep_names(folder)?;
        Ok(Self { packages, unpacked, has_mounts, held: Arc::default(), durability })
    }

    /// Stores a package and unpacks it. It stays as long as the hold is kept or a version refers to it.
    ///
    /// # Errors
    /// When it is no zip file, too large unpacked, or would write outside its folder.
    pub async fn put(&self, package: Bytes) -> AwsResult<(Code, Hold)> {
        let length = package.len();
        let (digest, package) = blocking(move || Ok((Sha256::digest(&package), package))).await?;
        let code = Code {
            hash: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            sha256: base64::engine::general_purpose::STANDARD.encode(digest),
            size: i64::try_from(length).unwrap_or(i64::MAX),
        };
        let hold = self.hold(&code.hash);
        let (zip, folder, durability) = (self.package(&code.hash), self.folder(&code.hash), self.durability);
        blocking(move || {
            if !folder.is_dir() {
                unpack::unpack(&package, &folder, durability)?;
            }
            if !zip.is_file() {
                write_whole(&zip, &package, durability).map_err(failed)?;
            }
            Ok(())
        })
        .await?;
        Ok((code, hold))
    }

    /// Keeps a package from being swept while the hold is kept.
    pub fn hold(&self, hash: &str) -> Hold {
        self.held.hold(hash)
    }

    /// Has the packages removed that no version refers to and nobody holds, as soon as that disturbs nobody.
    pub fn sweep_soon(&self) {
        self.held.want();
    }

    /// The size of packages unpacked, together.
    ///
    /// # Errors
    /// When one cannot be read.
    pub async fn unzipped(&self, hashes: &[&str]) -> AwsResult<u64> {
        let packages: Vec<PathBuf> = hashes.iter().map(|hash| self.package(hash)).collect();
        blocking(move || packages.iter().map(|package| unpack::size(package)).sum()).await
    }

    /// The zip file of a package.
    pub fn package(&self, hash: &str) -> PathBuf {
        self.packages.join(format!("{hash}.zip"))
    }

    /// The folder of an unpacked package.
    pub fn folder(&self, hash: &str) -> PathBuf {
        self.unpacked.join(hash)
    }

    /// The folder of an unpacked package, as functions run in it: they cannot change it.
    ///
    /// # Errors
    /// When it cannot be unpacked again, if need be, or sealed.
    pub async fn task_root(&self, hash: &str) -> AwsResult<PathBuf> {
        self.unpack_again(hash).await?;
        self.sealed(self.folder(hash)).await
    }

    /// Unpacks a package whose folder was lost while the package is there.
    async fn unpack_again(&self, hash: &str) -> AwsResult<()> {
        let (zip, folder, durability) = (self.package(hash), self.folder(hash), self.durability);
        blocking(move || {
            if folder.is_dir() {
                return Ok(());
            }
            let package = std::fs::read(&zip).map_err(failed)?;
            if let Some(unpacked) = folder.parent() {
                std::fs::create_dir_all(unpacked).map_err(failed)?;
            }
            unpack::unpack(&package, &folder, durability)
        })
        .await
    }

    /// All that functions find on a read-only mount, where they have mounts of their own.
    pub fn read_only(&self) -> Option<PathBuf> {
        self.has_mounts.then(|| self.unpacked.clone())
    }

    /// Seals a folder, unless the system keeps functions from changing it.
    async fn sealed(&self, folder: PathBuf) -> AwsResult<PathBuf> {
        if self.has_mounts {
            return Ok(folder);
        }
        blocking(move || seal::seal(&folder).map(|()| folder).map_err(failed)).await
    }
}

/// Where a store keeps what is unpacked.
pub(crate) fn unpacked(folder: &Path) -> PathBuf {
    folder.join("unpacked")
}

/// Where bytecode of what is unpacked there is kept.
pub(crate) fn bytecode(unpacked: &Path) -> PathBuf {
    unpacked.with_file_name("bytecode")
}

/// Runs work that reads, writes, hashes or unpacks on a thread that may block.
///
/// # Errors
/// What the work answers.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> AwsResult<T> + Send + 'static) -> AwsResult<T> {
    tokio::task::spawn_blocking(work).await.map_err(AwsError::internal)?
}

fn write_whole(path: &Path, bytes: &[u8], durability: Durability) -> std::io::Result<()> {
    let beside = beside(path);
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
    file.write_all(bytes)?;
    durability.keep_bytes(&file)?;
    put_in_place(&beside, path, durability)
}

/// Gives what was written its name.
fn put_in_place(beside: &Path, path: &Path, durability: Durability) -> std::io::Result<()> {
    std::fs::rename(beside, path)?;
    path.parent().map_or(Ok(()), |folder| durability.keep_names(folder))
}

/// A name beside `path` that nobody else has, hidden, and starting with the same hash.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}", slam_cloud_core::id::request_id()))
}

fn failed(error: impl std::fmt::Display) -> AwsError {
    AwsError::internal(format_args!("a package cannot be stored: {error}"))
}

fn not_a_zip() -> AwsError {
    invalid_parameter("Could not unzip uploaded file. Please check your file, then try to upload again.")
}
