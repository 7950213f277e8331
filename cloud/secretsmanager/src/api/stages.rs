//! UpdateSecretVersionStage.

use crate::SecretsManagerService;
use crate::error::marked_for_deletion;
use crate::model::name::Reference;
use crate::model::secret::Secret;
use slam_cloud_core::{AwsResult, Context, Timestamp};
use slam_cloud_wire::secretsmanager as wire;
use std::sync::Arc;

/// UpdateSecretVersionStage.
pub async fn update(
    service: Arc<SecretsManagerService>,
    context: Context,
    input: wire::UpdateSecretVersionStage,
) -> AwsResult<wire::UpdateSecretVersionStageResponse> {
    let reference = Reference::parse(&context, &input.secret_id);
    let change = |secret: &mut Secret| {
        secret.refuse_stranger(&context)?;
        if secret.deletion.is_some() {
            return Err(marked_for_deletion());
        }
        let (from, to) = (input.remove_from_version_id.as_deref(), input.move_to_version_id.as_deref());
        secret.versions.restage(&input.version_stage, from, to)?;
        secret.changed = Timestamp::now();
        Ok(())
    };
    let secret = service.secrets.change(&context, &reference, change).await?;
    let (arn, name) = (Some(secret.arn(&reference.scope)), Some(secret.name.clone()));
    Ok(wire::UpdateSecretVersionStageResponse { arn, name })
}
