//! What uv's message means for the user.

use super::sources::NO_COMPILER;
use crate::BundleError;
use crate::error::{ForOthers, NoWheel};
use crate::target::Target;
use regex::Regex;
use std::sync::LazyLock;

/// How much of what a build backend said is told, and how much of a line.
const TOLD: usize = 12;
const LINE: usize = 200;

/// The error that uv's message tells of.
pub fn explain(stderr: &str, requirements: &str, target: &Target) -> BundleError {
    static NO_PACKAGE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"([\w.-]+) was not found in the package registry").expect("a constant expression")
    });
    static MISMATCH: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"Hash mismatch for `([\w.-]+)").expect("a constant expression"));
    let text = unwrapped(stderr);
    let requirements = requirements.to_owned();
    let details = indented(stderr);
    let first = |pattern: &Regex| first_of(pattern, &text);
    if let Some(package) = first(&MISMATCH) {
        return BundleError::HashMismatch { package, requirements, details };
    }
    let no_wheel = |(package, version), why: &str, details| {
        BundleError::NoWheel(Box::new(NoWheel {
            package,
            version,
            target: target.to_string(),
            requirements: requirements.clone(),
            why: why.to_owned(),
            details,
            wheels: None,
            others: Vec::new(),
            advice: None,
        }))
    };
    if let Some(found) = build_of(&text) {
        if text.contains(NO_COMPILER) {
            return no_wheel(found, "its source compiles native code, which would be for this machine", String::new());
        }
        return no_wheel(found, "its source could not be built into pure Python", last_lines(stderr));
    }
    if let Some(found) = first_of(&NO_SOURCE, &text) {
        return no_wheel((found, None), "there is no source to build it from", String::new());
    }
    if let Some(((package, version), pythons)) = for_others(&text) {
        let python = target.python.clone();
        return BundleError::ForOthers(Box::new(ForOthers {
            package,
            version,
            pythons,
            python,
            requirements,
            take: None,
        }));
    }
    if let Some(found) = without_wheel(&text) {
        return no_wheel(found, "uv did not build its source", details);
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

/// A source distribution that is asked for and not there.
static NO_SOURCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"A source distribution is required for `([\w.-]+)`|`([\w.-]+)`? can't be installed because it is marked as `--no-binary` but has no source distribution")
        .expect("a constant expression")
});

/// What a pattern names.
fn first_of(pattern: &Regex, text: &str) -> Option<String> {
    pattern.captures(text)?.iter().skip(1).flatten().next().map(|name| name.as_str().to_owned())
}

/// The package whose build failed, and its version.
fn build_of(text: &str) -> Option<(String, Option<String>)> {
    static FAILED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"Failed to (?:download and )?build `([\w.-]+)(?:==([^`\s]+))?[^`]*`")
            .expect("a constant expression")
    });
    // That builds are turned off is no failure of one.
    if text.contains("uilding source distributions") {
        return None;
    }
    let found = FAILED.captures(text)?;
    Some((found[1].to_owned(), found.get(2).map(|version| version.as_str().to_owned())))
}

/// A package that is for other Pythons, and for which ones: its source is looked at where it has no wheel.
fn for_others(text: &str) -> Option<((String, Option<String>), String)> {
    static OTHERS: LazyLock<Regex> = LazyLock::new(|| {
        // The last of the forms is of a package that is asked for in one version.
        Regex::new(
            r"does not satisfy Python(\S+) and (?:(?:all versions of )?([A-Za-z0-9][\w.-]*?)(?:==([^\s,]+)|[<>]\S*)? depends on Python|you require ([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?(?:==([^\s,]+))?)",
        )
        .expect("a constant expression")
    });
    let found = OTHERS.captures(text)?;
    let part = |one, other| found.get(one).or_else(|| found.get(other)).map(|part| part.as_str().to_owned());
    Some(((part(2, 4)?, part(3, 5)), found[1].to_owned()))
}

