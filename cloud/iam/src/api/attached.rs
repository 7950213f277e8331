//! Managed policies attached to roles, users and groups.

use super::paging::{Page, page};
use super::{check_arn, check_aws, policy_exists, policy_name, under};
use crate::Iam;
use crate::error;
use crate::managed::{self, AwsPolicy};
use crate::model::{Group, Identity, Role, User};
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::iam as wire;
use std::sync::Arc;

/// Managed policies on one identity (IAM User Guide, "IAM and AWS STS quotas").
const LIMIT: usize = 10;

async fn attach<T: Identity>(iam: &Iam, context: &Context, name: &str, arn: String) -> AwsResult<()> {
    check_arn(context, &arn)?;
    iam.find::<T>(context, name)?;
    if !policy_exists(iam, context, &arn)? {
        return Err(error::policy_not_attachable(&arn));
    }
    check_aws(&arn)?;
    if managed::find(&arn)?.is_some_and(AwsPolicy::is_for_aws_alone) {
        return Err(error::policy_of_services());
    }
    iam.modify::<T>(context, name, |identity| {
        let attached = &mut identity.permissions_mut().attached;
        if attached.contains(&arn) {
            return Ok(());
        }
        if attached.len() >= LIMIT {
            return Err(error::limit_exceeded(format!("Cannot exceed quota for PoliciesPer{}: {LIMIT}", T::TITLE)));
        }
        attached.push(arn);
        Ok(())
    })
    .await?;
    Ok(())
}

async fn detach<T: Identity>(iam: &Iam, context: &Context, name: &str, arn: &str) -> AwsResult<()> {
    check_arn(context, arn)?;
    iam.modify::<T>(context, name, |identity| {
        let attached = &mut identity.permissions_mut().attached;
        let at = attached.iter().position(|one| one == arn).ok_or_else(|| error::policy_not_found(arn))?;
        attached.remove(at);
        Ok(())
    })
    .await?;
    Ok(())
}

fn list<T: Identity>(
    iam: &Iam,
    context: &Context,
    name: &str,
    prefix: Option<&str>,
    marker: Option<&str>,
    max_items: Option<i64>,
) -> AwsResult<Page<wire::AttachedPolicy>> {
    let identity = iam.find::<T>(context, name)?;
    let attached = identity.permissions().attached.iter().filter(|arn| under(path_of(arn), prefix));
    let attached = attached.map(|arn| wire::AttachedPolicy {
        policy_name: Some(policy_name(arn).to_owned()),
        policy_arn: Some(arn.clone()),
    });
    page(attached.collect(), marker, max_items)
}

/// A policy's path: what stands between `policy` and the name in its ARN.
pub(super) fn path_of(arn: &str) -> &str {
    let resource = arn.splitn(6, ':').nth(5).and_then(|resource| resource.strip_prefix("policy")).unwrap_or("/");
    resource.rfind('/').map_or("/", |slash| &resource[..=slash])
}

/// The three operations of one kind of identity: they differ in their shapes alone.
macro_rules! operations {
    ($type:ident, $name:ident, $attach:ident($attach_input:ident) -> $attach_output:ident,
     $detach:ident($detach_input:ident) -> $detach_output:ident, $list:ident($list_input:ident) -> $list_output:ident) => {
        pub(super) async fn $attach(
            iam: Arc<Iam>,
            context: Context,
            input: wire::$attach_input,
        ) -> AwsResult<wire::$attach_output> {
            attach::<$type>(&iam, &context, &input.$name, input.policy_arn).await?;
            Ok(wire::$attach_output {})
        }

        pub(super) async fn $detach(
            iam: Arc<Iam>,
            context: Context,
            input: wire::$detach_input,
        ) -> AwsResult<wire::$detach_output> {
            detach::<$type>(&iam, &context, &input.$name, &input.policy_arn).await?;
            Ok(wire::$detach_output {})
        }

        pub(super) async fn $list(
            iam: Arc<Iam>,
            context: Context,
            input: wire::$list_input,
        ) -> AwsResult<wire::$list_output> {
            let (prefix, marker) = (input.path_prefix.as_deref(), input.marker.as_deref());
            let Page { items, is_truncated, marker } =
                list::<$type>(&iam, &context, &input.$name, prefix, marker, input.max_items)?;
            Ok(wire::$list_output { attached_policies: Some(items), is_truncated, marker })
        }
    };
}

operations!(
    Role, role_name,
    attach_role_policy(AttachRolePolicy) -> AttachRolePolicyOutput, detach_role_policy(DetachRolePolicy) -> DetachRolePolicyOutput,
    list_attached_role_policies(ListAttachedRolePolicies) -> ListAttachedRolePoliciesResponse
);

operations!(
    User, user_name,
    attach_user_policy(AttachUserPolicy) -> AttachUserPolicyOutput, detach_user_policy(DetachUserPolicy) -> DetachUserPolicyOutput,
    list_attached_user_policies(ListAttachedUserPolicies) -> ListAttachedUserPoliciesResponse
);

operations!(
    Group, group_name,
    attach_group_policy(AttachGroupPolicy) -> AttachGroupPolicyOutput, detach_group_policy(DetachGroupPolicy) -> DetachGroupPolicyOutput,
    list_attached_group_policies(ListAttachedGroupPolicies) -> ListAttachedGroupPoliciesResponse
);
