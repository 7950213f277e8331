//! New secrets, and new versions of them.

use super::tags::checked;
use crate::SecretsManagerService;
use crate::error::{exists, invalid_request, marked_for_deletion};
use crate::model::name::{self, Reference};
use crate::model::secret::{Secret, owner, stages};
use crate::model::value::SecretValue;
use crate::model::version::{CURRENT, Versions};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context, Timestamp};
use slam_cloud_wire::secretsmanager as wire;
use std::sync::Arc;

/// AWS's own key, by its alias.
const KEY: &str = "alias/aws/secretsmanager";

/// The token that becomes the id of the version. SDKs make one for whoever does not (recorded:
/// `test_no_client_request_token`).
fn token(token: Option<String>) -> AwsResult<String> {
    token.ok_or_else(|| invalid_request("You must provide a ClientRequestToken value. We recommend a UUID-type value."))
}

/// Refuses any key but AWS's own, which an empty text stands for, too.
fn check_key(key: Option<&str>) -> AwsResult<()> {
    match key {
        None | Some("") => Ok(()),
        Some(key) if key == KEY || key.ends_with(&format!(":{KEY}")) => Ok(()),
        Some(key) => Err(AwsError::unsupported(format_args!("the KMS key {key} of a secret (only {KEY} is here)"))),
    }
}

/// What is encrypted with AWS's own key is not for other accounts, whatever its policy says (asserted on AWS:
/// `test_cross_account_access`).
pub fn refuse_foreign(context: &Context, reference: &Reference) -> AwsResult<()> {
    match reference.is_foreign(context) {
        true => Err(invalid_request(
            "You can't access a secret from a different AWS account if you encrypt the secret with the default KMS \
             service key.",
        )),
        false => Ok(()),
    }
}

/// CreateSecret. What it says of a name that is taken was recorded: `test_secret_exists_snapshots`,
/// `test_exp_raised_on_creation_of_secret_scheduled_for_deletion`, `test_can_recreate_delete_secret`.
pub async fn create(
    service: Arc<SecretsManagerService>,
    context: Context,
    input: wire::CreateSecret,
) -> AwsResult<wire::CreateSecretResponse> {
    let token = token(input.client_request_token)?;
    name::check(&input.name)?;
    check_key(input.kms_key_id.as_deref())?;
    let value = SecretValue::read(input.secret_string, input.secret_binary)?;
    let tags = input.tags.map(checked).transpose()?.filter(|tags| !tags.is_empty());
    let scope = Scope::regional(&context);
    let now = Timestamp::now();
    let mut secret = Secret {
        owner: owner(&context, &input.name),
        name: input.name,
        suffix: name::suffix()?,
        description: input.description,
        tags,
        versions: Versions::default(),
        policy: None,
        created: now,
        changed: now,
        accessed: None,
        deletion: None,
    };
    if let Some(value) = value.clone() {
        secret.versions.put(&secret.arn(&scope), &token, value, &[CURRENT.to_owned()])?;
    }
    let existing = |existing: &Secret| {
        if existing.deletion.is_some() {
            return Err(invalid_request(
                "You can't create this secret because a secret with this name is already scheduled for deletion.",
            ));
        }
        match (existing.versions.get(&token), value) {
            (Some(version), value) if version.value == value => Ok(()),
            (Some(_), _) => Err(exists(format!(
                "You can't use ClientRequestToken {token} because that value is already in use for a version of \
                 secret {}.",
                existing.arn(&scope)
            ))),
            (None, _) => {
                Err(exists(format!("The operation failed because the secret {} already exists.", existing.name)))
            }
        }
    };
    let secret = service.secrets.create(&scope, secret, existing).await?;
    let secret = secret.ok_or_else(|| AwsError::internal("a secret that was created is gone"))?;
    Ok(wire::CreateSecretResponse {
        arn: Some(secret.arn(&scope)),
        name: Some(secret.name.clone()),
        version_id: secret.versions.get(&token).map(|version| version.id.clone()),
        ..Default::default()
    })
}

/// PutSecretValue.
pub async fn put(
    service: Arc<SecretsManagerService>,
    context: Context,
    input: wire::PutSecretValue,
) -> AwsResult<wire::PutSecretValueResponse> {
    let reference = Reference::parse(&context, &input.secret_id);
    reference.check(&context)?;
    let token = token(input.client_request_token)?;
    let value = SecretValue::read(input.secret_string, input.secret_binary)?;
    let value = value.ok_or_else(|| invalid_request("You must provide either SecretString or SecretBinary."))?;
    let labels = input.version_stages.unwrap_or_else(|| vec![CURRENT.to_owned()]);
    refuse_foreign(&context, &reference)?;
    let change = |secret: &mut Secret| {
        secret.refuse_stranger(&context)?;
        add(secret, &reference.scope, &token, value, &labels)
    };
    let secret = service.secrets.change(&context, &reference, change).await?;
    Ok(wire::PutSecretValueResponse {
        arn: Some(secret.arn(&reference.scope)),
        name: Some(secret.name.clone()),
        version_stages: secret.versions.get(&token).map(stages).filter(|stages| !stages.is_empty()),
        version_id: Some(token),
    })
}

/// Adds a version to a secret.
fn add(secret: &mut Secret, scope: &Scope, token: &str, value: SecretValue, labels: &[String]) -> AwsResult<()> {
    if secret.deletion.is_some() {
        return Err(marked_for_deletion());
    }
    let arn = secret.arn(scope);
    if secret.versions.put(&arn, token, value, labels)? {
        secret.changed = Timestamp::now();
    }
    Ok(())
}

/// UpdateSecret.
pub async fn update(
    service: Arc<SecretsManagerService>,
    context: Context,
    input: wire::UpdateSecret,
) -> AwsResult<wire::UpdateSecretResponse> {
    let reference = Reference::parse(&context, &input.secret_id);
    reference.check(&context)?;
    let token = token(input.client_request_token)?;
    check_key(input.kms_key_id.as_deref())?;
    let value = SecretValue::read(input.secret_string, input.secret_binary)?;
    let has_value = value.is_some();
    if has_value {
        refuse_foreign(&context, &reference)?;
    }
    let change = |secret: &mut Secret| {
        secret.refuse_stranger(&context)?;
        if secret.deletion.is_some() {
            return Err(marked_for_deletion());
        }
        if let Some(description) = input.description {
            secret.description = Some(description);
        }
        secret.changed = Timestamp::now();
        match value {
            Some(value) => add(secret, &reference.scope, &token, value, &[CURRENT.to_owned()]),
            None => Ok(()),
        }
    };
    let secret = service.secrets.change(&context, &reference, change).await?;
    Ok(wire::UpdateSecretResponse {
        arn: Some(secret.arn(&reference.scope)),
        name: Some(secret.name.clone()),
        version_id: has_value.then_some(token),
    })
}
