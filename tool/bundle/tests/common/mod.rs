//! A project on disk, and what is in the package that is built of it.
#![allow(dead_code, reason = "each test file is a crate of its own, and not all need everything")]

use slam_bundle::{BundleError, BundleRequest, Kind, Package, build};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// One home for all tests: uv is brought there if the machine has none. The caches are each test's own.
pub fn home() -> &'static Path {
    static HOME: OnceLock<PathBuf> = OnceLock::new();
    HOME.get_or_init(|| {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("slam-home");
        fs::create_dir_all(&home).expect("created");
        home
    })
}

pub struct Project {
    pub directory: tempfile::TempDir,
    pub cache: tempfile::TempDir,
}

impl Project {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let project = Self { directory, cache: tempfile::tempdir().expect("a temporary directory") };
        for (name, content) in files {
            project.write(name, content);
        }
        project
    }

    pub fn write(&self, name: &str, content: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("created");
        fs::write(path, content).expect("written");
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn request(&self) -> BundleRequest {
        let mut request = BundleRequest::new(self.directory.path(), "app:main", Kind::Function, home());
        request.cache = self.cache.path().to_owned();
        request
    }

    pub fn build(&self) -> Result<Package, BundleError> {
        build(&self.request(), &())
    }
}

pub fn content(package: &Package) -> Vec<(String, String)> {
    let mut archive = zip::ZipArchive::new(File::open(&package.path).expect("opened")).expect("an archive");
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).expect("a file");
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).expect("read");
            (file.name().expect("a name").into_owned(), String::from_utf8_lossy(&bytes).into_owned())
        })
        .collect()
}

pub fn names(package: &Package) -> Vec<String> {
    content(package).into_iter().map(|(name, _)| name).collect()
}

/// Files of a small project.
pub const FILES: &[(&str, &str)] =
    &[("app.py", "def main(): pass\n"), ("pages/index.html", "<p>\r\n"), (".env", "SECRET=1")];

/// A build that must fail, with this in its message or its hint.
pub fn check_refused(files: &[(&str, &str)], change: impl Fn(&mut BundleRequest), expected: &str) {
    let project = Project::new(files);
    let mut request = project.request();
    change(&mut request);
    let error = build(&request, &()).expect_err("refused");
    let text = format!("{error} | {}", error.hint().unwrap_or_default());
    assert!(text.contains(expected), "{text}");
}
