//! Inline policies of roles, users and groups.

use super::paging::{Page, page};
use super::{check_policy, encoded, size};
use crate::Iam;
use crate::error;
use crate::model::{Group, Identity, Role, User};
use crate::policy::identity::Kind;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::iam as wire;
use std::sync::Arc;

async fn put<T: Identity>(iam: &Iam, context: &Context, name: &str, policy: String, text: String) -> AwsResult<()> {
    check_policy(&text, Kind::Inline)?;
    iam.modify::<T>(context, name, |identity| {
        let inline = &mut identity.permissions_mut().inline;
        inline.insert(policy, text);
        if inline.values().map(|text| size(text)).sum::<usize>() > T::INLINE_LIMIT {
            let limit = T::INLINE_LIMIT;
            let kind = T::KIND;
            return Err(error::limit_exceeded(format!(
                "Maximum policy size of {limit} bytes exceeded for {kind} {name}"
            )));
        }
        Ok(())
    })
    .await?;
    Ok(())
}

fn get<T: Identity>(iam: &Iam, context: &Context, name: &str, policy: &str) -> AwsResult<String> {
    let identity = iam.find::<T>(context, name)?;
    let text = identity.permissions().inline.get(policy).ok_or_else(|| missing::<T>(policy))?;
    Ok(encoded(text))
}

async fn delete<T: Identity>(iam: &Iam, context: &Context, name: &str, policy: &str) -> AwsResult<()> {
    iam.modify::<T>(context, name, |identity| {
        identity.permissions_mut().inline.remove(policy).map(|_| ()).ok_or_else(|| missing::<T>(policy))
    })
    .await?;
    Ok(())
}

fn list<T: Identity>(
    iam: &Iam,
    context: &Context,
    name: &str,
    marker: Option<&str>,
    max_items: Option<i64>,
) -> AwsResult<Page<String>> {
    let identity = iam.find::<T>(context, name)?;
    page(identity.permissions().inline.keys().cloned().collect(), marker, max_items)
}

fn missing<T: Identity>(policy: &str) -> slam_cloud_core::AwsError {
    error::not_found(&format!("{} policy", T::KIND), policy)
}

/// The four operations of one kind of identity: they differ in their shapes alone.
macro_rules! operations {
    ($type:ident, $name:ident,
     $put:ident($put_input:ident) -> $put_output:ident, $get:ident($get_input:ident) -> $get_output:ident,
     $delete:ident($delete_input:ident) -> $delete_output:ident, $list:ident($list_input:ident) -> $list_output:ident) => {
        pub(super) async fn $put(
            iam: Arc<Iam>,
            context: Context,
            input: wire::$put_input,
        ) -> AwsResult<wire::$put_output> {
            put::<$type>(&iam, &context, &input.$name, input.policy_name, input.policy_document).await?;
            Ok(wire::$put_output {})
        }

        pub(super) async fn $get(
            iam: Arc<Iam>,
            context: Context,
            input: wire::$get_input,
        ) -> AwsResult<wire::$get_output> {
            let policy_document = get::<$type>(&iam, &context, &input.$name, &input.policy_name)?;
            Ok(wire::$get_output { $name: input.$name, policy_name: input.policy_name, policy_document })
        }

        pub(super) async fn $delete(
            iam: Arc<Iam>,
            context: Context,
            input: wire::$delete_input,
        ) -> AwsResult<wire::$delete_output> {
            delete::<$type>(&iam, &context, &input.$name, &input.policy_name).await?;
            Ok(wire::$delete_output {})
        }

        pub(super) async fn $list(
            iam: Arc<Iam>,
            context: Context,
            input: wire::$list_input,
        ) -> AwsResult<wire::$list_output> {
            let marker = input.marker.as_deref();
            let Page { items, is_truncated, marker } =
                list::<$type>(&iam, &context, &input.$name, marker, input.max_items)?;
            Ok(wire::$list_output { policy_names: items, is_truncated, marker })
        }
    };
}

operations!(
    Role, role_name,
    put_role_policy(PutRolePolicy) -> PutRolePolicyOutput, get_role_policy(GetRolePolicy) -> GetRolePolicyResponse,
    delete_role_policy(DeleteRolePolicy) -> DeleteRolePolicyOutput, list_role_policies(ListRolePolicies) -> ListRolePoliciesResponse
);

operations!(
    User, user_name,
    put_user_policy(PutUserPolicy) -> PutUserPolicyOutput, get_user_policy(GetUserPolicy) -> GetUserPolicyResponse,
    delete_user_policy(DeleteUserPolicy) -> DeleteUserPolicyOutput, list_user_policies(ListUserPolicies) -> ListUserPoliciesResponse
);

operations!(
    Group, group_name,
    put_group_policy(PutGroupPolicy) -> PutGroupPolicyOutput, get_group_policy(GetGroupPolicy) -> GetGroupPolicyResponse,
    delete_group_policy(DeleteGroupPolicy) -> DeleteGroupPolicyOutput, list_group_policies(ListGroupPolicies) -> ListGroupPoliciesResponse
);
