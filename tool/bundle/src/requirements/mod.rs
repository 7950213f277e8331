//! Which file says what the project needs.
//!
//! - [`text`]: a requirements.txt, as far as it names what is on this machine.
//! - [`locks`]: those of other tools, read here. [`pylock`]: one that uv reads. [`versions`]: the Pythons they are made for.
//! - [`local`]: packages beside the project. [`uv_sources`]: where their dependencies come from.
//! - [`wheels_only`]: the project's own choice that nothing is built.

pub mod local;
pub mod locks;
pub mod pylock;
pub mod text;
pub mod uv_sources;
pub mod versions;
pub mod wheels_only;

use crate::BundleError;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;
use text::Files;
use wheels_only::WheelsOnly;

/// The file that lists the dependencies, read through to the files it includes.
#[derive(Debug)]
pub struct Requirements {
    /// What the user calls it.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// The directory that the paths in it, and uv's idea of the project, start from.
    pub directory: PathBuf,
    pub format: Format,
    /// Who says that dependencies may not be built.
    pub wheels_only: WheelsOnly,
    /// Changes when anything does that decides what is installed.
    pub digest: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// uv reads it with `-r`: requirements.txt, pylock.toml, pyproject.toml.
    Direct,
    /// uv.lock, exported by uv.
    UvLock,
    /// poetry.lock, read here.
    PoetryLock,
    /// Pipfile.lock, read here.
    PipfileLock,
}

/// What is looked for when nothing is named, the most exact first; pyproject.toml comes last.
const FOUND: [&str; 5] = ["uv.lock", "pylock.toml", "requirements.txt", "poetry.lock", "Pipfile.lock"];

/// The requirements of a project; none is fine.
/// `skipped` are directories of slam's own that may be in a local package.
pub fn find(project: &Path, named: Option<&Path>, skipped: &[PathBuf]) -> Result<Option<Requirements>, BundleError> {
    match named {
        Some(named) => {
            let path = project.join(named);
            if !path.is_file() {
                return Err(BundleError::RequirementsMissing { path, named_in: None });
            }
            read(project, path, named.display().to_string(), skipped)
        }
        None => {
            let pyproject = project.join("pyproject.toml");
            match FOUND.into_iter().find(|name| project.join(name).is_file()) {
                Some(name) => read(project, project.join(name), name.to_owned(), skipped),
                None if !pyproject.is_file() || !is_project(&pyproject)? => unlocked(project),
                // A member of a workspace is locked at the workspace's root.
                None if let Some((lock, name)) = workspace_lock(project) => {
                    read(project, lock, name, skipped).map(|found| {
                        found.map(|requirements| Requirements { directory: project.to_owned(), ..requirements })
                    })
                }
                None => read(project, pyproject, "pyproject.toml".to_owned(), skipped),
            }
        }
    }
}

/// What a file of a project says of the Pythons that it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequiredPython {
    /// What the user calls the file.
    pub file: String,
    /// As it stands there: `>=3.12`.
    pub pythons: String,
}

impl RequiredPython {
    /// Whether a Lambda runtime for Python is among those.
    #[must_use]
    pub fn allows(&self, runtime: &str) -> bool {
        runtime.strip_prefix("python").is_some_and(|python| versions::allows(&self.pythons, python))
    }
}

/// The Pythons that a project says it is for, in the file that lists its dependencies and in pyproject.toml. What is wrong
/// with these files is told when they are built from.
#[must_use]
pub fn required_pythons(project: &Path, named: Option<&Path>) -> Vec<RequiredPython> {
    let mut found = Vec::new();
    if let Ok(Some(requirements)) = find(project, named, &[])
        && let Ok(Some(pythons)) = locks::pythons(requirements.format, &requirements.path)
    {
        found.push(RequiredPython { file: requirements.name, pythons });
    }
    let pyproject = locks::toml(&project.join("pyproject.toml")).unwrap_or_default();
    let poetry = &pyproject["tool"]["poetry"]["dependencies"]["python"];
    let said = [&pyproject["project"]["requires-python"], poetry, &poetry["version"]];
    let said = said.into_iter().filter_map(Value::as_str);
    found.extend(said.map(|pythons| RequiredPython { file: "pyproject.toml".to_owned(), pythons: pythons.to_owned() }));
    found
}

/// A pyproject.toml without `[project]` holds only the settings of tools.
fn is_project(pyproject: &Path) -> Result<bool, BundleError> {
    Ok(locks::toml(pyproject)?["project"].is_object())
}

