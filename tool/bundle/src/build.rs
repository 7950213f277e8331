//! The whole way from a request to a package.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::archive::{self, Content, Entry};
use crate::dependencies::{self, Installed};
use crate::sources::{Patterns, SourceFile};
use crate::target::Target;
use crate::{
    BundleError, BundleRequest, Dependency, Progress, Step, cache, fingerprint, handler, hook, limits, requirements,
    sources,
};

/// How many packages the cache keeps at least.
const KEPT: usize = 20;

/// A deployment package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The zip file. It is in the cache: read it, never change or move it.
    pub path: PathBuf,
    /// SHA-256 of the zip in hexadecimal, the name of the package.
    pub sha256: String,
    /// The same in base64, as Lambda's `CodeSha256` has it.
    pub sha256_base64: String,
    /// Size of the zip.
    pub size: u64,
    /// Size of what is in it.
    pub unzipped_size: u64,
    /// How many files are in it.
    pub file_count: usize,
    /// The distributions in it, by name.
    pub dependencies: Vec<Dependency>,
    /// Whether nothing had to be installed: the dependencies came from the cache, or there are none.
    pub dependencies_cached: bool,
    /// Whether nothing has changed since the package was built, so that nothing was done.
    pub unchanged: bool,
}

/// What is noted about a package, so that it need not be opened.
#[derive(Serialize, Deserialize)]
struct Note {
    sha256: String,
    size: u64,
    unzipped_size: u64,
    file_count: usize,
    dependencies: Vec<Dependency>,
}

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
pub(crate) struct Built {
    pub(crate) package: Package,
    pub(crate) files: Vec<SourceFile>,
    pub(crate) patterns: Patterns,
    pub(crate) installed: Option<Installed>,
    /// What the user calls the file that lists the dependencies.
    pub(crate) requirements: Option<String>,
}

/// The same, with the dependencies at hand although nothing has changed.
pub(crate) fn build_with_dependencies(request: &BundleRequest, progress: &dyn Progress) -> Result<Built, BundleError> {
    let mut built = build_from(request, progress)?;
    if built.installed.is_none() && built.requirements.is_some() {
        let target = Target::new(&request.runtime, request.architecture)?;
        let needed = requirements::find(&request.project, request.requirements.as_deref(), &own(request))?;
        let provide = |needed| dependencies::provide(request, &needed, &target, &built.patterns, progress);
        built.installed = needed.map(provide).transpose()?;
    }
    Ok(built)
}

/// slam's own directories, which may be inside the project.
fn own(request: &BundleRequest) -> [PathBuf; 2] {
    [request.cache.clone(), request.home.clone()]
}

fn build_from(request: &BundleRequest, progress: &dyn Progress) -> Result<Built, BundleError> {
    let (module, callable) =
        handler::parse_app(request).ok_or_else(|| BundleError::App { app: request.app.clone() })?;
    let target = Target::new(&request.runtime, request.architecture)?;
    let patterns = Patterns::with_dependencies(&request.include, &request.exclude, &request.exclude_dependencies)?;
    hook::run(request, progress)?;
    let files = sources::collect(&request.project, &patterns, &own(request))?;
    if let Some(file) = files.iter().find(|file| handler::is_reserved(&file.name)) {
        return Err(BundleError::Reserved { name: file.name.clone() });
    }
    let needed = requirements::find(&request.project, request.requirements.as_deref(), &own(request))?;
    let requirements = needed.as_ref().map(|needed| needed.name.clone());
    let fingerprint = fingerprint::of(request, &target, needed.as_ref(), &files);
    let store = Store { root: &request.cache };
    if !request.rebuild_dependencies
        && let Some(package) = store.noted(&fingerprint)
    {
        limits::check_budget(package.size, request.budget, &package.dependencies)?;
        return Ok(Built { package, files, patterns, installed: None, requirements });
    }
    // What can be found wrong without a download is.
    if needed.is_none() {
        check_module(request, module, &files, None)?;
    }
    let provide = |needed| dependencies::provide(request, &needed, &target, &patterns, progress);
    let installed = needed.map(provide).transpose()?;
    check_module(request, module, &files, installed.as_ref())?;
    check_size(&files, installed.as_ref())?;
    let mut entries = handler::entries(module, callable, request.kind);
    entries.extend(files.iter().map(|file| Entry {
        name: file.name.clone(),
        content: Content::File(file.path.clone(), file.size),
        executable: file.executable,
    }));
    progress.step(Step::Compressing { files: entries.len() });
    let package = store.keep(&fingerprint, &entries, installed.as_ref())?;
    limits::check_budget(package.size, request.budget, &package.dependencies)?;
    Ok(Built { package, files, patterns, installed, requirements })
}

fn check_size(files: &[SourceFile], installed: Option<&Installed>) -> Result<(), BundleError> {
    let own: u64 = files.iter().map(|file| file.size).sum();
    let mut parts = installed.map(|installed| installed.dependencies.clone()).unwrap_or_default();
    parts.extend(files.iter().map(|file| Dependency {
        name: file.name.clone(),
        version: "(in the project)".to_owned(),
        bytes: file.size,
        zipped_bytes: file.size,
    }));
    limits::check_unzipped(own + installed.map_or(0, |installed| installed.bytes), &parts)
}

