//! Lambda's quotas ("Lambda quotas" in AWS's developer guide) and what it says when they are exceeded.

use crate::error::{invalid_parameter, too_large};
use http::Method;
use http::request::Parts;
use slam_cloud_core::service::BodyLimit;
use slam_cloud_core::{AwsError, AwsResult};
use std::collections::BTreeMap;

/// A package sent inline, in bytes.
pub const ZIPPED: usize = 52_428_800;
/// A package unpacked, in bytes.
pub const UNZIPPED: u64 = 262_144_000;
/// Layers of a function.
pub const LAYERS: usize = 5;
/// Keys and values of a function's environment, measured as JSON.
const ENVIRONMENT: usize = 4096;
/// An event of a synchronous invocation, in bytes.
pub const REQUEST: usize = 6_291_456;
/// An event of an asynchronous invocation, in bytes (1 MB since October 2025).
pub const EVENT: usize = 1_048_576;
/// An answer, in bytes.
pub const RESPONSE: usize = 6_291_556;
/// A streamed answer, in bytes: 200 MB ("Response streaming for Lambda functions"). AWS also slows what comes after the
/// first 6 MB down to 2 MB/s, which the embedded cloud does not.
pub const STREAMED: usize = 209_715_200;
/// A resource policy, in bytes.
const POLICY: usize = 20_480;
/// Concurrent executions of an account in a region.
pub const CONCURRENCY: i64 = 1000;
/// What must be left of it for functions without a reservation.
pub const UNRESERVED: i64 = 100;
/// Code of all functions in a region, in bytes.
pub const CODE_STORAGE: i64 = 80_530_636_800;

/// The largest request with a package inline, in base-64 with the rest of CreateFunction.
const BODY: u64 = 70_167_211;

/// How large the body of a request may be, by its method and path.
pub fn body(head: &Parts) -> BodyLimit {
    let path = head.uri.path().trim_end_matches('/');
    if path.ends_with("/invocations") || path.ends_with("/response-streaming-invocations") {
        return BodyLimit { bytes: REQUEST as u64, operation: Some("InvokeFunction") };
    }
    let operation = if head.method == Method::PUT { "UpdateFunctionCode" } else { "CreateFunction" };
    BodyLimit { bytes: BODY, operation: Some(operation) }
}

/// The names that Lambda itself sets.
const RESERVED: [&str; 18] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

/// Checks a function's environment variables.
///
/// # Errors
/// When they name a reserved one or are too large.
pub fn environment(variables: &BTreeMap<String, String>) -> AwsResult<()> {
    const SORRY: &str = "Lambda was unable to configure your environment variables because the environment variables \
                         you have provided";
    let reserved: Vec<&str> = variables.keys().map(String::as_str).filter(|name| RESERVED.contains(name)).collect();
    if !reserved.is_empty() {
        return Err(invalid_parameter(format!(
            "{SORRY} contains reserved keys that are currently not supported for modification. Reserved keys used in \
             this request: {}",
            reserved.join(", ")
        )));
    }
    if let Some(name) = variables.keys().find(|name| !is_variable(name)) {
        return Err(AwsError::validation(format!(
            "1 validation error detected: Value '{{{name}=***}}' at 'environment.variables' failed to satisfy \
             constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: \
             [a-zA-Z]([a-zA-Z0-9_])+]"
        )));
    }
    let measured = serde_json::to_string(variables).map_err(AwsError::internal)?;
    if measured.len() > ENVIRONMENT {
        return Err(invalid_parameter(format!("{SORRY} exceeded the 4KB limit. String measured: {measured}")));
    }
    Ok(())
}

fn is_variable(name: &str) -> bool {
    name.len() > 1
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Checks the memory of a function; the API model allows more than Lambda does.
///
/// # Errors
/// When it is out of range.
pub fn memory(megabytes: i64) -> AwsResult<()> {
    range(megabytes, "memorySize", 128, 10_240)
}

/// Checks the timeout of a function; the API model allows more than Lambda does.
///
/// # Errors
/// When it is out of range.
pub fn timeout(seconds: i64) -> AwsResult<()> {
    range(seconds, "timeout", 1, 900)
}

/// Checks the size of a function's temporary folder.
///
/// # Errors
/// When it is out of range.
pub fn ephemeral_storage(megabytes: i64) -> AwsResult<()> {
    range(megabytes, "ephemeralStorage.size", 512, 10_240)
}

fn range(value: i64, member: &str, least: i64, most: i64) -> AwsResult<()> {
    let constraint = if value < least {
        format!("greater than or equal to {least}")
    } else if value > most {
        format!("less than or equal to {most}")
    } else {
        return Ok(());
    };
    Err(AwsError::validation(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must have \
         value {constraint}"
    )))
}

/// Checks the number of tags.
///
/// # Errors
/// When there are too many.
pub fn tags(tags: &BTreeMap<String, String>) -> AwsResult<()> {
    if tags.len() > slam_cloud_kit::tags::MOST {
        Err(invalid_parameter("Number of tags exceeds resource tag limit."))
    } else {
        Ok(())
    }
}

/// Checks the size of an inline package.
///
/// # Errors
/// When it is too large.
pub fn zipped(length: usize) -> AwsResult<()> {
    if length > ZIPPED {
        return Err(too_large(format!("Zipped size must be smaller than {ZIPPED} bytes")));
    }
    Ok(())
}

/// Checks the unpacked size of a function's layers, and of them with its package. The words are those of many a bug
/// report: <https://github.com/bento-video/bento/issues/1>, <https://github.com/agutoli/serverless-layers/issues/51>.
///
/// # Errors
/// When it is too large.
pub fn unzipped(layers: u64, package: u64) -> AwsResult<()> {
    if layers > UNZIPPED {
        return Err(invalid_parameter(format!("Layers consume more than the available size of {UNZIPPED} bytes")));
    }
    let whole = layers + package;
    if whole > UNZIPPED {
        return Err(invalid_parameter(format!(
            "Function code combined with layers exceeds the maximum allowed size of {UNZIPPED} bytes. The actual size \
             is {whole} bytes."
        )));
    }
    Ok(())
}

/// Checks the size of a resource policy.
///
/// # Errors
/// When it is too large.
pub fn policy(length: usize) -> AwsResult<()> {
    if length > POLICY {
        let message = format!("The final policy size ({length}) is bigger than the limit ({POLICY}).");
        return Err(AwsError::bad_request("PolicyLengthExceededException", message).with("Type", "User"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)], expected: Option<&str>) {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        match (environment(&variables), expected) {
            (Ok(()), None) => {}
            (Err(error), Some(part)) => assert!(error.to_string().contains(part), "{error}"),
            (found, expected) => panic!("expected {expected:?}, found {found:?}"),
        }
    }

    #[test]
    fn ordinary_variables_pass() {
        check(&[("TABLE", "tasks"), ("LANG", "C"), ("TZ", "Europe/Vienna")], None);
    }

    #[test]
    fn reserved_names_are_refused_and_named() {
        check(&[("AWS_REGION", "x"), ("TABLE", "y")], Some("Reserved keys used in this request: AWS_REGION"));
    }

    #[test]
    fn four_kilobytes_are_the_limit() {
        check(&[("LARGE", &"x".repeat(4096))], Some("exceeded the 4KB limit. String measured: {\"LARGE\":\"xxx"));
    }
}
