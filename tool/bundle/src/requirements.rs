//! Which file says what the project needs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::{BundleError, local, locks};

/// The file that lists the dependencies, read through to the files it includes.
#[derive(Debug)]
pub(crate) struct Requirements {
    /// What the user calls it.
    pub(crate) name: String,
    /// Where it is.
    pub(crate) path: PathBuf,
    /// The directory that the paths in it, and uv's idea of the project, start from.
    pub(crate) directory: PathBuf,
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
    /// poetry.lock, read here.
    PoetryLock,
    /// Pipfile.lock, read here.
    PipfileLock,
}

/// What is looked for when nothing is named, the most exact first.
const FOUND: [&str; 6] =
    ["uv.lock", "pylock.toml", "requirements.txt", "poetry.lock", "Pipfile.lock", "pyproject.toml"];

/// The requirements of a project; none is fine.
/// `skipped` are directories of slam's own that may be in a local package.
pub(crate) fn find(
    project: &Path,
    named: Option<&Path>,
    skipped: &[PathBuf],
) -> Result<Option<Requirements>, BundleError> {
    match named {
        Some(named) => {
            let path = project.join(named);
            if !path.is_file() {
                return Err(BundleError::RequirementsMissing { path, named_in: None });
            }
            read(path, named.display().to_string(), skipped)
        }
        None => {
            let found = FOUND.into_iter().find(|name| {
                let path = project.join(name);
                path.is_file() && (*name != "pyproject.toml" || has_dependencies(&path))
            });
            match found {
                // A member of a workspace is locked at the workspace's root.
                Some("pyproject.toml") if let Some(lock) = workspace_lock(project) => {
                    read(lock.clone(), lock.display().to_string(), skipped).map(|found| {
                        found.map(|requirements| Requirements { directory: project.to_owned(), ..requirements })
                    })
                }
                Some(name) => read(project.join(name), name.to_owned(), skipped),
                None => unlocked(project),
            }
        }
    }
}

/// A pyproject.toml without `[project]` holds only the settings of tools.
fn has_dependencies(pyproject: &Path) -> bool {
    std::fs::read_to_string(pyproject).is_ok_and(|text| text.lines().any(|line| line.trim_end() == "[project]"))
}

/// The uv.lock of the workspace that a project is a member of.
fn workspace_lock(project: &Path) -> Option<PathBuf> {
    let project = std::fs::canonicalize(project).ok()?;
    let lock = project.ancestors().skip(1).map(|directory| directory.join("uv.lock")).find(|lock| lock.is_file())?;
    let tree = locks::toml(&lock).ok()?;
    let root = lock.parent()?;
    let member = |package: &serde_json::Value| {
        let source = &package["source"];
        let place = source["editable"].as_str().or_else(|| source["virtual"].as_str());
        place.is_some_and(|place| root.join(place) == project)
    };
    locks::packages(&tree).any(member).then_some(lock)
}

/// Dependencies that are named, but not locked, in a way that uv does not read.
fn unlocked(project: &Path) -> Result<Option<Requirements>, BundleError> {
    let pyproject = project.join("pyproject.toml");
    if pyproject.is_file() && locks::toml(&pyproject)?["tool"]["poetry"]["dependencies"].is_object() {
        let convert = "run `poetry lock`: slam reads poetry.lock";
        return Err(BundleError::RequirementsFormat {
            name: "Poetry's dependencies in pyproject.toml".to_owned(),
            convert,
        });
    }
    if project.join("Pipfile").is_file() {
        let convert = "run `pipenv lock`: slam reads Pipfile.lock";
        return Err(BundleError::RequirementsFormat { name: "Pipfile".to_owned(), convert });
    }
    Ok(None)
}

fn read(path: PathBuf, name: String, skipped: &[PathBuf]) -> Result<Option<Requirements>, BundleError> {
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
            load(&path, None, &mut files)?;
            load(&path.with_file_name("pyproject.toml"), Some(&path), &mut files)?;
            Format::PoetryLock
        }
        "Pipfile.lock" => {
            load(&path, None, &mut files)?;
            Format::PipfileLock
        }
        "Pipfile" => return refused("run `pipenv lock` and name Pipfile.lock in `package: {requirements: …}`"),
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
    let directory = path.parent().map(Path::to_owned).unwrap_or_default();
    let mut hash = Sha256::new();
    for content in files.values() {
        hash.update((content.len() as u64).to_be_bytes());
        hash.update(content);
    }
    for place in local_directories(format, &path, &directory, &files)? {
        hash.update(local::digest(&place, skipped)?);
    }
    for wheel in files.values().flat_map(|content| local::files(&String::from_utf8_lossy(content), &directory)) {
        hash.update(Sha256::digest(std::fs::read(&wheel).map_err(BundleError::io(&wheel, "read"))?));
    }
    Ok(Some(Requirements { name, path, directory, format, digest: hex::encode(hash.finalize()) }))
}

