//! What can go wrong, told to the user: what, where, why, and in [`BundleError::hint`] what to do.

use std::path::{Path, PathBuf};

use slam_report::{Kind, Report};

use crate::Dependency;

/// Why a package could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// The project is not a directory.
    #[error("the project directory {} does not exist", project.display())]
    Project {
        /// Where it should be.
        project: PathBuf,
    },
    /// `app` is not `module:callable`.
    #[error("`{app}` does not name an application")]
    App {
        /// What was given.
        app: String,
    },
    /// No wheels can be chosen for this runtime.
    #[error("the runtime `{runtime}` is not one slam can build for")]
    Runtime {
        /// What was given.
        runtime: String,
    },
    /// The module of `app` is not in the package.
    #[error("the module `{module}` is not in the package: there is no {} in {}", looked_for.join(", no "), project.display())]
    Module {
        /// The module's dotted name.
        module: String,
        /// The files that would make it, relative to the project.
        looked_for: Vec<String>,
        /// The directory that was looked through.
        project: PathBuf,
        /// What was found instead.
        hint: String,
    },
    /// A file of the project has a name that slam adds itself.
    #[error("{name} in the project has the name of a file that slam adds to every package")]
    Reserved {
        /// The path in the project.
        name: String,
    },
    /// A file of the project and a folder of a dependency, or the other way round, have one name.
    #[error("`{name}` is a file, and also the folder of `{inside}`")]
    FileAndFolder {
        /// The name in the package.
        name: String,
        /// A file in the folder.
        inside: String,
    },
    /// A pattern is not a glob.
    #[error("`{pattern}` in `{key}` is not a pattern: {reason}")]
    Pattern {
        /// `package.include`, `package.exclude`…
        key: &'static str,
        /// What was given.
        pattern: String,
        /// Why.
        reason: String,
    },
    /// The folder of static files is missing or empty.
    #[error("the folder of static files, {}, {what}", folder.display())]
    NoStaticFiles {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
        what: &'static str,
    },
    /// `static.index` names a file that is not there.
    #[error("the folder of static files, {}, has no {index}, which `static.index` names", folder.display())]
    NoIndex {
        /// The folder.
        folder: PathBuf,
        /// The file.
        index: String,
    },
    /// Files that no API can answer with.
    #[error("an API answers 10 MB at most, and these static files are larger: {}", names.join(", "))]
    StaticFilesTooLarge {
        /// Their names in the folder.
        names: Vec<String>,
    },
    /// Something in the folder of static files cannot be served.
    #[error("in the folder of static files: {source}")]
    StaticFile {
        /// What.
        source: Box<BundleError>,
    },
    /// A symbolic link leads out of the project.
    #[error("the symbolic link {link} leads out of the project, to {}", leads_to.display())]
    SymlinkEscapes {
        /// The path in the project.
        link: String,
        /// Where it leads.
        leads_to: PathBuf,
    },
    /// A symbolic link leads nowhere, or to a directory above itself.
    #[error("the symbolic link {link} {problem}")]
    SymlinkBroken {
        /// The path in the project.
        link: String,
        /// Why.
        problem: &'static str,
    },
    /// A file that is no file.
    #[error("{name} is {what}, which cannot be in a package")]
    SpecialFile {
        /// The path in the project.
        name: String,
        /// What it is.
        what: &'static str,
    },
    /// A name that a zip cannot hold in a way that every system reads the same.
    #[error("the file name {} cannot be in a package: {reason}", path.display())]
    FileName {
        /// The path in the project.
        path: PathBuf,
        /// Why.
        reason: &'static str,
    },
    /// More files than a package should ever have.
    #[error("there are more than {limit} files in {}", project.display())]
    TooManyFiles {
        /// The directory that was looked through.
        project: PathBuf,
        /// The limit.
        limit: usize,
    },
    /// The package is larger than Lambda allows.
    #[error("the package is too large: {} unzipped, and AWS Lambda allows {}{}", megabytes(*bytes), megabytes(crate::MAX_UNZIPPED_BYTES), list(biggest))]
    TooLarge {
        /// Its size, unzipped.
        bytes: u64,
        /// The largest parts, the largest first.
        biggest: Vec<Dependency>,
    },
    /// The package is larger than the user allows.
    #[error("the package is larger than its budget: {} zipped, and `package.budget` is {}{}", megabytes(*bytes), megabytes(*budget), list(biggest))]
    OverBudget {
        /// Its size, zipped.
        bytes: u64,
        /// What it may be.
        budget: u64,
        /// The largest parts, the largest first, their `bytes` zipped.
        biggest: Vec<Dependency>,
    },
    /// The command of `package.before` failed.
    #[error("`{command}`, which `package.before` names, {how}\n{details}")]
    Before {
        /// The command.
        command: String,
        /// How it ended.
        how: String,
        /// The last of what it said.
        details: String,
    },
    /// A lock file cannot be understood.
    #[error("{} cannot be read as what it should be: {reason}", path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A lock file is for other Pythons than the runtime's.
    #[error("{requirements} is locked for Python {pythons}, and the runtime's is {python}")]
    LockedForOthers {
        /// The lock file.
        requirements: String,
        /// What it says of the Pythons it is for.
        pythons: String,
        /// The runtime's minor version.
        python: String,
        /// What runtime to take, if Lambda has one.
        take: Option<String>,
    },
    /// A package beside the project could not be made into a wheel.
    #[error("the local package {} could not be built\n{details}", directory.display())]
    LocalPackage {
        /// Its directory.
        directory: PathBuf,
        /// Why.
        details: String,
    },
    /// A package beside the project takes a dependency from where it is not followed to.
    #[error("the local package {} takes `{name}` from {from} (`[tool.uv.sources]`), where slam does not follow", package.display())]
    LocalSource {
        /// Its directory.
        package: PathBuf,
        /// The dependency.
        name: String,
        /// What kind of source it is.
        from: String,
    },
    /// There is no Python to build a package beside the project with.
    #[error("there is no Python on this machine that the local package {} can be built with", package.display())]
    NoBuildInterpreter {
        /// Its directory.
        package: PathBuf,
        /// The minor version of the target.
        python: String,
        /// How uv is called here.
        uv: String,
    },
    /// What is shipped as it is is not there.
    #[error("there is no {} to ship", path.display())]
    PrebuiltMissing {
        /// Where it should be.
        path: PathBuf,
    },
    /// Lambda would find no handler in what is shipped as it is.
    #[error("the handler `{handler}` is not in {}: there is no {}", path.display(), looked_for.join(", no "))]
    HandlerMissing {
        /// The handler.
        handler: String,
        /// The folder or zip file.
        path: PathBuf,
        /// The files that would have it.
        looked_for: Vec<String>,
    },
    /// A program that may not be run.
    #[error("`bootstrap` in {} is not executable, and Lambda would not start it", path.display())]
    NotExecutable {
        /// The folder or zip file.
        path: PathBuf,
    },
    /// A layer is asked for, and nothing is there to put into it.
    #[error("`package.layer` puts dependencies into a layer, and the project has none")]
    NothingForLayer,
    /// Bytecode is asked for, and there is no Python to compile it.
    #[error("`package.bytecode` needs Python {python}, and there is none on this machine")]
    NoInterpreter {
        /// The minor version.
        python: String,
        /// How uv is called here.
        uv: String,
    },
    /// The network may not be used, and something is not in the cache.
    #[error("the dependencies in {requirements} are not all in uv's cache, and the network may not be used\n{details}")]
    NotCached {
        /// The file that lists the dependencies.
        requirements: String,
        /// What uv said.
        details: String,
    },
    /// The requirements file that was named is not there.
    #[error("the requirements file {} does not exist", path.display())]
    RequirementsMissing {
        /// Where it should be.
        path: PathBuf,
        /// The file that names it, if another one does.
        named_in: Option<PathBuf>,
    },
    /// A requirements file is in an encoding that neither uv nor pip reads.
    #[error("the requirements file {} is not UTF-8{}", path.display(), if *utf16 { ": it is UTF-16, as PowerShell's `>` writes it" } else { "" })]
    RequirementsEncoding {
        /// The file.
        path: PathBuf,
        /// Whether it is UTF-16.
        utf16: bool,
    },
    /// Dependencies are listed in a format slam does not read.
    #[error("slam does not read {name}")]
    RequirementsFormat {
        /// The name of the file.
        name: String,
        /// What makes a file that slam does read.
        convert: &'static str,
    },
    /// A dependency has no wheel for the target, and its source does not make a pure one.
    #[error(transparent)]
    NoWheel(Box<NoWheel>),
    /// A dependency is for other Pythons than the runtime's.
    #[error(transparent)]
    ForOthers(Box<ForOthers>),
    /// What was downloaded is not what was locked.
    #[error("`{package}` is not the one whose hash is in {requirements}\n{details}")]
    HashMismatch {
        /// The package.
        package: String,
        /// The file that lists the dependencies.
        requirements: String,
        /// What uv said.
        details: String,
    },
    /// A dependency does not exist.
    #[error("there is no package `{package}` in the package index (needed by {requirements})")]
    NoPackage {
        /// The package.
        package: String,
        /// The file that lists the dependencies.
        requirements: String,
    },
    /// The package index wants credentials, or others.
    #[error("the package index refused to tell of the dependencies in {requirements}\n{details}")]
    IndexRefused {
        /// The file that lists the dependencies.
        requirements: String,
        /// What uv said.
        details: String,
    },
    /// The package index could not be reached.
    #[error("the dependencies in {requirements} could not be downloaded\n{details}")]
    Download {
        /// The file that lists the dependencies.
        requirements: String,
        /// What uv said.
        details: String,
    },
    /// Dependencies could not be installed, for another reason.
    #[error("the dependencies in {requirements} could not be installed for {target}\n{details}")]
    Install {
        /// What was built for.
        target: String,
        /// The file that lists the dependencies.
        requirements: String,
        /// What uv said.
        details: String,
    },
    /// uv is neither on this machine nor could it be installed.
    #[error("uv, which installs the dependencies, was not found and could not be installed\n{details}")]
    NoUv {
        /// What was tried.
        details: String,
    },
    /// What is packed could not work.
    #[error("{message}")]
    Check {
        /// What is wrong, and where.
        message: String,
        /// What to do.
        hint: String,
    },
    /// A program could not be started.
    #[error("{} could not be started: {source}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file could not be read or written.
    #[error("{} could not be {action}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// `read`, `written`…
        action: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// An archive could not be written or read back.
    #[error("the archive {} is broken: {source}", path.display())]
    Archive {
        /// The archive.
        path: PathBuf,
        /// Why.
        source: zip::result::ZipError,
    },
}