/// The uv.lock of the workspace that a project is a member of, and its name as seen from there.
fn workspace_lock(project: &Path) -> Option<(PathBuf, String)> {
    let project = std::fs::canonicalize(project).ok()?;
    let locks = project.ancestors().map(|directory| directory.join("uv.lock")).enumerate().skip(1);
    let (up, lock) = locks.into_iter().find(|(_, lock)| lock.is_file())?;
    let tree = locks::toml(&lock).ok()?;
    let root = lock.parent()?;
    let member = |package: &Value| {
        let source = &package["source"];
        let place = source["editable"].as_str().or_else(|| source["virtual"].as_str());
        place.is_some_and(|place| root.join(place) == project)
    };
    locks::packages(&tree).any(member).then(|| (lock, format!("{}uv.lock", "../".repeat(up))))
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

fn read(project: &Path, path: PathBuf, name: String, skipped: &[PathBuf]) -> Result<Option<Requirements>, BundleError> {
    let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let refused = |convert| Err(BundleError::RequirementsFormat { name: name.clone(), convert });
    let mut files = Files::new();
    let mut directory = path.parent().map(Path::to_owned).unwrap_or_default();
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
            files = text::read(&path)?;
            if !files.values().any(|text| text::lists_anything(text)) {
                return Ok(None);
            }
            // Wherever the file is, as for pip and uv, which are run in the project.
            directory = project.to_owned();
            Format::Direct
        }
    };
    let mut hash = Sha256::new();
    for text in files.values() {
        update(&mut hash, text.as_bytes());
    }
    for place in places(format, &path, &directory, &files)? {
        update(&mut hash, stamp(&place, skipped)?.as_bytes());
    }
    let (settings, links) = uv_settings(&directory)?;
    let wheels_only = WheelsOnly::read(&files, &settings);
    update(&mut hash, wheels_only.stamp().as_bytes());
    if format == Format::Direct {
        update(&mut hash, settings.to_string().as_bytes());
        for links in links {
            update(&mut hash, stamp(&links, skipped)?.as_bytes());
        }
    }
    Ok(Some(Requirements { name, path, directory, format, wheels_only, digest: hex::encode(hash.finalize()) }))
}

fn update(hash: &mut Sha256, part: &[u8]) {
    hash.update((part.len() as u64).to_be_bytes());
    hash.update(part);
}

fn load(path: &Path, named_in: Option<&Path>, files: &mut Files) -> Result<(), BundleError> {
    if !path.is_file() {
        return Err(BundleError::RequirementsMissing { path: path.to_owned(), named_in: named_in.map(Path::to_owned) });
    }
    let text = std::fs::read_to_string(path).map_err(BundleError::io(path, "read"))?;
    files.insert(path.to_owned(), text);
    Ok(())
}

/// The packages, wheels and folders of wheels that decide what is installed.
fn places(format: Format, path: &Path, directory: &Path, files: &Files) -> Result<Vec<PathBuf>, BundleError> {
    Ok(match format {
        Format::Direct if path.extension().is_some_and(|extension| extension == "toml") => uv_sources::paths(path)?,
        Format::Direct => {
            let packages: Vec<_> = files.values().flat_map(|text| local::packages(text, directory)).collect();
            let sources = uv_sources::reached(&packages)?.into_iter().map(|source| source.place);
            let wheels = files.values().flat_map(|text| local::files(text, directory));
            let links = files.iter().flat_map(|(path, text)| text::links(path, text));
            sources.chain(wheels).chain(links).chain(packages.iter().cloned()).collect()
        }
        Format::PoetryLock => local::packages(&locks::poetry(path)?, directory),
        Format::PipfileLock => local::packages(&locks::pipfile(path)?, directory),
        Format::UvLock => {
            let lock = locks::toml(path)?;
            let place = |package: &Value| {
                let source = &package["source"];
                let place = source["editable"].as_str().or_else(|| source["directory"].as_str())?;
                // The project itself is shipped as it is.
                (place != ".").then(|| directory.join(place))
            };
            locks::packages(&lock).filter_map(place).collect()
        }
    })
}

/// Changes when what is at a place does.
fn stamp(place: &Path, skipped: &[PathBuf]) -> Result<String, BundleError> {
    if local::is_package(place) {
        local::digest(place, skipped)
    } else if place.is_dir() {
        stamp_of_links(place)
    } else if place.is_file() {
        Ok(hex::encode(Sha256::digest(std::fs::read(place).map_err(BundleError::io(place, "read"))?)))
    } else {
        // uv tells what is missing.
        Ok(String::new())
    }
}

/// Names, sizes and times: a folder of wheels may be large.
fn stamp_of_links(folder: &Path) -> Result<String, BundleError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(BundleError::io(folder, "read"))?.flatten() {
        let metadata = std::fs::metadata(entry.path()).map_err(BundleError::io(&entry.path(), "read"))?;
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        found.push((entry.file_name(), metadata.len(), modified));
    }
    found.sort();
    Ok(format!("{found:?}"))
}

