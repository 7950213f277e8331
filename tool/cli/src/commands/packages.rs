//! Building a project's packages, which `slam build` and `slam deploy` share.

use super::Common;
use crate::terminal::{Terminal, counted, size};
use clap::Args;
use slam_bundle::{BundleRequest, Check, Handler, Package, Prebuilt, Progress, StaticFiles, Step};
use slam_project::{Architecture, Code, Function, Kind, PackagePlan, Project};
use slam_report::Result;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How packages are built.
#[derive(Args, Default)]
pub struct Options {
    /// Install the dependencies again
    #[arg(long)]
    pub rebuild_deps: bool,
    /// Never use the network for dependencies: take them from the cache, or fail
    #[arg(long)]
    pub offline: bool,
    /// Do not look whether the application can be imported, and its secrets are there
    #[arg(long)]
    pub no_check: bool,
}

/// A package that was built.
pub struct Built {
    /// The function that it is for, where it is that function's own.
    pub name: Option<String>,
    /// The package.
    pub package: Package,
}

/// Reads the files that the API serves, once the packages are built: their command makes them.
pub fn static_files(terminal: &Terminal, project: &Project) -> Result<Option<StaticFiles>> {
    let Some(files) = &project.static_files else { return Ok(None) };
    let begun = Instant::now();
    let request = slam_bundle::StaticRequest {
        folder: root(project).join(&files.folder),
        cache: files.cache,
        immutable: &files.immutable,
        exclude: &files.exclude,
        index: files.index.as_deref(),
    };
    let found = slam_bundle::static_files(&request)?;
    let bytes = found.files.iter().map(|file| file.size).sum();
    let text = format!("{} {}, {} at {}", files.folder, size(bytes), file_count(found.files.len()), files.url);
    terminal.step("static", &text, Some(begun.elapsed()));
    Ok(Some(found))
}

/// How thoroughly a package is checked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Thoroughness {
    /// When its dependencies or the application's settings have changed: a build is done again and again.
    Lightly,
    /// Whenever it has changed: it will be uploaded.
    Wholly,
}

/// Builds the project's packages, checks them, and tells of them.
pub fn build(
    common: &Common,
    terminal: &Terminal,
    project: &Project,
    options: &Options,
    thoroughness: Thoroughness,
) -> Result<Vec<Built>> {
    project.packages().iter().map(|plan| one(common, terminal, project, plan, options, thoroughness)).collect()
}

fn one(
    common: &Common,
    terminal: &Terminal,
    project: &Project,
    plan: &PackagePlan<'_>,
    options: &Options,
    thoroughness: Thoroughness,
) -> Result<Built> {
    let begun = Instant::now();
    let told = Told(terminal);
    let wanted = request(common, project, plan, options);
    let package = match &wanted {
        Wanted::Built(request) => slam_bundle::build(request, &told)?,
        Wanted::AsItIs(prebuilt) => slam_bundle::package_prebuilt(prebuilt, &told)?,
    };
    let name = plan.name.unwrap_or(&project.name);
    let what = match (&package.layer, plan.functions[0].is_python()) {
        (Some(layer), _) => {
            format!("{} and a layer of {} with {}", size(package.size), size(layer.size), dependencies(&package))
        }
        (None, true) => format!("{}, {}", size(package.size), dependencies(&package)),
        (None, false) => size(package.size),
    };
    let unchanged = if package.unchanged { "   (unchanged)" } else { "" };
    let text = terminal.named(name, &format!("{what}, {}{unchanged}", file_count(package.file_count)));
    terminal.step("package", &text, Some(begun.elapsed()));
    let from_source = package.dependencies.iter().filter(|dependency| dependency.from_source);
    let from_source: Vec<_> = from_source.map(|it| format!("{} {}", it.name, it.version)).collect();
    if !from_source.is_empty() && !package.unchanged {
        terminal.say(&format!("            built from source: {}", from_source.join(", ")));
    }
    if !package.unchanged {
        tell_left_out(terminal, project);
    }
    if let Wanted::Built(request) = &wanted
        && !options.no_check
    {
        check(terminal, project, plan, request, &package, thoroughness)?;
    }
    Ok(Built { name: plan.name.map(str::to_owned), package })
}