impl BundleError {
    /// What the user can do about it, in one line.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::App { .. } => "write `app: module:callable`, such as `app: tasks.web:app`".to_owned(),
            Self::Runtime { .. } => "take one of Lambda's Python runtimes from python3.9 on, such as python3.13".to_owned(),
            Self::Module { hint, .. } | Self::Check { hint, .. } => hint.clone(),
            Self::Reserved { name } => format!("rename {name}, or exclude it with `package: {{exclude: [{name}]}}`"),
            Self::FileAndFolder { name, .. } => format!(
                "rename the one that is the project's, or exclude it with `package: {{exclude: [/{name}]}}`"
            ),
            Self::NoStaticFiles { .. } => {
                "make it before the build, with `package: {before: python manage.py collectstatic --noinput}` or what your \
                 tool's command is; or correct `static: {folder: …}`"
                    .to_owned()
            }
            Self::NoIndex { .. } => "correct `static: {index: …}`, or remove it".to_owned(),
            Self::StaticFilesTooLarge { .. } => {
                "exclude them with `static: {exclude: […]}`, and let clients fetch them from a bucket or a CDN by its own URL".to_owned()
            }
            Self::StaticFile { source } => match &**source {
                Self::SymlinkEscapes { link, .. } | Self::SymlinkBroken { link, .. } | Self::SpecialFile { name: link, .. } => {
                    format!("copy what it should be (`collectstatic` without `--link`), or exclude it with `static: {{exclude: [{link}]}}`")
                }
                Self::TooManyFiles { .. } => "exclude what is not served with `static: {exclude: […]}`".to_owned(),
                other => return other.hint(),
            },
            Self::SymlinkEscapes { link, .. } | Self::SymlinkBroken { link, .. } => {
                format!("copy what it should be, or exclude it with `package: {{exclude: [{link}]}}`")
            }
            Self::SpecialFile { name, .. } => format!("exclude it with `package: {{exclude: [{name}]}}`"),
            Self::FileName { .. } => "rename the file".to_owned(),
            Self::TooManyFiles { .. } => "exclude directories that the function does not need: `package: {exclude: […]}`".to_owned(),
            Self::TooLarge { .. } => {
                "exclude what the function does not need: `package: {exclude: […], exclude_dependencies: […]}`, or take a smaller dependency".to_owned()
            }
            Self::Archive { .. } => "`slam build` makes a package and prints its path".to_owned(),
            Self::OverBudget { .. } => {
                "`slam build --explain` tells why each dependency is in the package; or raise `package: {budget: …}`".to_owned()
            }
            Self::Before { .. } => "it ran with `sh -c` in the directory of slam.yaml: correct it, or the line in slam.yaml".to_owned(),
            Self::Lock { path, .. } if !is_lock(path) => format!("correct {}", file_name(path)),
            Self::Lock { .. } => "lock the dependencies again with the tool that wrote the file".to_owned(),
            Self::LockedForOthers { python, take, .. } => {
                let again = format!("let the project allow Python {python} and lock its dependencies again");
                take.as_ref().map_or_else(|| again.clone(), |take| format!("{take}; or {again}"))
            }
            Self::ForOthers(dependency) => dependency.hint(),
            Self::LocalPackage { .. } => {
                "build a wheel of it for the target and list that by its path, or copy its modules into the project".to_owned()
            }
            Self::LocalSource { .. } => {
                "lock the project's dependencies with `uv lock`, which follows every source: slam reads uv.lock".to_owned()
            }
            Self::NoBuildInterpreter { python, uv, .. } => {
                format!("install one, for example with `{uv} python install {python}`")
            }
            Self::PrebuiltMissing { .. } => {
                "build it first, or let slam do it with `package: {before: …}`; or correct `package: {path: …}`".to_owned()
            }
            Self::HandlerMissing { .. } => {
                "correct `handler`, or what `package: {path: …}` names: files are looked for from its top on".to_owned()
            }
            Self::NotExecutable { .. } => "`chmod +x bootstrap`, and keep modes when you zip it".to_owned(),
            Self::NothingForLayer => "remove `layer` from `package`, or list the dependencies, for example in requirements.txt".to_owned(),
            Self::NoInterpreter { python, uv } => {
                format!("install it, for example with `{uv} python install {python}`, or remove `bytecode` from `package`")
            }
            Self::NotCached { .. } => "build once without --offline".to_owned(),
            Self::RequirementsMissing { path, named_in: None } => {
                format!("create {}, or correct `package: {{requirements: …}}` in slam.yaml", file_name(path))
            }
            Self::RequirementsMissing { named_in: Some(by), .. } => format!("correct the line in {}", by.display()),
            Self::RequirementsEncoding { path, .. } => {
                format!("save it as UTF-8, in PowerShell with `… | Out-File -Encoding utf8 {}`", file_name(path))
            }
            Self::RequirementsFormat { convert, .. } => (*convert).to_owned(),
            Self::NoWheel(missing) => missing.hint(),
            Self::HashMismatch { package, .. } => format!(
                "the file in the package index was replaced, or another index has a `{package}` of that version: find \
                 out which, and lock again only when you trust it"
            ),
            Self::NoPackage { .. } => "check the spelling, and the package index that pip or uv is configured with".to_owned(),
            Self::IndexRefused { .. } => {
                "check the name and password in its address, or those that uv knows (`uv auth login`, netrc, keyring)".to_owned()
            }
            Self::Download { .. } => "check the network and the package index; what is in the cache needs neither".to_owned(),
            Self::NoUv { .. } => {
                "install it (https://docs.astral.sh/uv/getting-started/installation/), or Python 3 with pip, and try again".to_owned()
            }
            _ => return None,
        })
    }

    pub(crate) fn io(path: &Path, action: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, action, source }
    }

    pub(crate) fn archive(path: &Path) -> impl FnOnce(zip::result::ZipError) -> Self {
        let path = path.to_owned();
        move |source| Self::Archive { path, source }
    }
}

