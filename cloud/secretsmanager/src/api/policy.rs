//! Resource policies. IAM evaluates them, where permissions are asked for.

use super::access::on;
use crate::SecretsManagerService;
use crate::error::marked_for_deletion;
use crate::model::name::Reference;
use crate::model::secret::Secret;
use slam_cloud_core::{AwsError, AwsResult, Context, Timestamp};
use slam_cloud_kit::policy::{self, Malformed};
use slam_cloud_wire::secretsmanager as wire;
use std::sync::Arc;

/// What a policy for everybody is told (User Guide of 2021, "Attaching a resource-based policy").
const PUBLIC: &str = "You can't attach a resource-based policy that allows broad access to the secret.";

fn malformed(malformed: Malformed) -> AwsError {
    let message = format!("This resource policy contains a syntax error: {malformed}.");
    AwsError::bad_request("MalformedPolicyDocumentException", message)
}

/// PutResourcePolicy.
pub async fn put(
    service: Arc<SecretsManagerService>,
    context: Context,
    input: wire::PutResourcePolicy,
) -> AwsResult<wire::PutResourcePolicyResponse> {
    let reference = Reference::parse(&context, &input.secret_id);
    service.secrets.get(&context, &reference)?;
    policy::check(&input.resource_policy).map_err(malformed)?;
    service.cloud.check_policy(&input.resource_policy)?;
    if input.block_public_policy.unwrap_or(false) && policy::is_public(&input.resource_policy, &[]) {
        return Err(AwsError::bad_request("PublicPolicyException", PUBLIC));
    }
    let secret = set(&service, &context, &reference, Some(input.resource_policy)).await?;
    let (arn, name) = (Some(secret.arn(&reference.scope)), Some(secret.name.clone()));
    Ok(wire::PutResourcePolicyResponse { arn, name, policy_name: None })
}

async fn set(
    service: &SecretsManagerService,
    context: &Context,
    reference: &Reference,
    policy: Option<String>,
) -> AwsResult<Arc<Secret>> {
    let change = |secret: &mut Secret| {
        if secret.deletion.is_some() {
            return Err(marked_for_deletion());
        }
        secret.policy = policy;
        secret.changed = Timestamp::now();
        Ok(())
    };
    service.secrets.change(context, reference, change).await
}

/// GetResourcePolicy.
pub async fn get(
    service: Arc<SecretsManagerService>,
    context: Context,
    input: wire::GetResourcePolicy,
) -> AwsResult<wire::GetResourcePolicyResponse> {
    let reference = Reference::parse(&context, &input.secret_id);
    let secret = service.secrets.get(&context, &reference)?;
    if secret.deletion.is_some() {
        return Err(marked_for_deletion());
    }
    Ok(wire::GetResourcePolicyResponse {
        arn: Some(secret.arn(&reference.scope)),
        name: Some(secret.name.clone()),
        resource_policy: secret.policy.clone(),
        policy_name: None,
    })
}

/// DeleteResourcePolicy.
pub async fn delete(
    service: Arc<SecretsManagerService>,
    context: Context,
    input: wire::DeleteResourcePolicy,
) -> AwsResult<wire::DeleteResourcePolicyResponse> {
    let reference = Reference::parse(&context, &input.secret_id);
    let secret = set(&service, &context, &reference, None).await?;
    let (arn, name) = (Some(secret.arn(&reference.scope)), Some(secret.name.clone()));
    Ok(wire::DeleteResourcePolicyResponse { arn, name, policy_name: None })
}

/// ValidateResourcePolicy: its syntax, whether it lets everybody in, and whether the caller could still change it. AWS
/// does not say what it calls these checks.
pub async fn validate(
    service: Arc<SecretsManagerService>,
    context: Context,
    input: wire::ValidateResourcePolicy,
) -> AwsResult<wire::ValidateResourcePolicyResponse> {
    policy::check(&input.resource_policy).map_err(malformed)?;
    service.cloud.check_policy(&input.resource_policy)?;
    let error = |name: &str, message: &str| wire::ValidationErrorsEntry {
        check_name: Some(name.to_owned()),
        error_message: Some(message.to_owned()),
    };
    let mut errors = Vec::new();
    if policy::is_public(&input.resource_policy, &[]) {
        errors.push(error("PublicAccess", PUBLIC));
    }
    if let Some(id) = &input.secret_id {
        service.secrets.get(&context, &Reference::parse(&context, id))?;
        let access = on(&service, &context, "secretsmanager:PutResourcePolicy", id);
        if service.cloud.authorize(&context, &access.resource_policy(Some(input.resource_policy))).is_err() {
            errors.push(error("Lockout", "The resource policy would not let you change it again."));
        }
    }
    Ok(wire::ValidateResourcePolicyResponse {
        policy_validation_passed: Some(errors.is_empty()),
        validation_errors: Some(errors),
    })
}
