//! What is called for an answer.

use crate::model::{Integration, IntegrationType, ServiceCall, Stage, Texts, uri};
use slam_cloud_gateway::function::{Function, substitute};

/// A backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A function.
    Lambda(Function),
    /// A service of AWS other than Lambda.
    Service(ServiceCall),
    /// A URL with `{name}` for path parameters.
    Http(String),
    /// None is needed.
    None,
    /// What is configured cannot be called: why.
    Invalid(String),
}

/// The backend of an integration.
pub fn target(stage: &Stage, integration: &Integration) -> Target {
    let uri = substitute(integration.uri.as_deref().unwrap_or_default(), &stage.variables);
    match integration.kind {
        IntegrationType::Mock => Target::None,
        IntegrationType::Http | IntegrationType::HttpProxy => match uri::check_http(&uri) {
            Ok(()) => Target::Http(uri),
            Err(error) => Target::Invalid(error.message),
        },
        IntegrationType::Aws if !uri.contains(":lambda:path/") => {
            ServiceCall::parse(&uri).map_or_else(|error| Target::Invalid(error.message), Target::Service)
        }
        IntegrationType::Aws | IntegrationType::AwsProxy => {
            if integration.http_method.as_deref() != Some("POST") {
                return Target::Invalid("Lambda functions are invoked with the integration method POST".into());
            }
            match uri::lambda_function(&uri) {
                Some((_, mode)) if mode != integration.response_transfer_mode => {
                    Target::Invalid(format!("{uri} is not for the response transfer mode of the integration"))
                }
                found => found
                    .and_then(|(function, _)| Function::parse(function).map(Target::Lambda))
                    .unwrap_or_else(|| Target::Invalid(format!("{uri} names no Lambda function"))),
            }
        }
    }
}

/// The function of an authorizer's URI.
pub fn function_of(uri: &str, variables: &Texts) -> Target {
    let uri = substitute(uri, variables);
    let function = uri::lambda_function(&uri).and_then(|(function, _)| Function::parse(function));
    function.map_or_else(|| Target::Invalid(format!("{uri} names no Lambda function")), Target::Lambda)
}
