//! What the files that list dependencies name, installed by uv for the target.
//!
//! - [`local`]: packages beside the project, built into wheels.
//! - [`sources`]: what has no wheel, built where pure Python comes out.
//! - [`failure`]: what uv's messages mean for the user. [`advice`]: what would do instead. [`wheels`]: what packages publish.

pub mod advice;
pub mod failure;
pub mod local;
pub mod sources;
pub mod wheels;

use crate::error::NoWheel;
use crate::machine::interpreter;
use crate::machine::uv::{self, Uv};
use crate::requirements::pylock::Pylock;
use crate::requirements::{Format, Requirements, locks, text, versions};
use crate::target::Target;
use crate::{BundleError, BundleRequest, Progress, Step};
use sources::{FromSource, Sources};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What uv is told to install.
const LIST: &str = "requirements.txt";

/// One run of uv.
pub struct Installation<'a> {
    pub uv: &'a Uv,
    pub request: &'a BundleRequest,
    pub requirements: &'a Requirements,
    pub target: &'a Target,
    pub scratch: &'a Path,
}

/// A file for uv's `-r`.
struct List {
    file: PathBuf,
    /// Whether it names everything that is needed.
    complete: bool,
    /// The normalized names that the user asked for.
    asked: Vec<String>,
}

/// What was installed.
pub struct Outcome {
    /// The normalized names that the user asked for.
    pub asked: Vec<String>,
    /// What had no wheel.
    pub from_source: Vec<FromSource>,
}

