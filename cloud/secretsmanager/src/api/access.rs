//! Which permission each operation needs, on which resource.

use crate::SecretsManagerService;
use crate::model::name::Reference;
use slam_cloud_core::{Access, Context, Principal};
use slam_cloud_wire::secretsmanager as wire;

/// The policy of what belongs to another account and has none: nobody here may do anything with it, the root user
/// neither, whom the door would let through where there is no policy.
const NOTHING: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

/// What the service that manages a secret may do with it: all that its service-linked role allows it on its own secrets
/// (<https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEventBridgeApiDestinationsServiceRolePolicy.html>).
const MANAGING: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"*"},"Action":["secretsmanager:CreateSecret","secretsmanager:DeleteSecret","secretsmanager:DescribeSecret","secretsmanager:GetSecretValue","secretsmanager:PutSecretValue","secretsmanager:UpdateSecret"],"Resource":"*"}]}"#;

/// An action on the secret that a request names, by its own policy or the caller's. One that is not there has the name
/// of the request, without what AWS adds.
pub fn on(service: &SecretsManagerService, context: &Context, action: &'static str, id: &str) -> Access {
    let reference = Reference::parse(context, id);
    let secret = service.secrets.find(&reference);
    let arn = secret.as_ref().map_or_else(|| reference.arn(context), |secret| secret.arn(&reference.scope));
    let policy = secret.as_ref().and_then(|secret| secret.policy.clone());
    let policy = policy.or_else(|| reference.is_foreign(context).then(|| NOTHING.to_owned()));
    let is_managing = matches!(&*context.principal, Principal::Service { .. })
        && secret.as_ref().is_some_and(|secret| secret.owner.is_some() && secret.refuse_stranger(context).is_ok());
    let policy = if is_managing { Some(MANAGING.to_owned()) } else { policy };
    let mut access = Access::new(action, arn.clone()).condition("secretsmanager:SecretId", arn).resource_policy(policy);
    // Nothing is replicated here, so a secret that is there is where it was made.
    if secret.is_some() {
        access = access.condition("secretsmanager:SecretPrimaryRegion", &*reference.scope.region);
    }
    for (tag, value) in secret.iter().flat_map(|secret| &secret.tags).flatten() {
        access = access.condition(format!("aws:ResourceTag/{tag}"), value);
        access = access.condition(format!("secretsmanager:ResourceTag/{tag}"), value);
    }
    access
}

fn with(access: Access, key: &'static str, value: Option<impl ToString>) -> Access {
    match value {
        Some(value) => access.condition(key, value.to_string()),
        None => access,
    }
}

fn with_request_tags(access: Access, tags: &[wire::Tag]) -> Access {
    access.request_tags(
        tags.iter().filter_map(|tag| Some((tag.key.as_deref()?, tag.value.as_deref().unwrap_or_default()))),
    )
}

/// Those that name a secret and nothing else that matters here.
macro_rules! on_secret {
    ($($function:ident: $operation:ident;)*) => {$(
        pub fn $function(
            service: &SecretsManagerService,
            context: &Context,
            input: &wire::$operation,
        ) -> Vec<Access> {
            vec![on(service, context, concat!("secretsmanager:", stringify!($operation)), &input.secret_id)]
        }
    )*};
}

on_secret! {
    put_secret_value: PutSecretValue;
    describe_secret: DescribeSecret;
    list_secret_version_ids: ListSecretVersionIds;
    restore_secret: RestoreSecret;
    get_resource_policy: GetResourcePolicy;
    delete_resource_policy: DeleteResourcePolicy;
}

pub fn create_secret(service: &SecretsManagerService, context: &Context, input: &wire::CreateSecret) -> Vec<Access> {
    let reference = Reference { is_arn: false, ..Reference::parse(context, &input.name) };
    let there = service.secrets.find(&reference);
    let arn = there.map_or_else(|| reference.arn(context), |secret| secret.arn(&reference.scope));
    let access = Access::new("secretsmanager:CreateSecret", arn).condition("secretsmanager:Name", &input.name);
    let access = with(access, "secretsmanager:Description", input.description.as_ref());
    let access = with(access, "secretsmanager:KmsKeyId", input.kms_key_id.as_ref());
    let tags = input.tags.as_deref().unwrap_or_default();
    let mut creation = with_request_tags(access.clone(), tags);
    // AWS takes the tags of a new secret for those of the resource, too.
    for tag in tags {
        if let (Some(key), Some(value)) = (&tag.key, &tag.value) {
            creation = creation.condition(format!("secretsmanager:ResourceTag/{key}"), value);
        }
    }
    let tagging = with_request_tags(Access::new("secretsmanager:TagResource", access.resource), tags);
    if tags.is_empty() { vec![creation] } else { vec![creation, tagging] }
}

