//! GetRandomPassword.

use crate::SecretsManagerService;
use crate::model::password;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::secretsmanager as wire;
use std::sync::Arc;

/// GetRandomPassword.
pub async fn make(
    _: Arc<SecretsManagerService>,
    _: Context,
    input: wire::GetRandomPassword,
) -> AwsResult<wire::GetRandomPasswordResponse> {
    Ok(wire::GetRandomPasswordResponse { random_password: Some(password::make(&input)?) })
}