impl Installation<'_> {
    /// Install into `tree`.
    pub fn install(&self, tree: &Path, progress: &dyn Progress) -> Result<Outcome, BundleError> {
        self.check_python()?;
        let Requirements { directory, path, format, .. } = self.requirements;
        let directory = canonical(directory)?;
        let root = match format {
            // The lock is the whole workspace's, and the project may be a member.
            Format::UvLock => canonical(path.parent().unwrap_or(path))?,
            _ => directory.clone(),
        };
        let list = self.list(&directory, &root)?;
        let mut sources = Sources::default();
        // Each run tells of the packages that are in the way of a solution. Wheels come first: what has one is not built.
        // Nothing is, before all are known that would be: one may be in the way of all.
        loop {
            let mut command = self.command(&root, &list, tree, &sources);
            if !sources.is_empty() {
                command.arg("--dry-run");
            }
            let done = self.finish(&mut command).and_then(|_| match sources.names()[..] {
                [] => Ok(()),
                _ => self.build(&mut self.command(&root, &list, tree, &sources), &sources, progress),
            });
            let Err(error) = done else { break };
            let missing = self.may_build(&error, &sources)?;
            if !missing.is_some_and(|(package, version)| sources.add(&package, version.as_deref())) {
                return Err(self.advised(error, &sources));
            }
        }
        let from_source = self.check(tree).map_err(|error| self.advised(error, &sources))?;
        Ok(Outcome { asked: list.asked, from_source })
    }

    fn build(
        &self,
        command: &mut std::process::Command,
        sources: &Sources,
        progress: &dyn Progress,
    ) -> Result<(), BundleError> {
        progress.step(Step::BuildingSources { packages: &sources.names() });
        self.finish(command).map(drop)
    }

    fn command(&self, root: &Path, list: &List, tree: &Path, sources: &Sources) -> std::process::Command {
        // uv takes what a requirements file names by path as relative to where it runs.
        let mut command = self.uv.command(root);
        // The tree is read once and removed, so its files may be those of uv's cache.
        command.args(["pip", "install", "--no-progress", "--only-binary", ":all:", "--link-mode", "hardlink"]);
        command.args(["--python-platform", &self.target.platform, "--python-version", &self.target.python]);
        if self.request.rebuild_dependencies && !self.request.offline {
            command.arg("--refresh");
        }
        if list.complete {
            command.arg("--no-deps");
        }
        if matches!(self.requirements.format, Format::PoetryLock | Format::PipfileLock) {
            // These name indexes whose packages a requirements.txt cannot tell apart. uv would look no further than the
            // first that knows a name, so that nobody can slip in a later version; here all versions are locked, and
            // their hashes with them.
            command.args(["--index-strategy", "unsafe-best-match"]);
        }
        sources.allow(&mut command, self.target);
        if sources.is_empty()
            && let Some(python) = interpreter::instead_of_shim(self.target)
        {
            command.arg("--python").arg(python);
        }
        command.arg("--target").arg(tree).arg("-r").arg(&list.file);
        command
    }

    /// The package to build where an error says that it has no wheel, and its version if it is known; an error where the
    /// project forbids that.
    fn may_build(
        &self,
        error: &BundleError,
        sources: &Sources,
    ) -> Result<Option<(String, Option<String>)>, BundleError> {
        let BundleError::NoWheel(missing) = error else { return Ok(None) };
        if sources.contains(&missing.package) {
            return Ok(None);
        }
        match self.requirements.wheels_only.forbids(&missing.package) {
            None => {
                let version = missing.version.clone().or_else(|| self.listed_version(&missing.package));
                Ok(Some((missing.package.clone(), version)))
            }
            Some(who) => {
                let why = format!("its source may not be built: {who} says so");
                let error = BundleError::NoWheel(Box::new(NoWheel { why, ..NoWheel::clone(missing) }));
                Err(self.advised(error, sources))
            }
        }
    }

    /// The error with what would do instead, and the line that asks for the package.
    fn advised(&self, error: BundleError, sources: &Sources) -> BundleError {
        match error {
            BundleError::NoWheel(mut missing) if missing.advice.is_none() => {
                missing.version = missing.version.or_else(|| self.listed_version(&missing.package));
                let advice = advice::about(self, &missing, sources);
                (missing.wheels, missing.others) = (advice.why, advice.others);
                let place = self.place_of(&missing.package);
                missing.advice = advice.hint.map(|hint| match &place {
                    Some((file, line)) => format!("{hint} ({file}, line {line})"),
                    None => hint,
                });
                missing.requirements = place.map_or(missing.requirements, |(file, _)| file);
                BundleError::NoWheel(missing)
            }
            BundleError::ForOthers(mut dependency) => {
                let fitting = self.pythons(|python| versions::allows(&dependency.pythons, python));
                dependency.take = advice::runtime_to_take(self, &fitting);
                if let Some((file, _)) = self.place_of(&dependency.package) {
                    dependency.requirements = file;
                }
                BundleError::ForOthers(dependency)
            }
            other => other,
        }
    }

    /// The version that the list asks for, if it is one.
    fn listed_version(&self, package: &str) -> Option<String> {
        let (list, name) = (std::fs::read_to_string(self.scratch.join(LIST)).ok()?, locks::normalized(package));
        let line = list.lines().find(|line| locks::normalized(locks::first_name(line)) == name)?;
        let (_, version) = line.split_once("==")?;
        let end = version.find([' ', ';', ',', '\\', '#']).unwrap_or(version.len());
        (!version[..end].contains('*')).then(|| version[..end].trim_start_matches('=').to_owned())
    }

    /// Lambda's other Pythons that the lock is made for and that fit, the oldest first.
    fn pythons(&self, fits: impl Fn(&str) -> bool) -> Vec<&str> {
        let locked = locks::pythons(self.requirements.format, &self.requirements.path).ok().flatten();
        let allowed = |python: &&str| locked.as_ref().is_none_or(|locked| versions::allows(locked, python));
        let pythons = self.request.runtimes.iter().filter_map(|runtime| runtime.strip_prefix("python"));
        pythons.filter(|python| *python != self.target.python).filter(allowed).filter(|python| fits(python)).collect()
    }

    /// The file and line of a requirements.txt that names a package.
    fn place_of(&self, package: &str) -> Option<(String, usize)> {
        let Requirements { path, format: Format::Direct, .. } = self.requirements else { return None };
        if locks::is_toml(path) {
            return None;
        }
        let (file, line) = text::line_of(path, &locks::normalized(package))?;
        let below = self
            .request
            .project
            .canonicalize()
            .ok()
            .and_then(|project| Some(file.strip_prefix(project).ok()?.to_owned()));
        Some((below.unwrap_or(file).display().to_string(), line))
    }

    /// Refuse what uv may install although Lambda could not run it, and tell what was built.
    fn check(&self, tree: &Path) -> Result<Vec<FromSource>, BundleError> {
        let mut built = Vec::new();
        for entry in std::fs::read_dir(tree).into_iter().flatten().flatten() {
            let directory = entry.path();
            built.extend(sources::built(tree, &directory, &self.requirements.name, self.target)?);
            refuse_editable(&directory)?;
        }
        built.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(built)
    }

    /// Nothing is resolved again, so a lock has to be one for the target's Python.
    fn check_python(&self) -> Result<(), BundleError> {
        let Requirements { format, path, name, .. } = self.requirements;
        match locks::pythons(*format, path)? {
            Some(pythons) if !versions::allows(&pythons, &self.target.python) => Err(BundleError::LockedForOthers {
                requirements: name.clone(),
                take: advice::runtime_to_take(self, &self.pythons(|_| true)),
                python: self.target.python.clone(),
                pythons,
            }),
            _ => Ok(()),
        }
    }

    /// What the project in `directory` needs, with paths that start from `root`.
    fn list(&self, directory: &Path, root: &Path) -> Result<List, BundleError> {
        let path = &self.requirements.path;
        let text = match self.requirements.format {
            Format::Direct if is_pylock(path) => return self.pylock(path, directory),
            Format::Direct if locks::is_toml(path) => {
                self.refuse_dynamic()?;
                let asked = asked_in_project(path);
                let path = std::fs::canonicalize(path).map_err(BundleError::io(path, "read"))?;
                return Ok(List { file: path, complete: false, asked });
            }
            Format::UvLock if locks::names_other_index(path)? => return self.exported_pylock(directory, root),
            Format::Direct => text::flattened(path)?,
            Format::UvLock => self.export(directory, root, "requirements.txt")?,
            Format::PoetryLock => locks::poetry(path)?,
            Format::PipfileLock => locks::pipfile(path)?,
        };
        let complete = self.requirements.format != Format::Direct;
        let text = self.wheels(&self.request.skipped()).replace(&text, root, complete)?;
        let mut asked: Vec<String> = match self.requirements.format {
            Format::Direct => text.lines().map(|line| locks::normalized(locks::first_name(line))).collect(),
            _ => asked_in_project(&directory.join("pyproject.toml")),
        };
        asked.retain(|name| !name.is_empty() && !name.starts_with('-'));
        let file = self.scratch.join(LIST);
        std::fs::write(&file, text).map_err(BundleError::io(&file, "written"))?;
        Ok(List { file, complete, asked })
    }

    /// A build backend would have to run to tell what is needed.
    fn refuse_dynamic(&self) -> Result<(), BundleError> {
        let project = locks::toml(&self.requirements.path)?;
        let dynamic = project["project"]["dynamic"].as_array().into_iter().flatten();
        match dynamic.filter_map(|key| key.as_str()).find(|key| key.ends_with("dependencies")) {
            Some(key) => Err(BundleError::RequirementsFormat {
                name: format!("`{key}` that are `dynamic` in {}", self.requirements.name),
                convert: "write them into `[project]`, or lock them (`uv lock`): slam reads uv.lock",
            }),
            None => Ok(()),
        }
    }

    /// The list that a pylock.toml of the project is.
    fn pylock(&self, path: &Path, directory: &Path) -> Result<List, BundleError> {
        let file = self.scratch.join("pylock.toml");
        let text = std::fs::read_to_string(path).map_err(BundleError::io(path, "read"))?;
        Pylock::parse(&text, path, directory)?.write(&file)?;
        Ok(List { file, complete: true, asked: asked_in_project(&directory.join("pyproject.toml")) })
    }

    /// A lock of indexes of the project's own, as the list that says of each package where it comes from.
    fn exported_pylock(&self, directory: &Path, root: &Path) -> Result<List, BundleError> {
        let mut lock = Pylock::parse(&self.export(directory, root, "pylock.toml")?, &self.requirements.path, root)?;
        let skipped = self.request.skipped();
        let mut wheels = self.wheels(&skipped);
        lock.build(|place| wheels.wheel(place))?;
        let file = self.scratch.join("pylock.toml");
        lock.write(&file)?;
        Ok(List { file, complete: true, asked: asked_in_project(&directory.join("pyproject.toml")) })
    }

    fn wheels<'a>(&'a self, skipped: &'a [PathBuf]) -> local::Wheels<'a> {
        local::Wheels {
            uv: self.uv,
            offline: self.request.offline,
            scratch: self.scratch,
            skipped,
            target: self.target,
            built: BTreeMap::new(),
        }
    }

    /// What uv.lock names for the project in `directory`, with paths that start from the workspace's root.
    fn export(&self, directory: &Path, root: &Path, format: &str) -> Result<String, BundleError> {
        // Some versions of uv write paths as seen from where they run, others as seen from the root.
        let mut command = self.uv.command(root);
        command.args(["export", "--quiet", "--frozen", "--format", format, "--no-header", "--project"]).arg(directory);
        // The groups of dependencies that are installed by default are for developers.
        command.args(["--no-default-groups", "--no-emit-project", "--no-editable"]);
        self.finish(&mut command)
    }

    /// Run uv to its end, and tell what it printed.
    fn finish(&self, command: &mut std::process::Command) -> Result<String, BundleError> {
        if self.request.offline {
            command.arg("--offline");
        }
        let output = uv::run(command)?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let message = String::from_utf8_lossy(&output.stderr);
        let (list, name) = (self.scratch.join(LIST), &self.requirements.name);
        let message = text::in_users_terms(&message, &list, command.get_current_dir(), name);
        Err(failure::explain(&message, name, self.target))
    }
}

