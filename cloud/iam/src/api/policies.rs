//! Managed policies and their versions.

use super::attached::path_of;
use super::paging::page;
use super::tags::change_policy;
use super::{check_arn, check_policy, encoded, path, policy_exists, size, tags, under};
use crate::Iam;
use crate::error;
use crate::managed::{self, AwsPolicy};
use crate::model::unique_id;
use crate::model::{Group, Identity, ManagedPolicy, PolicyVersion, Role, User, now};
use crate::policy::identity::Kind;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::iam as wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Characters of a managed policy, without whitespace.
const SIZE_LIMIT: usize = 6_144;
/// Versions of one managed policy.
const VERSION_LIMIT: usize = 5;

pub(super) async fn create(
    iam: Arc<Iam>,
    context: Context,
    input: wire::CreatePolicy,
) -> AwsResult<wire::CreatePolicyResponse> {
    check_document(&input.policy_document)?;
    let policy_tags = tags::merged(&context, &Vec::new(), input.tags.unwrap_or_default())?;
    let _change = iam.change().await;
    let scope = Scope::global(&context);
    let taken = |(_, other): &(String, Arc<ManagedPolicy>)| other.name.eq_ignore_ascii_case(&input.policy_name);
    if iam.collections.policies.list(&scope).iter().any(taken) {
        let name = &input.policy_name;
        return Err(error::already_exists(format!(
            "A policy called {name} already exists. Duplicate names are not allowed."
        )));
    }
    let policy_path = path(input.path);
    let created = now();
    let policy = ManagedPolicy {
        id: unique_id("ANPA"),
        arn: context.global_arn("iam", format!("policy{policy_path}{}", input.policy_name)),
        name: input.policy_name,
        path: policy_path,
        description: input.description,
        created,
        updated: created,
        versions: BTreeMap::from([(1, PolicyVersion { document: input.policy_document, created })]),
        default_version: 1,
        next_version: 2,
        tags: policy_tags,
    };
    let arn = policy.arn.clone();
    let policy = iam.collections.policies.put(&scope, &arn, policy).await?;
    let mut answer = describe(&policy, Usage::default());
    answer.tags = tags::some(&policy.tags);
    Ok(wire::CreatePolicyResponse { policy: Some(answer) })
}

pub(super) async fn get(iam: Arc<Iam>, context: Context, input: wire::GetPolicy) -> AwsResult<wire::GetPolicyResponse> {
    let arn = &input.policy_arn;
    check_arn(&context, arn)?;
    let usage = Usage::of(&iam, &context, arn);
    let mut policy = match managed::find(arn)? {
        Some(policy) => describe_aws(policy, arn, usage),
        None => {
            let policy = find(&iam, &context, arn)?;
            let mut answer = describe(&policy, usage);
            answer.description.clone_from(&policy.description);
            answer.tags = Some(tags::list(&policy.tags));
            answer
        }
    };
    // GetPolicy alone always carries the list, empty or not.
    policy.tags.get_or_insert_default();
    Ok(wire::GetPolicyResponse { policy: Some(policy) })
}

pub(super) async fn list(
    iam: Arc<Iam>,
    context: Context,
    input: wire::ListPolicies,
) -> AwsResult<wire::ListPoliciesResponse> {
    let scope = input.scope.as_deref().unwrap_or("All");
    let mut policies = Vec::new();
    if scope != "AWS" {
        for (arn, policy) in iam.collections.policies.list(&Scope::global(&context)) {
            policies.push(describe(&policy, Usage::of(&iam, &context, &arn)));
        }
    }
    if scope != "Local" {
        for policy in managed::all() {
            let arn = policy.arn(context.partition());
            policies.push(describe_aws(policy, &arn, Usage::of(&iam, &context, &arn)));
        }
    }
    policies.retain(|policy| {
        let used = match input.policy_usage_filter.as_deref() {
            Some("PermissionsBoundary") => policy.permissions_boundary_usage_count,
            _ => policy.attachment_count,
        };
        under(policy.path.as_deref().unwrap_or("/"), input.path_prefix.as_deref())
            && (input.only_attached != Some(true) || used.unwrap_or(0) > 0)
            && (input.policy_usage_filter.is_none() || used.unwrap_or(0) > 0)
    });
    let page = page(policies, input.marker.as_deref(), input.max_items)?;
    Ok(wire::ListPoliciesResponse { policies: Some(page.items), is_truncated: page.is_truncated, marker: page.marker })
}