/// The package that has no wheel, and its version where only one would do. uv's hints name packages only; what it
/// concludes names versions as well, in ranges with and without spaces.
fn without_wheel(text: &str) -> Option<(String, Option<String>)> {
    static HINTS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"Wheels are required for `([\w.-]+)`|only found wheels for `([\w.-]+)`|attempted to build `([\w.-]+)|Building source distributions for `([\w.-]+)` is disabled|Package `([\w.-]+)` can't be installed because",
        )
        .expect("a constant expression")
    });
    static CONCLUDED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?:^|\s)([A-Za-z0-9][\w.-]*?)((?:[=<>!~]=?|, ?[=<>!~]=?)[^\s,]+)* ha(?:s|ve) no (?:usable )?wheels",
        )
        .expect("a constant expression")
    });
    let concluded = CONCLUDED.captures(text);
    let package = first_of(&HINTS, text).or_else(|| Some(concluded.as_ref()?[1].to_owned()))?;
    let exact = format!(r"(?:^|\s){}==([^\s,]+) has no", regex::escape(&package));
    let version = Regex::new(&exact).ok().and_then(|exact| first_of(&exact, text));
    Some((package, version))
}

/// The end of what a build backend said, in which it says what is wrong: a traceback's last line and what follows it.
fn last_lines(stderr: &str) -> String {
    static RAISED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^(?:[\w.]*(?:Error|Exception|Exit)|error)\b").expect("a constant expression"));
    let lines = stderr.lines().map(str::trim);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty() && !line.starts_with("hint: ")).collect();
    // The first line is uv's own.
    let raised = lines.iter().skip(1).rposition(|line| RAISED.is_match(line)).map(|place| place + 1);
    let begin = raised.unwrap_or_default().max(lines.len().saturating_sub(TOLD));
    lines[begin..].iter().map(|line| format!("  {}", cut(line))).collect::<Vec<_>>().join("\n")
}

/// A line that a terminal can take: a compiler's command may be of many thousand letters.
fn cut(line: &str) -> String {
    match line.char_indices().nth(LINE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
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
        let target = Target { python: "3.13".to_owned(), platform: "aarch64-manylinux_2_34".to_owned() };
        explain(stderr, "requirements.txt", &target)
    }

    fn check_no_wheel(stderr: &str, expected: &str) {
        match explained(stderr) {
            BundleError::NoWheel(missing) => assert_eq!(missing.package, expected),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_range_of_versions_is_not_taken_for_a_name() {
        for (range, version) in [
            ("numpy==2.4.6", Some("2.4.6")),
            ("numpy>=2.4.6", None),
            ("numpy>=2.4.5, <=2.4.6", None),
            ("numpy>2.4.5,<=2.4.6", None),
            ("only numpy<=2.4.5 is available and numpy==2.4.6", Some("2.4.6")),
        ] {
            let message = format!("  cause: Because {range} has no usable wheels and you require numpy");
            match explained(&message) {
                BundleError::NoWheel(missing) => {
                    assert_eq!((missing.package.as_str(), missing.version.as_deref()), ("numpy", version), "{range}");
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_package_for_other_pythons_is_told() {
        let of = |end: &str| {
            format!(
                "cause: Because the requested Python version (>=3.10) does not satisfy Python>=3.12 and {end}, we can"
            )
        };
        for (end, expected) in [
            ("numpy==2.4.6 depends on Python>=3.12", "`numpy` 2.4.6"),
            ("django>=6.0,<=6.0.2 depends on Python>=3.12", "`django`"),
            ("all versions of other depends on Python>=3.12", "`other`"),
            ("you require django[argon2]==6.1", "`django` 6.1"),
            ("you require my-pkg==1", "`my-pkg` 1"),
        ] {
            let error = explained(&of(end)).to_string();
            let expected =
                format!("{expected} is for Python >=3.12, and the runtime's is 3.13 (needed by requirements.txt)");
            assert_eq!(error, expected, "{end}");
        }
    }

    #[test]
    fn what_a_build_says_is_told_by_its_end() {
        let said = "error: Failed to build `mysqlclient==2.2.7`\n  cause: Call to `setuptools.build_meta` failed\n\n\
                    \x20        [stderr]\n         Exception: Can not find valid pkg-config name.\nhint: Build failures\n";
        let error = explained(said).to_string();
        assert!(error.starts_with("`mysqlclient` 2.2.7 has no wheel for Python 3.13"), "{error}");
        assert!(error.ends_with("  Exception: Can not find valid pkg-config name."), "{error}");
        let compiles = format!("Failed to download and build `x==1`\n error: command '{NO_COMPILER}' failed");
        assert!(explained(&compiles).to_string().ends_with("compiles native code, which would be for this machine"));
        let url = "error: Failed to build `d @ https://host/d.tar.gz`\n  cause: broken\n";
        check_no_wheel(url, "d");
        check_no_wheel(
            "hint: A source distribution is required for `tensorflow` because using pre-built wheels",
            "tensorflow",
        );
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