/// An editable package is a path of this machine: Lambda would not find it.
fn refuse_editable(dist_info: &Path) -> Result<(), BundleError> {
    let note = std::fs::read(dist_info.join("direct_url.json")).unwrap_or_default();
    let note: serde_json::Value = serde_json::from_slice(&note).unwrap_or_default();
    if note["dir_info"]["editable"] != true {
        return Ok(());
    }
    let directory = note["url"].as_str().unwrap_or_default().trim_start_matches("file://").into();
    let details = "  it is installed as editable here; with a lock file (`uv lock`) slam builds it".to_owned();
    Err(BundleError::LocalPackage { directory, details })
}

/// A relative path of the file's name alone has an empty parent.
fn canonical(directory: &Path) -> Result<PathBuf, BundleError> {
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    std::fs::canonicalize(directory).map_err(BundleError::io(directory, "read"))
}

/// The name decides that for uv too.
fn is_pylock(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("pylock.")) && locks::is_toml(path)
}

/// The names in `[project] dependencies`, or in Poetry's table.
fn asked_in_project(pyproject: &Path) -> Vec<String> {
    let Ok(project) = locks::toml(pyproject) else { return Vec::new() };
    let listed = project["project"]["dependencies"].as_array().into_iter().flatten();
    let listed = listed.filter_map(|it| it.as_str()).map(locks::first_name);
    let poetry = project["tool"]["poetry"]["dependencies"].as_object().into_iter().flatten();
    listed.chain(poetry.map(|(name, _)| name.as_str())).map(locks::normalized).collect()
}
