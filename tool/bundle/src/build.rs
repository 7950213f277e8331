//! The whole way from a request to a package.

use crate::archive::{self, Content, Entry};
use crate::dependencies::{self, Installed};
use crate::modules::{self, Modules};
use crate::package::{Package, Store};
use crate::sources::{Patterns, SourceFile};
use crate::target::Target;
use crate::{
    BundleError, BundleRequest, Dependency, Progress, Step, fingerprint, handler, hook, limits, requirements, sources,
};

/// Build a deployment package, or find the one that was built of the same input.
///
/// Blocks: it reads files, runs uv and compresses on every processor.
///
/// # Errors
/// When what is asked for cannot be had; [`BundleError::hint`] says what to do.
pub fn build(request: &BundleRequest, progress: &dyn Progress) -> Result<Package, BundleError> {
    Ok(build_from(request, progress)?.package)
}

/// A package with what it was made from.
pub struct Built {
    pub package: Package,
    pub files: Vec<SourceFile>,
    pub patterns: Patterns,
    pub installed: Option<Installed>,
    /// What the user calls the file that lists the dependencies.
    pub requirements: Option<String>,
}

/// The same, with the dependencies at hand although nothing has changed.
pub fn build_with_dependencies(request: &BundleRequest, progress: &dyn Progress) -> Result<Built, BundleError> {
    let mut built = build_from(request, progress)?;
    if built.installed.is_none() && built.requirements.is_some() {
        let target = Target::new(&request.runtime, request.architecture)?;
        let needed = requirements::find(&request.project, request.requirements.as_deref(), &request.skipped())?;
        let provide =
            |needed| dependencies::provide(request, &needed, &target, &built.patterns, &built.files, progress);
        built.installed = needed.map(provide).transpose()?;
    }
    Ok(built)
}

fn build_from(request: &BundleRequest, progress: &dyn Progress) -> Result<Built, BundleError> {
    let apps = request.handlers.iter().map(|handler| handler::parse_app(&handler.app));
    let apps = apps.collect::<Result<Vec<_>, _>>()?;
    let target = Target::new(&request.runtime, request.architecture)?;
    let patterns = Patterns::with_dependencies(&request.include, &request.exclude, &request.exclude_dependencies)?;
    hook::run(&request.root, request.before.as_deref(), &request.runtime, request.architecture, progress)?;
    let files = sources::collect(&request.project, &patterns, &request.skipped())?;
    if let Some(file) = files.iter().find(|file| handler::is_reserved(&request.handlers, &file.name)) {
        return Err(BundleError::Reserved { name: file.name.clone() });
    }
    let needed = requirements::find(&request.project, request.requirements.as_deref(), &request.skipped())?;
    let requirements = needed.as_ref().map(|needed| needed.name.clone());
    let fingerprint = fingerprint::of(request, &target, needed.as_ref(), &files);
    let store = Store { root: &request.cache };
    if !request.rebuild_dependencies
        && let Some(package) = store.noted(&fingerprint)
    {
        limits::check_budget(package.zipped_size(), request.budget, &package.dependencies)?;
        return Ok(Built { package, files, patterns, installed: None, requirements });
    }
    let modules = Modules { request, patterns: &patterns, files: &files };
    // What can be found wrong without a download is.
    if needed.is_none() {
        check_modules(&modules, &apps, None)?;
    }
    let provide = |needed| dependencies::provide(request, &needed, &target, &patterns, &files, progress);
    let installed = needed.map(provide).transpose()?;
    check_modules(&modules, &apps, installed.as_ref())?;
    if request.layer && installed.as_ref().is_none_or(|installed| installed.dependencies.is_empty()) {
        return Err(BundleError::NothingForLayer);
    }
    let mut entries = handler::entries(request)?;
    check_size(&entries, &files, installed.as_ref())?;
    entries.extend(files.iter().map(|file| Entry {
        name: file.name.clone(),
        content: Content::File(file.path.clone(), file.size),
        executable: file.executable,
    }));
    progress.step(Step::Compressing { files: entries.len() });
    let package = store.keep(&fingerprint, &entries, installed.as_ref(), request.layer)?;
    limits::check_budget(package.zipped_size(), request.budget, &package.dependencies)?;
    Ok(Built { package, files, patterns, installed, requirements })
}

fn check_size(added: &[Entry], files: &[SourceFile], installed: Option<&Installed>) -> Result<(), BundleError> {
    let own = files.iter().map(|file| file.size).chain(added.iter().map(|entry| entry.content.size())).sum::<u64>();
    let mut parts = installed.map(|installed| installed.dependencies.clone()).unwrap_or_default();
    parts.extend(files.iter().map(|file| Dependency {
        name: file.name.clone(),
        version: "(in the project)".to_owned(),
        bytes: file.size,
        zipped_bytes: file.size,
        from_source: false,
    }));
    limits::check_unzipped(own + installed.map_or(0, |installed| installed.bytes), &parts)
}

/// Each application's module must be where Python will look for it: in the project, or in a dependency.
fn check_modules(
    modules: &Modules<'_>,
    apps: &[(&str, &str)],
    installed: Option<&Installed>,
) -> Result<(), BundleError> {
    let installed = installed.map(|installed| archive::names(&installed.archive)).transpose()?.unwrap_or_default();
    let missing = apps.iter().find(|(module, _)| {
        let [file, init] = modules::files_of(module);
        // A compiled module has its platform in its name: `fast.cpython-313-x86_64-linux-gnu.so`.
        let compiled = file.trim_end_matches("py");
        let is_module = |name: &str| {
            name == file
                || name == init
                || (name.starts_with(compiled) && name.ends_with(".so") && !name[compiled.len()..].contains('/'))
        };
        !modules.files.iter().any(|file| is_module(&file.name)) && !installed.iter().any(|name| is_module(name))
    });
    missing.map_or(Ok(()), |(module, callable)| Err(modules.missing(module, callable)))
}
