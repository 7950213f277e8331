//! Dependencies, installed by uv for the target and cached as an archive that packages are made from.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::archive::{self, Content, Entry};
use crate::requirements::{Format, Requirements};
use crate::target::Target;
use crate::uv::{self, Uv};
use crate::{BundleError, BundleRequest, MAX_UNZIPPED_BYTES, Progress, Step, cache, find_or_install_uv, sources};

const ARCHIVE: &str = "dependencies.zip";
const SUMMARY: &str = "summary.json";
/// Part of every key: raise it when the archive of the same dependencies changes.
const FORMAT: &str = "1";
const KEPT: usize = 20;
/// How many are named when a package is too large.
const NAMED: usize = 10;

/// A distribution in the package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its size, unzipped.
    pub bytes: u64,
}

/// What was installed.
#[derive(Debug)]
pub(crate) struct Installed {
    pub(crate) archive: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) bytes: u64,
    pub(crate) cached: bool,
}

#[derive(Serialize, Deserialize)]
struct Summary {
    dependencies: Vec<Dependency>,
    bytes: u64,
}

/// The dependencies, from the cache or installed now.
pub(crate) fn provide(
    request: &BundleRequest,
    requirements: &Requirements,
    target: &Target,
    progress: &dyn Progress,
) -> Result<Installed, BundleError> {
    let uv = match &request.uv {
        Some(path) => Uv::at(path)?,
        None => find_or_install_uv(&request.home, progress)?,
    };
    let root = request.cache.join("dependencies");
    let place = root.join(key(requirements, target, &uv));
    if !request.rebuild_dependencies
        && let Some(summary) = summary_in(&place)
    {
        cache::touch(&place);
        return Ok(installed(&place, summary, true));
    }
    progress.step(Step::InstallingDependencies { requirements: &requirements.name });
    let scratch = cache::scratch(&root)?;
    let tree = scratch.path().join("tree");
    install(&uv, request, requirements, target, scratch.path(), &tree)?;
    let built = scratch.path().join("built");
    std::fs::create_dir(&built).map_err(BundleError::io(&built, "created"))?;
    let summary = pack(&tree, &built, progress)?;
    cache::keep(&built, &place, request.rebuild_dependencies)?;
    cache::prune(&root, KEPT);
    Ok(installed(&place, summary, false))
}

/// An error when `bytes` are more than Lambda allows, that names what takes the space.
pub(crate) fn check_size(bytes: u64, parts: &[Dependency]) -> Result<(), BundleError> {
    if bytes <= MAX_UNZIPPED_BYTES {
        return Ok(());
    }
    let mut biggest = parts.to_vec();
    biggest.sort_by(|one, other| other.bytes.cmp(&one.bytes).then_with(|| one.name.cmp(&other.name)));
    biggest.truncate(NAMED);
    Err(BundleError::TooLarge { bytes, biggest })
}

fn installed(place: &Path, summary: Summary, cached: bool) -> Installed {
    Installed { archive: place.join(ARCHIVE), dependencies: summary.dependencies, bytes: summary.bytes, cached }
}

