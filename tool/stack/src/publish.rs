//! `slam publish`: a stage gets an immutable version.

use crate::deploy::{Keys, Target, apply, bucket_of, deployed_keys, parameters, version_numbers};
use crate::error::StackError;
use crate::{Session, change, deployed, verify};
use slam_project::Project;
use slam_template::{Release, StageTarget, Template};

/// Versions that a stage keeps beside the one it is at, to go back to.
const KEEP: usize = 10;

/// What a stage is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source<'a> {
    /// What another stage runs: its version, or a new version of the newest code.
    Stage(&'a str),
    /// A version that was published before.
    Version(&'a str),
}

/// Gives `stage` what `source` has. `Ok(false)`: it has it already.
///
/// What is published is what is *deployed*, not what slam.yaml says meanwhile: what was tried out on the development
/// stage is what the other stage gets.
///
/// # Errors
/// When the stack, stage or version is missing, or the cloud refuses or fails.
pub async fn publish(
    session: &Session<'_>,
    project: &Project,
    stage: &str,
    source: Source<'_>,
    wait: bool,
) -> Result<bool, StackError> {
    change::in_turn(session, wait, async || attempt(session, project, stage, source).await).await
}

async fn attempt(
    session: &Session<'_>,
    project: &Project,
    stage: &str,
    source: Source<'_>,
) -> Result<bool, StackError> {
    let stack = deployed::require(session).await?;
    if stack.is_busy() {
        return Err(change::busy(session, &stack).await);
    }
    let mut template = Template::parse(&deployed::template(session).await?)?;
    let keys = deployed_keys(&stack);
    let target = match source {
        Source::Version(number) => {
            let versions = version_numbers(session).await?;
            let Some((_, logical_id)) = versions.iter().find(|(known, _)| known == number) else {
                return Err(StackError::UnknownVersion {
                    version: number.to_owned(),
                    known: versions.into_iter().map(|(number, _)| number).collect(),
                });
            };
            StageTarget::Published(template.published_with(logical_id))
        }
        Source::Stage(other) => template.stage(other)?.target,
    };
    template.open(project, stage)?;
    match target {
        published @ StageTarget::Published(_) => template.point(stage, &published)?,
        StageTarget::Latest => {
            template.publish(stage, &release(&keys))?;
        }
    }
    template.prune(KEEP);
    let bucket = bucket_of(project, &stack, session)?;
    let parameters = parameters(&template, &bucket, &keys);
    let target = Target { create: false, announce: true, bucket: Some(&bucket) };
    let changed = apply(session, project, &template, &parameters, target).await?;
    verify::stage(session, &template, stage).await?;
    Ok(changed)
}

/// What is published of these packages.
pub(crate) fn release(keys: &Keys) -> Release {
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