/// The directories whose content becomes part of what is installed.
fn local_directories(
    format: Format,
    path: &Path,
    directory: &Path,
    files: &Files,
) -> Result<Vec<PathBuf>, BundleError> {
    Ok(match format {
        Format::Direct => files
            .values()
            .flat_map(|content| local::directories(&String::from_utf8_lossy(content), directory))
            .collect(),
        Format::PoetryLock => local::directories(&locks::poetry(path)?, directory),
        Format::PipfileLock => local::directories(&locks::pipfile(path)?, directory),
        Format::UvLock => {
            let lock = locks::toml(path)?;
            let place = |package: &serde_json::Value| {
                let source = &package["source"];
                let place = source["editable"].as_str().or_else(|| source["directory"].as_str())?;
                // The project itself is shipped as it is.
                (place != ".").then(|| directory.join(place))
            };
            locks::packages(&lock).filter_map(place).collect()
        }
    })
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

/// A requirements.txt with those it includes written out, so that each line can be replaced.
pub(crate) fn flattened(path: &Path) -> Result<String, BundleError> {
    let mut text = String::new();
    let mut seen = Vec::new();
    flatten(path, &mut seen, &mut text)?;
    Ok(text)
}

fn flatten(path: &Path, seen: &mut Vec<PathBuf>, text: &mut String) -> Result<(), BundleError> {
    if seen.iter().any(|one| one == path) {
        return Ok(());
    }
    seen.push(path.to_owned());
    let content = std::fs::read_to_string(path).map_err(BundleError::io(path, "read"))?;
    for line in content.lines() {
        let included = included_file(line).filter(|file| !file.contains("://"));
        match included.map(|file| path.with_file_name("").join(file)) {
            Some(file) if line.trim_start().starts_with("-c") || line.trim_start().starts_with("--constraint") => {
                *text += &format!("-c {}\n", file.display());
            }
            Some(file) => flatten(&file, seen, text)?,
            None => {
                *text += line;
                text.push('\n');
            }
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
        let found = find(project.path(), None, &[]).expect("found");
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
    fn dependencies_that_are_not_locked_are_refused_by_name() {
        let poetry = "[tool.poetry.dependencies]\nflask = \"*\"\n";
        for (name, text) in [("Pipfile", ""), ("pyproject.toml", poetry)] {
            let project = project(&[(name, text)]);
            assert!(matches!(find(project.path(), None, &[]), Err(BundleError::RequirementsFormat { .. })), "{name}");
        }
    }

    #[test]
    fn a_change_in_a_local_package_is_a_change() {
        let project = project(&[("requirements.txt", "-e ./lib\n")]);
        std::fs::create_dir(project.path().join("lib")).expect("created");
        std::fs::write(project.path().join("lib/pyproject.toml"), "").expect("written");
        let digest = || find(project.path(), None, &[]).expect("read").expect("found").digest;
        let before = digest();
        std::fs::write(project.path().join("lib/lib.py"), "x = 1").expect("written");
        assert_ne!(before, digest());
    }

    #[test]
    fn a_named_file_must_exist() {
        let project = project(&[("requirements.txt", "-r other.txt\n")]);
        for name in [None, Some(Path::new("missing.txt"))] {
            assert!(matches!(find(project.path(), name, &[]), Err(BundleError::RequirementsMissing { .. })));
        }
    }

    #[test]
    fn a_change_in_an_included_file_is_a_change() {
        let project = project(&[
            ("requirements.txt", "-r a.txt # comment\r\n--constraint=b.txt\r\n"),
            ("a.txt", "flask"),
            ("b.txt", "-r a.txt"),
        ]);
        let digest = || find(project.path(), None, &[]).expect("read").expect("found").digest;
        let before = digest();
        assert_eq!(before, digest());
        std::fs::write(project.path().join("b.txt"), "-r a.txt\nflask<4").expect("written");
        assert_ne!(before, digest());
    }
}
