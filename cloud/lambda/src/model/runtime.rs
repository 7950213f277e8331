//! AWS's runtimes, and which of them run here.

use crate::model::errors::{invalid_parameter, unsupported};
use slam_cloud_core::AwsResult;

/// The runtimes that AWS offers now, in the order in which AWS's message lists them (recorded:
/// `test_create_lambda_exceptions`).
const OFFERED: [&str; 25] = [
    "nodejs20.x",
    "python3.14",
    "provided.al2023",
    "python3.12",
    "python3.13",
    "nodejs24.x",
    "nodejs22.x",
    "java25",
    "python3.10",
    "python3.11",
    "java21",
    "ruby3.3",
    "ruby3.4",
    "ruby3.2",
    "python3.8",
    "python3.9",
    "java17",
    "nodejs16.x",
    "dotnet10",
    "dotnet8",
    "java11",
    "dotnet6",
    "nodejs18.x",
    "provided.al2",
    "java8.al2",
];

/// Runtimes that AWS has withdrawn: it knows their names but creates nothing with them.
const WITHDRAWN: [&str; 17] = [
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "go1.x",
    "java8",
    "nodejs",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "nodejs4.3",
    "nodejs6.10",
    "nodejs8.10",
    "provided",
    "python2.7",
    "python3.6",
    "python3.7",
];

/// The version of Python that a runtime is (`3.12`).
///
/// # Errors
/// AWS's message for what AWS does not offer; ours, by name, for what AWS offers and this cloud does not run.
pub fn python_version(runtime: &str) -> AwsResult<&str> {
    if WITHDRAWN.contains(&runtime) {
        return Err(invalid_parameter(format!(
            "The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda functions. \
             We recommend you use a supported runtime while creating or updating functions."
        )));
    }
    if !OFFERED.contains(&runtime) {
        return Err(invalid_parameter(format!(
            "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{}] or \
             be a valid ARN",
            OFFERED.join(", ")
        )));
    }
    runtime.strip_prefix("python").ok_or_else(|| unsupported(&format!("the runtime {runtime}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(runtime: &str, expected: Result<&str, &str>) {
        match (python_version(runtime), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (found, expected) => panic!("{runtime}: expected {expected:?}, found {found:?}"),
        }
    }

    #[test]
    fn python_runs() {
        check("python3.12", Ok("3.12"));
    }

    #[test]
    fn what_aws_offers_and_we_do_not_run_is_refused_by_name() {
        check("nodejs22.x", Err("the runtime nodejs22.x is not supported by the embedded cloud"));
    }

    #[test]
    fn what_aws_does_not_know_is_refused_in_its_words() {
        check("PYTHON3.9", Err("Value PYTHON3.9 at 'runtime' failed to satisfy constraint: Member must satisfy enum"));
        check("python3.7", Err("The runtime parameter of python3.7 is no longer supported"));
    }
}
