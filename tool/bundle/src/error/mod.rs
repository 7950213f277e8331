//! What can go wrong, told to the user: what, where and why.
//!
//! - [`hint`]: what to do about each. [`dependency`]: dependencies that do not fit the target.

mod dependency;
mod hint;

pub use dependency::{ForOthers, NoWheel};

use crate::Dependency;
use slam_report::{Kind, Report};
use std::path::{Path, PathBuf};

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

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1_048_576.0)
}

fn list(parts: &[Dependency]) -> String {
    parts.iter().map(|part| format!("\n  {:>9}  {} {}", megabytes(part.bytes), part.name, part.version)).collect()
}
