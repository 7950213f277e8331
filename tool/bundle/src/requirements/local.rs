//! Packages that are directories beside the project, and wheels that were made before: `-e ../lib`, members of a workspace.

use super::text::local;
use crate::BundleError;
use crate::sources::{self, Patterns};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What setuptools leaves in a package: what it built before, of modules that may be gone.
const LEFTOVERS: [&str; 3] = ["/build/lib", "/build/lib.*-*", "/build/bdist.*"];

/// Lists of dependencies, which are no part of an application, but may be read to build one.
const LISTS: [&str; 6] = ["requirements.txt", "uv.lock", "pylock.toml", "poetry.lock", "Pipfile", "Pipfile.lock"];

/// Whether a wheel can be built of what is there.
pub fn is_package(place: &Path) -> bool {
    place.is_dir() && (place.join("pyproject.toml").is_file() || place.join("setup.py").is_file())
}

/// The packages that a requirements.txt names, seen from `base`.
pub fn packages(text: &str, base: &Path) -> Vec<PathBuf> {
    places(text, base).filter(|place| is_package(place)).collect()
}

/// The files that a requirements.txt names by path: wheels that were made before.
pub fn files(text: &str, base: &Path) -> Vec<PathBuf> {
    places(text, base).filter(|place| place.is_file()).collect()
}

fn places(text: &str, base: &Path) -> impl Iterator<Item = PathBuf> {
    text.lines().filter_map(|line| local(line, base)).map(|local| local.path)
}

/// Changes when anything does in a directory that a wheel is made of.
pub fn digest(package: &Path, skipped: &[PathBuf]) -> Result<String, BundleError> {
    let mut hash = Sha256::new();
    for (name, path) in contents(package, skipped)? {
        let metadata = fs::metadata(&path).map_err(BundleError::io(&path, "read"))?;
        hash.update((name.len() as u64).to_be_bytes());
        hash.update(&name);
        hash.update([u8::from(sources::is_executable(&metadata))]);
        hash.update(Sha256::digest(fs::read(&path).map_err(BundleError::io(&path, "read"))?));
    }
    Ok(hex::encode(hash.finalize()))
}

/// The files that a wheel is made of, by their names.
pub fn contents(package: &Path, skipped: &[PathBuf]) -> Result<BTreeMap<String, PathBuf>, BundleError> {
    let files = sources::collect(package, &Patterns::new(&[], &LEFTOVERS.map(str::to_owned))?, skipped)?;
    let above = |name: &str| name.rfind('/').map_or(String::new(), |end| name[..=end].to_owned());
    let directories: BTreeSet<String> = files.iter().map(|file| above(&file.name)).chain([String::new()]).collect();
    let lists = directories.iter().flat_map(|directory| LISTS.map(|list| format!("{directory}{list}")));
    let lists = lists.map(|name| (name.clone(), package.join(name))).filter(|(_, path)| path.is_file());
    Ok(lists.chain(files.iter().map(|file| (file.name.clone(), file.path.clone()))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(files: &[(&str, &str)]) -> tempfile::TempDir {
        let package = tempfile::tempdir().expect("a temporary directory");
        for (name, text) in files {
            let path = package.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("created");
            fs::write(path, text).expect("written");
        }
        package
    }

    #[test]
    fn packages_are_told_from_other_directories() {
        let base = package(&[("lib/pyproject.toml", ""), ("old/setup.py", ""), ("none/x", ""), ("x-1.whl", "")]);
        let text = "-e ./lib\n./old\n./none\nlib\n./x-1.whl # comment\n./nothing\n";
        assert_eq!(packages(text, base.path()), ["./lib", "./old"].map(|name| base.path().join(name)));
        assert_eq!(files(text, base.path()), [base.path().join("./x-1.whl")]);
    }

    #[test]
    fn a_wheel_is_made_of_what_is_no_leftover() {
        let files = [
            "a/x.py",
            "a/requirements.txt",
            "build/util.py",
            "build/lib/old.py",
            "build/bdist.linux-x86_64/x",
            "setup.py",
            "requirements.txt",
            "p.egg-info/PKG-INFO",
            ".git/config",
            ".env",
        ];
        let package = package(&files.map(|name| (name, "")));
        let found: Vec<String> = contents(package.path(), &[]).expect("read").into_keys().collect();
        assert_eq!(found, ["a/requirements.txt", "a/x.py", "build/util.py", "requirements.txt", "setup.py"]);
    }
}
