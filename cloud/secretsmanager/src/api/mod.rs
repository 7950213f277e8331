//! The operations.
//!
//! - [`access`]: which permission each needs.
//! - [`put`]: new secrets, and new versions of them. [`stages`]: their staging labels.
//! - [`get`]: values. [`list`]: all but values.
//! - [`delete`], [`tags`], [`policy`], [`password`]: what their names say.

mod access;
pub mod delete;
pub mod get;
pub mod list;
pub mod password;
pub mod policy;
pub mod put;
pub mod stages;
pub mod tags;

use crate::SecretsManagerService;
use slam_cloud_core::Registry;
use slam_cloud_wire::secretsmanager as wire;
use std::sync::Arc;

/// Hangs every operation on the door: its shape, the permission it needs, what it does.
pub(crate) fn register(service: &Arc<SecretsManagerService>, registry: &mut Registry) {
    registry
        .service(service)
        .add::<wire::CreateSecret>(access::create_secret, put::create)
        .add::<wire::PutSecretValue>(access::put_secret_value, put::put)
        .add::<wire::UpdateSecret>(access::update_secret, put::update)
        .add::<wire::GetSecretValue>(access::get_secret_value, get::get)
        .add::<wire::BatchGetSecretValue>(access::batch_get_secret_value, get::batch)
        .add::<wire::DescribeSecret>(access::describe_secret, list::describe)
        .add::<wire::ListSecrets>(access::list_secrets, list::list)
        .add::<wire::ListSecretVersionIds>(access::list_secret_version_ids, list::versions)
        .add::<wire::UpdateSecretVersionStage>(access::update_secret_version_stage, stages::update)
        .add::<wire::DeleteSecret>(access::delete_secret, delete::delete)
        .add::<wire::RestoreSecret>(access::restore_secret, delete::restore)
        .add::<wire::TagResource>(access::tag_resource, tags::tag)
        .add::<wire::UntagResource>(access::untag_resource, tags::untag)
        .add::<wire::PutResourcePolicy>(access::put_resource_policy, policy::put)
        .add::<wire::GetResourcePolicy>(access::get_resource_policy, policy::get)
        .add::<wire::DeleteResourcePolicy>(access::delete_resource_policy, policy::delete)
        .add::<wire::ValidateResourcePolicy>(access::validate_resource_policy, policy::validate)
        .add::<wire::GetRandomPassword>(access::get_random_password, password::make);
}
