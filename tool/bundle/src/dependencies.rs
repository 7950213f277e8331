//! Dependencies, installed by uv for the target and cached as an archive that packages are made from.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::archive::{self, Content, Entry};
use crate::distributions::{self, Distribution};
use crate::prune::{self, Rule, TreeFile};
use crate::requirements::{self, Format, Requirements};
use crate::sources::Patterns;
use crate::target::Target;
use crate::uv::{self, Uv};
use crate::{
    BundleError, BundleRequest, Progress, Step, bytecode, cache, elf, find_or_install_uv, interpreter, limits, local,
    locks, sources,
};

const ARCHIVE: &str = "dependencies.zip";
const SUMMARY: &str = "summary.json";
const RECORDS: &str = "records.json";
/// Part of every key: raise it when the archive of the same dependencies changes.
const FORMAT: &str = "4";
const KEPT: usize = 20;

/// A distribution in the package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Size of what of it is in the package, unzipped.
    pub bytes: u64,
    /// The same, compressed.
    pub zipped_bytes: u64,
}

/// What was installed.
#[derive(Debug)]
pub(crate) struct Installed {
    pub(crate) archive: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    pub(crate) bytes: u64,
    pub(crate) cached: bool,
    place: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Summary {
    dependencies: Vec<Dependency>,
    bytes: u64,
}

/// What is known of each file that was installed, for those who ask why.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Records {
    pub(crate) distributions: BTreeMap<String, Distribution>,
    /// The normalized names that the user asked for.
    pub(crate) asked: Vec<String>,
    /// Each file's distribution, and the rule that left it out.
    pub(crate) files: BTreeMap<String, (Option<String>, Option<Rule>)>,
}

impl Installed {
    pub(crate) fn records(&self) -> Result<Records, BundleError> {
        let place = self.place.join(RECORDS);
        let text = std::fs::read(&place).map_err(BundleError::io(&place, "read"))?;
        serde_json::from_slice(&text).map_err(|error| BundleError::io(&place, "read")(error.into()))
    }
}

/// The dependencies, from the cache or installed now.
pub(crate) fn provide(
    request: &BundleRequest,
    requirements: &Requirements,
    target: &Target,
    patterns: &Patterns,
    progress: &dyn Progress,
) -> Result<Installed, BundleError> {
    let root = request.cache.join("dependencies");
    let place = root.join(key(request, requirements, target));
    // uv is not even looked for when it has nothing to do.
    if !request.rebuild_dependencies
        && let Some(summary) = summary_in(&place)
    {
        cache::touch(&place);
        return Ok(installed(&place, summary, true));
    }
    let uv = match &request.uv {
        Some(path) => Uv::at(path)?,
        None => find_or_install_uv(&request.home, progress)?,
    };
    progress.step(Step::InstallingDependencies { requirements: &requirements.name });
    let scratch = cache::scratch(&root)?;
    let mut installation =
        Installation { uv: &uv, request, requirements, target, scratch: scratch.path(), asked: Vec::new() };
    let tree = scratch.path().join("tree");
    installation.install(&tree)?;
    let built = scratch.path().join("built");
    std::fs::create_dir(&built).map_err(BundleError::io(&built, "created"))?;
    let summary = installation.pack(&tree, &built, patterns, progress)?;
    cache::keep(&built, &place, request.rebuild_dependencies)?;
    cache::prune(&root, KEPT);
    Ok(installed(&place, summary, false))
}

fn installed(place: &Path, summary: Summary, cached: bool) -> Installed {
    let archive = place.join(ARCHIVE);
    Installed { archive, dependencies: summary.dependencies, bytes: summary.bytes, cached, place: place.to_owned() }
}

