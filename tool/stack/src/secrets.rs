//! What the functions of a stage read when they start, and whether it is there.

use crate::error::StackError;
use crate::{Session, deployed};
use slam_aws::ServiceError;
use slam_project::Secret;
use slam_template::{StageTarget, Template};

/// The variables, and where their values are kept, that `stage` will have with what `source`, a stage of the same stack, runs.
/// None where that is a version already: what it reads is frozen in it.
///
/// # Errors
/// When the stack or the source is missing.
pub async fn published(session: &Session<'_>, source: &str, stage: &str) -> Result<Vec<(String, Secret)>, StackError> {
    deployed::require(session).await?;
    let template = Template::parse(&deployed::template(session).await?)?;
    match template.stage(source)?.target {
        StageTarget::Latest => Ok(template.secrets_of(stage)),
        StageTarget::Published(_) => Ok(Vec::new()),
    }
}

/// What became of the question whether secrets are there.
#[derive(Debug, Default)]
pub struct Looked {
    /// Those that are not there.
    pub missing: Vec<(String, Secret)>,
    /// Why it cannot be told of others: nobody answers, or the credentials may not ask.
    pub unknown: Vec<ServiceError>,
}

/// Looks whether secrets are there. Whether one of Secrets Manager has a key is not asked: that would be to read it.
pub async fn look(session: &Session<'_>, secrets: &[(String, Secret)]) -> Looked {
    let mut looked = Looked::default();
    let mut names: Vec<&str> = Vec::new();
    for (_, secret) in secrets {
        if let Secret::Parameter { name, .. } = secret
            && !names.contains(&name.as_str())
        {
            names.push(name);
        }
    }
    match session.clients.missing_parameters(&names).await {
        Ok(missing) => {
            let is_missing =
                |secret: &Secret| matches!(secret, Secret::Parameter { name, .. } if missing.contains(&name.as_str()));
            looked.missing.extend(secrets.iter().filter(|(_, secret)| is_missing(secret)).cloned());
        }
        Err(error) => looked.unknown.push(error),
    }
    for (variable, secret) in secrets {
        let Secret::SecretsManager { name, .. } = secret else { continue };
        match session.clients.has_secret(name).await {
            Ok(true) => {}
            Ok(false) => looked.missing.push((variable.clone(), secret.clone())),
            // The next would end the same way.
            Err(error) => {
                looked.unknown.push(error);
                break;
            }
        }
    }
    looked
}
