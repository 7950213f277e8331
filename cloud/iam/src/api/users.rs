//! Users.

use super::paging::page;
use super::roles::must_have_no_policies;
use super::{boundary, check_boundary, path, tags, under, user_or_caller};
use crate::Iam;
use crate::error;
use crate::model::unique_id;
use crate::model::{Group, Identity, Permissions, User, now};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context, Principal};
use slam_cloud_wire::iam as wire;
use std::sync::Arc;

pub(super) async fn create(
    iam: Arc<Iam>,
    context: Context,
    input: wire::CreateUser,
) -> AwsResult<wire::CreateUserResponse> {
    if let Some(arn) = &input.permissions_boundary {
        check_boundary(&iam, &context, arn)?;
    }
    let user_tags = tags::merged(&context, &Vec::new(), input.tags.unwrap_or_default())?;
    let _change = iam.change().await;
    iam.must_be_new::<User>(&context, &input.user_name)?;
    let user_path = path(input.path);
    let user = User {
        id: unique_id(User::ID_PREFIX),
        arn: context.global_arn("iam", format!("user{user_path}{}", input.user_name)),
        name: input.user_name,
        path: user_path,
        created: now(),
        tags: user_tags,
        permissions: Permissions { boundary: input.permissions_boundary, ..Permissions::default() },
    };
    let user = iam.save(&context, user).await?;
    Ok(wire::CreateUserResponse { user: Some(full(&user)) })
}

pub(super) async fn get(iam: Arc<Iam>, context: Context, input: wire::GetUser) -> AwsResult<wire::GetUserResponse> {
    if let (None, Principal::Root { account }) = (&input.user_name, &*context.principal) {
        // The root user has neither a name nor a path.
        let user = wire::User {
            user_id: account.clone(),
            arn: context.principal.arn(),
            create_date: slam_cloud_core::Timestamp::UNIX_EPOCH,
            ..wire::User::default()
        };
        return Ok(wire::GetUserResponse { user });
    }
    let name = user_or_caller(&context, input.user_name.as_deref())?;
    let user = iam.find::<User>(&context, &name)?;
    Ok(wire::GetUserResponse { user: full(&user) })
}

pub(super) async fn list(
    iam: Arc<Iam>,
    context: Context,
    input: wire::ListUsers,
) -> AwsResult<wire::ListUsersResponse> {
    let users = iam.identities::<User>(&context).into_iter();
    let users = users.filter(|user| under(&user.path, input.path_prefix.as_deref())).map(|user| brief(&user));
    let page = page(users.collect(), input.marker.as_deref(), input.max_items)?;
    Ok(wire::ListUsersResponse { users: page.items, is_truncated: page.is_truncated, marker: page.marker })
}

pub(super) async fn update(
    iam: Arc<Iam>,
    context: Context,
    input: wire::UpdateUser,
) -> AwsResult<wire::UpdateUserOutput> {
    let _change = iam.change().await;
    let mut user = User::clone(&*iam.find::<User>(&context, &input.user_name)?);
    if let Some(name) = input.new_user_name {
        if !name.eq_ignore_ascii_case(&user.name) {
            iam.must_be_new::<User>(&context, &name)?;
        }
        user.name = name;
    }
    user.path = input.new_path.unwrap_or(user.path);
    user.arn = context.global_arn("iam", format!("user{}{}", user.path, user.name));
    iam.save(&context, user).await?;
    Ok(wire::UpdateUserOutput {})
}

pub(super) async fn delete(
    iam: Arc<Iam>,
    context: Context,
    input: wire::DeleteUser,
) -> AwsResult<wire::DeleteUserOutput> {
    let _change = iam.change().await;
    let user = iam.find::<User>(&context, &input.user_name)?;
    let keys = iam.collections.access_keys.list(&Scope::everywhere());
    if keys.iter().any(|(_, key)| key.user_id == user.id) {
        return Err(error::delete_conflict("Cannot delete entity, must delete access keys first."));
    }
    if iam.identities::<Group>(&context).iter().any(|group| group.members.contains(&user.id)) {
        return Err(error::delete_conflict("Cannot delete entity, must remove users from group first."));
    }
    must_have_no_policies(&user.permissions)?;
    iam.collections.users.remove(&Scope::global(&context), &user.id).await?;
    Ok(wire::DeleteUserOutput {})
}

pub(super) async fn put_boundary(
    iam: Arc<Iam>,
    context: Context,
    input: wire::PutUserPermissionsBoundary,
) -> AwsResult<wire::PutUserPermissionsBoundaryOutput> {
    check_boundary(&iam, &context, &input.permissions_boundary)?;
    iam.modify::<User>(&context, &input.user_name, |user| {
        user.permissions.boundary = Some(input.permissions_boundary);
        Ok(())
    })
    .await?;
    Ok(wire::PutUserPermissionsBoundaryOutput {})
}

pub(super) async fn delete_boundary(
    iam: Arc<Iam>,
    context: Context,
    input: wire::DeleteUserPermissionsBoundary,
) -> AwsResult<wire::DeleteUserPermissionsBoundaryOutput> {
    iam.modify::<User>(&context, &input.user_name, |user| {
        user.permissions.boundary = None;
        Ok(())
    })
    .await?;
    Ok(wire::DeleteUserPermissionsBoundaryOutput {})
}

/// What listings tell of a user.
pub(super) fn brief(user: &User) -> wire::User {
    wire::User {
        path: user.path.clone(),
        user_name: user.name.clone(),
        user_id: user.id.clone(),
        arn: user.arn.clone(),
        create_date: user.created,
        ..wire::User::default()
    }
}

fn full(user: &User) -> wire::User {
    wire::User {
        permissions_boundary: boundary(user.permissions.boundary.as_ref()),
        tags: tags::some(&user.tags),
        ..brief(user)
    }
}
