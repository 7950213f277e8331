//! Which file says what the project needs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::BundleError;

/// The file that lists the dependencies, read through to the files it includes.
#[derive(Debug)]
pub(crate) struct Requirements {
    /// What the user calls it.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) path: PathBuf,
    pub(crate) format: Format,
    /// Changes when anything does that decides what is installed.
    pub(crate) digest: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// uv reads it with `-r`: requirements.txt, pylock.toml, pyproject.toml.
    Direct,
    /// uv.lock, exported by uv.
    UvLock,
}

/// What is looked for when nothing is named, the most exact first.
const FOUND: [&str; 6] =
    ["uv.lock", "pylock.toml", "requirements.txt", "poetry.lock", "Pipfile.lock", "pyproject.toml"];

/// The requirements of a project; none is fine.
pub(crate) fn find(project: &Path, named: Option<&Path>) -> Result<Option<Requirements>, BundleError> {
    match named {
        Some(named) => {
            let path = project.join(named);
            if !path.is_file() {
                return Err(BundleError::RequirementsMissing { path, named_in: None });
            }
            read(path, named.display().to_string())
        }
        None => {
            let found = FOUND.into_iter().find(|name| {
                let path = project.join(name);
                path.is_file() && (*name != "pyproject.toml" || has_dependencies(&path))
            });
            found.map_or(Ok(None), |name| read(project.join(name), name.to_owned()))
        }
    }
}

/// A pyproject.toml without `[project]` holds only the settings of tools.
fn has_dependencies(pyproject: &Path) -> bool {
    std::fs::read_to_string(pyproject).is_ok_and(|text| text.lines().any(|line| line.trim_end() == "[project]"))
}

fn read(path: PathBuf, name: String) -> Result<Option<Requirements>, BundleError> {
    let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let refused = |convert| Err(BundleError::RequirementsFormat { name: name.clone(), convert });
    let mut files = BTreeMap::new();
    let format = match file_name.as_str() {
        "uv.lock" => {
            load(&path, None, &mut files)?;
            load(&path.with_file_name("pyproject.toml"), Some(&path), &mut files)?;
            Format::UvLock
        }
        "poetry.lock" => {
            return refused(
                "run `poetry export -o requirements.txt` and name that file in `package: {requirements: …}`",
            );
        }
        "Pipfile.lock" | "Pipfile" => {
            return refused(
                "run `pipenv requirements > requirements.txt` and name that file in `package: {requirements: …}`",
            );
        }
        "environment.yml" | "environment.yaml" => {
            return refused("conda packages do not run on AWS Lambda: list the packages in requirements.txt");
        }
        "setup.py" | "setup.cfg" => return refused("list what it needs in pyproject.toml or requirements.txt"),
        name if name.ends_with(".toml") => {
            load(&path, None, &mut files)?;
            Format::Direct
        }
        _ => {
            load_including(&path, None, &mut files)?;
            if !files.values().any(|content| lists_anything(content)) {
                return Ok(None);
            }
            Format::Direct
        }
    };
    let mut hash = Sha256::new();
    for content in files.values() {
        hash.update((content.len() as u64).to_be_bytes());
        hash.update(content);
    }
    Ok(Some(Requirements { name, path, format, digest: hex::encode(hash.finalize()) }))
}

type Files = BTreeMap<PathBuf, Vec<u8>>;

fn load(path: &Path, named_in: Option<&Path>, files: &mut Files) -> Result<(), BundleError> {
    if !path.is_file() {
        return Err(BundleError::RequirementsMissing { path: path.to_owned(), named_in: named_in.map(Path::to_owned) });
    }
    let content = std::fs::read(path).map_err(BundleError::io(path, "read"))?;
    files.insert(path.to_owned(), content);
    Ok(())
}

/// Load a requirements.txt and those it names with `-r` and `-c`.
fn load_including(path: &Path, named_in: Option<&Path>, files: &mut Files) -> Result<(), BundleError> {
    if files.contains_key(path) {
        return Ok(());
    }
    load(path, named_in, files)?;
    let text = String::from_utf8_lossy(&files[path]).into_owned();
    for included in text.lines().filter_map(included_file) {
        // Addresses are uv's to fetch; what is behind them does not count as a change.
        if !included.contains("://") {
            load_including(&path.with_file_name("").join(included), Some(path), files)?;
        }
    }
    Ok(())
}

fn included_file(line: &str) -> Option<&str> {
    let line = line.trim();
    let rest =
        ["--requirement", "--constraint", "-r", "-c"].into_iter().find_map(|option| line.strip_prefix(option))?;
    let rest = rest.trim_start_matches(['=', ' ', '\t']);
    let end = rest.find(" #").unwrap_or(rest.len());
    Some(rest[..end].trim().trim_matches(['"', '\''])).filter(|file| !file.is_empty())
}

fn lists_anything(content: &[u8]) -> bool {
    String::from_utf8_lossy(content).lines().any(|line| {
        let line = line.trim().trim_start_matches('\u{feff}');
        !line.is_empty() && !line.starts_with('#')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().expect("a temporary directory");
        for (name, content) in files {
            std::fs::write(directory.path().join(name), content).expect("written");
        }
        directory
    }

    fn check_found(files: &[(&str, &str)], expected: Option<&str>) {
        let project = project(files);
        let found = find(project.path(), None).expect("found");
        assert_eq!(found.as_ref().map(|found| found.name.as_str()), expected);
    }

    #[test]
    fn the_most_exact_file_is_found() {
        check_found(&[], None);
        check_found(&[("requirements.txt", "flask")], Some("requirements.txt"));
        check_found(&[("requirements.txt", "flask"), ("uv.lock", ""), ("pyproject.toml", "")], Some("uv.lock"));
        check_found(&[("pyproject.toml", "[project]\n")], Some("pyproject.toml"));
    }

    #[test]
    fn settings_of_tools_are_no_requirements() {
        check_found(&[("pyproject.toml", "[tool.black]\n")], None);
    }

    #[test]
    fn an_empty_file_needs_nothing() {
        check_found(&[("requirements.txt", "\r\n# nothing\r\n")], None);
    }

    #[test]
    fn formats_that_are_not_read_are_refused_by_name() {
        for name in ["poetry.lock", "Pipfile.lock"] {
            let project = project(&[(name, "")]);
            assert!(matches!(find(project.path(), None), Err(BundleError::RequirementsFormat { .. })), "{name}");
        }
    }

    #[test]
    fn a_named_file_must_exist() {
        let project = project(&[("requirements.txt", "-r other.txt\n")]);
        for name in [None, Some(Path::new("missing.txt"))] {
            assert!(matches!(find(project.path(), name), Err(BundleError::RequirementsMissing { .. })));
        }
    }

    #[test]
    fn a_change_in_an_included_file_is_a_change() {
        let project = project(&[
            ("requirements.txt", "-r a.txt # comment\r\n--constraint=b.txt\r\n"),
            ("a.txt", "flask"),
            ("b.txt", "-r a.txt"),
        ]);
        let digest = || find(project.path(), None).expect("read").expect("found").digest;
        let before = digest();
        assert_eq!(before, digest());
        std::fs::write(project.path().join("b.txt"), "-r a.txt\nflask<4").expect("written");
        assert_ne!(before, digest());
    }
}
