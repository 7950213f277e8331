//! Which wheels fit a runtime.

use crate::{Architecture, BundleError};

/// A platform that uv resolves for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// `3.13`
    pub python: String,
    /// `x86_64-manylinux_2_34`
    pub platform: String,
}

impl Target {
    pub fn new(runtime: &str, architecture: Architecture) -> Result<Self, BundleError> {
        let minor = runtime
            .strip_prefix("python3.")
            .filter(|minor| !minor.starts_with('0') && minor.len() <= 2)
            .and_then(|minor| minor.parse::<u32>().ok())
            // The adapter needs 3.9. What Lambda offers above changes every year: AWS itself says when it does not.
            .filter(|minor| *minor >= 9)
            .ok_or_else(|| BundleError::Runtime { runtime: runtime.to_owned() })?;
        let processor = match architecture {
            Architecture::X86_64 => "x86_64",
            Architecture::Arm64 => "aarch64",
        };
        Ok(Self { python: format!("3.{minor}"), platform: format!("{processor}-{}", libc(minor)) })
    }

    /// The target with another Python on the same processor.
    pub fn with_python(&self, python: &str) -> Self {
        let minor = python.strip_prefix("3.").and_then(|minor| minor.parse().ok()).unwrap_or_default();
        let processor = self.processor();
        Self { python: python.to_owned(), platform: format!("{processor}-{}", libc(minor)) }
    }
}

impl Target {
    pub fn minor(&self) -> Option<u32> {
        self.python.strip_prefix("3.")?.parse().ok()
    }

    /// `x86_64`
    pub fn processor(&self) -> &str {
        self.platform.split('-').next().unwrap_or_default()
    }

    /// The second part of glibc's version that wheels may need at most.
    pub fn glibc(&self) -> u32 {
        if self.platform.ends_with("manylinux2014") { 17 } else { 34 }
    }

    /// The system of Lambda's runtime, and the second part of its glibc's version.
    pub fn system(&self) -> (&'static str, u32) {
        if self.platform.ends_with("manylinux2014") { ("Amazon Linux 2", 26) } else { ("Amazon Linux 2023", 34) }
    }
}

/// Up to 3.11 the runtimes are on Amazon Linux 2 (glibc 2.26), later ones on Amazon Linux 2023 (2.34).
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>
/// <https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html>
fn libc(minor: u32) -> &'static str {
    if minor <= 11 { "manylinux2014" } else { "manylinux_2_34" }
}

impl std::fmt::Display for Target {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Python {} on {}", self.python, self.platform)
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
        check("python3.12", Architecture::Arm64, Some(("3.12", "aarch64-manylinux_2_34")));
        check("python3.13", Architecture::X86_64, Some(("3.13", "x86_64-manylinux_2_34")));
    }

    #[test]
    fn another_python_has_its_platform() {
        let target = Target::new("python3.13", Architecture::Arm64).expect("a target");
        assert_eq!(target.with_python("3.11"), Target::new("python3.11", Architecture::Arm64).expect("a target"));
    }

    #[test]
    fn other_runtimes_are_refused() {
        for runtime in ["python2.7", "python3.8", "python3", "python3.x", "python3.012", "nodejs22.x", ""] {
            check(runtime, Architecture::X86_64, None);
        }
    }
}
