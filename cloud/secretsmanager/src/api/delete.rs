//! Scheduling secrets for deletion, deleting them at once, and taking that back.

use crate::SecretsManagerService;
use crate::error::{invalid_parameter, invalid_request};
use crate::model::name::{self, Reference};
use crate::model::secret::Secret;
use slam_cloud_core::{AwsError, AwsResult, Context, Timestamp};
use slam_cloud_wire::secretsmanager as wire;
use std::sync::Arc;
use std::time::Duration;

/// The days that a secret can be restored in, where a request does not say.
const WINDOW: i64 = 30;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// DeleteSecret. What is scheduled for deletion can still be deleted at once (recorded:
/// `test_force_delete_deleted_secret`).
pub async fn delete(
    service: Arc<SecretsManagerService>,
    context: Context,
    input: wire::DeleteSecret,
) -> AwsResult<wire::DeleteSecretResponse> {
    let force = input.force_delete_without_recovery.unwrap_or(false);
    let reference = Reference::parse(&context, &input.secret_id);
    reference.check(&context)?;
    match input.recovery_window_in_days {
        Some(_) if force => {
            return Err(invalid_parameter(
                "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
            ));
        }
        Some(days) if !(7..=30).contains(&days) => {
            return Err(invalid_parameter("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."));
        }
        _ => {}
    }
    let now = Timestamp::now();
    let answer = |arn: String, name: String, date: Timestamp| wire::DeleteSecretResponse {
        arn: Some(arn),
        name: Some(name),
        deletion_date: Some(date),
    };
    if force {
        return match service.secrets.find(&reference) {
            Some(secret) => {
                secret.refuse_stranger(&context)?;
                service.secrets.remove(&reference.scope, &secret).await?;
                Ok(answer(secret.arn(&reference.scope), secret.name.clone(), now))
            }
            // What is not there is not missed (API reference, DeleteSecret).
            None => Ok(answer(missing_arn(&context, &reference)?, reference.text, now)),
        };
    }
    let days = u32::try_from(input.recovery_window_in_days.unwrap_or(WINDOW)).unwrap_or_default();
    let date = now.checked_add(DAY * days).map_err(AwsError::internal)?;
    let change = |secret: &mut Secret| {
        if secret.deletion.is_some() {
            return Err(invalid_request(
                "You tried to perform the operation on a secret that's currently marked deleted.",
            ));
        }
        secret.deletion = Some(date);
        Ok(())
    };
    let secret = service.secrets.change(&context, &reference, change).await?;
    Ok(answer(secret.arn(&reference.scope), secret.name.clone(), date))
}

fn missing_arn(context: &Context, reference: &Reference) -> AwsResult<String> {
    let arn = reference.arn(context);
    Ok(if reference.is_arn { arn } else { format!("{arn}-{}", name::suffix()?) })
}

/// RestoreSecret (recorded: `test_secret_restore`).
pub async fn restore(
    service: Arc<SecretsManagerService>,
    context: Context,
    input: wire::RestoreSecret,
) -> AwsResult<wire::RestoreSecretResponse> {
    let reference = Reference::parse(&context, &input.secret_id);
    let change = |secret: &mut Secret| {
        secret.deletion = None;
        Ok(())
    };
    let secret = service.secrets.change(&context, &reference, change).await?;
    Ok(wire::RestoreSecretResponse { arn: Some(secret.arn(&reference.scope)), name: Some(secret.name.clone()) })
}