fn key(requirements: &Requirements, target: &Target, uv: &Uv) -> String {
    let mut hash = Sha256::new();
    let format = format!("{:?}", requirements.format);
    for part in [FORMAT, &requirements.digest, &format, &target.python, &target.platform, &uv.version] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

fn summary_in(place: &Path) -> Option<Summary> {
    let text = std::fs::read(place.join(SUMMARY)).ok()?;
    place.join(ARCHIVE).is_file().then_some(())?;
    serde_json::from_slice(&text).ok()
}

fn install(
    uv: &Uv,
    request: &BundleRequest,
    requirements: &Requirements,
    target: &Target,
    scratch: &Path,
    tree: &Path,
) -> Result<(), BundleError> {
    // uv takes what a requirements file names by path as relative to where it runs.
    let directory = requirements.path.parent().unwrap_or(&request.project);
    let directory = std::fs::canonicalize(directory).map_err(BundleError::io(directory, "read"))?;
    let file = directory.join(requirements.path.file_name().unwrap_or_default());
    let list = match requirements.format {
        Format::Direct => file,
        Format::UvLock => {
            let exported = scratch.join("requirements.txt");
            let mut command = uv.command(&directory);
            command.args(["export", "--frozen", "--no-dev", "--no-emit-workspace", "--no-header", "--quiet"]);
            command.args(["--format", "requirements.txt", "--output-file"]).arg(&exported);
            finish(&mut command, requirements, target)?;
            exported
        }
    };
    let mut command = uv.command(&directory);
    command.args(["pip", "install", "--no-progress", "--only-binary", ":all:", "--link-mode", "copy"]);
    command.args(["--python-platform", &target.platform, "--python-version", &target.python]);
    if request.rebuild_dependencies {
        command.arg("--refresh");
    }
    command.arg("--target").arg(tree).arg("-r").arg(list);
    finish(&mut command, requirements, target)
}

fn finish(
    command: &mut std::process::Command,
    requirements: &Requirements,
    target: &Target,
) -> Result<(), BundleError> {
    let output = uv::run(command)?;
    if output.status.success() {
        return Ok(());
    }
    Err(explain(&String::from_utf8_lossy(&output.stderr), &requirements.name, target))
}

/// What uv's message means for the user.
fn explain(stderr: &str, requirements: &str, target: &Target) -> BundleError {
    static NO_WHEEL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?:Wheels are required for `([\w.-]+)`|([\w.-]+)(?:[=<>!~,][^ ]*)? ha(?:s|ve) no (?:usable )?wheels)",
        )
        .expect("a constant expression")
    });
    static NO_PACKAGE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"([\w.-]+) was not found in the package registry").expect("a constant expression")
    });
    let text = unwrapped(stderr);
    let requirements = requirements.to_owned();
    let details = indented(stderr);
    let first = |pattern: &Regex| {
        let found = pattern.captures(&text)?;
        found.iter().skip(1).flatten().next().map(|name| name.as_str().to_owned())
    };
    if let Some(package) = first(&NO_WHEEL) {
        return BundleError::NoWheel { package, target: target.to_string(), requirements, details };
    }
    if let Some(package) = first(&NO_PACKAGE) {
        return BundleError::NoPackage { package, requirements };
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

/// Archive what is needed at run time, and find out what was installed.
fn pack(tree: &Path, built: &Path, progress: &dyn Progress) -> Result<Summary, BundleError> {
    let mut entries = Vec::new();
    let mut dependencies = Vec::new();
    let mut bytes = 0;
    if tree.is_dir() {
        gather(tree, "", &mut entries, &mut bytes)?;
        dependencies = distributions(tree)?;
    }
    check_size(bytes, &dependencies)?;
    progress.step(Step::Compressing { files: entries.len() });
    archive::write(&built.join(ARCHIVE), &entries, None)?;
    let summary = Summary { dependencies, bytes };
    let place = built.join(SUMMARY);
    let text = serde_json::to_vec(&summary).map_err(|error| BundleError::io(&place, "written")(error.into()))?;
    std::fs::write(&place, text).map_err(BundleError::io(&place, "written"))?;
    Ok(summary)
}

fn gather(directory: &Path, prefix: &str, entries: &mut Vec<Entry>, bytes: &mut u64) -> Result<(), BundleError> {
    for entry in std::fs::read_dir(directory).map_err(BundleError::io(directory, "read"))? {
        let entry = entry.map_err(BundleError::io(directory, "read"))?;
        let path = entry.path();
        let file_name = entry.file_name();
        let last = file_name
            .to_str()
            .ok_or_else(|| BundleError::FileName { path: path.clone(), reason: "it is not UTF-8" })?;
        let metadata = entry.metadata().map_err(BundleError::io(&path, "read"))?;
        let name = format!("{prefix}{last}");
        if metadata.is_dir() {
            // Scripts are for a shell, and have the path of this machine in their first line.
            if last != "__pycache__" && name != "bin" {
                gather(&path, &format!("{name}/"), entries, bytes)?;
            }
        } else if metadata.is_file() && !differs_by_machine(prefix, last) {
            *bytes += metadata.len();
            entries.push(Entry { name, content: Content::File(path), executable: sources::is_executable(&metadata) });
        }
    }
    Ok(())
}

/// What an installer notes about itself; METADATA and entry_points.txt are read at run time and stay.
fn differs_by_machine(directory: &str, name: &str) -> bool {
    let noted = ["RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"];
    (directory.is_empty() && name == ".lock")
        || name.ends_with(".pyc")
        || (directory.ends_with(".dist-info/") && noted.contains(&name))
}

fn distributions(tree: &Path) -> Result<Vec<Dependency>, BundleError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(tree).map_err(BundleError::io(tree, "read"))?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some((name, version)) = name.strip_suffix(".dist-info").and_then(|stem| stem.split_once('-')) {
            let record = std::fs::read_to_string(entry.path().join("RECORD")).unwrap_or_default();
            // Each line is `path,hash,size`.
            let bytes = record.lines().filter_map(|line| line.rsplit(',').next()?.trim().parse::<u64>().ok()).sum();
            found.push(Dependency { name: name.replace('_', "-"), version: version.to_owned(), bytes });
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
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
        check_no_wheel(
            "hint: Wheels are required for `psycopg2-binary` because building from source is disabled",
            "psycopg2-binary",
        );
    }

    #[test]
    fn other_failures_are_told_apart() {
        let missing = "cause: Because nope was not found in the package registry and you require nope";
        assert!(matches!(explained(missing), BundleError::NoPackage { package, .. } if package == "nope"));
        let network =
            "error: Request failed after 3 retries in 10.4s\n  cause: Failed to fetch: http://127.0.0.1:9/flask/";
        assert!(matches!(explained(network), BundleError::Download { .. }));
        let other = "Using CPython 3.11.7\nerror: Couldn't parse requirement in `r.txt` at position 0";
        assert!(matches!(explained(other), BundleError::Install { details, .. } if !details.contains("Using")));
    }

    #[test]
    fn what_differs_by_machine_is_left_out() {
        for (directory, name, expected) in [
            ("", ".lock", true),
            ("a-1.dist-info/", "RECORD", true),
            ("a-1.dist-info/", "METADATA", false),
            ("a-1.dist-info/", "entry_points.txt", false),
            ("a/", "RECORD", false),
            ("a/", "b.pyc", true),
        ] {
            assert_eq!(differs_by_machine(directory, name), expected, "{directory}{name}");
        }
    }

    #[test]
    fn too_large_names_the_largest() {
        let part = |name: &str, bytes| Dependency { name: name.to_owned(), version: "1".to_owned(), bytes };
        let error =
            check_size(MAX_UNZIPPED_BYTES + 1, &[part("small", 1), part("large", 200 << 20)]).expect_err("too large");
        assert_eq!(
            error.to_string(),
            "the package is too large: 250.0 MB unzipped, and AWS Lambda allows 250.0 MB\n   200.0 MB  large 1\n     0.0 MB  small 1"
        );
        assert!(check_size(MAX_UNZIPPED_BYTES, &[]).is_ok());
    }
}
