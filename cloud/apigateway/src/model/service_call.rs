//! Requests to services of AWS, as the URIs of integrations name them.
//!
//! `arn:aws:apigateway:REGION:SERVICE:path/PATH` and `…:action/NAME&PARAMETER=VALUE`
//! (<https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html>, `uri`).

use crate::error::bad_request;
use slam_cloud_core::{Arn, AwsError, AwsResult};

/// A request that is yet to be filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceCall {
    /// Where.
    pub region: String,
    /// The service, as signatures name it.
    pub service: &'static Callable,
    /// What is done, where the URI names an action.
    pub action: Option<String>,
    /// The path, with `{name}` for path parameters; not encoded.
    pub path: String,
    /// Parameters of the query string, with `{name}` in their values.
    pub query: Vec<(String, String)>,
}

/// A service that integrations may call here.
#[derive(Debug, PartialEq, Eq)]
pub struct Callable {
    /// Its name in URIs and signatures.
    pub name: &'static str,
    /// The prefix of `X-Amz-Target`, where an action is told there without anybody having asked for it.
    pub target: Option<&'static str>,
    /// Whether an action may be a parameter of the query protocol.
    pub speaks_query: bool,
}

/// The services of the embedded cloud that integrations may call. That DynamoDB's actions are its targets is recorded
/// (test_rest_api_to_dynamodb_integration); that others' are parameters, too (test_ssm_aws_integration).
const CALLABLE: [Callable; 8] = [
    Callable { name: "dynamodb", target: Some("DynamoDB_20120810"), speaks_query: false },
    Callable { name: "events", target: None, speaks_query: false },
    Callable { name: "logs", target: None, speaks_query: false },
    Callable { name: "s3", target: None, speaks_query: false },
    Callable { name: "secretsmanager", target: None, speaks_query: false },
    Callable { name: "sns", target: None, speaks_query: true },
    Callable { name: "sqs", target: None, speaks_query: true },
    Callable { name: "ssm", target: None, speaks_query: false },
];

impl ServiceCall {
    /// The request that a URI names. Stage variables may stand in it, and path parameters.
    ///
    /// # Errors
    /// AWS's, and the refusal by name of what is not here.
    pub fn parse(uri: &str) -> AwsResult<Self> {
        let Some(arn) = Arn::parse(uri) else { return Err(bad_request("Invalid ARN specified in the request")) };
        let named = arn.account.as_str();
        let (subdomain, name) = named.rsplit_once('.').map_or((None, named), |(before, name)| (Some(before), name));
        let unsupported = |what: &str| Err(AwsError::unsupported(format_args!("an integration with {what}")));
        let Some(service) = CALLABLE.iter().find(|callable| callable.name == name) else {
            return unsupported(&format!("the AWS service {name}"));
        };
        let mut call = Self { region: arn.region, service, action: None, path: "/".to_owned(), query: Vec::new() };
        match (arn.resource.split_once('/'), subdomain) {
            // A bucket is named by its host or by its path.
            (Some(("path", path)), Some(bucket)) if name == "s3" => call.locate(&format!("{bucket}/{path}")),
            (_, Some(subdomain)) => return unsupported(&format!("the subdomain {subdomain} of {name}")),
            (Some(("path", path)), None) => call.locate(path),
            (Some(("action", _)), None) if name == "s3" => return unsupported(&format!("S3 by {}", arn.resource)),
            (Some(("action", action)), None) => {
                let (action, parameters) = action.split_once('&').unwrap_or((action, ""));
                call.action = Some(action.to_owned());
                call.query = pairs(parameters);
            }
            _ => return Err(bad_request("AWS ARN for integration must contain path or action")),
        }
        Ok(call)
    }

    fn locate(&mut self, path: &str) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        self.path = format!("/{}", path.trim_start_matches('/'));
        self.query = pairs(query);
    }
}

fn pairs(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (name.into(), value.into()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_names_a_path_or_an_action() {
        for (named, action, path, query) in [
            ("s3:path/b/k", None, "/b/k", ""),
            ("b.s3:path/k/{proxy}", None, "/b/k/{proxy}", ""),
            ("s3:path/b?list-type=2&prefix={p}", None, "/b", "list-type=2 prefix={p}"),
            ("sqs:path/000000000000/q", None, "/000000000000/q", ""),
            ("sns:path//", None, "/", ""),
            ("sqs:action/SendMessage&QueueUrl=q", Some("SendMessage"), "/", "QueueUrl=q"),
            ("dynamodb:action/PutItem", Some("PutItem"), "/", ""),
        ] {
            let call = ServiceCall::parse(&format!("arn:aws:apigateway:eu-west-1:{named}")).unwrap();
            let found: Vec<String> = call.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
            assert_eq!((call.action.as_deref(), call.path.as_str(), found.join(" ").as_str()), (action, path, query));
            assert_eq!(call.region, "eu-west-1");
        }
    }

    #[test]
    fn what_is_not_here_is_refused_by_name() {
        for (named, what) in [
            ("s3:action/ListBuckets", "S3 by action/ListBuckets"),
            ("kinesis:action/PutRecord", "the AWS service kinesis"),
            ("states:action/StartExecution", "the AWS service states"),
            ("streams.dynamodb:action/ListStreams", "the subdomain streams of dynamodb"),
        ] {
            let message = ServiceCall::parse(&format!("arn:aws:apigateway:us-east-1:{named}")).unwrap_err().message;
            assert_eq!(message, format!("an integration with {what} is not supported by the embedded cloud"));
        }
    }
}
