//! PublishVersion, ListVersionsByFunction.

use super::page::page;
use crate::LambdaService;
use crate::error::{function_not_found, invalid_parameter, revision_mismatch};
use crate::model::configuration::{Progress, shown};
use crate::model::{Function, FunctionName};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::lambda as wire;
use std::sync::Arc;

/// PublishVersion.
pub(super) async fn publish(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::PublishVersion,
) -> AwsResult<wire::FunctionConfiguration> {
    let name = FunctionName::parse(&context, &input.function_name, None)?;
    let mut number = 0;
    let change = |present: Option<&Function>| {
        let mut function = present.cloned().ok_or_else(|| function_not_found(&name.arn(&context)))?;
        if input.revision_id.as_ref().is_some_and(|revision| *revision != function.latest.revision) {
            return Err(revision_mismatch("GetFunction/GetAlias"));
        }
        let current = &function.latest.code.sha256;
        if let Some(expected) = input.code_sha256.as_ref().filter(|sha| !sha.is_empty() && *sha != current) {
            return Err(invalid_parameter(format!(
                "CodeSHA256 ({expected}) is different from current CodeSHA256 in $LATEST ({current}). Please try \
                 again with the CodeSHA256 in $LATEST."
            )));
        }
        number = function.publish(input.description.clone());
        Ok(Some(function))
    };
    let function = service.store.functions.update(&Scope::regional(&context), &name.name, change).await?;
    let version = function.as_ref().and_then(|function| function.versions.get(&number));
    let version = version.ok_or_else(|| AwsError::internal("a version was not published"))?;
    let arn = format!("{}:{number}", name.arn(&context));
    Ok(shown(&context, &name.name, arn, version, Progress::Done))
}

/// ListVersionsByFunction.
pub(super) async fn list(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::ListVersionsByFunction,
) -> AwsResult<wire::ListVersionsByFunctionResponse> {
    let name = FunctionName::parse(&context, &input.function_name, None)?;
    let function = service.function(&context, &name)?;
    let items = function.all_versions().enumerate().map(|(index, version)| {
        let arn = format!("{}:{}", name.arn(&context), version.label);
        (format!("{index:08}"), shown(&context, &name.name, arn, version, Progress::Untold))
    });
    let (versions, next_marker) = page(items, input.marker.as_deref(), input.max_items, 50)?;
    Ok(wire::ListVersionsByFunctionResponse { versions: Some(versions), next_marker })
}
