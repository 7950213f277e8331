//! Before a package is uploaded: are its modules valid, is everything there that they import, is the application what
//! slam.yaml says?
//!
//! A Python looks at the project's modules (`look.py`, `runs.py`), and one of the function's own version imports the
//! application from an unpacked copy of the package, with the environment of a stage, as Lambda will (`load.py`,
//! `failure.py`, `sealed.py`). What only this machine cannot do is no error: it is told that it was not checked.
//!
//! - [`run`]: the process and its limits. [`fault`]: where it was when it crashed.
//! - [`report`]: what was found, in words. [`names`]: which distribution brings a module.
//! - [`mod@detect`]: what an application is, for those who have not said so yet.

mod detect;
mod fault;
mod names;
mod report;
mod run;

pub use detect::{Detected, detect};

use crate::modules::Modules;
use crate::sources::{Patterns, SourceFile};
use crate::target::Target;
use crate::{BundleError, BundleRequest, Package, archive, cache, requirements, sources};
use run::{Arguments, Python};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

/// Part of what is remembered: raise it when a check finds more.
const FORMAT: u32 = 6;

/// How many projects' checks are remembered at least.
const KEPT: usize = 200;

/// The first bytes of a database of SQLite. <https://www.sqlite.org/fileformat2.html#the_database_header>
const SQLITE: &[u8] = b"SQLite format 3\0";

/// How a package is checked.
#[derive(Clone, Debug, Default)]
pub struct Check {
    /// The environment variables of the function in a stage.
    pub environment: BTreeMap<String, String>,
    /// The variables that are there on Lambda alone, where their values are read.
    pub secrets: BTreeSet<String>,
    /// Whether the function uses layers of others, in which modules may be.
    pub has_layers: bool,
    /// Look only when the dependencies, the application or its environment have changed since the last check.
    pub lightly: bool,
}

/// What a person should know of a package that can be deployed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What it is.
    pub text: String,
    /// What to do, where something should be done; without it the notice only tells what was not checked.
    pub hint: Option<String>,
}

/// What is remembered of a check without errors.
#[derive(Serialize, Deserialize)]
struct Passed {
    base: String,
    package: String,
    /// Told again as long as nothing has changed.
    notices: Vec<Notice>,
    /// With what the modules were looked at, if it could not import the application too.
    only_looked: Option<PathBuf>,
}

impl Passed {
    /// Whether there is nothing that a person should do.
    fn is_clean(&self) -> bool {
        self.notices.iter().all(|notice| notice.hint.is_none())
    }

    /// Whether the machine can do no more than it could.
    fn is_all(&self, target: &Target) -> bool {
        self.only_looked.as_ref().is_none_or(|before| Python::find(target).is_some_and(|now| now.path == *before))
    }
}