impl From<BundleError> for Report {
    fn from(error: BundleError) -> Self {
        Self::of(Kind::Usage, &error).hint(error.hint())
    }
}

/// A dependency that has no wheel for the target.
#[derive(Clone, Debug, thiserror::Error)]
#[error("`{package}`{} has no wheel for {target} (needed by {requirements}){} {why}{}{}", in_version(version.as_deref()), aside(wheels.as_deref()), neither(others), below(details))]
pub struct NoWheel {
    /// The package.
    pub package: String,
    /// Its version, where only one would do.
    pub version: Option<String>,
    /// What was built for.
    pub target: String,
    /// The file that lists the dependencies.
    pub requirements: String,
    /// Why its source is of no use.
    pub why: String,
    /// The last of what its build, or uv, said.
    pub details: String,
    /// What its wheels are for.
    pub wheels: Option<String>,
    /// Packages that are compiled and have no wheel either.
    pub others: Vec<String>,
    /// What would do instead.
    pub advice: Option<String>,
}

/// A dependency that is for other Pythons than the runtime's.
#[derive(Clone, Debug, thiserror::Error)]
#[error("`{package}`{} is for Python {pythons}, and the runtime's is {python} (needed by {requirements})", in_version(version.as_deref()))]
pub struct ForOthers {
    /// The package.
    pub package: String,
    /// Its version, where only one would do.
    pub version: Option<String>,
    /// The Pythons that it is for.
    pub pythons: String,
    /// The runtime's minor version.
    pub python: String,
    /// The file that lists the dependencies.
    pub requirements: String,
    /// What runtime to take, if Lambda has one.
    pub take: Option<String>,
}

