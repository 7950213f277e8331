//! The values that dynamic references stand for, read in the name of whoever changes the stack.

use super::reference::Secret;
use super::{Reference, Values};
use crate::error::invalid;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsResult, Cloud, Context};
use slam_cloud_wire::secretsmanager::GetSecretValue;
use slam_cloud_wire::ssm;

/// The most names of one GetParameters (its model).
const AT_ONCE: usize = 10;

/// Reads references.
///
/// # Errors
/// AWS's `ValidationError` for what is not there, has not what is asked for, or cannot be read.
pub async fn read<'a>(
    cloud: &Cloud,
    context: &Context,
    references: impl IntoIterator<Item = &'a Reference>,
) -> AwsResult<Values> {
    let (mut values, mut names) = (Values::new(), Vec::new());
    for reference in references {
        match reference {
            Reference::Parameter(name) => names.push(name),
            Reference::Secret(secret) => {
                values.insert(reference.clone(), value_of(cloud, context, secret).await?);
            }
        }
    }
    let mut missing: Vec<String> = Vec::new();
    for names in names.chunks(AT_ONCE) {
        let names = names.iter().map(|name| (*name).clone()).collect();
        let request = ssm::GetParameters { names, ..Default::default() };
        let answer = cloud.call(context.clone(), request).await.map_err(|error| invalid(error.message))?;
        missing.extend(answer.invalid_parameters.unwrap_or_default());
        for parameter in answer.parameters.unwrap_or_default() {
            let name = parameter.name.unwrap_or_default() + parameter.selector.as_deref().unwrap_or_default();
            if parameter.r#type.as_deref() == Some("SecureString") {
                let wrong = format!("Non-secure ssm prefix was used for secure parameter: [ssm:{name}]");
                return Err(invalid(wrong));
            }
            values.insert(Reference::Parameter(name), parameter.value.unwrap_or_default());
        }
    }
    if missing.is_empty() {
        return Ok(values);
    }
    let missing: Vec<_> = missing.iter().map(|name| format!("ssm:{name}")).collect();
    Err(invalid(format!("Parameters: [{}] cannot be found.", missing.join(", "))))
}

/// A secret's text, or what it has under a key. The texts of what is wrong with it are those that AWS's users report.
async fn value_of(cloud: &Cloud, context: &Context, secret: &Secret) -> AwsResult<String> {
    let request = GetSecretValue {
        secret_id: secret.id.clone(),
        version_id: secret.version.clone(),
        version_stage: secret.stage.clone(),
    };
    let answer = cloud.call(context.clone(), request).await.map_err(|error| {
        let (message, status, code, id) = (&error.message, error.status, &error.code, &context.request_id);
        invalid(format!(
            "{message} (Service: AWSSecretsManager; Status Code: {status}; Error Code: {code}; Request ID: {id}; Proxy: \
             null)"
        ))
    })?;
    let Some(text) = answer.secret_string else {
        return Err(invalid(format!("The secret {} has no SecretString", secret.id)));
    };
    let Some(key) = &secret.key else { return Ok(text) };
    let Ok(values) = serde_json::from_str::<Map<String, Value>>(&text) else {
        return Err(invalid("Could not parse SecretString JSON"));
    };
    match values.get(key) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(value) => Ok(value.to_string()),
        None => Err(invalid("Could not find a value associated with JSONKey in SecretString")),
    }
}
