//! Resource policies: which services may write to the groups of an account, or to one group. IAM evaluates them.

use super::PAGE_DESCRIPTIONS;
use crate::error::{invalid_parameter, invalid_token, no_such_group, no_such_policy, too_many};
use crate::model::group::Group;
use crate::model::identifier::name_of_arn;
use crate::model::resource_policy::{ResourcePolicy, together};
use crate::{LogsService, now};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context, id};
use slam_cloud_kit::{paging, policy};
use slam_cloud_wire::logs;
use std::sync::Arc;

/// The policies of an account in a region (API reference, PutResourcePolicy).
const POLICIES: usize = 10;

/// What a service may do to a group: what the account's policies and the group's own say.
pub(super) fn in_force(service: &LogsService, context: &Context, group: &str) -> String {
    let scope = Scope::regional(context);
    let of_account = service.policies.list(&scope);
    let group = service.groups.get(&scope, group);
    let of_group = group.as_ref().and_then(|group| group.policy.as_ref());
    let all = of_account.iter().map(|(_, policy)| &**policy).chain(of_group);
    together(all.map(|policy| policy.document.as_str()))
}

/// What a policy is about: an account or a group, of which it names one
/// (<https://github.com/hashicorp/terraform-provider-aws/pull/46813>).
enum Subject {
    Account { name: String },
    Group { name: String, arn: String },
}

impl Subject {
    fn read(context: &Context, name: Option<String>, arn: Option<String>) -> AwsResult<Self> {
        match (name, arn) {
            (Some(name), None) => Ok(Self::Account { name }),
            (None, Some(arn)) => Ok(Self::Group { name: name_of_arn(context, &arn)?, arn }),
            _ => Err(invalid_parameter("Exactly one of policyName and resourceArn must be specified.")),
        }
    }
}

/// Whether a group's policy may be changed by whoever saw this revision of it.
fn check_revision(there: Option<&ResourcePolicy>, seen: Option<&str>) -> AwsResult<()> {
    match there.map(|there| there.revision.as_str()) == seen {
        true => Ok(()),
        false => Err(AwsError::bad_request(
            "OperationAbortedException",
            "The expectedRevisionId is not that of the resource policy, which was changed meanwhile.",
        )),
    }
}

/// PutResourcePolicy (recorded: `test_put_resource_policy`).
pub async fn put(
    service: Arc<LogsService>,
    context: Context,
    input: logs::PutResourcePolicy,
) -> AwsResult<logs::PutResourcePolicyResponse> {
    let subject = Subject::read(&context, input.policy_name, input.resource_arn)?;
    let document = input.policy_document.ok_or_else(|| invalid_parameter("policyDocument must be specified."))?;
    policy::check(&document)
        .map_err(|malformed| invalid_parameter(format!("The policyDocument contains a syntax error: {malformed}.")))?;
    service.cloud.check_policy(&document)?;
    let (scope, policy) =
        (Scope::regional(&context), ResourcePolicy { document, updated: now(), revision: id::request_id() });
    match subject {
        Subject::Account { name } => {
            let _one_at_a_time = service.limiting.lock().await;
            let others = service.policies.list(&scope).into_iter().filter(|(other, _)| *other != name).count();
            if others >= POLICIES {
                return Err(too_many());
            }
            let told = policy.of_account(name.clone());
            service.policies.put(&scope, &name, policy).await?;
            Ok(logs::PutResourcePolicyResponse { resource_policy: Some(told), revision_id: None })
        }
        Subject::Group { name, arn } => {
            let told = policy.of_group(arn);
            let revision_id = told.revision_id.clone();
            change(&service, &scope, &name, input.expected_revision_id.as_deref(), Some(policy)).await?;
            Ok(logs::PutResourcePolicyResponse { resource_policy: Some(told), revision_id })
        }
    }
}

/// Changes a group's policy, or takes it away.
async fn change(
    service: &LogsService,
    scope: &Scope,
    name: &str,
    seen: Option<&str>,
    policy: Option<ResourcePolicy>,
) -> AwsResult<()> {
    let change = |group: Option<&Group>| {
        let group = group.ok_or_else(no_such_group)?;
        if policy.is_none() && group.policy.is_none() {
            return Err(no_such_policy(name));
        }
        check_revision(group.policy.as_ref(), seen)?;
        Ok::<_, AwsError>(Some(Group { policy, ..group.clone() }))
    };
    service.groups.update(scope, name, change).await.map(drop)
}

/// DescribeResourcePolicies: those of the account where nothing else is asked for (recorded: `test_describe_resource_policies`).
pub async fn describe(
    service: Arc<LogsService>,
    context: Context,
    input: logs::DescribeResourcePolicies,
) -> AwsResult<logs::DescribeResourcePoliciesResponse> {
    let scope = Scope::regional(&context);
    let asked = match (input.policy_scope.as_deref(), &input.resource_arn) {
        (Some("ACCOUNT"), Some(_)) => {
            return Err(invalid_parameter("resourceArn is not for policies of the scope ACCOUNT."));
        }
        (_, Some(arn)) => Some(Some(name_of_arn(&context, arn)?)),
        (Some("RESOURCE"), None) => Some(None),
        _ => None,
    };
    let all: Vec<(String, logs::ResourcePolicy)> = match asked {
        None => {
            let policies = service.policies.list(&scope).into_iter();
            policies.map(|(name, policy)| (name.clone(), policy.of_account(name))).collect()
        }
        Some(group) => {
            if let Some(name) = &group {
                service.group(&context, name)?;
            }
            let groups = service.groups.list(&scope).into_iter();
            let asked = groups.filter(|(name, _)| group.as_ref().is_none_or(|group| group == name));
            asked
                .filter_map(|(name, group)| Some((name, group.policy.as_ref()?.of_group(group.arn(&context)))))
                .collect()
        }
    };
    let after = input.next_token.as_deref().map(|token| paging::key_of(token).ok_or_else(invalid_token)).transpose()?;
    let most = usize::try_from(PAGE_DESCRIPTIONS).unwrap_or(usize::MAX);
    let page = paging::by_key(all, after.as_deref(), paging::size(input.limit, most, most));
    let next_token = page.next.as_deref().map(paging::token);
    Ok(logs::DescribeResourcePoliciesResponse { resource_policies: Some(page.items), next_token })
}

/// DeleteResourcePolicy.
pub async fn delete(
    service: Arc<LogsService>,
    context: Context,
    input: logs::DeleteResourcePolicy,
) -> AwsResult<logs::DeleteResourcePolicyOutput> {
    let scope = Scope::regional(&context);
    match Subject::read(&context, input.policy_name, input.resource_arn)? {
        Subject::Account { name } => {
            service.policies.remove(&scope, &name).await?.ok_or_else(|| no_such_policy(&name))?;
        }
        Subject::Group { name, .. } => {
            change(&service, &scope, &name, input.expected_revision_id.as_deref(), None).await?;
        }
    }
    Ok(logs::DeleteResourcePolicyOutput {})
}
