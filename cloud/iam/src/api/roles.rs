//! Roles.

use super::paging::page;
use super::{boundary, check_boundary, encoded, path, size, tags, under};
use crate::Iam;
use crate::authorizer::check_keys;
use crate::error;
use crate::model::unique_id;
use crate::model::{Identity, Permissions, Role, User, now};
use crate::policy::principal::Principals;
use crate::policy::validate;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Arn, AwsResult, Context};
use slam_cloud_wire::iam as wire;
use std::sync::Arc;

/// Characters of a trust policy, without whitespace.
const TRUST_LIMIT: usize = 2_048;

pub(super) async fn create(
    iam: Arc<Iam>,
    context: Context,
    input: wire::CreateRole,
) -> AwsResult<wire::CreateRoleResponse> {
    check_trust(&iam, &context, &input.assume_role_policy_document)?;
    if let Some(arn) = &input.permissions_boundary {
        check_boundary(&iam, &context, arn)?;
    }
    let role_tags = tags::merged(&context, &Vec::new(), input.tags.unwrap_or_default())?;
    let _change = iam.change().await;
    iam.must_be_new::<Role>(&context, &input.role_name)?;
    let role_path = path(input.path);
    let role = Role {
        id: unique_id(Role::ID_PREFIX),
        arn: context.global_arn("iam", format!("role{role_path}{}", input.role_name)),
        name: input.role_name,
        path: role_path,
        trust: input.assume_role_policy_document,
        description: input.description,
        max_session: input.max_session_duration.unwrap_or(3_600),
        created: now(),
        tags: role_tags,
        permissions: Permissions { boundary: input.permissions_boundary, ..Permissions::default() },
    };
    let role = iam.save(&context, role).await?;
    let mut answer = brief(&role);
    answer.tags = tags::some(&role.tags);
    answer.permissions_boundary = boundary(role.permissions.boundary.as_ref());
    Ok(wire::CreateRoleResponse { role: answer })
}

pub(super) async fn get(iam: Arc<Iam>, context: Context, input: wire::GetRole) -> AwsResult<wire::GetRoleResponse> {
    let role = iam.find::<Role>(&context, &input.role_name)?;
    Ok(wire::GetRoleResponse { role: full(&role) })
}

pub(super) async fn list(
    iam: Arc<Iam>,
    context: Context,
    input: wire::ListRoles,
) -> AwsResult<wire::ListRolesResponse> {
    let roles = iam.identities::<Role>(&context).into_iter();
    let roles = roles.filter(|role| under(&role.path, input.path_prefix.as_deref())).map(|role| wire::Role {
        description: role.description.clone(),
        max_session_duration: Some(role.max_session),
        ..brief(&role)
    });
    let page = page(roles.collect(), input.marker.as_deref(), input.max_items)?;
    Ok(wire::ListRolesResponse { roles: page.items, is_truncated: page.is_truncated, marker: page.marker })
}

pub(super) async fn update(
    iam: Arc<Iam>,
    context: Context,
    input: wire::UpdateRole,
) -> AwsResult<wire::UpdateRoleResponse> {
    iam.modify::<Role>(&context, &input.role_name, |role| {
        if input.description.is_some() {
            role.description = input.description;
        }
        role.max_session = input.max_session_duration.unwrap_or(role.max_session);
        Ok(())
    })
    .await?;
    Ok(wire::UpdateRoleResponse {})
}

pub(super) async fn update_description(
    iam: Arc<Iam>,
    context: Context,
    input: wire::UpdateRoleDescription,
) -> AwsResult<wire::UpdateRoleDescriptionResponse> {
    let changed = iam.modify::<Role>(&context, &input.role_name, |role| {
        role.description = Some(input.description);
        Ok(())
    });
    Ok(wire::UpdateRoleDescriptionResponse { role: Some(full(&*changed.await?)) })
}

pub(super) async fn update_trust(
    iam: Arc<Iam>,
    context: Context,
    input: wire::UpdateAssumeRolePolicy,
) -> AwsResult<wire::UpdateAssumeRolePolicyOutput> {
    iam.find::<Role>(&context, &input.role_name)?;
    check_trust(&iam, &context, &input.policy_document)?;
    iam.modify::<Role>(&context, &input.role_name, |role| {
        role.trust = input.policy_document;
        Ok(())
    })
    .await?;
    Ok(wire::UpdateAssumeRolePolicyOutput {})
}

