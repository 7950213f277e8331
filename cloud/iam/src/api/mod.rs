//! The operations, one file per group.

mod access_keys;
mod attached;
mod groups;
mod inline;
mod paging;
mod policies;
mod roles;
mod sts;
mod tags;
mod users;

use crate::Iam;
use crate::error;
use crate::managed;
use crate::model::Identity;
use crate::policy::{keys, validate};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Access, AwsError, AwsResult, Context, Principal, Registry};
use slam_cloud_wire::iam as wire;
use std::sync::Arc;

/// Hangs up everything.
pub(crate) fn register(iam: &Arc<Iam>, registry: &mut Registry) {
    roles::register(iam, registry);
    users::register(iam, registry);
    groups::register(iam, registry);
    policies::register(iam, registry);
    inline::register(iam, registry);
    attached::register(iam, registry);
    access_keys::register(iam, registry);
    tags::register(iam, registry);
    sts::register(iam, registry);
}

/// Permission for an action on a role, user or group that may not exist (yet).
fn on<T: Identity>(iam: &Iam, context: &Context, action: &'static str, name: &str) -> Vec<Access> {
    let Some(known) = iam.look_up::<T>(context, name) else {
        return vec![Access::new(action, context.global_arn("iam", format!("{}/{name}", T::KIND)))];
    };
    let mut access = tags::of_resource(Access::new(action, known.arn()), known.tags());
    if let Some(boundary) = &known.permissions().boundary {
        access = access.condition("iam:PermissionsBoundary", boundary);
    }
    vec![access]
}

/// Permission for an action on all entities of a kind under a path: `arn:aws:iam::ACCOUNT:role/*`.
fn on_all(context: &Context, action: &'static str, kind: &str, path_prefix: Option<&str>) -> Vec<Access> {
    let resource = context.global_arn("iam", format!("{kind}{}*", path_prefix.unwrap_or("/")));
    // AWS names the path itself, without the star, as the resource of listings.
    vec![Access::new(action, resource.trim_end_matches('*'))]
}

/// Permission for an action on a managed policy.
fn on_policy(iam: &Iam, context: &Context, action: &'static str, arn: &str) -> Vec<Access> {
    let access = Access::new(action, arn);
    vec![match iam.collections.policies.get(&Scope::global(context), arn) {
        Some(policy) => tags::of_resource(access, &policy.tags),
        None => access,
    }]
}

/// The user that an operation without a user's name speaks of: the caller.
fn user_or_caller(context: &Context, name: Option<&str>) -> AwsResult<String> {
    match (name, &*context.principal) {
        (Some(name), _) => Ok(name.to_owned()),
        (None, Principal::User { arn, .. }) => Ok(arn.rsplit('/').next().unwrap_or_default().to_owned()),
        (None, _) => Err(error::validation("Must specify userName when calling with non-User credentials")),
    }
}

/// Documents travel percent-encoded (RFC 3986).
fn encoded(document: &str) -> String {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(document, RESERVED).to_string()
}

/// Checks an identity policy before it is stored.
fn check_policy(document: &str) -> AwsResult<()> {
    validate::identity(document).map_err(error::malformed_policy)?;
    check_keys(document)
}

/// Refuses a policy whose conditions ask for what nobody here tells.
///
/// # Errors
/// `NotImplemented` with the key.
pub(crate) fn check_keys(document: &str) -> AwsResult<()> {
    match keys::refused(document) {
        Some(key) => Err(AwsError::unsupported(format_args!("the condition key {key}"))),
        None => Ok(()),
    }
}

/// Characters that count towards a quota: all but whitespace.
fn size(document: &str) -> usize {
    document.chars().filter(|character| !character.is_whitespace()).count()
}

/// A path as given, or the root.
fn path(path: Option<String>) -> String {
    path.unwrap_or_else(|| "/".to_owned())
}

fn under(path: &str, prefix: Option<&str>) -> bool {
    prefix.is_none_or(|prefix| path.starts_with(prefix))
}

/// Whether a managed policy of that ARN exists, the account's or AWS's.
///
/// # Errors
/// `NotImplemented` for a policy of AWS's that is not here.
fn policy_exists(iam: &Iam, context: &Context, arn: &str) -> AwsResult<bool> {
    Ok(managed::find(arn)?.is_some() || iam.collections.policies.get(&Scope::global(context), arn).is_some())
}

/// The policy's name: the end of its ARN.
fn policy_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

fn boundary(arn: Option<&String>) -> Option<wire::AttachedPermissionsBoundary> {
    arn.map(|arn| wire::AttachedPermissionsBoundary {
        permissions_boundary_type: Some("Policy".to_owned()),
        permissions_boundary_arn: Some(arn.clone()),
    })
}

/// Refuses a policy of AWS's whose conditions ask for what nobody here tells.
fn check_aws(arn: &str) -> AwsResult<()> {
    match managed::find(arn)?.and_then(|policy| Some((policy, keys::refused(policy.document())?))) {
        Some((policy, key)) => {
            Err(AwsError::unsupported(format_args!("the condition key {key} of the AWS policy {}", policy.name)))
        }
        None => Ok(()),
    }
}

fn check_boundary(iam: &Iam, context: &Context, arn: &str) -> AwsResult<()> {
    if policy_exists(iam, context, arn)? {
        return check_aws(arn);
    }
    Err(error::no_such_entity(format!("Scope ARN: {arn} does not exist or is not attachable.")))
}
