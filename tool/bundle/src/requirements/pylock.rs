//! pylock.toml, changed where uv would judge it by this machine or needs to build.
//!
//! <https://packaging.python.org/en/latest/specifications/pylock-toml/>

use super::locks;
use crate::BundleError;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// A lock that may lie anywhere.
pub struct Pylock(Table);

impl Pylock {
    /// Understand the text of the lock at `path`. The paths in it start from `base`, and become absolute.
    pub fn parse(text: &str, path: &Path, base: &Path) -> Result<Self, BundleError> {
        let mut lock = Self(toml::from_str(text).map_err(|error| locks::broken(path, error.message()))?);
        // uv compares it with the Python it runs on, and not with the one it installs for.
        lock.0.remove("requires-python");
        for package in lock.packages() {
            package.remove("requires-python");
            for file in files(package) {
                place(file, base);
            }
        }
        Ok(lock)
    }

    /// Name the wheel that `build` makes in the place of each directory.
    pub fn build(&mut self, mut build: impl FnMut(&Path) -> Result<PathBuf, BundleError>) -> Result<(), BundleError> {
        for package in self.packages() {
            let Some(directory) = package.remove("directory") else { continue };
            let wheel = build(Path::new(directory.get("path").and_then(Value::as_str).unwrap_or_default()))?;
            let content = std::fs::read(&wheel).map_err(BundleError::io(&wheel, "read"))?;
            let sha256 = hex::encode(Sha256::digest(content));
            let hashes = Table::from_iter([("sha256".to_owned(), Value::String(sha256))]);
            let path = Value::String(wheel.to_string_lossy().into_owned());
            let archive = [("path".to_owned(), path), ("hashes".to_owned(), Value::Table(hashes))];
            package.insert("archive".to_owned(), Value::Table(Table::from_iter(archive)));
        }
        Ok(())
    }

    /// Write it where `uv pip install` reads it.
    pub fn write(&self, place: &Path) -> Result<(), BundleError> {
        std::fs::write(place, self.0.to_string()).map_err(BundleError::io(place, "written"))
    }

    fn packages(&mut self) -> impl Iterator<Item = &mut Table> {
        let packages = self.0.get_mut("packages").and_then(Value::as_array_mut);
        packages.into_iter().flatten().filter_map(Value::as_table_mut)
    }
}

/// Where the content of a package may come from.
fn files(package: &mut Table) -> impl Iterator<Item = &mut Table> {
    package.iter_mut().filter(|(key, _)| matches!(key.as_str(), "archive" | "directory" | "sdist" | "wheels")).flat_map(
        |(_, value)| match value {
            Value::Array(files) => files.iter_mut().filter_map(Value::as_table_mut).collect::<Vec<_>>(),
            value => value.as_table_mut().into_iter().collect(),
        },
    )
}

fn place(file: &mut Table, base: &Path) {
    if let Some(Value::String(path)) = file.get_mut("path") {
        *path = base.join(&*path).to_string_lossy().into_owned();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_freed_of_this_machine() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let lock = "lock-version = \"1.0\"\nrequires-python = \">=3.12\"\n\
                    [[packages]]\nname = \"a\"\nrequires-python = \">=3.12\"\n\
                    wheels = [{path = \"a.whl\", upload-time = 2024-02-19T08:36:28Z}]\nsdist = {path = \"../a.tar.gz\"}\n\
                    [[packages]]\nname = \"b\"\ndirectory = {path = \"lib\"}\n\
                    [[packages]]\nname = \"c\"\narchive = {path = \"/c.whl\"}\nvcs = {path = \"c\"}\n";
        let mut lock = Pylock::parse(lock, Path::new("pylock.toml"), Path::new("/base")).expect("parsed");
        let wheel = directory.path().join("b.whl");
        std::fs::write(&wheel, "").expect("written");
        lock.build(|place| {
            assert_eq!(place, Path::new("/base/lib"));
            Ok(wheel.clone())
        })
        .expect("built");
        let place = directory.path().join("pylock.toml");
        lock.write(&place).expect("written");
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let expected = format!(
            "lock-version = \"1.0\"\n\
             [[packages]]\nname = \"a\"\n\
             wheels = [{{path = \"/base/a.whl\", upload-time = 2024-02-19T08:36:28Z}}]\nsdist = {{path = \"/base/../a.tar.gz\"}}\n\
             [[packages]]\nname = \"b\"\narchive = {{path = \"{}\", hashes = {{sha256 = \"{empty}\"}}}}\n\
             [[packages]]\nname = \"c\"\narchive = {{path = \"/c.whl\"}}\nvcs = {{path = \"c\"}}\n",
            wheel.display()
        );
        let written: Table = toml::from_str(&std::fs::read_to_string(&place).expect("read")).expect("TOML");
        assert_eq!(written, toml::from_str(&expected).expect("TOML"));
    }
}
