//! Values by name.

use super::secrets;
use crate::SsmService;
use crate::error::invalid_token;
use crate::model::name::{Reference, SecretReference};
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_kit::paging;
use slam_cloud_wire::ssm;
use std::sync::Arc;

/// The versions of a page of the history.
const PAGE: usize = 50;

fn read(service: &SsmService, context: &Context, reference: &Reference, decrypted: bool) -> AwsResult<ssm::Parameter> {
    let parameter = service.parameters.get(context, &reference.key)?;
    let version = parameter.select(reference.selector.as_deref())?;
    let name = reference.name.clone().unwrap_or_else(|| parameter.name.clone());
    let mut answer = version.answer(context, &reference.key, name, decrypted);
    answer.selector = reference.selector.as_ref().map(|selector| format!(":{selector}"));
    Ok(answer)
}

/// A parameter, or a secret under a parameter's name.
async fn read_any(service: &SsmService, context: &Context, name: &str, decrypted: bool) -> AwsResult<ssm::Parameter> {
    match SecretReference::parse(name) {
        Some(secret) => secrets::read(service, context, secret, decrypted).await,
        None => read(service, context, &Reference::parse(context, name)?, decrypted),
    }
}

/// GetParameter.
pub async fn get(
    service: Arc<SsmService>,
    context: Context,
    input: ssm::GetParameter,
) -> AwsResult<ssm::GetParameterResult> {
    let decrypted = input.with_decryption.unwrap_or(false);
    let parameter = read_any(&service, &context, &input.name, decrypted).await?;
    Ok(ssm::GetParameterResult { parameter: Some(parameter) })
}

/// GetParameters.
pub async fn get_several(
    service: Arc<SsmService>,
    context: Context,
    input: ssm::GetParameters,
) -> AwsResult<ssm::GetParametersResult> {
    let decrypted = input.with_decryption.unwrap_or(false);
    let (mut parameters, mut invalid) = (Vec::new(), Vec::new());
    for name in input.names {
        let is_missing = |error: &AwsError| matches!(&*error.code, "ParameterNotFound" | "ParameterVersionNotFound");
        match read_any(&service, &context, &name, decrypted).await {
            Ok(parameter) => parameters.push(parameter),
            Err(error) if is_missing(&error) => invalid.push(name),
            Err(error) => return Err(error),
        }
    }
    Ok(ssm::GetParametersResult { parameters: Some(parameters), invalid_parameters: Some(invalid) })
}

/// GetParameterHistory.
pub async fn history(
    service: Arc<SsmService>,
    context: Context,
    input: ssm::GetParameterHistory,
) -> AwsResult<ssm::GetParameterHistoryResult> {
    let reference = Reference::parse(&context, &input.name)?;
    let parameter = service.parameters.get(&context, &reference.key)?;
    let decrypted = input.with_decryption.unwrap_or(false);
    let after = match input.next_token.as_deref().filter(|token| !token.is_empty()) {
        Some(token) => Some(paging::key_of(token).and_then(|key| key.parse::<i64>().ok()).ok_or_else(invalid_token)?),
        None => None,
    };
    let versions = parameter.versions.iter().filter(|version| after.is_none_or(|after| version.version > after));
    let page = paging::by_position(versions.collect(), 0, paging::size(input.max_results, PAGE, PAGE));
    let last = page.items.last().map(|version| paging::token(&version.version.to_string()));
    Ok(ssm::GetParameterHistoryResult {
        next_token: page.next.and(last),
        parameters: Some(page.items.into_iter().map(|version| parameter.history(version, decrypted)).collect()),
    })
}
