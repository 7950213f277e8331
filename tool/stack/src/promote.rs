//! What one stack runs, brought to another: the same packages, layers and static files, by their hashes.
//!
//! The stacks may belong to different accounts, regions and clouds, between which no server copies objects; so the
//! packages are fetched and sent again. Each is held against the hash that is its name.

use crate::deploy::PackageFile;
use crate::error::{StackError, while_doing};
use crate::packages::{Keys, bucket_of, deployed_keys};
use crate::static_files::{self, StaticFiles};
use crate::{Session, deployed};
use sha2::{Digest, Sha256};
use slam_project::Project;
use slam_template::{STATIC_PARAMETER, StageTarget, Template};
use std::io::Write;
use std::path::Path;
use tempfile::TempDir;

/// No package is larger than what Lambda takes unzipped.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_PACKAGE: u64 = 262_144_000;

/// What a stage of a stack runs.
#[derive(Debug)]
pub struct Running {
    bucket: String,
    /// Of packages and layers.
    keys: Keys,
    /// The version of the static files.
    files: Option<String>,
}

/// Packages and static files on disk, which go with this.
#[derive(Debug)]
pub struct Fetched {
    /// The packages and layers.
    pub packages: Vec<PackageFile>,
    /// The static files, where the API serves some.
    pub static_files: Option<StaticFiles>,
    _folder: TempDir,
}

/// Finds out what a stage runs: the packages that are deployed, or those of the version it is published to.
///
/// # Errors
/// When the stack or the stage is missing.
pub async fn running(session: &Session<'_>, project: &Project, stage: &str) -> Result<Running, StackError> {
    let stack = deployed::require(session).await?;
    let template = Template::parse(&deployed::template(session).await?)?;
    let bucket = bucket_of(project, &stack, session)?;
    let mut keys = deployed_keys(&stack);
    let mut files = keys.remove(STATIC_PARAMETER);
    if let StageTarget::Published(ids) = template.stage(stage)?.target {
        let versions = template.versions().into_iter().filter(|version| ids.contains(&version.logical_id));
        for version in versions {
            files = version.static_files.or(files);
            keys.extend(version.keys);
        }
    }
    Ok(Running { bucket, keys, files })
}

impl Running {
    /// The hash of what a parameter of the template names, in hexadecimal.
    #[must_use]
    pub fn sha256(&self, parameter: &str) -> Option<&str> {
        hash_of(self.keys.get(parameter)?)
    }

    /// Fetches the packages and static files into a folder within `cache`.
    ///
    /// # Errors
    /// When a package is gone, is not what its name says, or cannot be written.
    pub async fn fetch(&self, session: &Session<'_>, cache: &Path) -> Result<Fetched, StackError> {
        let unwritable = |error| StackError::Unreadable { path: cache.display().to_string(), error };
        std::fs::create_dir_all(cache).map_err(unwritable)?;
        let folder = tempfile::Builder::new().prefix("promote-").tempdir_in(cache).map_err(unwritable)?;
        let mut packages = Vec::new();
        for (parameter, key) in &self.keys {
            let Some(sha256) = hash_of(key) else {
                let why = "its name is not its content's hash, so slam did not put it there".to_owned();
                return Err(StackError::Package { key: key.clone(), why });
            };
            let path = folder.path().join(format!("{sha256}.zip"));
            fetch(session, &self.bucket, key, sha256, &path).await?;
            packages.push(PackageFile { parameter: parameter.clone(), path, sha256: sha256.to_owned() });
        }
        let static_files = match &self.files {
            Some(version) => Some(static_files::fetch(session, &self.bucket, version, folder.path()).await?),
            None => None,
        };
        Ok(Fetched { packages, static_files, _folder: folder })
    }
}

/// The hash that a key is made of.
fn hash_of(key: &str) -> Option<&str> {
    let hash = key.rsplit('/').next()?.strip_suffix(".zip")?;
    (hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(hash)
}

async fn fetch(session: &Session<'_>, bucket: &str, key: &str, sha256: &str, path: &Path) -> Result<(), StackError> {
    let unwritable = |error| StackError::Unreadable { path: path.display().to_string(), error };
    let wrong = |why: String| StackError::Package { key: key.to_owned(), why };
    let call = session.clients.s3.get_object().bucket(bucket).key(key).send();
    let mut body = call.await.map_err(while_doing!("fetching the package"))?.body;
    let mut file = std::fs::File::create(path).map_err(unwritable)?;
    let mut hash = Sha256::new();
    let mut size = 0;
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|error| wrong(format!("it does not arrive whole: {error}")))?;
        size += piece.len() as u64;
        if size > MAX_PACKAGE {
            return Err(wrong(format!("it is larger than the {MAX_PACKAGE} bytes that Lambda takes")));
        }
        hash.update(&piece);
        file.write_all(&piece).map_err(unwritable)?;
    }
    let found = hex::encode(hash.finalize());
    if found != sha256 {
        return Err(wrong(format!("its content has the hash {found}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_hash_is_a_name() {
        let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hash_of(&format!("tasks/{hash}.zip")), Some(hash));
        for other in ["tasks/by-hand.zip", "tasks/../../x.zip", "tasks/", "", &format!("tasks/{hash}")] {
            assert_eq!(hash_of(other), None, "{other}");
        }
    }
}