/// The module must be where Python will look for it: in the project, or in a dependency.
fn check_module(
    request: &BundleRequest,
    module: &str,
    files: &[SourceFile],
    installed: Option<&Installed>,
) -> Result<(), BundleError> {
    let path = module.replace('.', "/");
    let candidates = [format!("{path}.py"), format!("{path}/__init__.py")];
    // A compiled module has its platform in its name: `fast.cpython-313-x86_64-linux-gnu.so`.
    let compiled = format!("{path}.");
    let is_module = |name: &str| {
        candidates.iter().any(|candidate| candidate == name)
            || (name.starts_with(&compiled) && name.ends_with(".so") && !name[compiled.len()..].contains('/'))
    };
    if files.iter().any(|file| is_module(&file.name)) {
        return Ok(());
    }
    if let Some(installed) = installed
        && archive::names(&installed.archive)?.iter().any(|name| is_module(name))
    {
        return Ok(());
    }
    let excluded = candidates.iter().find(|candidate| request.project.join(candidate).exists());
    let elsewhere =
        files.iter().find(|file| candidates.iter().any(|candidate| file.name.ends_with(&format!("/{candidate}"))));
    let hint = match (excluded, elsewhere) {
        (Some(candidate), _) => {
            format!("{candidate} exists, but is excluded: include it with `package: {{include: [{candidate}]}}`")
        }
        (None, Some(file)) => format!(
            "there is {}: Python finds modules from the directory of slam.yaml on, so move it there, or name it by the packages it is in",
            file.name
        ),
        (None, None) => {
            "correct `app: module:callable` in slam.yaml; the module is searched from the directory of slam.yaml on"
                .to_owned()
        }
    };
    Err(BundleError::Module {
        module: module.to_owned(),
        looked_for: candidates.to_vec(),
        project: request.project.clone(),
        hint,
    })
}

/// Packages by their hash, and notes on what they were made from.
struct Store<'a> {
    root: &'a Path,
}

impl Store<'_> {
    fn packages(&self) -> PathBuf {
        self.root.join("packages")
    }

    fn notes(&self) -> PathBuf {
        self.root.join("fingerprints")
    }

    fn noted(&self, fingerprint: &str) -> Option<Package> {
        let place = self.notes().join(fingerprint);
        let note: Note = serde_json::from_slice(&fs::read(&place).ok()?).ok()?;
        let package = self.package(note, true, true);
        let whole = fs::metadata(&package.path).is_ok_and(|metadata| metadata.len() == package.size);
        whole.then(|| {
            cache::touch(&place);
            cache::touch(&package.path);
            package
        })
    }

    fn keep(
        &self,
        fingerprint: &str,
        entries: &[Entry],
        installed: Option<&Installed>,
    ) -> Result<Package, BundleError> {
        let (packages, notes) = (self.packages(), self.notes());
        let scratch = cache::scratch(&packages)?;
        let built = scratch.path().join("package.zip");
        let totals = archive::write(&built, entries, installed.map(|installed| installed.archive.as_path()))?;
        let (sha256, size) = hash(&built)?;
        let note = Note {
            sha256,
            size,
            unzipped_size: totals.bytes,
            file_count: totals.files,
            dependencies: installed.map(|installed| installed.dependencies.clone()).unwrap_or_default(),
        };
        // Renamed over what is there: it is the same, and should it be damaged, it is whole again.
        cache::keep(&built, &packages.join(format!("{}.zip", note.sha256)), true)?;
        let text = serde_json::to_vec(&note).map_err(|error| BundleError::io(&notes, "written")(error.into()))?;
        let scratch = cache::scratch(&notes)?;
        let noted = scratch.path().join("note");
        fs::write(&noted, text).map_err(BundleError::io(&noted, "written"))?;
        cache::keep(&noted, &notes.join(fingerprint), true)?;
        cache::prune(&packages, KEPT);
        cache::prune(&notes, KEPT);
        Ok(self.package(note, installed.is_none_or(|installed| installed.cached), false))
    }

    fn package(&self, note: Note, dependencies_cached: bool, unchanged: bool) -> Package {
        Package {
            path: self.packages().join(format!("{}.zip", note.sha256)),
            sha256_base64: STANDARD.encode(hex::decode(&note.sha256).unwrap_or_default()),
            sha256: note.sha256,
            size: note.size,
            unzipped_size: note.unzipped_size,
            file_count: note.file_count,
            dependencies: note.dependencies,
            dependencies_cached,
            unchanged,
        }
    }
}

/// The hash of a package that was built before, as [`Package::sha256`] has it.
///
/// # Errors
/// When the file cannot be read.
pub fn file_sha256(path: &Path) -> Result<String, BundleError> {
    hash(path).map(|(sha256, _)| sha256)
}

fn hash(path: &Path) -> Result<(String, u64), BundleError> {
    let mut file = File::open(path).map_err(BundleError::io(path, "read"))?;
    let mut hash = Sha256::new();
    let mut size = 0;
    let mut buffer = vec![0; 1 << 20];
    loop {
        let count = file.read(&mut buffer).map_err(BundleError::io(path, "read"))?;
        if count == 0 {
            return Ok((hex::encode(hash.finalize()), size));
        }
        hash.update(&buffer[..count]);
        size += count as u64;
    }
}
