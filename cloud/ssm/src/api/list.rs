//! Parameters by path and by filters.

use crate::SsmService;
use crate::error::invalid_token;
use crate::model::filter::{Filter, List};
use crate::model::name::{is_under, path};
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_kit::paging;
use slam_cloud_wire::ssm;
use std::sync::Arc;

/// The most parameters of a page with values, and without.
const PAGES: [usize; 2] = [10, 50];

fn after(token: Option<&str>) -> AwsResult<Option<String>> {
    let token = token.filter(|token| !token.is_empty());
    token.map(|token| paging::key_of(token).ok_or_else(invalid_token)).transpose()
}

/// GetParametersByPath.
pub async fn by_path(
    service: Arc<SsmService>,
    context: Context,
    input: ssm::GetParametersByPath,
) -> AwsResult<ssm::GetParametersByPathResult> {
    let path = path(&input.path)?;
    let filters = Filter::read(List::ByPath, input.parameter_filters)?;
    let (recursive, decrypted) = (input.recursive.unwrap_or(false), input.with_decryption.unwrap_or(false));
    let by_label = filters.iter().any(Filter::is_by_label);
    let found = service.parameters.list(&context).into_iter().filter_map(|(key, parameter)| {
        if !is_under(&key, &path, recursive) {
            return None;
        }
        let older = if by_label { 0 } else { parameter.versions.len().saturating_sub(1) };
        let mut versions = parameter.versions.iter().skip(older).rev();
        let version = versions.find(|version| filters.iter().all(|filter| filter.takes(&key, &parameter, version)))?;
        let answer = version.answer(&context, &key, parameter.name.clone(), decrypted);
        Some((key, answer))
    });
    let after = after(input.next_token.as_deref())?;
    let page = paging::by_key(found, after.as_deref(), paging::size(input.max_results, PAGES[0], PAGES[0]));
    let next_token = page.next.as_deref().map(paging::token);
    Ok(ssm::GetParametersByPathResult { parameters: Some(page.items), next_token })
}

/// DescribeParameters.
pub async fn describe(
    service: Arc<SsmService>,
    context: Context,
    input: ssm::DescribeParameters,
) -> AwsResult<ssm::DescribeParametersResult> {
    let filters = Filter::read(List::All, input.parameter_filters)?;
    let found = service.parameters.list(&context).into_iter().filter_map(|(key, parameter)| {
        let version = parameter.latest()?;
        let is_taken = filters.iter().all(|filter| filter.takes(&key, &parameter, version));
        let metadata = is_taken.then(|| parameter.metadata(&context, &key, version))?;
        Some((key, metadata))
    });
    let after = after(input.next_token.as_deref())?;
    let page = paging::by_key(found, after.as_deref(), paging::size(input.max_results, PAGES[1], PAGES[1]));
    let next_token = page.next.as_deref().map(paging::token);
    Ok(ssm::DescribeParametersResult { parameters: Some(page.items), next_token })
}
