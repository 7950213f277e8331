//! Groups and their members.

use super::paging::page;
use super::{path, under, users};
use crate::Iam;
use crate::error;
use crate::model::unique_id;
use crate::model::{Group, Identity, Permissions, User, now};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::iam as wire;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Groups that one user may be in.
const GROUPS_PER_USER: usize = 10;

pub(super) async fn create(
    iam: Arc<Iam>,
    context: Context,
    input: wire::CreateGroup,
) -> AwsResult<wire::CreateGroupResponse> {
    let _change = iam.change().await;
    iam.must_be_new::<Group>(&context, &input.group_name)?;
    let group_path = path(input.path);
    let group = Group {
        id: unique_id(Group::ID_PREFIX),
        arn: context.global_arn("iam", format!("group{group_path}{}", input.group_name)),
        name: input.group_name,
        path: group_path,
        created: now(),
        members: BTreeSet::new(),
        permissions: Permissions::default(),
    };
    let group = iam.save(&context, group).await?;
    Ok(wire::CreateGroupResponse { group: describe(&group) })
}

pub(super) async fn get(iam: Arc<Iam>, context: Context, input: wire::GetGroup) -> AwsResult<wire::GetGroupResponse> {
    let group = iam.find::<Group>(&context, &input.group_name)?;
    let members = iam.identities::<User>(&context).into_iter().filter(|user| group.members.contains(&user.id));
    let members = members.map(|user| users::brief(&user)).collect();
    let page = page(members, input.marker.as_deref(), input.max_items)?;
    Ok(wire::GetGroupResponse {
        group: describe(&group),
        users: page.items,
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}

pub(super) async fn list(
    iam: Arc<Iam>,
    context: Context,
    input: wire::ListGroups,
) -> AwsResult<wire::ListGroupsResponse> {
    let groups = iam.identities::<Group>(&context).into_iter();
    let groups = groups.filter(|group| under(&group.path, input.path_prefix.as_deref())).map(|group| describe(&group));
    let page = page(groups.collect(), input.marker.as_deref(), input.max_items)?;
    Ok(wire::ListGroupsResponse { groups: page.items, is_truncated: page.is_truncated, marker: page.marker })
}

pub(super) async fn update(
    iam: Arc<Iam>,
    context: Context,
    input: wire::UpdateGroup,
) -> AwsResult<wire::UpdateGroupOutput> {
    let _change = iam.change().await;
    let mut group = Group::clone(&*iam.find::<Group>(&context, &input.group_name)?);
    if let Some(name) = input.new_group_name {
        if !name.eq_ignore_ascii_case(&group.name) {
            iam.must_be_new::<Group>(&context, &name)?;
        }
        group.name = name;
    }
    group.path = input.new_path.unwrap_or(group.path);
    group.arn = context.global_arn("iam", format!("group{}{}", group.path, group.name));
    iam.save(&context, group).await?;
    Ok(wire::UpdateGroupOutput {})
}

pub(super) async fn delete(
    iam: Arc<Iam>,
    context: Context,
    input: wire::DeleteGroup,
) -> AwsResult<wire::DeleteGroupOutput> {
    let _change = iam.change().await;
    let group = iam.find::<Group>(&context, &input.group_name)?;
    if !group.members.is_empty() {
        return Err(error::delete_conflict("Cannot delete entity, must remove users from group first."));
    }
    super::roles::must_have_no_policies(&group.permissions)?;
    iam.collections.groups.remove(&Scope::global(&context), &group.id).await?;
    Ok(wire::DeleteGroupOutput {})
}

pub(super) async fn add_user(
    iam: Arc<Iam>,
    context: Context,
    input: wire::AddUserToGroup,
) -> AwsResult<wire::AddUserToGroupOutput> {
    let _change = iam.change().await;
    let mut group = Group::clone(&*iam.find::<Group>(&context, &input.group_name)?);
    let user = iam.find::<User>(&context, &input.user_name)?;
    let groups = iam.identities::<Group>(&context);
    if groups.iter().filter(|other| other.id != group.id && other.members.contains(&user.id)).count() >= GROUPS_PER_USER
    {
        return Err(error::limit_exceeded(format!("Cannot exceed quota for GroupsPerUser: {GROUPS_PER_USER}")));
    }
    group.members.insert(user.id.clone());
    iam.save(&context, group).await?;
    Ok(wire::AddUserToGroupOutput {})
}

pub(super) async fn remove_user(
    iam: Arc<Iam>,
    context: Context,
    input: wire::RemoveUserFromGroup,
) -> AwsResult<wire::RemoveUserFromGroupOutput> {
    let user = iam.find::<User>(&context, &input.user_name)?;
    iam.modify::<Group>(&context, &input.group_name, |group| {
        if group.members.remove(&user.id) {
            return Ok(());
        }
        let (user, group) = (&user.name, &group.name);
        Err(error::no_such_entity(format!("User {user} is not in group {group}.")))
    })
    .await?;
    Ok(wire::RemoveUserFromGroupOutput {})
}

pub(super) async fn list_for_user(
    iam: Arc<Iam>,
    context: Context,
    input: wire::ListGroupsForUser,
) -> AwsResult<wire::ListGroupsForUserResponse> {
    let user = iam.find::<User>(&context, &input.user_name)?;
    let groups = iam.identities::<Group>(&context).into_iter();
    let groups = groups.filter(|group| group.members.contains(&user.id)).map(|group| describe(&group));
    let page = page(groups.collect(), input.marker.as_deref(), input.max_items)?;
    Ok(wire::ListGroupsForUserResponse { groups: page.items, is_truncated: page.is_truncated, marker: page.marker })
}

fn describe(group: &Group) -> wire::Group {
    wire::Group {
        path: group.path.clone(),
        group_name: group.name.clone(),
        group_id: group.id.clone(),
        arn: group.arn.clone(),
        create_date: group.created,
    }
}
