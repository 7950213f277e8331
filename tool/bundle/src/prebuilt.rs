//! A package that is shipped as it is: a folder or a zip file that another tool made, for any runtime.

use crate::archive::{self, Content, Entry};
use crate::package::{Package, Store, base64_of, hash};
use crate::sources::{self, Patterns};
use crate::{Architecture, BundleError, Progress, Step, hook, limits};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// What is shipped as it is.
#[derive(Clone, Debug)]
pub struct Prebuilt {
    /// The directory of slam.yaml, in which `before` runs.
    pub root: PathBuf,
    /// A folder, or a zip file.
    pub path: PathBuf,
    /// Lambda's handler in it.
    pub handler: String,
    /// The Lambda runtime.
    pub runtime: String,
    /// The processor that it is for.
    pub architecture: Architecture,
    /// Whether the function uses layers, in which the handler may be.
    pub has_layers: bool,
    /// Glob patterns of files of a folder not to ship.
    pub exclude: Vec<String>,
    /// The largest size that the zip may have.
    pub budget: Option<u64>,
    /// A command to run before: what makes the folder or the zip file.
    pub before: Option<String>,
    /// Where packages are cached.
    pub cache: PathBuf,
}

/// Part of every fingerprint: raise it when the package of the same folder changes.
const FORMAT: u32 = 1;

/// What decides what a folder's package is.
#[derive(Serialize)]
struct Input<'a> {
    format: u32,
    place: &'a Path,
    files: Vec<(&'a str, u64, bool, [String; 2])>,
}

/// Make a package of a folder, or check a zip file, which is then its own package.
///
/// # Errors
/// When there is nothing that Lambda could run; [`BundleError::hint`] says what to do.
pub fn package_prebuilt(request: &Prebuilt, progress: &dyn Progress) -> Result<Package, BundleError> {
    hook::run(&request.root, request.before.as_deref(), &request.runtime, request.architecture, progress)?;
    let package = if request.path.is_dir() {
        of_folder(request, progress)?
    } else if request.path.is_file() {
        of_zip(request)?
    } else {
        return Err(BundleError::PrebuiltMissing { path: request.path.clone() });
    };
    limits::check_budget(package.size, request.budget, &[])?;
    Ok(package)
}

fn of_folder(request: &Prebuilt, progress: &dyn Progress) -> Result<Package, BundleError> {
    let files = sources::collect(&request.path, &Patterns::as_it_is(&request.exclude)?, &[])?;
    check_handler(request, files.iter().map(|file| (file.name.as_str(), file.executable)))?;
    limits::check_unzipped(files.iter().map(|file| file.size).sum(), &[])?;
    let place = std::fs::canonicalize(&request.path).map_err(BundleError::io(&request.path, "read"))?;
    let told = |file: &sources::SourceFile| file.stamp.map(|part| part.to_string());
    let input = Input {
        format: FORMAT,
        place: &place,
        files: files.iter().map(|file| (file.name.as_str(), file.size, file.executable, told(file))).collect(),
    };
    let text = serde_json::to_vec(&input).map_err(|error| BundleError::io(&place, "read")(error.into()))?;
    let fingerprint = hex::encode(Sha256::digest(text));
    let store = Store { root: &request.cache };
    if let Some(package) = store.noted(&fingerprint) {
        return Ok(package);
    }
    let entries: Vec<Entry> = files
        .into_iter()
        .map(|file| Entry {
            name: file.name,
            content: Content::File(file.path, file.size),
            executable: file.executable,
        })
        .collect();
    progress.step(Step::Compressing { files: entries.len() });
    store.keep(&fingerprint, &entries, None, false)
}

fn of_zip(request: &Prebuilt) -> Result<Package, BundleError> {
    let files = archive::list(&request.path)?;
    check_handler(request, files.iter().map(|file| (file.name.as_str(), file.executable)))?;
    let unzipped_size = files.iter().map(|file| file.bytes).sum();
    limits::check_unzipped(unzipped_size, &[])?;
    let (sha256, size) = hash(&request.path)?;
    Ok(Package {
        path: request.path.clone(),
        sha256_base64: base64_of(&sha256),
        sha256,
        size,
        unzipped_size,
        file_count: files.len(),
        layer: None,
        dependencies: Vec::new(),
        dependencies_cached: true,
        unchanged: false,
    })
}

/// What Lambda will look for must be there, as far as its name tells where.
fn check_handler<'a>(request: &Prebuilt, mut files: impl Iterator<Item = (&'a str, bool)>) -> Result<(), BundleError> {
    let stem = request.handler.rsplit_once('.').map_or(request.handler.as_str(), |(stem, _)| stem);
    let names: Vec<String> = if request.runtime.starts_with("provided") {
        vec!["bootstrap".to_owned()]
    } else if request.runtime.starts_with("nodejs") {
        [".js", ".mjs", ".cjs"].iter().map(|extension| format!("{stem}{extension}")).collect()
    } else if request.runtime.starts_with("python") {
        let path = stem.replace('.', "/");
        vec![format!("{path}.py"), format!("{path}/__init__.py"), format!("{path}.pyc"), format!("{path}.so")]
    } else if request.runtime.starts_with("ruby") {
        vec![format!("{stem}.rb")]
    } else {
        // A class of Java or .NET may be in any archive within.
        return Ok(());
    };
    if request.has_layers || stem.starts_with('/') {
        return Ok(());
    }
    let missing = || BundleError::HandlerMissing {
        handler: request.handler.clone(),
        path: request.path.clone(),
        looked_for: names.clone(),
    };
    let (name, executable) = files.find(|(name, _)| names.iter().any(|wanted| wanted == name)).ok_or_else(missing)?;
    if name == "bootstrap" && !executable {
        return Err(BundleError::NotExecutable { path: request.path.clone() });
    }
    Ok(())
}
