//! Which wheels fit a runtime.

use crate::{Architecture, BundleError};

/// A platform that uv resolves for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// `3.13`
    pub(crate) python: String,
    /// `x86_64-manylinux_2_28`
    pub(crate) platform: String,
}

impl Target {
    pub(crate) fn new(runtime: &str, architecture: Architecture) -> Result<Self, BundleError> {
        let minor = runtime
            .strip_prefix("python3.")
            .filter(|minor| !minor.starts_with('0') && minor.len() <= 2)
            .and_then(|minor| minor.parse::<u32>().ok())
            // The adapter needs 3.9. What Lambda offers above changes every year: AWS itself says when it does not.
            .filter(|minor| *minor >= 9)
            .ok_or_else(|| BundleError::Runtime { runtime: runtime.to_owned() })?;
        // Up to 3.11 the runtimes are on Amazon Linux 2 (glibc 2.26), later ones on Amazon Linux 2023 (2.34).
        // https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
        let libc = if minor <= 11 { "manylinux2014" } else { "manylinux_2_28" };
        let processor = match architecture {
            Architecture::X86_64 => "x86_64",
            Architecture::Arm64 => "aarch64",
        };
        Ok(Self { python: format!("3.{minor}"), platform: format!("{processor}-{libc}") })
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Python {} on {}", self.python, self.platform)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(runtime: &str, architecture: Architecture, expected: Option<(&str, &str)>) {
        let target = Target::new(runtime, architecture).ok();
        let found = target.as_ref().map(|target| (target.python.as_str(), target.platform.as_str()));
        assert_eq!(found, expected, "{runtime}");
    }

    #[test]
    fn platform_follows_the_runtime() {
        check("python3.11", Architecture::X86_64, Some(("3.11", "x86_64-manylinux2014")));
        check("python3.12", Architecture::Arm64, Some(("3.12", "aarch64-manylinux_2_28")));
        check("python3.13", Architecture::X86_64, Some(("3.13", "x86_64-manylinux_2_28")));
    }

    #[test]
    fn other_runtimes_are_refused() {
        for runtime in ["python2.7", "python3.8", "python3", "python3.x", "python3.012", "nodejs22.x", ""] {
            check(runtime, Architecture::X86_64, None);
        }
    }
}