/// uv's settings for what it runs in a directory, and the folders of wheels that they name.
fn uv_settings(directory: &Path) -> Result<(Value, Vec<PathBuf>), BundleError> {
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let directory = std::fs::canonicalize(directory).map_err(BundleError::io(directory, "read"))?;
    for above in directory.ancestors() {
        let (own, pyproject) = (above.join("uv.toml"), above.join("pyproject.toml"));
        // uv passes over a file that it cannot read.
        let settings = match locks::toml(&own) {
            Ok(settings) => settings,
            Err(_) => locks::toml(&pyproject).unwrap_or_default()["tool"]["uv"].take(),
        };
        if settings.is_object() {
            let links = [&settings["find-links"], &settings["pip"]["find-links"]].into_iter();
            let links = links.filter_map(Value::as_array).flatten().filter_map(Value::as_str);
            let links = links.filter_map(text::local_path).map(|path| above.join(path)).collect();
            return Ok((settings, links));
        }
    }
    Ok((Value::Null, Vec::new()))
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
    fn a_project_is_one_however_it_is_written() {
        for text in ["[project] # the app\n", "project.dependencies = [\"idna\"]\n", "\u{feff}[project]\n"] {
            check_found(&[("pyproject.toml", text)], Some("pyproject.toml"));
        }
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

    fn check_change(files: &[(&str, &str)], changed: &str) {
        let project = project(&[]);
        let write = |name: &str, text: &str| {
            let path = project.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("created");
            std::fs::write(path, text.replace("ROOT", &project.path().display().to_string())).expect("written");
        };
        files.iter().for_each(|(name, text)| write(name, text));
        let digest = || find(project.path(), None, &[]).expect("read").expect("found").digest;
        let before = digest();
        assert_eq!(before, digest());
        write(changed, "# changed\n");
        assert_ne!(before, digest(), "{files:?}");
    }

    #[test]
    fn a_change_in_what_is_named_by_its_path_is_a_change() {
        for line in [
            "./w/x-1.whl  # why",
            "x @ file://ROOT/w/x-1.whl; python_version > '3'",
            "./w/x-1.whl --hash=sha256:aa",
            "x @ file://ROOT/w/x-1.whl \\\n  --hash=sha256:aa",
            "--find-links w\nx",
            "-f file://ROOT/w\nx",
        ] {
            check_change(&[("requirements.txt", line), ("w/x-1.whl", "")], "w/x-1.whl");
        }
        let sources = "[project]\n[tool.uv.sources]\nx = {path = \"w/x-1.whl\"}\n";
        check_change(&[("pyproject.toml", sources), ("w/x-1.whl", "")], "w/x-1.whl");
        let settings = "[tool.uv]\nfind-links = [\"w\"]\n";
        let files = [("requirements.txt", "x"), ("pyproject.toml", settings), ("w/x-1.whl", "")];
        check_change(&files, "w/x-1.whl");
    }

    #[test]
    fn a_change_in_a_local_package_is_a_change() {
        let local = [
            ("requirements.txt", "-e ./lib\n"),
            ("lib/lib.py", ""),
            ("lib/requirements.txt", ""),
            (
                "lib/pyproject.toml",
                "[project]\ndependencies = [\"other\"]\n[tool.uv.sources]\nother = {path = \"../other\"}\n",
            ),
            ("other/pyproject.toml", ""),
            ("other/other.py", ""),
        ];
        for changed in ["lib/lib.py", "lib/requirements.txt", "other/other.py"] {
            check_change(&local, changed);
        }
    }

    #[test]
    fn a_named_file_must_exist() {
        let project = project(&[("requirements.txt", "-r other.txt\n")]);
        for name in [None, Some(Path::new("missing.txt"))] {
            assert!(matches!(find(project.path(), name, &[]), Err(BundleError::RequirementsMissing { .. })));
        }
    }

    #[test]
    fn packages_are_looked_for_in_the_project_wherever_the_file_is() {
        let project = project(&[]);
        for (name, text) in [
            ("requirements/prod.txt", "-r base.txt"),
            ("requirements/base.txt", "-e ./lib"),
            ("lib/pyproject.toml", ""),
        ] {
            let path = project.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("created");
            std::fs::write(path, text).expect("written");
        }
        let named = Some(Path::new("requirements/prod.txt"));
        let digest = || find(project.path(), named, &[]).expect("read").expect("found").digest;
        let before = digest();
        std::fs::write(project.path().join("lib/lib.py"), "").expect("written");
        assert_ne!(before, digest());
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
