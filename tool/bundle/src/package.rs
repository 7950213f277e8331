//! What is built, kept in the cache under its hash, with notes on what it was made from.

use crate::archive::{self, Entry};
use crate::dependencies::Installed;
use crate::{BundleError, Dependency, PROMOTED, cache};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// How many packages the cache keeps at least.
const KEPT: usize = 20;

/// Where Lambda's Python runtimes look for modules of a layer.
/// <https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html>
const LAYER_PREFIX: &str = "python/";

/// A deployment package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The zip file. It is in the cache: read it, never change or move it.
    pub path: PathBuf,
    /// SHA-256 of the zip in hexadecimal, the name of the package.
    pub sha256: String,
    /// The same in base64, as Lambda's `CodeSha256` has it.
    pub sha256_base64: String,
    /// Size of the zip.
    pub size: u64,
    /// Size of what is in it, and in its layer.
    pub unzipped_size: u64,
    /// How many files are in it.
    pub file_count: usize,
    /// The layer with the dependencies, where they have one of their own.
    pub layer: Option<Layer>,
    /// The distributions in it, or in its layer, by name.
    pub dependencies: Vec<Dependency>,
    /// Whether nothing had to be installed: the dependencies came from the cache, or there are none.
    pub dependencies_cached: bool,
    /// Whether nothing has changed since the package was built, so that nothing was done.
    pub unchanged: bool,
}

/// A layer of dependencies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The zip file, in the cache like a package.
    pub path: PathBuf,
    /// SHA-256 of the zip in hexadecimal, its name.
    pub sha256: String,
    /// Size of the zip.
    pub size: u64,
}

impl Package {
    /// Size of the zip and its layer's.
    #[must_use]
    pub fn zipped_size(&self) -> u64 {
        self.size + self.layer.as_ref().map_or(0, |layer| layer.size)
    }
}

/// What is noted about a package, so that it need not be opened.
#[derive(Serialize, Deserialize)]
struct Note {
    sha256: String,
    size: u64,
    unzipped_size: u64,
    file_count: usize,
    /// Hash and size.
    layer: Option<(String, u64)>,
    dependencies: Vec<Dependency>,
}

/// Packages by their hash, and notes on what they were made from.
pub struct Store<'a> {
    pub root: &'a Path,
}

impl Store<'_> {
    fn packages(&self) -> PathBuf {
        self.root.join("packages")
    }

    fn notes(&self) -> PathBuf {
        self.root.join("built")
    }

    /// The package that was made of the same input, if it is still there.
    pub fn noted(&self, fingerprint: &str) -> Option<Package> {
        let place = self.notes().join(fingerprint);
        let note: Note = serde_json::from_slice(&fs::read(&place).ok()?).ok()?;
        let package = self.package(note, true, true);
        let whole = |path: &Path, size: u64| fs::metadata(path).is_ok_and(|metadata| metadata.len() == size);
        let layer = package.layer.iter().map(|layer| (layer.path.as_path(), layer.size));
        let files: Vec<_> = layer.chain([(package.path.as_path(), package.size)]).collect();
        files.iter().all(|(path, size)| whole(path, *size)).then(|| {
            cache::touch(&place);
            files.iter().for_each(|(path, _)| cache::touch(path));
            package.clone()
        })
    }

    /// Writes a package of `entries` and of what was installed, which may go `into_layer`.
    pub fn keep(
        &self,
        fingerprint: &str,
        entries: &[Entry],
        installed: Option<&Installed>,
        into_layer: bool,
    ) -> Result<Package, BundleError> {
        let base = installed.map(|installed| installed.archive.as_path());
        let layer = match base.filter(|_| into_layer) {
            Some(base) => Some(self.zip(&[], Some((base, LAYER_PREFIX)))?),
            None => None,
        };
        let code = self.zip(entries, base.filter(|_| !into_layer).map(|base| (base, "")))?;
        let note = Note {
            sha256: code.sha256,
            size: code.size,
            unzipped_size: code.totals.bytes + layer.as_ref().map_or(0, |layer| layer.totals.bytes),
            file_count: code.totals.files,
            layer: layer.map(|layer| (layer.sha256, layer.size)),
            dependencies: installed.map(|installed| installed.dependencies.clone()).unwrap_or_default(),
        };
        let notes = self.notes();
        let text = serde_json::to_vec(&note).map_err(|error| BundleError::io(&notes, "written")(error.into()))?;
        let scratch = cache::scratch(&notes)?;
        let noted = scratch.path().join("note");
        fs::write(&noted, text).map_err(BundleError::io(&noted, "written"))?;
        cache::keep(&noted, &notes.join(fingerprint), true)?;
        cache::prune(&self.packages(), KEPT);
        cache::prune(&notes, KEPT);
        // What is there was left by processes that were ended.
        cache::prune(&self.root.join(PROMOTED), 0);
        Ok(self.package(note, installed.is_none_or(|installed| installed.cached), false))
    }

    /// Writes a zip and puts it in its place.
    fn zip(&self, entries: &[Entry], base: Option<(&Path, &str)>) -> Result<Zip, BundleError> {
        let packages = self.packages();
        let scratch = cache::scratch(&packages)?;
        let built = scratch.path().join("package.zip");
        let totals = archive::write(&built, entries, base)?;
        let (sha256, size) = hash(&built)?;
        // Renamed over what is there: it is the same, and should it be damaged, it is whole again.
        cache::keep(&built, &packages.join(format!("{sha256}.zip")), true)?;
        Ok(Zip { sha256, size, totals })
    }

    fn package(&self, note: Note, dependencies_cached: bool, unchanged: bool) -> Package {
        let place = |sha256: &str| self.packages().join(format!("{sha256}.zip"));
        Package {
            path: place(&note.sha256),
            sha256_base64: base64_of(&note.sha256),
            sha256: note.sha256,
            size: note.size,
            unzipped_size: note.unzipped_size,
            file_count: note.file_count,
            layer: note.layer.map(|(sha256, size)| Layer { path: place(&sha256), sha256, size }),
            dependencies: note.dependencies,
            dependencies_cached,
            unchanged,
        }
    }
}

struct Zip {
    sha256: String,
    size: u64,
    totals: archive::Totals,
}

/// A hash in hexadecimal, in base64.
pub fn base64_of(sha256: &str) -> String {
    STANDARD.encode(hex::decode(sha256).unwrap_or_default())
}

/// The hash of a file, in hexadecimal, and its size.
pub fn hash(path: &Path) -> Result<(String, u64), BundleError> {
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