pub(super) async fn delete(
    iam: Arc<Iam>,
    context: Context,
    input: wire::DeletePolicy,
) -> AwsResult<wire::DeletePolicyOutput> {
    check_arn(&context, &input.policy_arn)?;
    let _change = iam.change().await;
    let policy = find(&iam, &context, &input.policy_arn)?;
    let usage = Usage::of(&iam, &context, &input.policy_arn);
    if usage.attached + usage.boundaries > 0 {
        return Err(error::delete_conflict("Cannot delete a policy attached to entities."));
    }
    if policy.versions.len() > 1 {
        return Err(error::delete_conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. \
             The default version is deleted with the policy.",
        ));
    }
    iam.collections.policies.remove(&Scope::global(&context), &input.policy_arn).await?;
    Ok(wire::DeletePolicyOutput {})
}

pub(super) async fn create_version(
    iam: Arc<Iam>,
    context: Context,
    input: wire::CreatePolicyVersion,
) -> AwsResult<wire::CreatePolicyVersionResponse> {
    check_document(&input.policy_document)?;
    let mut answer = wire::PolicyVersion::default();
    change_policy(&iam, &context, &input.policy_arn, |policy| {
        if policy.versions.len() >= VERSION_LIMIT {
            return Err(error::limit_exceeded(format!(
                "A managed policy can have up to {VERSION_LIMIT} versions. Before you create a new version, you must \
                 delete an existing version."
            )));
        }
        let (number, created) = (policy.next_version, now());
        policy.versions.insert(number, PolicyVersion { document: input.policy_document, created });
        policy.next_version += 1;
        policy.updated = created;
        if input.set_as_default == Some(true) {
            policy.default_version = number;
        }
        answer = describe_version(policy, number, false);
        Ok(())
    })
    .await?;
    Ok(wire::CreatePolicyVersionResponse { policy_version: Some(answer) })
}

pub(super) async fn get_version(
    iam: Arc<Iam>,
    context: Context,
    input: wire::GetPolicyVersion,
) -> AwsResult<wire::GetPolicyVersionResponse> {
    check_arn(&context, &input.policy_arn)?;
    let version = match managed::find(&input.policy_arn)? {
        Some(policy) if policy.version == input.version_id => wire::PolicyVersion {
            document: Some(encoded(policy.document())),
            version_id: Some(policy.version.to_owned()),
            is_default_version: Some(true),
            create_date: Some(policy.updated),
        },
        Some(policy) => {
            // AWS keeps the former versions of its policies; only the one in force is here.
            let (version, name) = (&input.version_id, &policy.name);
            return Err(AwsError::unsupported(format_args!("the former version {version} of the AWS policy {name}")));
        }
        None => {
            let policy = find(&iam, &context, &input.policy_arn)?;
            describe_version(&policy, version_number(&policy, &input.version_id)?, true)
        }
    };
    Ok(wire::GetPolicyVersionResponse { policy_version: Some(version) })
}

