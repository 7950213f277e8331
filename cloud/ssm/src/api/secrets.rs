//! Secrets of Secrets Manager, which are parameters under `/aws/reference/secretsmanager/`. Nothing of them is kept here.
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html>

use crate::SsmService;
use crate::model::name::SecretReference;
use crate::model::value::SECURE_STRING;
use serde_json::json;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::secretsmanager::GetSecretValue;
use slam_cloud_wire::ssm;

/// Selectors as long as this are versions' ids (API reference, GetSecretValue); staging labels are not.
const VERSION_ID: usize = 32;
/// How AWS writes a moment in `SourceResult`: `Oct 14, 2021, 10:18:47 AM`.
const DATE: &str = "%b %-d, %Y, %-I:%M:%S %p";

/// Reads a secret in the caller's name, who needs the permissions of both services.
///
/// # Errors
/// That it is not there, what Secrets Manager says else, and that nobody asked for a decrypted value.
pub async fn read(
    service: &SsmService,
    context: &Context,
    reference: SecretReference,
    decrypted: bool,
) -> AwsResult<ssm::Parameter> {
    if !decrypted {
        // AWS's text: <https://github.com/sous-chefs/aws/issues/419>.
        return Err(AwsError::validation("WithDecryption flag must be True for retrieving a Secret Manager secret."));
    }
    let is_id = |selector: &String| selector.len() >= VERSION_ID;
    let request = GetSecretValue {
        secret_id: reference.secret.clone(),
        version_id: reference.selector.clone().filter(is_id),
        version_stage: reference.selector.clone().filter(|selector| !is_id(selector)),
    };
    let answer = service.cloud.call(context.via("ssm.amazonaws.com"), request).await;
    let secret = answer.map_err(|error| referencing(&reference, error))?;
    let Some(value) = secret.secret_string else {
        return Err(AwsError::unsupported(format_args!("the binary secret {} as a parameter", reference.secret)));
    };
    // The keys and the date have the forms of an answer of AWS of 2021-10-14, which the guide writes otherwise.
    let source = json!({
        "ARN": secret.arn,
        "name": secret.name,
        "versionId": secret.version_id,
        "secretString": value,
        "versionStages": secret.version_stages,
        "createdDate": secret.created_date.map(|date| date.strftime(DATE).to_string()),
    });
    Ok(ssm::Parameter {
        name: Some(reference.name),
        r#type: Some(SECURE_STRING.to_owned()),
        value: Some(value),
        version: Some(0),
        selector: reference.selector.map(|selector| format!(":{selector}")),
        source_result: Some(source.to_string()),
        last_modified_date: secret.created_date,
        arn: secret.arn,
        data_type: None,
    })
}

/// An error of Secrets Manager's, as Parameter Store tells it. A secret that is not there is named without the slash and
/// with its selector, or `null` (<https://github.com/aws/aws-cli/issues/10518>; asserted on AWS:
/// test_get_inexistent_secret).
fn referencing(reference: &SecretReference, mut error: AwsError) -> AwsError {
    let telling =
        |code: &str, message: &str| format!("An error occurred ({code}) when referencing Secrets Manager: {message}");
    match &*error.code {
        "ResourceNotFoundException" | "ValidationException" => {
            let selector = reference.selector.as_ref().map_or("null".to_owned(), |selector| format!(":{selector}"));
            let message = format!("Secret {}{selector} not found.", reference.name.trim_start_matches('/'));
            AwsError::bad_request("ParameterNotFound", telling("ParameterNotFound", &message))
        }
        _ if error.is_access_denied() => {
            error.message = telling("AccessDeniedException", &error.message);
            error
        }
        code => {
            error.message = telling(code, &error.message);
            error
        }
    }
}
