//! What the files that list dependencies name, installed by uv for the target.
//!
//! * `uv`: found or brought; `pip_config`: the machine's settings for it; `interpreter`: the machine's Pythons
//! * `sources`: what has no wheel, built where pure Python comes out
//! * `failure`: what uv's messages mean for the user; `advice`: what would do instead

pub(crate) mod advice;
pub(crate) mod failure;
pub(crate) mod interpreter;
pub(crate) mod pip_config;
pub(crate) mod sources;
pub(crate) mod uv;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use self::sources::{FromSource, Sources};
use self::uv::Uv;
use crate::error::NoWheel;
use crate::requirements::pylock::Pylock;
use crate::requirements::{Format, Requirements, local, locks, text, versions};
use crate::target::Target;
use crate::{BundleError, BundleRequest, Progress, Step, build};

/// What uv is told to install.
const LIST: &str = "requirements.txt";

/// One run of uv.
pub(crate) struct Installation<'a> {
    pub(crate) uv: &'a Uv,
    pub(crate) request: &'a BundleRequest,
    pub(crate) requirements: &'a Requirements,
    pub(crate) target: &'a Target,
    pub(crate) scratch: &'a Path,
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
pub(crate) struct Outcome {
    /// The normalized names that the user asked for.
    pub(crate) asked: Vec<String>,
    /// What had no wheel.
    pub(crate) from_source: Vec<FromSource>,
}

impl Installation<'_> {
    /// Install into `tree`.
    pub(crate) fn install(&self, tree: &Path, progress: &dyn Progress) -> Result<Outcome, BundleError> {
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
        loop {
            let error = match self.finish(&mut self.command(&root, &list, tree, &sources)) {
                Ok(_) => break,
                Err(error) => error,
            };
            let package = self.may_build(&error, &sources)?.filter(|package| sources.add(package));
            let Some(package) = package else { return Err(self.advised(error)) };
            progress.step(Step::BuildingSource { package: &package });
        }
        let from_source = self.check(tree).map_err(|error| self.advised(error))?;
        Ok(Outcome { asked: list.asked, from_source })
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

    /// The package to build where an error says that it has no wheel; an error where the project forbids that.
    fn may_build(&self, error: &BundleError, sources: &Sources) -> Result<Option<String>, BundleError> {
        let BundleError::NoWheel(missing) = error else { return Ok(None) };
        if sources.contains(&missing.package) {
            return Ok(None);
        }
        match self.requirements.wheels_only.forbids(&missing.package) {
            None => Ok(Some(missing.package.clone())),
            Some(who) => {
                let why = format!("its source may not be built: {who} says so");
                Err(self.advised(BundleError::NoWheel(Box::new(NoWheel { why, ..NoWheel::clone(missing) }))))
            }
        }
    }

    /// The error with what would do in the place of a missing wheel.
    fn advised(&self, error: BundleError) -> BundleError {
        match error {
            BundleError::NoWheel(mut missing) if missing.advice.is_none() => {
                missing.advice = advice::about(self, &missing.package, missing.version.as_deref());
                BundleError::NoWheel(missing)
            }
            other => other,
        }
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
                runtime: self.newest_of(&pythons),
                python: self.target.python.clone(),
                pythons,
            }),
            _ => Ok(()),
        }
    }

    /// The newest of Lambda's runtimes whose Python a lock is for.
    fn newest_of(&self, pythons: &str) -> Option<String> {
        let python = |runtime: &String| runtime.strip_prefix("python").is_some_and(|it| versions::allows(pythons, it));
        self.request.runtimes.iter().rfind(|runtime| python(runtime)).cloned()
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
        let text = self.wheels(&build::skipped(self.request)).replace(&text, root, complete)?;
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
        let skipped = build::skipped(self.request);
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