pub(super) async fn delete(
    iam: Arc<Iam>,
    context: Context,
    input: wire::DeleteRole,
) -> AwsResult<wire::DeleteRoleOutput> {
    let _change = iam.change().await;
    let role = iam.find::<Role>(&context, &input.role_name)?;
    must_have_no_policies(&role.permissions)?;
    iam.collections.roles.remove(&Scope::global(&context), &role.id).await?;
    Ok(wire::DeleteRoleOutput {})
}

pub(super) async fn put_boundary(
    iam: Arc<Iam>,
    context: Context,
    input: wire::PutRolePermissionsBoundary,
) -> AwsResult<wire::PutRolePermissionsBoundaryOutput> {
    check_boundary(&iam, &context, &input.permissions_boundary)?;
    iam.modify::<Role>(&context, &input.role_name, |role| {
        role.permissions.boundary = Some(input.permissions_boundary);
        Ok(())
    })
    .await?;
    Ok(wire::PutRolePermissionsBoundaryOutput {})
}

pub(super) async fn delete_boundary(
    iam: Arc<Iam>,
    context: Context,
    input: wire::DeleteRolePermissionsBoundary,
) -> AwsResult<wire::DeleteRolePermissionsBoundaryOutput> {
    iam.modify::<Role>(&context, &input.role_name, |role| {
        role.permissions.boundary = None;
        Ok(())
    })
    .await?;
    Ok(wire::DeleteRolePermissionsBoundaryOutput {})
}

/// There are no instances here, so no role has a profile; those who delete a role ask first.
pub(super) async fn list_instance_profiles(
    iam: Arc<Iam>,
    context: Context,
    input: wire::ListInstanceProfilesForRole,
) -> AwsResult<wire::ListInstanceProfilesForRoleResponse> {
    iam.find::<Role>(&context, &input.role_name)?;
    Ok(wire::ListInstanceProfilesForRoleResponse {
        instance_profiles: Vec::new(),
        is_truncated: Some(false),
        marker: None,
    })
}

/// A role or user is deleted only when it has no policies any more.
pub(super) fn must_have_no_policies(permissions: &Permissions) -> AwsResult<()> {
    if !permissions.attached.is_empty() {
        return Err(error::delete_conflict("Cannot delete entity, must detach all policies first."));
    }
    if !permissions.inline.is_empty() {
        return Err(error::delete_conflict("Cannot delete entity, must delete policies first."));
    }
    Ok(())
}

/// Checks a trust policy, and that the users and roles of this account that it names exist.
fn check_trust(iam: &Iam, context: &Context, document: &str) -> AwsResult<()> {
    validate::trust(document).map_err(error::malformed_policy)?;
    check_keys(document)?;
    if size(document) > TRUST_LIMIT {
        return Err(error::limit_exceeded(format!("Cannot exceed quota for ACLSizePerRole: {TRUST_LIMIT}")));
    }
    let policy = crate::policy::Policy::parse(document).map_err(error::malformed_policy)?;
    for statement in &policy.statements {
        let (Principals::In(named) | Principals::NotIn(named)) = &statement.principals else { continue };
        for named in named {
            let Some(arn) = Arn::parse(&named.value) else { continue };
            if arn.account != *context.account || arn.service != "iam" {
                continue;
            }
            let exists = match arn.resource.split_once('/') {
                Some(("role", _)) => iam.identities::<Role>(context).iter().any(|role| role.arn == named.value),
                Some(("user", _)) => iam.identities::<User>(context).iter().any(|user| user.arn == named.value),
                _ => true,
            };
            if !exists {
                return Err(error::malformed_policy(validate::invalid_principal(&named.kind, &named.value)));
            }
        }
    }
    Ok(())
}

/// What every answer tells of a role.
fn brief(role: &Role) -> wire::Role {
    wire::Role {
        path: role.path.clone(),
        role_name: role.name.clone(),
        role_id: role.id.clone(),
        arn: role.arn.clone(),
        create_date: role.created,
        assume_role_policy_document: Some(encoded(&role.trust)),
        ..wire::Role::default()
    }
}

/// What only the role itself tells.
fn full(role: &Role) -> wire::Role {
    wire::Role {
        description: role.description.clone(),
        max_session_duration: Some(role.max_session),
        permissions_boundary: boundary(role.permissions.boundary.as_ref()),
        tags: tags::some(&role.tags),
        // Empty until AWS has seen the role in use, which takes it hours.
        role_last_used: Some(wire::RoleLastUsed::default()),
        ..brief(role)
    }
}
