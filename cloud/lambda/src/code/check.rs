//! Whether every function and layer has its package.

use super::{CodeStore, blocking};
use crate::store::LambdaStore;
use sha2::{Digest, Sha256};
use slam_cloud_core::AwsResult;
use slam_cloud_core::service::Finding;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

impl CodeStore {
    /// The packages that versions refer to and that are not there, or not as they were sent. Only their owner has them.
    ///
    /// # Errors
    /// When one cannot be read.
    pub async fn check(&self, store: &LambdaStore) -> AwsResult<Vec<Finding>> {
        let mut users: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (_, name, function) in store.functions.all() {
            for version in function.all_versions() {
                users.entry(version.code.hash.clone()).or_default().push(format!("function {name}"));
            }
        }
        for (_, name, layer) in store.layers.all() {
            for (number, version) in &layer.versions {
                users.entry(version.code.hash.clone()).or_default().push(format!("layer {name}:{number}"));
            }
        }
        let mut found = Vec::new();
        for (hash, mut users) in users {
            let package = self.package(&hash);
            let Some(trouble) = blocking(move || trouble(&package, &hash)).await? else { continue };
            users.dedup();
            let remedy = "deploy it again".to_owned();
            found.push(Finding {
                what: format!("the package of {}", users.join(", ")),
                trouble,
                remedy,
                mended: false,
            });
        }
        Ok(found)
    }
}

fn trouble(package: &Path, hash: &str) -> AwsResult<Option<String>> {
    let mut file = match File::open(package) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(Some(format!("{} is not there", package.display())));
        }
        Err(error) => return Ok(Some(format!("{}: {error}", package.display()))),
    };
    let mut digest = Sha256::new();
    if let Err(error) = std::io::copy(&mut file, &mut digest) {
        return Ok(Some(format!("{}: {error}", package.display())));
    }
    let found: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((found != hash).then(|| format!("{} is not what was sent", package.display())))
}