impl ForOthers {
    fn hint(&self) -> String {
        let other = format!("take a version of `{}` that is for Python {}", self.package, self.python);
        self.take.as_ref().map_or_else(|| other.clone(), |take| format!("{take}; or {other}"))
    }
}

impl NoWheel {
    fn hint(&self) -> String {
        self.advice.clone().unwrap_or_else(|| {
            format!(
                "take a version of `{}` that has a wheel, or another runtime or architecture, or build the wheel for the \
                 function's platform yourself and list it by its path",
                self.package
            )
        })
    }
}

fn in_version(version: Option<&str>) -> String {
    version.map(|version| format!(" {version}")).unwrap_or_default()
}

fn aside(wheels: Option<&str>) -> String {
    wheels.map_or_else(|| ", and".to_owned(), |wheels| format!(": {wheels};"))
}

fn neither(others: &[String]) -> String {
    if others.is_empty() {
        return String::new();
    }
    format!("\n  these have none either, and are compiled too: {}", others.join(", "))
}

fn below(details: &str) -> String {
    if details.is_empty() { String::new() } else { format!("\n{details}") }
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn is_lock(path: &Path) -> bool {
    !["pyproject.toml", "uv.toml"].contains(&file_name(path).as_str())
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1_048_576.0)
}

fn list(parts: &[Dependency]) -> String {
    parts.iter().map(|part| format!("\n  {:>9}  {} {}", megabytes(part.bytes), part.name, part.version)).collect()
}
