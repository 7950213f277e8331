//! The packages of a stack: where they lie, and how its parameters name them.

use crate::Session;
use crate::deployed::DeployedStack;
use crate::error::StackError;
use slam_project::Project;
use slam_template::{CODE_BUCKET_PARAMETER, PACKAGE_BUCKET_OUTPUT, Release, Template};
use std::collections::BTreeMap;

/// Keys of packages and layers in the bucket, and the version of the static files, by the template's parameters.
pub type Keys = BTreeMap<String, String>;

/// What is deployed: every parameter of slam's templates but the bucket is a key.
pub fn deployed_keys(stack: &DeployedStack) -> Keys {
    let keys = stack.parameters.iter().filter(|(name, _)| *name != CODE_BUCKET_PARAMETER);
    keys.map(|(name, key)| (name.clone(), key.clone())).collect()
}

/// Where the packages of a project lie within their bucket.
pub fn prefix(project: &Project) -> String {
    format!("{}/", project.name)
}

/// The bucket of the packages: the stack's own, else the one that slam.yaml names.
pub fn bucket_of(project: &Project, stack: &DeployedStack, session: &Session<'_>) -> Result<String, StackError> {
    match (stack.outputs.get(PACKAGE_BUCKET_OUTPUT), &project.package.bucket) {
        (Some(bucket), _) => Ok(bucket.clone()),
        (None, Some(bucket)) => Ok(bucket.clone()),
        (None, None) => stack.output(session, PACKAGE_BUCKET_OUTPUT).map(str::to_owned),
    }
}

/// The values of a template's parameters.
pub fn parameters(template: &Template, bucket: &str, keys: &Keys) -> Vec<(String, String)> {
    let bucket = (CODE_BUCKET_PARAMETER.to_owned(), bucket.to_owned());
    let keys = keys.iter().map(|(name, key)| (name.clone(), key.clone()));
    std::iter::once(bucket).chain(keys).filter(|(name, _)| template.has_parameter(name)).collect()
}

/// What is published of these packages.
pub fn release(keys: &Keys) -> Release {
    let hashes = keys.iter().filter_map(|(name, key)| Some((name.clone(), content_hash(key)?)));
    Release { code_sha256: hashes.collect(), keys: keys.clone(), description: None }
}

/// Lambda's `CodeSha256` of a package, from the hash in its key: it makes the publication fail when the function's
/// code was changed by somebody else meanwhile.
fn content_hash(key: &str) -> Option<String> {
    let hash = key.rsplit('/').next()?.strip_suffix(".zip")?;
    let bytes: Option<Vec<u8>> = (0..hash.len())
        .step_by(2)
        .map(|at| hash.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok()))
        .collect();
    bytes.filter(|bytes| bytes.len() == 32).map(|bytes| slam_aws::encode_base64(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keys_hash_is_lambdas() {
        let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let expected = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(content_hash(&format!("tasks/{hash}.zip")).as_deref(), Some(expected));
        for other in ["tasks/by-hand.zip", "tasks/", "e3b0.zip", "tasks/é3b0.zip"] {
            assert_eq!(content_hash(other), None, "{other}");
        }
    }
}
