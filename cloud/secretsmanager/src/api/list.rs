//! All that is no value: descriptions, lists, versions.

use crate::SecretsManagerService;
use crate::error::invalid_token;
use crate::model::filter::{Filter, order};
use crate::model::name::Reference;
use crate::model::secret::{Secret, version_entry};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_kit::paging::{self, Page};
use slam_cloud_wire::secretsmanager as wire;
use std::sync::Arc;

/// The secrets or versions of a page.
const PAGE: usize = 100;

fn after(token: Option<&str>) -> AwsResult<Option<String>> {
    token.map(|token| paging::key_of(token).ok_or_else(invalid_token)).transpose()
}

/// A page of secrets in an order, which begins after the one that a token names.
///
/// # Errors
/// For a token that no earlier page gave.
pub fn page_of(
    mut secrets: Vec<Arc<Secret>>,
    by: Option<&str>,
    descending: bool,
    token: Option<&str>,
    size: Option<i64>,
    most: usize,
) -> AwsResult<Page<Arc<Secret>, String>> {
    let order = order(by, descending);
    secrets.sort_by(|one, other| order(one, other));
    let after = after(token)?;
    let size = paging::size(size, most, most);
    let mut page = paging::by_id(secrets, |secret| &secret.name, after.as_deref(), size);
    page.next = page.next.as_deref().map(paging::token);
    Ok(page)
}

/// DescribeSecret.
pub async fn describe(
    service: Arc<SecretsManagerService>,
    context: Context,
    input: wire::DescribeSecret,
) -> AwsResult<wire::DescribeSecretResponse> {
    let reference = Reference::parse(&context, &input.secret_id);
    Ok(service.secrets.get(&context, &reference)?.description(&reference.scope))
}

/// ListSecrets.
pub async fn list(
    service: Arc<SecretsManagerService>,
    context: Context,
    input: wire::ListSecrets,
) -> AwsResult<wire::ListSecretsResponse> {
    let scope = Scope::regional(&context);
    let filters = Filter::read(input.filters)?;
    let with_deleted = input.include_planned_deletion.unwrap_or(false);
    let taken = service.secrets.list(&scope).into_iter().filter(|secret| {
        (with_deleted || secret.deletion.is_none()) && filters.iter().all(|filter| filter.takes(secret))
    });
    let descending = input.sort_order.as_deref() == Some("desc");
    let (by, token) = (input.sort_by.as_deref(), input.next_token.as_deref());
    let page = page_of(taken.collect(), by, descending, token, input.max_results, PAGE)?;
    Ok(wire::ListSecretsResponse {
        secret_list: Some(page.items.iter().map(|secret| secret.entry(&scope)).collect()),
        next_token: page.next,
    })
}

/// ListSecretVersionIds.
pub async fn versions(
    service: Arc<SecretsManagerService>,
    context: Context,
    input: wire::ListSecretVersionIds,
) -> AwsResult<wire::ListSecretVersionIdsResponse> {
    let reference = Reference::parse(&context, &input.secret_id);
    let secret = service.secrets.get(&context, &reference)?;
    let with_deprecated = input.include_deprecated.unwrap_or(false);
    let versions = secret.versions.iter().filter(|version| with_deprecated || !version.stages.is_empty());
    let after = after(input.next_token.as_deref())?;
    let size = paging::size(input.max_results, PAGE, PAGE);
    let page = paging::by_id(versions.collect(), |version| &version.id, after.as_deref(), size);
    Ok(wire::ListSecretVersionIdsResponse {
        versions: Some(page.items.into_iter().map(version_entry).collect()),
        next_token: page.next.as_deref().map(paging::token),
        arn: Some(secret.arn(&reference.scope)),
        name: Some(secret.name.clone()),
    })
}
