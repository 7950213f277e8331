//! Files that are served as they are: what is in their folder, and what clients are told of each.
//!
//! Their version is a hash of all of it, so the same folder is the same version on any machine.

use crate::BundleError;
use crate::sources::{self, Patterns};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// What an API answers at most. <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html>
const MAX_FILE: u64 = 10_485_760;
/// The file in which Django's ManifestStaticFilesStorage says which names have a hash; its code reads it at run time.
pub const MANIFEST: &str = "staticfiles.json";
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// A folder to serve.
#[derive(Clone, Debug)]
pub struct StaticRequest<'a> {
    /// The folder.
    pub folder: PathBuf,
    /// For how many seconds clients may keep a file without asking again.
    pub cache: u32,
    /// Glob patterns of files that clients may keep for good.
    pub immutable: &'a [String],
    /// Glob patterns of files that are not served.
    pub exclude: &'a [String],
    /// A file that must be there.
    pub index: Option<&'a str>,
}

/// The files of a folder.
#[derive(Clone, Debug)]
pub struct StaticFiles {
    /// A hash of the files and of what clients are told of them.
    pub version: String,
    /// The files, by their names.
    pub files: Vec<StaticFile>,
}

/// A file to serve.
#[derive(Clone, Debug, Serialize)]
pub struct StaticFile {
    /// Its name in the folder, with `/`.
    pub name: String,
    /// Where it is on this machine.
    #[serde(skip)]
    pub path: PathBuf,
    /// Its bytes.
    pub size: u64,
    /// The hash of its content, in hexadecimal.
    pub sha256: String,
    /// `text/css; charset=utf-8`
    pub content_type: String,
    /// `public, max-age=60`
    pub cache_control: String,
}

/// Reads a folder.
///
/// # Errors
/// When it is missing or empty, something in it cannot be read, or is larger than an API can answer.
pub fn static_files(request: &StaticRequest<'_>) -> Result<StaticFiles, BundleError> {
    let folder = &request.folder;
    if !folder.is_dir() {
        return Err(BundleError::NoStaticFiles { folder: folder.clone(), what: "does not exist" });
    }
    let found = sources::collect(folder, &Patterns::of_static(&[], request.exclude)?, &[])
        .map_err(|error| BundleError::StaticFile { source: Box::new(error) })?;
    if found.is_empty() {
        return Err(BundleError::NoStaticFiles { folder: folder.clone(), what: "has no files" });
    }
    if let Some(index) = request.index.filter(|index| !found.iter().any(|file| file.name == **index)) {
        return Err(BundleError::NoIndex { folder: folder.clone(), index: index.to_owned() });
    }
    let large: Vec<_> = found.iter().filter(|file| file.size > MAX_FILE).map(|file| file.name.clone()).collect();
    if !large.is_empty() {
        return Err(BundleError::StaticFilesTooLarge { names: large });
    }
    let immutable = Patterns::of_static(request.immutable, &[])?;
    let hashed = hashed_by_django(folder);
    let files: Vec<StaticFile> = found
        .into_iter()
        .map(|file| {
            let for_good = hashed.contains(&file.name) || immutable.includes(&file.name);
            let cache_control =
                if for_good { FOR_GOOD.to_owned() } else { format!("public, max-age={}", request.cache) };
            Ok(StaticFile {
                sha256: hash(&file.path)?,
                content_type: content_type(&file.name),
                cache_control,
                size: file.size,
                name: file.name,
                path: file.path,
            })
        })
        .collect::<Result<_, BundleError>>()?;
    let text = serde_json::to_vec(&files).expect("strings and numbers are always JSON");
    Ok(StaticFiles { version: hex::encode(&Sha256::digest(text)[..8]), files })
}

/// The names that have the hash of their content in them, as Django says. A manifest that cannot be read is a file.
fn hashed_by_django(folder: &Path) -> HashSet<String> {
    let manifest: Option<serde_json::Value> =
        fs::read(folder.join(MANIFEST)).ok().and_then(|text| serde_json::from_slice(&text).ok());
    let paths = manifest.as_ref().and_then(|manifest| manifest.get("paths")).and_then(serde_json::Value::as_object);
    // A file that the storage left as it was is listed under its own name.
    let renamed = paths.into_iter().flatten().filter(|(name, hashed)| hashed.as_str() != Some(name));
    renamed.filter_map(|(_, hashed)| hashed.as_str()).map(str::to_owned).collect()
}

fn hash(path: &Path) -> Result<String, BundleError> {
    let mut file = File::open(path).map_err(BundleError::io(path, "read"))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer).map_err(BundleError::io(path, "read"))? {
            0 => return Ok(hex::encode(hasher.finalize())),
            length => hasher.update(&buffer[..length]),
        }
    }
}

/// The content type of a file, by its name's ending. Text is UTF-8, as build tools write it.
#[must_use]
pub fn content_type(name: &str) -> String {
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    let text = kind.type_() == mime_guess::mime::TEXT || kind.subtype() == mime_guess::mime::JAVASCRIPT;
    if text { format!("{}; charset=utf-8", kind.essence_str()) } else { kind.essence_str().to_owned() }
}
