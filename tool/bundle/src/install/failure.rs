//! What uv's message means for the user.

use std::sync::LazyLock;

use regex::Regex;

use crate::BundleError;
use crate::target::Target;

/// The error that uv's message tells of.
pub(crate) fn explain(stderr: &str, requirements: &str, target: &Target) -> BundleError {
    static NO_WHEEL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?:Wheels are required for `([\w.-]+)`|attempted to build `([\w.-]+)|([\w.-]+)(?:[=<>!~,][^ ]*)? ha(?:s|ve) no (?:usable )?wheels|Building source distributions for `([\w.-]+)` is disabled|Package `([\w.-]+)` can't be installed because)",
        )
        .expect("a constant expression")
    });
    static NO_PACKAGE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"([\w.-]+) was not found in the package registry").expect("a constant expression")
    });
    static MISMATCH: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"Hash mismatch for `([\w.-]+)").expect("a constant expression"));
    let text = unwrapped(stderr);
    let requirements = requirements.to_owned();
    let details = indented(stderr);
    let first = |pattern: &Regex| {
        let found = pattern.captures(&text)?;
        found.iter().skip(1).flatten().next().map(|name| name.as_str().to_owned())
    };
    if let Some(package) = first(&MISMATCH) {
        return BundleError::HashMismatch { package, requirements, details };
    }
    if let Some(package) = first(&NO_WHEEL) {
        return BundleError::NoWheel { package, target: target.to_string(), requirements, details };
    }
    if ["401 Unauthorized", "403 Forbidden"].iter().any(|sign| text.contains(sign)) {
        return BundleError::IndexRefused { requirements, details };
    }
    if let Some(package) = first(&NO_PACKAGE) {
        return BundleError::NoPackage { package, requirements };
    }
    let offline = [
        "not found in the cache",
        "needs to be downloaded from a registry",
        "network connectivity is disabled",
        "Network connectivity is disabled",
    ];
    if offline.iter().any(|sign| text.contains(sign)) {
        return BundleError::NotCached { requirements, details };
    }
    if ["Failed to fetch", "error sending request", "Failed to download", "Could not connect"]
        .iter()
        .any(|sign| text.contains(sign))
    {
        return BundleError::Download { requirements, details };
    }
    BundleError::Install { target: target.to_string(), requirements, details }
}

/// uv's message in one line, as it breaks lines anywhere.
fn unwrapped(stderr: &str) -> String {
    stderr.split_whitespace().filter(|word| !matches!(*word, "│" | "×" | "╰─▶" | "├─▶")).collect::<Vec<_>>().join(" ")
}

/// uv's message without what it said while all went well.
fn indented(stderr: &str) -> String {
    let noise = ["Using CPython", "Resolved ", "Prepared ", "Downloading ", "Downloaded ", "warning: "];
    let lines = stderr.lines().map(str::trim_end);
    let lines =
        lines.filter(|line| !line.is_empty() && !noise.iter().any(|start| line.trim_start().starts_with(start)));
    // Bounded: the message goes to a terminal.
    lines.take(20).map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(stderr: &str) -> BundleError {
        let target = Target { python: "3.13".to_owned(), platform: "aarch64-manylinux_2_28".to_owned() };
        explain(stderr, "requirements.txt", &target)
    }

    fn check_no_wheel(stderr: &str, expected: &str) {
        match explained(stderr) {
            BundleError::NoWheel { package, .. } => assert_eq!(package, expected),
            other => panic!("{other:?}"),
        }
    }

    // The messages are uv 0.13.9's own, the boxed one is of the 0.8 series.
    #[test]
    fn a_package_without_wheel_is_named() {
        check_no_wheel(
            "error: No solution found when resolving dependencies\n  cause: Because docopt==0.6.2 has no usable wheels and you \
             require docopt==0.6.2, we can conclude that your requirements are unsatisfiable.\n",
            "docopt",
        );
        check_no_wheel(
            "  cause: Because all versions of pycairo have no usable wheels and you require pycairo",
            "pycairo",
        );
        check_no_wheel(
            "  cause: Because tensorflow==2.15.0 has no wheels with a matching Python ABI tag (e.g., `cp313`) and you require",
            "tensorflow",
        );
        check_no_wheel(
            "  × No solution found:\n  ╰─▶ Because my-pkg>=1,<2 has no wheels\n      with a matching platform tag",
            "my-pkg",
        );
        check_no_wheel("error: Building source distributions is disabled, but attempted to build `mylib`", "mylib");
        check_no_wheel(
            "error: Failed to download and build `d @ https://i/d.tar.gz`\n  cause: Building source distributions for `d` is disabled",
            "d",
        );
        check_no_wheel(
            "error: Package `docopt` can't be installed because it is marked as `--no-build` but has no binary distribution",
            "docopt",
        );
        check_no_wheel(
            "hint: Wheels are required for `psycopg2-binary` because building from source is disabled",
            "psycopg2-binary",
        );
    }

    #[test]
    fn other_failures_are_told_apart() {
        let missing = "cause: Because nope was not found in the package registry and you require nope";
        assert!(matches!(explained(missing), BundleError::NoPackage { package, .. } if package == "nope"));
        let refused = "Because a was not found in the package registry, hint: An index URL (http://i/simple) returned a 401 \
                       Unauthorized error";
        assert!(matches!(explained(refused), BundleError::IndexRefused { .. }));
        let network =
            "error: Request failed after 3 retries in 10.4s\n  cause: Failed to fetch: http://127.0.0.1:9/flask/";
        assert!(matches!(explained(network), BundleError::Download { .. }));
        for offline in [
            "cause: Because flask was not found in the cache and you require flask, we can conclude",
            "cause: Because flask==3.1.0 needs to be downloaded from a registry and you require flask==3.1.0",
            "error: Failed to download `idna==3.6`\n  cause: Network connectivity is disabled, but the requested data",
        ] {
            assert!(matches!(explained(offline), BundleError::NotCached { .. }));
        }
        let mismatch =
            "error: Failed to download `idna==3.7`\n  cause: Hash mismatch for `idna==3.7`\n\n         Expected:\n";
        assert!(matches!(explained(mismatch), BundleError::HashMismatch { package, .. } if package == "idna"));
        let other = "Using CPython 3.11.7\nerror: Couldn't parse requirement in `r.txt` at position 0";
        assert!(matches!(explained(other), BundleError::Install { details, .. } if !details.contains("Using")));
    }
}
