//! Labels of versions.

use crate::SsmService;
use crate::model::name::Reference;
use crate::model::parameter::{Parameter, Version, is_label};
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::ssm;
use std::sync::Arc;

/// LabelParameterVersion.
pub async fn label(
    service: Arc<SsmService>,
    context: Context,
    input: ssm::LabelParameterVersion,
) -> AwsResult<ssm::LabelParameterVersionResult> {
    let key = Reference::plain(&context, &input.name)?;
    let (labels, invalid): (Vec<_>, Vec<_>) = input.labels.into_iter().partition(|label| is_label(label));
    let mut labelled = 0;
    let change = |parameter: &mut Parameter| {
        let latest = parameter.latest().map_or(1, |version: &Version| version.version);
        labelled = input.parameter_version.unwrap_or(latest);
        parameter.label(labelled, &labels)
    };
    service.parameters.change(&context, &key, change).await?;
    Ok(ssm::LabelParameterVersionResult { invalid_labels: Some(invalid), parameter_version: Some(labelled) })
}

/// UnlabelParameterVersion.
pub async fn unlabel(
    service: Arc<SsmService>,
    context: Context,
    input: ssm::UnlabelParameterVersion,
) -> AwsResult<ssm::UnlabelParameterVersionResult> {
    let key = Reference::plain(&context, &input.name)?;
    let mut removed = Vec::new();
    let change = |parameter: &mut Parameter| {
        removed = parameter.unlabel(input.parameter_version, &input.labels)?;
        Ok(())
    };
    service.parameters.change(&context, &key, change).await?;
    let invalid = input.labels.into_iter().filter(|label| !removed.contains(label)).collect();
    Ok(ssm::UnlabelParameterVersionResult { removed_labels: Some(removed), invalid_labels: Some(invalid) })
}