pub(super) async fn list_versions(
    iam: Arc<Iam>,
    context: Context,
    input: wire::ListPolicyVersions,
) -> AwsResult<wire::ListPolicyVersionsResponse> {
    check_arn(&context, &input.policy_arn)?;
    let versions = match managed::find(&input.policy_arn)? {
        Some(policy) => vec![wire::PolicyVersion {
            document: None,
            version_id: Some(policy.version.to_owned()),
            is_default_version: Some(true),
            create_date: Some(policy.updated),
        }],
        None => {
            let policy = find(&iam, &context, &input.policy_arn)?;
            policy.versions.keys().rev().map(|number| describe_version(&policy, *number, false)).collect()
        }
    };
    let page = page(versions, input.marker.as_deref(), input.max_items)?;
    Ok(wire::ListPolicyVersionsResponse {
        versions: Some(page.items),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}

pub(super) async fn set_default_version(
    iam: Arc<Iam>,
    context: Context,
    input: wire::SetDefaultPolicyVersion,
) -> AwsResult<wire::SetDefaultPolicyVersionOutput> {
    change_policy(&iam, &context, &input.policy_arn, |policy| {
        policy.default_version = version_number(policy, &input.version_id)?;
        Ok(())
    })
    .await?;
    Ok(wire::SetDefaultPolicyVersionOutput {})
}

pub(super) async fn delete_version(
    iam: Arc<Iam>,
    context: Context,
    input: wire::DeletePolicyVersion,
) -> AwsResult<wire::DeletePolicyVersionOutput> {
    change_policy(&iam, &context, &input.policy_arn, |policy| {
        let number = version_number(policy, &input.version_id)?;
        if number == policy.default_version {
            return Err(error::delete_conflict("Cannot delete the default version of a policy."));
        }
        policy.versions.remove(&number);
        Ok(())
    })
    .await?;
    Ok(wire::DeletePolicyVersionOutput {})
}

pub(super) async fn list_entities(
    iam: Arc<Iam>,
    context: Context,
    input: wire::ListEntitiesForPolicy,
) -> AwsResult<wire::ListEntitiesForPolicyResponse> {
    check_arn(&context, &input.policy_arn)?;
    if !policy_exists(&iam, &context, &input.policy_arn)? {
        return Err(error::policy_not_found(&input.policy_arn));
    }
    enum Entity {
        Group(wire::PolicyGroup),
        User(wire::PolicyUser),
        Role(wire::PolicyRole),
    }
    let wanted = |kind: &str| input.entity_filter.as_deref().is_none_or(|filter| filter == kind);
    let mut entities = Vec::new();
    if wanted("Group") {
        entities.extend(users_of::<Group>(&iam, &context, &input).map(|group| {
            Entity::Group(wire::PolicyGroup { group_name: Some(group.name.clone()), group_id: Some(group.id.clone()) })
        }));
    }
    if wanted("User") {
        entities.extend(users_of::<User>(&iam, &context, &input).map(|user| {
            Entity::User(wire::PolicyUser { user_name: Some(user.name.clone()), user_id: Some(user.id.clone()) })
        }));
    }
    if wanted("Role") {
        entities.extend(users_of::<Role>(&iam, &context, &input).map(|role| {
            Entity::Role(wire::PolicyRole { role_name: Some(role.name.clone()), role_id: Some(role.id.clone()) })
        }));
    }
    let page = page(entities, input.marker.as_deref(), input.max_items)?;
    let (mut groups, mut users, mut roles) = (Vec::new(), Vec::new(), Vec::new());
    for entity in page.items {
        match entity {
            Entity::Group(group) => groups.push(group),
            Entity::User(user) => users.push(user),
            Entity::Role(role) => roles.push(role),
        }
    }
    Ok(wire::ListEntitiesForPolicyResponse {
        policy_groups: Some(groups),
        policy_users: Some(users),
        policy_roles: Some(roles),
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}

/// The identities of a kind that use a policy in the way that is asked for.
fn users_of<'a, T: Identity>(
    iam: &Iam,
    context: &Context,
    input: &'a wire::ListEntitiesForPolicy,
) -> impl Iterator<Item = Arc<T>> + 'a {
    let arn = &input.policy_arn;
    iam.identities::<T>(context).into_iter().filter(move |identity| {
        let permissions = identity.permissions();
        let attached = permissions.attached.contains(arn);
        let bounds = permissions.boundary.as_ref() == Some(arn);
        let used = match input.policy_usage_filter.as_deref() {
            Some("PermissionsPolicy") => attached,
            Some("PermissionsBoundary") => bounds,
            _ => attached || bounds,
        };
        used && under(identity.path(), input.path_prefix.as_deref())
    })
}

/// How often a policy is used.
#[derive(Clone, Copy, Default)]
struct Usage {
    attached: i64,
    boundaries: i64,
}

impl Usage {
    fn of(iam: &Iam, context: &Context, arn: &str) -> Self {
        let mut usage = Self::default();
        usage.count::<Role>(iam, context, arn);
        usage.count::<User>(iam, context, arn);
        usage.count::<Group>(iam, context, arn);
        usage
    }

    fn count<T: Identity>(&mut self, iam: &Iam, context: &Context, arn: &str) {
        for (_, identity) in T::collection(iam).list(&Scope::global(context)) {
            let permissions = identity.permissions();
            self.attached += i64::from(permissions.attached.iter().any(|attached| attached == arn));
            self.boundaries += i64::from(permissions.boundary.as_deref() == Some(arn));
        }
    }
}

fn check_document(document: &str) -> AwsResult<()> {
    check_policy(document, Kind::Managed)?;
    if size(document) > SIZE_LIMIT {
        return Err(error::limit_exceeded(format!("Cannot exceed quota for PolicySize: {SIZE_LIMIT}")));
    }
    Ok(())
}

fn find(iam: &Iam, context: &Context, arn: &str) -> AwsResult<Arc<ManagedPolicy>> {
    iam.collections.policies.get(&Scope::global(context), arn).ok_or_else(|| error::policy_not_found(arn))
}

fn version_number(policy: &ManagedPolicy, id: &str) -> AwsResult<u32> {
    let number = id.strip_prefix('v').and_then(|digits| digits.parse().ok());
    number
        .filter(|number| policy.versions.contains_key(number))
        .ok_or_else(|| error::policy_not_attachable(format_args!("{} version {id}", policy.arn)))
}

fn describe(policy: &ManagedPolicy, usage: Usage) -> wire::Policy {
    wire::Policy {
        policy_name: Some(policy.name.clone()),
        policy_id: Some(policy.id.clone()),
        arn: Some(policy.arn.clone()),
        path: Some(policy.path.clone()),
        default_version_id: Some(format!("v{}", policy.default_version)),
        attachment_count: Some(usage.attached),
        permissions_boundary_usage_count: Some(usage.boundaries),
        is_attachable: Some(true),
        create_date: Some(policy.created),
        update_date: Some(policy.updated),
        ..wire::Policy::default()
    }
}

fn describe_aws(policy: &AwsPolicy, arn: &str, usage: Usage) -> wire::Policy {
    wire::Policy {
        policy_name: Some(policy.name.to_owned()),
        policy_id: Some(policy.id()),
        arn: Some(arn.to_owned()),
        path: Some(path_of(arn).to_owned()),
        default_version_id: Some(policy.version.to_owned()),
        attachment_count: Some(usage.attached),
        permissions_boundary_usage_count: Some(usage.boundaries),
        is_attachable: Some(true),
        create_date: Some(policy.created),
        update_date: Some(policy.updated),
        ..wire::Policy::default()
    }
}

fn describe_version(policy: &ManagedPolicy, number: u32, with_document: bool) -> wire::PolicyVersion {
    let version = policy.versions.get(&number);
    wire::PolicyVersion {
        document: version.filter(|_| with_document).map(|version| encoded(&version.document)),
        version_id: Some(format!("v{number}")),
        is_default_version: Some(number == policy.default_version),
        create_date: version.map(|version| version.created),
    }
}
