//! PutParameter.

use super::tags::checked;
use crate::SsmService;
use crate::model::name::{check_new, key};
use crate::model::parameter::{Parameter, Version};
use crate::model::value::{self, ADVANCED, SECURE_STRING};
use slam_cloud_core::{AwsError, AwsResult, Context, Timestamp};
use slam_cloud_wire::ssm;
use std::sync::Arc;

/// The random bytes, in base64, that stand for an encrypted value.
const CIPHERTEXT: usize = 172;
/// The parameters of a region: standard ones, and of any tier (User Guide, "Managing parameter tiers").
const MOST: [usize; 2] = [10_000, 100_000];

/// PutParameter.
pub async fn put(
    service: Arc<SsmService>,
    context: Context,
    input: ssm::PutParameter,
) -> AwsResult<ssm::PutParameterResult> {
    let overwrite = input.overwrite.unwrap_or(false);
    let tags = input.tags.clone().unwrap_or_default();
    if overwrite && !tags.is_empty() {
        return Err(AwsError::validation(
            "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please \
             remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or \
             RemoveTagsFromResource.",
        ));
    }
    value::check(&input.value)?;
    if let Some(data_type) = input.data_type.as_deref().filter(|data_type| !data_type.is_empty()) {
        value::check_data_type(data_type)?;
    }
    let name = check_new(&context, &input.name)?.to_owned();
    let tags = checked(tags)?;
    let count = match service.parameters.find(&context, key(&name)) {
        Some(_) => 0,
        None => service.parameters.list(&context).len(),
    };
    let mut answer = ssm::PutParameterResult::default();
    let change = |existing: Option<&Parameter>| {
        if existing.is_some() && !overwrite {
            return Err(AwsError::bad_request(
                "ParameterAlreadyExists",
                "The parameter already exists. To overwrite this value, set the overwrite option in the request to \
                 true.",
            ));
        }
        let [standard, any] = MOST;
        let version = next_version(&context, input, existing.and_then(Parameter::latest), count >= standard)?;
        if count >= if version.tier == ADVANCED { any } else { standard } {
            return Err(AwsError::bad_request(
                "ParameterLimitExceeded",
                "You have exceeded the number of parameters for this Amazon Web Services account. Delete one or more \
                 parameters and try again.",
            ));
        }
        answer = ssm::PutParameterResult { version: Some(version.version), tier: Some(version.tier.clone()) };
        let mut parameter = existing.cloned().unwrap_or(Parameter { name: name.clone(), versions: Vec::new(), tags });
        parameter.push(version)?;
        Ok(parameter)
    };
    service.parameters.update(&context, key(&name), change).await?;
    Ok(answer)
}

/// The version that a request makes after another one. What it does not say stays as it was.
fn next_version(
    context: &Context,
    input: ssm::PutParameter,
    latest: Option<&Version>,
    is_full: bool,
) -> AwsResult<Version> {
    let kind = match (input.r#type, latest) {
        (Some(kind), Some(latest)) if kind != latest.kind => {
            return Err(AwsError::bad_request(
                "HierarchyTypeMismatchException",
                "Parameter Store doesn't support changing a parameter type in a hierarchy. For example, you can't \
                 change a parameter from a String type to a SecureString type. You must create a new, unique parameter.",
            ));
        }
        (Some(kind), _) => kind,
        (None, Some(latest)) => latest.kind.clone(),
        (None, None) => {
            return Err(AwsError::validation("A parameter type is required when you create a parameter."));
        }
    };
    let is_secure = kind == SECURE_STRING;
    value::check_key(input.key_id.as_deref(), is_secure)?;
    let tier = value::tier(input.tier.as_deref(), latest.map(|latest| latest.tier.as_str()), &input.value, is_full)?;
    let allowed_pattern = input.allowed_pattern.or_else(|| latest?.allowed_pattern.clone());
    let allowed_pattern = allowed_pattern.filter(|pattern| !pattern.is_empty());
    if let Some(pattern) = &allowed_pattern {
        value::check_pattern(&input.value, pattern)?;
    }
    let ciphertext = is_secure.then(|| slam_cloud_core::id::secret(CIPHERTEXT)).transpose();
    Ok(Version {
        version: latest.map_or(1, |latest| latest.version + 1),
        kind,
        value: input.value,
        ciphertext: ciphertext.map_err(AwsError::internal)?,
        tier: tier.to_owned(),
        description: input.description.or_else(|| latest?.description.clone()),
        allowed_pattern,
        modified: Timestamp::now(),
        user: context.principal.arn(),
        labels: Vec::new(),
    })
}
