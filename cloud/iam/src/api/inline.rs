//! Inline policies of roles, users and groups.

use super::paging::{Page, page};
use super::{check_policy, encoded, on, size};
use crate::Iam;
use crate::error;
use crate::model::{Group, Identity, Role, User};
use slam_cloud_core::{AwsResult, Context, Registry};
use slam_cloud_wire::iam as wire;
use std::sync::Arc;

async fn put<T: Identity>(iam: &Iam, context: &Context, name: &str, policy: String, text: String) -> AwsResult<()> {
    check_policy(&text)?;
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
    ($register:ident, $type:ident, $name:ident,
     $put:ident -> $put_output:ident, $get:ident -> $get_output:ident,
     $delete:ident -> $delete_output:ident, $list:ident -> $list_output:ident) => {
        fn $register(iam: &Arc<Iam>, registry: &mut Registry) {
            registry.operation::<Iam, wire::$put, _, _>(
                iam,
                |iam, context, input| on::<$type>(iam, context, concat!("iam:", stringify!($put)), &input.$name),
                |iam, context, input| async move {
                    put::<$type>(&iam, &context, &input.$name, input.policy_name, input.policy_document).await?;
                    Ok(wire::$put_output {})
                },
            );
            registry.operation::<Iam, wire::$get, _, _>(
                iam,
                |iam, context, input| on::<$type>(iam, context, concat!("iam:", stringify!($get)), &input.$name),
                |iam, context, input| async move {
                    let policy_document = get::<$type>(&iam, &context, &input.$name, &input.policy_name)?;
                    Ok(wire::$get_output { $name: input.$name, policy_name: input.policy_name, policy_document })
                },
            );
            registry.operation::<Iam, wire::$delete, _, _>(
                iam,
                |iam, context, input| on::<$type>(iam, context, concat!("iam:", stringify!($delete)), &input.$name),
                |iam, context, input| async move {
                    delete::<$type>(&iam, &context, &input.$name, &input.policy_name).await?;
                    Ok(wire::$delete_output {})
                },
            );
            registry.operation::<Iam, wire::$list, _, _>(
                iam,
                |iam, context, input| on::<$type>(iam, context, concat!("iam:", stringify!($list)), &input.$name),
                |iam, context, input| async move {
                    let marker = input.marker.as_deref();
                    let Page { items, is_truncated, marker } =
                        list::<$type>(&iam, &context, &input.$name, marker, input.max_items)?;
                    Ok(wire::$list_output { policy_names: items, is_truncated, marker })
                },
            );
        }
    };
}

operations!(
    of_roles, Role, role_name,
    PutRolePolicy -> PutRolePolicyOutput, GetRolePolicy -> GetRolePolicyResponse,
    DeleteRolePolicy -> DeleteRolePolicyOutput, ListRolePolicies -> ListRolePoliciesResponse
);
operations!(
    of_users, User, user_name,
    PutUserPolicy -> PutUserPolicyOutput, GetUserPolicy -> GetUserPolicyResponse,
    DeleteUserPolicy -> DeleteUserPolicyOutput, ListUserPolicies -> ListUserPoliciesResponse
);
operations!(
    of_groups, Group, group_name,
    PutGroupPolicy -> PutGroupPolicyOutput, GetGroupPolicy -> GetGroupPolicyResponse,
    DeleteGroupPolicy -> DeleteGroupPolicyOutput, ListGroupPolicies -> ListGroupPoliciesResponse
);

pub(super) fn register(iam: &Arc<Iam>, registry: &mut Registry) {
    of_roles(iam, registry);
    of_users(iam, registry);
    of_groups(iam, registry);
}
