//! Where integrations and authorizers point to.

use crate::error::bad_request;
use slam_cloud_core::{Arn, AwsError, AwsResult};
use slam_cloud_gateway::function::substitute;
use std::collections::BTreeMap;

/// The function of a Lambda integration: its own ARN, or the one in
/// `arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION/invocations`; with an alias or without, stage variables
/// perhaps in it.
pub fn function(uri: &str) -> Option<&str> {
    if let Some((_, path)) = uri.split_once(":lambda:path/") {
        return path.strip_prefix("2015-03-31/functions/")?.strip_suffix("/invocations");
    }
    let arn = Arn::parse(uri)?;
    (arn.service == "lambda" && arn.resource.starts_with("function:")).then_some(uri)
}

/// Whether a Lambda integration may point there.
///
/// # Errors
/// `BadRequestException`
pub fn check_function(uri: Option<&str>) -> AwsResult<()> {
    let uri = uri.filter(|uri| !uri.is_empty());
    let uri = uri.ok_or_else(|| bad_request("Integration URI is required for AWS_PROXY integrations with Lambda"))?;
    if uri.contains("/response-streaming-invocations") {
        return Err(bad_request("Response streaming is not supported for HTTP APIs"));
    }
    function(uri).map(drop).ok_or_else(|| bad_request("Invalid Function ARN or invalid uri"))
}

/// Whether an HTTP integration may point there: stage variables may stand for any part, path variables for parts of the path and of
/// the query string. A host that is a path variable would be the client's to choose.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html>
///
/// # Errors
/// `BadRequestException`; what leads into a VPC is refused by name.
pub fn check_http(uri: Option<&str>) -> AwsResult<()> {
    let invalid = || bad_request("Invalid HTTP endpoint specified for URI");
    let uri = uri.ok_or_else(invalid)?;
    if uri.starts_with("arn:") {
        return Err(AwsError::unsupported("a private integration (an integration URI that is the ARN of a listener)"));
    }
    let rest = uri.strip_prefix("http://").or_else(|| uri.strip_prefix("https://"));
    match rest.and_then(|rest| rest.split(['/', '?']).next()) {
        Some(authority) if substitute(authority, &BTreeMap::new()).contains(['{', '}']) => {
            Err(AwsError::unsupported("a path variable in the host of an integration URI"))
        }
        Some(authority) if !authority.is_empty() && !uri.contains(char::is_whitespace) => Ok(()),
        None if uri.starts_with("${stageVariables.") => Ok(()),
        _ => Err(invalid()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUNCTION: &str = "arn:aws:lambda:us-east-1:1:function:f";

    #[test]
    fn functions_are_named_in_two_ways() {
        let whole = |function: &str| {
            format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations")
        };
        for (uri, expected) in [
            (FUNCTION.to_owned(), Some(FUNCTION)),
            (whole(FUNCTION), Some(FUNCTION)),
            (
                whole("arn:aws:lambda:us-east-1:1:function:f:${stageVariables.alias}"),
                Some("arn:aws:lambda:us-east-1:1:function:f:${stageVariables.alias}"),
            ),
            ("arn:aws:lambda:us-east-1:1:layer:f".into(), None),
            ("f".into(), None),
            ("http://a".into(), None),
        ] {
            assert_eq!(function(&uri), expected, "{uri}");
            assert_eq!(check_function(Some(&uri)).is_ok(), expected.is_some(), "{uri}");
        }
        assert!(check_function(None).is_err());
    }

    #[test]
    fn servers_are_named_by_urls() {
        for (uri, valid) in [
            ("http://a/b", true),
            ("https://a.example?x=y", true),
            ("https://${stageVariables.host}/x/{proxy}", true),
            ("${stageVariables.url}", true),
            ("https://api.${stageVariables.host}:${stageVariables.port}/x", true),
            ("https://a.example?x={id}", true),
            ("https://{tenant}.example.com/", false),
            ("https://${stageVariables.host}{tenant}/", false),
            ("http://a.example:{port}?x", false),
            ("http://", false),
            ("ftp://a", false),
            ("http://a b", false),
            ("arn:aws:elasticloadbalancing:us-east-1:1:listener/x", false),
        ] {
            assert_eq!(check_http(Some(uri)).is_ok(), valid, "{uri}");
        }
    }
}