/// Check a package that was built of `request`.
///
/// # Errors
/// When it could not work on Lambda either; [`BundleError::hint`] says what to do.
pub fn check(request: &BundleRequest, package: &Package, check: &Check) -> Result<Vec<Notice>, BundleError> {
    let root = request.cache.join("checks");
    let target = Target::new(&request.runtime, request.architecture)?;
    let base = base(request, package, check)?;
    let place = root.join(&place_of(request)[..32]);
    let passed = place.with_extension("passed");
    if let Some(before) = fs::read(&passed).ok().and_then(|text| serde_json::from_slice::<Passed>(&text).ok())
        && before.base == base
        && (before.package == package.sha256 || (check.lightly && before.is_clean()))
        && before.is_all(&target)
    {
        return Ok(before.notices);
    }
    let patterns = Patterns::with_dependencies(&request.include, &request.exclude, &request.exclude_dependencies)?;
    let files = sources::collect(&request.project, &patterns, &request.skipped())?;
    let databases = databases(&files);
    let Some(python) = Python::find(&target) else {
        let text =
            format!("not checked: there is no Python {} on this machine to import the application with", target.python);
        let not_checked = Notice { text, hint: None };
        return Ok(report::sqlite(&databases, &[], false).into_iter().chain([not_checked]).collect());
    };
    let scratch = cache::scratch(&root)?;
    let names = names_in(package)?;
    let native = names.iter().find(|name| name.ends_with(".so"));
    let not_loaded = python.why_not(&target, native.map(String::as_str));
    let arguments = Arguments {
        state: place.with_extension("json"),
        key: base.clone(),
        load: not_loaded.is_none(),
        patience: run::SAYS_WHERE,
        layers: check.has_layers,
        archives: [Some(&package.path), package.layer.as_ref().map(|layer| &layer.path)]
            .into_iter()
            .flatten()
            .collect(),
        modules: files.iter().filter(|file| file.name.ends_with(".py")).map(run::module).collect(),
        tops: names.iter().map(|name| top(name)).collect(),
        of_runtime: &run::OF_RUNTIME,
        handlers: run::handlers(request)?,
    };
    let found = run::run(&python, scratch.path(), &arguments, &check.environment)?;
    let needed = requirements::find(&request.project, request.requirements.as_deref(), &request.skipped())?;
    let reporter = report::Reporter {
        modules: Modules { request, patterns: &patterns, files: &files },
        dependencies: &package.dependencies,
        python: &target.python,
        same_python: python.is_targets,
        requirements: needed.map(|needed| needed.name),
        secrets: &check.secrets,
        has_layers: check.has_layers,
    };
    let only_looked = not_loaded.is_some().then(|| python.path.clone());
    let is_broken = found.broken.is_some();
    let sqlite = if found.aside { None } else { report::sqlite(&databases, &found.sqlite, found.of_django) };
    let notices = sqlite.into_iter().chain(reporter.report(found, not_loaded)?).collect();
    let now = Passed { base, package: package.sha256.clone(), notices, only_looked };
    // A slam in which the check works is to look again.
    if !is_broken && let Ok(text) = serde_json::to_vec(&now) {
        // Without it the next build checks once more.
        let _ = fs::write(&passed, text);
    }
    cache::prune(&root, KEPT);
    Ok(now.notices)
}

/// Changes when what is there beside the project's own modules does.
fn base(request: &BundleRequest, package: &Package, check: &Check) -> Result<String, BundleError> {
    let dependencies: Vec<_> = package.dependencies.iter().map(|it| (&it.name, &it.version, it.bytes)).collect();
    let handlers = serde_json::to_value(&request.handlers).unwrap_or_default();
    let variables = (&check.environment, &check.secrets);
    let parts = (FORMAT, &request.runtime, request.architecture, handlers, dependencies, variables, check.has_layers);
    let text = serde_json::to_vec(&parts).map_err(|error| BundleError::io(&request.project, "read")(error.into()))?;
    Ok(hex::encode(Sha256::digest(text)))
}

/// The name under which a project's checks are remembered.
fn place_of(request: &BundleRequest) -> String {
    let project = fs::canonicalize(&request.project).unwrap_or_else(|_| request.project.clone());
    let mut hash = Sha256::new_with_prefix(project.as_os_str().as_encoded_bytes());
    request.handlers.iter().for_each(|handler| hash.update(handler.module.as_bytes()));
    hex::encode(hash.finalize())
}

/// The files in the package and its layer, as Python's path begins there.
fn names_in(package: &Package) -> Result<Vec<String>, BundleError> {
    let mut names = archive::names(&package.path)?;
    if let Some(layer) = &package.layer {
        let inside = archive::names(&layer.path)?;
        names.extend(inside.into_iter().filter_map(|name| name.strip_prefix("python/").map(str::to_owned)));
    }
    Ok(names)
}

/// The module that a file belongs to, or may.
fn top(name: &str) -> &str {
    let first = name.split('/').next().unwrap_or(name);
    first.split('.').next().unwrap_or(first)
}

/// Databases that would be shipped.
fn databases(files: &[SourceFile]) -> Vec<&str> {
    let named = |file: &&SourceFile| {
        [".sqlite3", ".sqlite", ".db"].iter().any(|end| file.name.ends_with(end)) && begins_as_sqlite(&file.path)
    };
    files.iter().filter(named).map(|file| file.name.as_str()).collect()
}

fn begins_as_sqlite(path: &PathBuf) -> bool {
    use std::io::Read;
    let mut start = [0; SQLITE.len()];
    fs::File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == *SQLITE
}