fn key(request: &BundleRequest, requirements: &Requirements, target: &Target) -> String {
    let mut hash = Sha256::new();
    let format = format!("{:?}", requirements.format);
    let options = format!(
        "{:?}",
        (request.slim, request.bytecode, request.runtime_packages, &request.include, &request.exclude_dependencies)
    );
    for part in [FORMAT, &requirements.digest, &format, &target.python, &target.platform, &options] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

fn summary_in(place: &Path) -> Option<Summary> {
    let text = std::fs::read(place.join(SUMMARY)).ok()?;
    (place.join(ARCHIVE).is_file() && place.join(RECORDS).is_file()).then_some(())?;
    serde_json::from_slice(&text).ok()
}

/// One run of uv and what becomes of it.
struct Installation<'a> {
    uv: &'a Uv,
    request: &'a BundleRequest,
    requirements: &'a Requirements,
    target: &'a Target,
    scratch: &'a Path,
    asked: Vec<String>,
}

impl Installation<'_> {
    fn install(&mut self, tree: &Path) -> Result<(), BundleError> {
        // uv takes what a requirements file names by path as relative to where it runs.
        let directory = &self.requirements.directory;
        let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        let directory = std::fs::canonicalize(directory).map_err(BundleError::io(directory, "read"))?;
        let (list, complete) = self.list(&directory)?;
        // What uv exports is relative to the workspace's root, not to the member.
        let base = self.requirements.path.parent().filter(|_| self.requirements.format == Format::UvLock);
        let directory = base.map_or(Ok(directory.clone()), std::fs::canonicalize).unwrap_or(directory);
        let mut command = self.uv.command(&directory);
        // The tree is read once and removed, so its files may be those of uv's cache.
        command.args(["pip", "install", "--no-progress", "--only-binary", ":all:", "--link-mode", "hardlink"]);
        command.args(["--python-platform", &self.target.platform, "--python-version", &self.target.python]);
        if self.request.rebuild_dependencies && !self.request.offline {
            command.arg("--refresh");
        }
        if complete {
            command.arg("--no-deps");
        }
        if let Some(python) = interpreter::instead_of_shim(self.target) {
            command.arg("--python").arg(python);
        }
        command.arg("--target").arg(tree).arg("-r").arg(list);
        self.finish(&mut command)?;
        refuse_editable(tree)
    }

    /// The file for uv's `-r`, and whether it names everything that is needed.
    fn list(&mut self, directory: &Path) -> Result<(PathBuf, bool), BundleError> {
        let path = &self.requirements.path;
        let text = match self.requirements.format {
            Format::Direct if path.extension().is_some_and(|extension| extension == "toml") => {
                self.asked = asked_in_project(path);
                let path = std::fs::canonicalize(path).map_err(BundleError::io(path, "read"))?;
                return Ok((path, false));
            }
            Format::Direct => requirements::flattened(path)?,
            Format::UvLock => self.export(directory)?,
            Format::PoetryLock => locks::poetry(path)?,
            Format::PipfileLock => locks::pipfile(path)?,
        };
        let complete = self.requirements.format != Format::Direct;
        let base =
            if self.requirements.format == Format::UvLock { path.parent().unwrap_or(directory) } else { directory };
        let text = local::with_wheels(&text, base, self.uv, self.request.offline, self.scratch)?;
        self.asked = match self.requirements.format {
            Format::Direct => text.lines().map(|line| locks::normalized(locks::first_name(line))).collect(),
            _ => asked_in_project(&directory.join("pyproject.toml")),
        };
        self.asked.retain(|name| !name.is_empty() && !name.starts_with('-'));
        let list = self.scratch.join("requirements.txt");
        std::fs::write(&list, text).map_err(BundleError::io(&list, "written"))?;
        Ok((list, complete))
    }

    fn export(&self, directory: &Path) -> Result<String, BundleError> {
        let exported = self.scratch.join("exported.txt");
        let mut command = self.uv.command(directory);
        command.args([
            "export",
            "--frozen",
            "--no-dev",
            "--no-emit-project",
            "--no-editable",
            "--no-header",
            "--quiet",
        ]);
        command.args(["--format", "requirements.txt", "--output-file"]).arg(&exported);
        self.finish(&mut command)?;
        std::fs::read_to_string(&exported).map_err(BundleError::io(&exported, "read"))
    }

    fn finish(&self, command: &mut std::process::Command) -> Result<(), BundleError> {
        if self.request.offline {
            command.arg("--offline");
        }
        let output = uv::run(command)?;
        if output.status.success() {
            return Ok(());
        }
        Err(explain(&String::from_utf8_lossy(&output.stderr), &self.requirements.name, self.target))
    }

    /// Archive what is needed at run time, and note what was installed.
    fn pack(
        &self,
        tree: &Path,
        built: &Path,
        patterns: &Patterns,
        progress: &dyn Progress,
    ) -> Result<Summary, BundleError> {
        let mut files = Vec::new();
        if tree.is_dir() {
            gather(tree, "", &mut files)?;
        }
        files.sort_by(|one, other| one.name.cmp(&other.name));
        let mut records = Records { asked: self.asked.clone(), ..Records::default() };
        let owned = distributions::read(tree, &mut records.distributions)?;
        let mut owners: HashMap<&str, &str> =
            owned.iter().map(|(name, distribution)| (name.as_str(), distribution.as_str())).collect();
        let rules = self.rules(&files, patterns, &records, &owners);
        let mut kept: Vec<&TreeFile> =
            files.iter().zip(&rules).filter(|(_, rule)| rule.is_none()).map(|(file, _)| file).collect();
        for (file, rule) in files.iter().zip(&rules) {
            records.files.insert(file.name.clone(), (owners.get(file.name.as_str()).map(|it| (*it).to_owned()), *rule));
        }
        let compiled = if self.request.bytecode && !kept.is_empty() {
            bytecode::compile(self.target, tree, &kept)?
        } else {
            Vec::new()
        };
        for file in &compiled {
            if let Some(owner) = bytecode::owner(&file.name, &owners) {
                owners.insert(&file.name, owner);
                records.files.insert(file.name.clone(), (Some(owner.to_owned()), None));
            }
        }
        kept.extend(&compiled);
        let entries = kept.iter().map(|file| self.entry(file, patterns)).collect::<Result<Vec<_>, _>>()?;
        progress.step(Step::Compressing { files: entries.len() });
        let archive = built.join(ARCHIVE);
        archive::write(&archive, &entries, None)?;
        let summary = summarize(&archive, &records, &owners)?;
        limits::check_unzipped(summary.bytes, &summary.dependencies)?;
        write_json(&built.join(RECORDS), &records)?;
        write_json(&built.join(SUMMARY), &summary)?;
        Ok(summary)
    }

    fn entry(&self, file: &TreeFile, patterns: &Patterns) -> Result<Entry, BundleError> {
        let reduced = is_reduced(self.request, patterns, &file.name);
        let content = if reduced && file.name.ends_with(".dist-info/METADATA") {
            let bytes = std::fs::read(&file.path).map_err(BundleError::io(&file.path, "read"))?;
            Content::Bytes(prune::without_description(&bytes).to_vec())
        } else if reduced && elf::is_library(&file.name) {
            Content::Library(file.path.clone(), file.size)
        } else {
            Content::File(file.path.clone(), file.size)
        };
        Ok(Entry { name: file.name.clone(), content, executable: file.executable })
    }

    fn rules(
        &self,
        files: &[TreeFile],
        patterns: &Patterns,
        records: &Records,
        owners: &HashMap<&str, &str>,
    ) -> Vec<Option<Rule>> {
        let runtime = if self.request.runtime_packages {
            Vec::new()
        } else {
            distributions::of_runtime(&records.distributions, &records.asked)
        };
        let slim = if self.request.slim { prune::slim(files) } else { vec![None; files.len()] };
        let rule = |((file, slim), always): ((&TreeFile, Option<Rule>), Option<Rule>)| {
            let name = file.name.as_str();
            let of_runtime = || owners.get(name).is_some_and(|owner| runtime.iter().any(|one| one == owner));
            let rule = always
                .or_else(|| patterns.excludes_dependency(name).then_some(Rule::Pattern))
                .or_else(|| of_runtime().then_some(Rule::Runtime))
                .or(slim)?;
            (!rule.yields() || !patterns.includes(name)).then_some(rule)
        };
        files.iter().zip(slim).zip(prune::always(files)).map(rule).collect()
    }
}

