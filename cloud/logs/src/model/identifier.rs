//! How requests name a log group: by name, by identifier (a name or an ARN), by ARN alone.

use crate::error::no_such_group;
use slam_cloud_core::{Arn, AwsError, AwsResult, Context};

/// The group's name out of the two members of which a request may have one.
///
/// # Errors
/// When both or none is given, or an ARN names no group of this account and region.
pub fn group_name(context: &Context, name: Option<&str>, identifier: Option<&str>) -> AwsResult<String> {
    match (name, identifier) {
        // Recorded: test_describe_log_streams_with_log_group_identifier.
        (Some(_), Some(_)) => {
            Err(AwsError::validation("LogGroup name and LogGroup ARN are mutually exclusive parameters."))
        }
        (None, None) => Err(AwsError::validation("Either LogGroup name or LogGroup ARN must be specified.")),
        (Some(name), None) => Ok(name.to_owned()),
        (None, Some(arn)) if arn.starts_with("arn:") => name_of_arn(context, arn),
        (None, Some(name)) => Ok(name.to_owned()),
    }
}

/// The name in `arn:aws:logs:REGION:ACCOUNT:log-group:NAME`, with or without `:*` at its end.
///
/// # Errors
/// When it is no such ARN, or one of another account or region: what is not here does not exist.
pub fn name_of_arn(context: &Context, text: &str) -> AwsResult<String> {
    let invalid = || AwsError::bad_request("InvalidParameterException", format!("Invalid ARN: {text}"));
    let arn = Arn::parse(text).filter(|arn| arn.service == "logs").ok_or_else(invalid)?;
    let name = arn.resource.strip_prefix("log-group:").ok_or_else(invalid)?;
    let name = name.strip_suffix(":*").unwrap_or(name);
    if name.is_empty() || name.contains(':') {
        return Err(invalid());
    }
    if *arn.account != *context.account || *arn.region != *context.region {
        return Err(no_such_group());
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_core::Principal;

    #[test]
    fn a_group_is_named_in_every_form_aws_takes() {
        let context = Context::new("000000000000", "us-east-1", Principal::Anonymous);
        let check = |name: Option<&str>, identifier: Option<&str>, expected: Result<&str, &str>| {
            let found = group_name(&context, name, identifier).map_err(|error| error.code.into_owned());
            assert_eq!(found.as_deref().map_err(String::as_str), expected, "{name:?} {identifier:?}");
        };
        let arn = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f";
        check(Some("/a"), None, Ok("/a"));
        check(None, Some("/a"), Ok("/a"));
        check(None, Some(arn), Ok("/aws/lambda/f"));
        check(None, Some(&format!("{arn}:*")), Ok("/aws/lambda/f"));
        check(Some("/a"), Some("/a"), Err("ValidationException"));
        check(None, None, Err("ValidationException"));
        check(None, Some("arn:aws:s3:::bucket"), Err("InvalidParameterException"));
        check(None, Some(&arn.replace("us-east-1", "eu-west-1")), Err("ResourceNotFoundException"));
    }
}
