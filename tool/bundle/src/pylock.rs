//! pylock.toml, changed where uv would judge it by this machine.
//!
//! <https://packaging.python.org/en/latest/specifications/pylock-toml/>

use std::path::Path;

use toml::{Table, Value};

use crate::{BundleError, locks};

/// A lock that lies elsewhere than what its paths start from.
pub(crate) struct Pylock(Table);

impl Pylock {
    /// Read it; its paths start from `base`.
    pub(crate) fn read(path: &Path, base: &Path) -> Result<Self, BundleError> {
        let text = std::fs::read_to_string(path).map_err(BundleError::io(path, "read"))?;
        let mut lock = Self(toml::from_str(&text).map_err(|error| locks::broken(path, error.message()))?);
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

    /// Write it where `uv pip install` reads it.
    pub(crate) fn write(&self, place: &Path) -> Result<(), BundleError> {
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
        let path = directory.path().join("pylock.toml");
        let lock = "lock-version = \"1.0\"\nrequires-python = \">=3.12\"\n\
                    [[packages]]\nname = \"a\"\nrequires-python = \">=3.12\"\n\
                    wheels = [{path = \"a.whl\", upload-time = 2024-02-19T08:36:28Z}]\nsdist = {path = \"../a.tar.gz\"}\n\
                    [[packages]]\nname = \"b\"\ndirectory = {path = \"lib\"}\n\
                    [[packages]]\nname = \"c\"\narchive = {path = \"/c.whl\"}\nvcs = {path = \"c\"}\n";
        std::fs::write(&path, lock).expect("written");
        let lock = Pylock::read(&path, Path::new("/base")).expect("read");
        lock.write(&path).expect("written");
        let expected = "lock-version = \"1.0\"\n\
             [[packages]]\nname = \"a\"\n\
             wheels = [{path = \"/base/a.whl\", upload-time = 2024-02-19T08:36:28Z}]\nsdist = {path = \"/base/../a.tar.gz\"}\n\
             [[packages]]\nname = \"b\"\ndirectory = {path = \"/base/lib\"}\n\
             [[packages]]\nname = \"c\"\narchive = {path = \"/c.whl\"}\nvcs = {path = \"c\"}\n";
        let written: Table = toml::from_str(&std::fs::read_to_string(&path).expect("read")).expect("TOML");
        assert_eq!(written, toml::from_str(expected).expect("TOML"));
    }
}