/// Whether of a file that is shipped only what is needed at run time is.
pub(crate) fn is_reduced(request: &BundleRequest, patterns: &Patterns, name: &str) -> bool {
    request.slim && !patterns.includes(name)
}

/// An editable package is a path of this machine: Lambda would not find it.
fn refuse_editable(tree: &Path) -> Result<(), BundleError> {
    for entry in std::fs::read_dir(tree).into_iter().flatten().flatten() {
        let note = std::fs::read(entry.path().join("direct_url.json")).unwrap_or_default();
        let note: serde_json::Value = serde_json::from_slice(&note).unwrap_or_default();
        if note["dir_info"]["editable"] == true {
            let directory = note["url"].as_str().unwrap_or_default().trim_start_matches("file://").into();
            let details = "  it is installed as editable here; with a lock file (`uv lock`) slam builds it".to_owned();
            return Err(BundleError::LocalPackage { directory, details });
        }
    }
    Ok(())
}

/// The names in `[project] dependencies`, or in Poetry's table.
fn asked_in_project(pyproject: &Path) -> Vec<String> {
    let Ok(project) = locks::toml(pyproject) else { return Vec::new() };
    let listed = project["project"]["dependencies"].as_array().into_iter().flatten();
    let listed = listed.filter_map(|it| it.as_str()).map(locks::first_name);
    let poetry = project["tool"]["poetry"]["dependencies"].as_object().into_iter().flatten();
    listed.chain(poetry.map(|(name, _)| name.as_str())).map(locks::normalized).collect()
}

