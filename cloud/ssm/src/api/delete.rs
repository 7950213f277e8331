//! Deleting parameters, with all their versions.

use crate::SsmService;
use crate::error::no_such_parameter;
use crate::model::name::Reference;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::ssm;
use std::sync::Arc;

/// DeleteParameter.
pub async fn delete(
    service: Arc<SsmService>,
    context: Context,
    input: ssm::DeleteParameter,
) -> AwsResult<ssm::DeleteParameterResult> {
    let key = Reference::plain(&context, &input.name)?;
    match service.parameters.delete(&context, &key).await? {
        true => Ok(ssm::DeleteParameterResult {}),
        false => Err(no_such_parameter()),
    }
}

/// DeleteParameters.
pub async fn delete_several(
    service: Arc<SsmService>,
    context: Context,
    input: ssm::DeleteParameters,
) -> AwsResult<ssm::DeleteParametersResult> {
    let (mut deleted, mut invalid) = (Vec::new(), Vec::new());
    for name in input.names {
        let there = match Reference::plain(&context, &name) {
            Ok(key) => service.parameters.delete(&context, &key).await?,
            Err(_) => false,
        };
        if there { deleted.push(name) } else { invalid.push(name) }
    }
    Ok(ssm::DeleteParametersResult { deleted_parameters: Some(deleted), invalid_parameters: Some(invalid) })
}
