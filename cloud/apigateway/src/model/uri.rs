//! Where integrations point to.

use super::{ResponseTransferMode, ServiceCall};
use crate::error::bad_request;
use slam_cloud_core::{Arn, AwsError, AwsResult};

/// The function in `arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION/invocations`: an ARN, with an
/// alias or without, stage variables perhaps in it. Of `2021-11-15/functions/FUNCTION/response-streaming-invocations`
/// the answer is streamed.
pub fn lambda_function(uri: &str) -> Option<(&str, ResponseTransferMode)> {
    let (_, path) = uri.split_once(":lambda:path/")?;
    let between = |before, after| path.strip_prefix(before)?.strip_suffix(after);
    let streamed = between("2021-11-15/functions/", "/response-streaming-invocations");
    let buffered = between("2015-03-31/functions/", "/invocations");
    streamed
        .map(|function| (function, ResponseTransferMode::Stream))
        .or_else(|| buffered.map(|function| (function, ResponseTransferMode::Buffered)))
}

/// Whether an `AWS` or `AWS_PROXY` integration may point there.
///
/// # Errors
/// AWS's errors (recorded: test_put_integration_validation); services that are not here are refused by name.
pub fn check_aws(uri: &str, proxy: bool) -> AwsResult<()> {
    let Some(arn) = Arn::parse(uri) else { return Err(bad_request("Invalid ARN specified in the request")) };
    let service = arn.account.as_str();
    // Of whatever service the ARN is.
    if !arn.resource.starts_with("path/") && !arn.resource.starts_with("action/") {
        return Err(bad_request("AWS ARN for integration must contain path or action"));
    }
    if arn.service != "apigateway" {
        return Err(bad_request("Invalid ARN specified in the request"));
    }
    match service {
        "lambda" if lambda_function(uri).is_some() => Ok(()),
        "lambda" => Err(AwsError::unsupported(format_args!("an integration with Lambda by {}", arn.resource))),
        _ if proxy => Err(bad_request(
            "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
        )),
        _ => ServiceCall::parse(uri).map(drop),
    }
}

/// Whether an `HTTP` or `HTTP_PROXY` integration may point there: stage variables may stand for any part.
///
/// # Errors
/// AWS's error; `https` is refused by name.
pub fn check_http(uri: &str) -> AwsResult<()> {
    if uri.starts_with("https://") {
        return Err(AwsError::unsupported("an integration with an https endpoint"));
    }
    if uri.starts_with("${stageVariables.") {
        return Ok(());
    }
    match uri.strip_prefix("http://").and_then(|rest| rest.split('/').next()) {
        Some(authority) if !authority.is_empty() && !authority.contains(char::is_whitespace) => Ok(()),
        _ => Err(bad_request("Invalid HTTP endpoint specified for URI")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAMBDA: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/";

    #[test]
    fn the_function_is_what_stands_between() {
        for function in
            ["arn:aws:lambda:us-east-1:1:function:f", "arn:aws:lambda:us-east-1:1:function:f:${stageVariables.alias}"]
        {
            let expected = Some((function, ResponseTransferMode::Buffered));
            assert_eq!(lambda_function(&format!("{LAMBDA}{function}/invocations")), expected);
            let expected = Some((function, ResponseTransferMode::Stream));
            let streamed =
                format!("{LAMBDA}{function}/response-streaming-invocations").replace("2015-03-31", "2021-11-15");
            assert_eq!(lambda_function(&streamed), expected);
        }
        assert_eq!(lambda_function(&format!("{LAMBDA}f/response-streaming-invocations")), None);
        assert_eq!(lambda_function("arn:aws:apigateway:us-east-1:s3:path/b/k"), None);
    }

    /// Recorded: test_put_integration_validation.
    #[test]
    fn uris_are_checked_in_aws_words() {
        for (uri, proxy, expected) in [
            ("http://example.com", false, "Invalid ARN specified in the request"),
            (
                "arn:aws:iam::0000000000:role/service-role/asdf",
                false,
                "AWS ARN for integration must contain path or action",
            ),
            ("arn:aws:apigateway:us-east-1:lambda:test", false, "AWS ARN for integration must contain path or action"),
            (
                "arn:aws:apigateway:us-east-1:s3:path/b/k",
                true,
                "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
            ),
            (
                "arn:aws:apigateway:us-east-1:s3:action/ListBuckets",
                false,
                "an integration with S3 by action/ListBuckets is not supported by the embedded cloud",
            ),
            (
                "arn:aws:apigateway:us-east-1:kinesis:action/PutRecord",
                false,
                "an integration with the AWS service kinesis is not supported by the embedded cloud",
            ),
        ] {
            assert_eq!(check_aws(uri, proxy).unwrap_err().message, expected, "{uri}");
        }
        for (uri, valid) in [("http://a/b", true), ("http://", false), ("ftp://a", false), ("arn:aws:x", false)] {
            assert_eq!(check_http(uri).is_ok(), valid, "{uri}");
        }
    }
}