fn summarize(archive: &Path, records: &Records, owners: &HashMap<&str, &str>) -> Result<Summary, BundleError> {
    let mut sizes: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    let mut bytes = 0;
    let listed = archive::list(archive)?;
    for file in &listed {
        bytes += file.bytes;
        if let Some(owner) = owners.get(file.name.as_str()) {
            let size = sizes.entry(owner).or_default();
            size.0 += file.bytes;
            size.1 += file.zipped_bytes;
        }
    }
    let dependencies = records.distributions.iter().filter_map(|(key, distribution)| {
        let (bytes, zipped_bytes) = *sizes.get(key.as_str())?;
        Some(Dependency { name: distribution.name.clone(), version: distribution.version.clone(), bytes, zipped_bytes })
    });
    Ok(Summary { dependencies: dependencies.collect(), bytes })
}

fn write_json(place: &Path, value: &impl Serialize) -> Result<(), BundleError> {
    let text = serde_json::to_vec(value).map_err(|error| BundleError::io(place, "written")(error.into()))?;
    std::fs::write(place, text).map_err(BundleError::io(place, "written"))
}

fn gather(directory: &Path, prefix: &str, files: &mut Vec<TreeFile>) -> Result<(), BundleError> {
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
            gather(&path, &format!("{name}/"), files)?;
        } else if metadata.is_file() {
            files.push(TreeFile { name, path, size: metadata.len(), executable: sources::is_executable(&metadata) });
        }
    }
    Ok(())
}

/// What uv's message means for the user.
fn explain(stderr: &str, requirements: &str, target: &Target) -> BundleError {
    static NO_WHEEL: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(
            r"(?:Wheels are required for `([\w.-]+)`|attempted to build `([\w.-]+)|([\w.-]+)(?:[=<>!~,][^ ]*)? ha(?:s|ve) no (?:usable )?wheels)",
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
    if ["401 Unauthorized", "403 Forbidden"].iter().any(|sign| text.contains(sign)) {
        return BundleError::IndexRefused { requirements, details };
    }
    if let Some(package) = first(&NO_PACKAGE) {
        return BundleError::NoPackage { package, requirements };
    }
    if text.contains("not found in the cache")
        || text.contains("network connectivity is disabled")
        || text.contains("Network connectivity is disabled")
    {
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
        let offline = "cause: Because flask was not found in the cache and you require flask, we can conclude";
        assert!(matches!(explained(offline), BundleError::NotCached { .. }));
        let other = "Using CPython 3.11.7\nerror: Couldn't parse requirement in `r.txt` at position 0";
        assert!(matches!(explained(other), BundleError::Install { details, .. } if !details.contains("Using")));
    }
}