/// Whether the files as they are now make other packages than those whose hashes `deployed` gives, by the parameters of
/// the template. What cannot be told without the network or a command of the project's is taken for the same.
pub fn differ<'a>(common: &Common, project: &Project, deployed: impl Fn(&str) -> Option<&'a str>) -> bool {
    let options = Options { offline: true, ..Options::default() };
    project.packages().iter().any(|plan| {
        let Wanted::Built(request) = request(common, project, plan, &options) else { return false };
        let request = BundleRequest { before: None, ..*request };
        let Ok(package) = slam_bundle::build(&request, &()) else { return false };
        deployed(&slam_template::code_key_parameter(plan.name)).is_some_and(|sha256| sha256 != package.sha256)
    })
}

/// Looks whether the package could work; what may not is told.
fn check(
    terminal: &Terminal,
    project: &Project,
    plan: &PackagePlan<'_>,
    request: &BundleRequest,
    package: &Package,
    thoroughness: Thoroughness,
) -> Result<()> {
    let stage = project.stage(&project.dev_stage);
    let stages: Vec<_> = stage.into_iter().collect();
    let mut environment = BTreeMap::new();
    for function in &plan.functions {
        environment.extend(project.lambda_environment(function, &stages));
    }
    environment.extend(stages.iter().flat_map(|stage| project.stage_environment(stage)));
    let secrets = plan.functions.iter().flat_map(|function| project.secrets_of(function, stage).into_keys()).collect();
    let check = Check {
        environment,
        secrets,
        has_layers: plan.functions.iter().any(|function| !function.layers.is_empty()),
        lightly: thoroughness == Thoroughness::Lightly,
    };
    for notice in slam_bundle::check(request, package, &check)? {
        match notice.hint {
            Some(hint) => terminal.warn(&notice.text, &hint),
            None => terminal.say(&format!("            {}", notice.text)),
        }
    }
    Ok(())
}

/// A file of variables beside slam.yaml that nothing names is easily taken for one that counts.
fn tell_left_out(terminal: &Terminal, project: &Project) {
    const FILE: &str = ".env";
    if root(project).join(FILE).is_file() && !project.variable_files().contains(&FILE) {
        terminal.say(&format!("            {FILE} is left out; `environment: {{from: {FILE}}}` takes its variables"));
    }
}

fn dependencies(package: &Package) -> String {
    counted(package.dependencies.len(), "dependency", "dependencies")
}

fn file_count(number: usize) -> String {
    counted(number, "file", "files")
}

/// How a package comes about.
pub enum Wanted {
    /// From sources and dependencies, with slam's adapter.
    Built(Box<BundleRequest>),
    /// By another tool.
    AsItIs(Prebuilt),
}

/// What is asked of the builder for a package.
pub fn request(common: &Common, project: &Project, plan: &PackagePlan<'_>, options: &Options) -> Wanted {
    // Where it cannot be made, that is told by whoever writes into it.
    let _ = common.home.make();
    let function = plan.functions[0];
    let settings = plan.settings;
    let directory = packed(project, plan);
    let handlers: Vec<Handler> = plan.functions.iter().filter_map(|function| handler(function)).collect();
    let architecture = match function.architecture {
        Architecture::X86_64 => slam_bundle::Architecture::X86_64,
        Architecture::Arm64 => slam_bundle::Architecture::Arm64,
    };
    let Some(first) = handlers.first() else {
        return Wanted::AsItIs(Prebuilt {
            root: root(project),
            path: directory,
            handler: function.handler(),
            runtime: function.runtime.clone(),
            architecture,
            has_layers: !function.layers.is_empty(),
            exclude: settings.exclude.clone(),
            budget: settings.budget,
            before: settings.before.clone(),
            cache: common.home.packages(),
        });
    };
    let (served, needed) = served(project, plan);
    Wanted::Built(Box::new(BundleRequest {
        requirements: settings.requirements.as_ref().map(Into::into),
        runtime: function.runtime.clone(),
        runtimes: slam_project::RUNTIMES.iter().map(|runtime| (*runtime).to_owned()).collect(),
        architecture,
        include: settings.include.iter().cloned().chain(needed).collect(),
        exclude: settings.exclude.iter().cloned().chain(served).collect(),
        exclude_dependencies: settings.exclude_dependencies.clone(),
        slim: settings.slim,
        stream: plan.functions.iter().any(|function| project.streams(function)),
        cors: project.tells_origins(),
        gzip: project.http.is_some_and(|http| http.gzip.is_some()),
        secrets: plan.functions.iter().any(|function| project.has_secrets(function)),
        commands: project.commands,
        runtime_packages: settings.runtime_packages,
        bytecode: settings.bytecode,
        layer: settings.layer,
        budget: settings.budget,
        before: settings.before.clone(),
        root: root(project),
        others: others(project, &directory),
        offline: options.offline,
        rebuild_dependencies: options.rebuild_deps,
        cache: common.home.packages(),
        handlers: handlers.clone(),
        ..BundleRequest::new(&directory, &first.app, first.kind, common.home.root())
    }))
}

