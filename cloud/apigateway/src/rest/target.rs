//! What is called for an answer.

use crate::model::{Integration, IntegrationType, Stage, Texts, uri};
use slam_cloud_core::Arn;
use std::sync::Arc;

/// A backend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A function, its account and region.
    Lambda {
        /// The ARN without a qualifier.
        function: String,
        /// An alias or version.
        qualifier: Option<String>,
        /// The function's account.
        account: Arc<str>,
        /// The function's region.
        region: Arc<str>,
    },
    /// `BUCKET/KEY` in S3, with `{name}` for path parameters.
    Object(String),
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
        IntegrationType::Aws if uri::object(&uri).is_some() => {
            Target::Object(uri::object(&uri).unwrap_or_default().to_owned())
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
                    .and_then(|(function, _)| lambda(function))
                    .unwrap_or_else(|| Target::Invalid(format!("{uri} names no Lambda function"))),
            }
        }
    }
}

/// The function of an authorizer's URI.
pub fn function_of(uri: &str, variables: &Texts) -> Target {
    let uri = substitute(uri, variables);
    let found = uri::lambda_function(&uri).and_then(|(function, _)| lambda(function));
    found.unwrap_or_else(|| Target::Invalid(format!("{uri} names no Lambda function")))
}

fn lambda(arn: &str) -> Option<Target> {
    let parsed = Arn::parse(arn).filter(|arn| arn.service == "lambda")?;
    let function = parsed.resource.strip_prefix("function:")?;
    let (name, qualifier) = match function.split_once(':') {
        Some((name, qualifier)) => (name, Some(qualifier.to_owned()).filter(|qualifier| !qualifier.is_empty())),
        None => (function, None),
    };
    let (account, region) = (parsed.account.as_str().into(), parsed.region.as_str().into());
    let function = Arn { resource: format!("function:{name}"), ..parsed }.to_string();
    Some(Target::Lambda { function, qualifier, account, region })
}

/// `${stageVariables.x}` becomes the variable's value, nothing where there is none.
fn substitute(text: &str, variables: &Texts) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${stageVariables.") {
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else { break };
        out.push_str(variables.get(name).map_or("", String::as_str));
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stage_variables_stand_for_any_part() {
        let variables = Texts::from([("alias".to_owned(), "dev".to_owned()), ("f".to_owned(), "tasks".to_owned())]);
        for (text, expected) in [
            ("plain", "plain"),
            ("a:${stageVariables.f}:${stageVariables.alias}/x", "a:tasks:dev/x"),
            ("a${stageVariables.none}b", "ab"),
        ] {
            assert_eq!(substitute(text, &variables), expected);
        }
    }

    #[test]
    fn a_function_is_named_with_or_without_an_alias() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:tasks";
        for (text, qualifier) in
            [(arn.to_owned(), None), (format!("{arn}:dev"), Some("dev")), (format!("{arn}:"), None)]
        {
            let expected = Target::Lambda {
                function: arn.into(),
                qualifier: qualifier.map(str::to_owned),
                account: "123456789012".into(),
                region: "eu-west-1".into(),
            };
            assert_eq!(lambda(&text), Some(expected), "{text}");
        }
        assert_eq!(lambda("arn:aws:s3:::b"), None);
    }
}
