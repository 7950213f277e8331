//! Managed policies attached to roles, users and groups.

use super::paging::{Page, page};
use super::{check_aws, on, policy_exists, policy_name, under};
use crate::Iam;
use crate::error;
use crate::managed::{self, AwsPolicy};
use crate::model::{Group, Identity, Role, User};
use slam_cloud_core::{Access, Arn, AwsResult, Context, Registry};
use slam_cloud_wire::iam as wire;
use std::sync::Arc;

/// Managed policies on one identity (IAM User Guide, "IAM and AWS STS quotas").
const LIMIT: usize = 10;

/// Permission to attach or detach: policies may restrict which policy it is.
fn with_policy<T: Identity>(
    iam: &Iam,
    context: &Context,
    action: &'static str,
    name: &str,
    policy_arn: &str,
) -> Vec<Access> {
    let accesses = on::<T>(iam, context, action, name).into_iter();
    accesses.map(|access| access.condition("iam:PolicyARN", policy_arn)).collect()
}

async fn attach<T: Identity>(iam: &Iam, context: &Context, name: &str, arn: String) -> AwsResult<()> {
    check_arn(&arn)?;
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
    check_arn(arn)?;
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

fn check_arn(arn: &str) -> AwsResult<()> {
    // Recorded: test_attach_detach_role_policy.
    let parsed = Arn::parse(arn).ok_or_else(|| error::validation("Invalid ARN:  Could not be parsed!"))?;
    let parsed = Some(parsed).filter(|parsed| parsed.service == "iam" && parsed.resource.starts_with("policy/"));
    parsed.map(|_| ()).ok_or_else(|| error::invalid_input(format!("ARN {arn} is not valid.")))
}

/// The three operations of one kind of identity: they differ in their shapes alone.
macro_rules! operations {
    ($register:ident, $type:ident, $name:ident, $attach:ident -> $attach_output:ident,
     $detach:ident -> $detach_output:ident, $list:ident -> $list_output:ident) => {
        fn $register(iam: &Arc<Iam>, registry: &mut Registry) {
            registry.operation::<Iam, wire::$attach, _, _>(
                iam,
                |iam, context, input| {
                    let action = concat!("iam:", stringify!($attach));
                    with_policy::<$type>(iam, context, action, &input.$name, &input.policy_arn)
                },
                |iam, context, input| async move {
                    attach::<$type>(&iam, &context, &input.$name, input.policy_arn).await?;
                    Ok(wire::$attach_output {})
                },
            );
            registry.operation::<Iam, wire::$detach, _, _>(
                iam,
                |iam, context, input| {
                    let action = concat!("iam:", stringify!($detach));
                    with_policy::<$type>(iam, context, action, &input.$name, &input.policy_arn)
                },
                |iam, context, input| async move {
                    detach::<$type>(&iam, &context, &input.$name, &input.policy_arn).await?;
                    Ok(wire::$detach_output {})
                },
            );
            registry.operation::<Iam, wire::$list, _, _>(
                iam,
                |iam, context, input| on::<$type>(iam, context, concat!("iam:", stringify!($list)), &input.$name),
                |iam, context, input| async move {
                    let (prefix, marker) = (input.path_prefix.as_deref(), input.marker.as_deref());
                    let Page { items, is_truncated, marker } =
                        list::<$type>(&iam, &context, &input.$name, prefix, marker, input.max_items)?;
                    Ok(wire::$list_output { attached_policies: Some(items), is_truncated, marker })
                },
            );
        }
    };
}

operations!(
    of_roles, Role, role_name,
    AttachRolePolicy -> AttachRolePolicyOutput, DetachRolePolicy -> DetachRolePolicyOutput,
    ListAttachedRolePolicies -> ListAttachedRolePoliciesResponse
);
operations!(
    of_users, User, user_name,
    AttachUserPolicy -> AttachUserPolicyOutput, DetachUserPolicy -> DetachUserPolicyOutput,
    ListAttachedUserPolicies -> ListAttachedUserPoliciesResponse
);
operations!(
    of_groups, Group, group_name,
    AttachGroupPolicy -> AttachGroupPolicyOutput, DetachGroupPolicy -> DetachGroupPolicyOutput,
    ListAttachedGroupPolicies -> ListAttachedGroupPoliciesResponse
);

pub(super) fn register(iam: &Arc<Iam>, registry: &mut Registry) {
    of_roles(iam, registry);
    of_users(iam, registry);
    of_groups(iam, registry);
}