fn handler(function: &Function) -> Option<Handler> {
    let Code::App { app, kind } = &function.code else { return None };
    let kind = match kind {
        Kind::Function => slam_bundle::Kind::Function,
        Kind::Wsgi => slam_bundle::Kind::Wsgi,
        Kind::Asgi => slam_bundle::Kind::Asgi,
    };
    Some(Handler { module: function.handler_module(), app: app.to_string(), kind })
}

/// The directory of slam.yaml.
fn root(project: &Project) -> PathBuf {
    let directory = &project.directory;
    if directory.as_os_str().is_empty() { Path::new(".").to_owned() } else { directory.clone() }
}

/// What is packed.
fn packed(project: &Project, plan: &PackagePlan<'_>) -> PathBuf {
    plan.settings.path.as_ref().map_or_else(|| root(project), |path| root(project).join(path))
}

/// Patterns of what the API serves, which is no part of a package that is made of a folder above, and of what the
/// application itself reads of it.
fn served(project: &Project, plan: &PackagePlan<'_>) -> (Option<String>, Option<String>) {
    let packed = plan.settings.path.as_deref().map(|path| path.trim_end_matches('/'));
    let folder = project.static_files.as_ref().map(|files| files.folder.as_str());
    let inside = folder.filter(|folder| !folder.starts_with("..")).and_then(|folder| match packed {
        None | Some("." | "") => Some(folder),
        Some(packed) => folder.strip_prefix(packed)?.strip_prefix('/'),
    });
    // A folder's name may have what is special in a pattern.
    let inside = inside.map(|folder| folder.replace(['[', ']', '{', '}', '*', '\\'], "?"));
    (inside.as_ref().map(|it| format!("/{it}")), inside.map(|it| format!("/{it}/{}", slam_bundle::MANIFEST)))
}

/// What other packages are made of, which is no part of this one although it may lie in its directory.
fn others(project: &Project, directory: &Path) -> Vec<PathBuf> {
    let packed = project.packages().iter().map(|plan| packed(project, plan)).collect::<Vec<_>>();
    packed.into_iter().filter(|path| path != directory).filter_map(|path| std::fs::canonicalize(path).ok()).collect()
}

/// Tells of the steps that take time.
pub struct Told<'a>(pub &'a Terminal);

impl Progress for Told<'_> {
    fn step(&self, step: Step<'_>) {
        match step {
            Step::Before { command } => self.0.step("package", &format!("running {command}"), None),
            Step::InstallingUv => self.0.step("package", "installing uv, once per machine", None),
            Step::InstallingDependencies { requirements } => {
                self.0.step("package", &format!("installing the dependencies of {requirements}"), None);
            }
            Step::BuildingSources { packages: [package] } => {
                self.0.step("package", &format!("building {package} from its source, as it has no wheel"), None);
            }
            Step::BuildingSources { packages } => {
                let names = packages.join(", ");
                self.0.step("package", &format!("building from their sources, as they have no wheels: {names}"), None);
            }
            Step::Compressing { .. } => {}
        }
    }
}