pub fn update_secret(service: &SecretsManagerService, context: &Context, input: &wire::UpdateSecret) -> Vec<Access> {
    let access = on(service, context, "secretsmanager:UpdateSecret", &input.secret_id);
    let access = with(access, "secretsmanager:Description", input.description.as_ref());
    vec![with(access, "secretsmanager:KmsKeyId", input.kms_key_id.as_ref())]
}

pub fn get_secret_value(
    service: &SecretsManagerService,
    context: &Context,
    input: &wire::GetSecretValue,
) -> Vec<Access> {
    vec![value_of(service, context, &input.secret_id, input.version_id.as_deref(), input.version_stage.as_deref())]
}

/// What reading a value needs. Of a request without a version, AWS takes the current one's label for asked for.
pub fn value_of(
    service: &SecretsManagerService,
    context: &Context,
    secret: &str,
    version: Option<&str>,
    stage: Option<&str>,
) -> Access {
    let access = on(service, context, "secretsmanager:GetSecretValue", secret);
    let access = with(access, "secretsmanager:VersionId", version);
    let stage = stage.or_else(|| version.is_none().then_some(crate::model::version::CURRENT));
    with(access, "secretsmanager:VersionStage", stage)
}

/// AWS knows no resource for these.
pub fn batch_get_secret_value(
    _: &SecretsManagerService,
    _: &Context,
    input: &wire::BatchGetSecretValue,
) -> Vec<Access> {
    let filters = input.filters.is_some().then(|| Access::new("secretsmanager:ListSecrets", "*"));
    [Access::new("secretsmanager:BatchGetSecretValue", "*")].into_iter().chain(filters).collect()
}

pub fn list_secrets(_: &SecretsManagerService, _: &Context, _: &wire::ListSecrets) -> Vec<Access> {
    vec![Access::new("secretsmanager:ListSecrets", "*")]
}

pub fn get_random_password(_: &SecretsManagerService, _: &Context, _: &wire::GetRandomPassword) -> Vec<Access> {
    vec![Access::new("secretsmanager:GetRandomPassword", "*")]
}

pub fn update_secret_version_stage(
    service: &SecretsManagerService,
    context: &Context,
    input: &wire::UpdateSecretVersionStage,
) -> Vec<Access> {
    let access = on(service, context, "secretsmanager:UpdateSecretVersionStage", &input.secret_id);
    vec![access.condition("secretsmanager:VersionStage", &input.version_stage)]
}

pub fn delete_secret(service: &SecretsManagerService, context: &Context, input: &wire::DeleteSecret) -> Vec<Access> {
    let access = on(service, context, "secretsmanager:DeleteSecret", &input.secret_id);
    let access = with(access, "secretsmanager:RecoveryWindowInDays", input.recovery_window_in_days);
    vec![with(access, "secretsmanager:ForceDeleteWithoutRecovery", input.force_delete_without_recovery)]
}

pub fn tag_resource(service: &SecretsManagerService, context: &Context, input: &wire::TagResource) -> Vec<Access> {
    vec![with_request_tags(on(service, context, "secretsmanager:TagResource", &input.secret_id), &input.tags)]
}

pub fn untag_resource(service: &SecretsManagerService, context: &Context, input: &wire::UntagResource) -> Vec<Access> {
    let access = on(service, context, "secretsmanager:UntagResource", &input.secret_id);
    vec![access.tag_keys(input.tag_keys.clone())]
}

pub fn put_resource_policy(
    service: &SecretsManagerService,
    context: &Context,
    input: &wire::PutResourcePolicy,
) -> Vec<Access> {
    let access = on(service, context, "secretsmanager:PutResourcePolicy", &input.secret_id);
    vec![with(access, "secretsmanager:BlockPublicPolicy", input.block_public_policy)]
}

/// Both are needed (API reference, ValidateResourcePolicy).
pub fn validate_resource_policy(
    service: &SecretsManagerService,
    context: &Context,
    input: &wire::ValidateResourcePolicy,
) -> Vec<Access> {
    let of = |action| match &input.secret_id {
        Some(id) => on(service, context, action, id),
        None => Access::new(action, "*"),
    };
    vec![of("secretsmanager:ValidateResourcePolicy"), of("secretsmanager:PutResourcePolicy")]
}
