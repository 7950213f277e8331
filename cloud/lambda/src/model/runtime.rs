//! AWS's runtimes, and which of them run here.

use crate::dialect::OFFERED_RUNTIMES;
use crate::error::{invalid_parameter, unsupported};
use slam_cloud_core::AwsResult;

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

/// A runtime that runs here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runtime {
    /// `python3.12`
    Python {
        /// `3.12`
        version: String,
    },
    /// `nodejs22.x`
    Nodejs {
        /// `22`
        major: u64,
    },
    /// `java21`
    Java {
        /// `21`
        major: u64,
    },
    /// `provided.al2023`: the function brings its own.
    Provided {
        /// `al2023`
        system: String,
    },
}

impl Runtime {
    /// The runtime of this name.
    ///
    /// # Errors
    /// AWS's message for what AWS does not offer; ours, by name, for what AWS offers and this cloud does not run.
    pub fn parse(name: &str) -> AwsResult<Self> {
        if WITHDRAWN.contains(&name) {
            return Err(invalid_parameter(format!(
                "The runtime parameter of {name} is no longer supported for creating or updating AWS Lambda \
                 functions. We recommend you use a supported runtime while creating or updating functions."
            )));
        }
        if !OFFERED_RUNTIMES.contains(&name) {
            return Err(invalid_parameter(format!(
                "Value {name} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{}] or \
                 be a valid ARN",
                OFFERED_RUNTIMES.join(", ")
            )));
        }
        let node = |rest: &str| rest.strip_suffix(".x")?.parse().ok().map(|major| Self::Nodejs { major });
        let python = name.strip_prefix("python").map(|version| Self::Python { version: version.to_owned() });
        let provided = || name.strip_prefix("provided.").map(|system| Self::Provided { system: system.to_owned() });
        // But for java8.al2.
        let java = || name.strip_prefix("java")?.parse().ok().map(|major| Self::Java { major });
        let found = python.or_else(|| name.strip_prefix("nodejs").and_then(node)).or_else(java).or_else(provided);
        found.ok_or_else(|| {
            unsupported(&format!(
                "the runtime {name} (functions run on Python, Node.js, Java 11 and later and provided.al2023 here)"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: Result<Runtime, &str>) {
        match (Runtime::parse(name), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err(error), Err(part)) => assert!(error.to_string().contains(part), "{error}"),
            (found, expected) => panic!("{name}: expected {expected:?}, found {found:?}"),
        }
    }

    #[test]
    fn what_runs_here_is_understood() {
        check("python3.12", Ok(Runtime::Python { version: "3.12".into() }));
        check("nodejs22.x", Ok(Runtime::Nodejs { major: 22 }));
        check("java21", Ok(Runtime::Java { major: 21 }));
        check("provided.al2023", Ok(Runtime::Provided { system: "al2023".into() }));
    }

    #[test]
    fn what_aws_offers_and_we_do_not_run_is_refused_by_name() {
        let message =
            "the runtime java8.al2 (functions run on Python, Node.js, Java 11 and later and provided.al2023 here)";
        check("java8.al2", Err(message));
        check("ruby3.4", Err("is not supported by the embedded cloud"));
        check("dotnet8", Err("the runtime dotnet8 "));
    }

    #[test]
    fn what_aws_does_not_know_is_refused_in_its_words() {
        check("PYTHON3.9", Err("Value PYTHON3.9 at 'runtime' failed to satisfy constraint: Member must satisfy enum"));
        check("python3.7", Err("The runtime parameter of python3.7 is no longer supported"));
        check("nodejs14.x", Err("The runtime parameter of nodejs14.x is no longer supported"));
    }
}
