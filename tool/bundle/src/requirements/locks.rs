//! poetry.lock and Pipfile.lock, written as a requirements.txt that uv reads.
//!
//! Markers are passed on as they are: uv evaluates them for the target. Nothing is resolved again; what the lock names is
//! installed without a look at what else a package asks for.

use super::Format;
use crate::BundleError;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;

/// More ways than this to need one package, and it is taken on every one of them.
const MAX_MARKERS: usize = 32;

/// What uv takes packages from unless it is told otherwise.
const PUBLIC_INDEX: &str = "https://pypi.org/simple";

pub fn broken(path: &Path, reason: impl std::fmt::Display) -> BundleError {
    BundleError::Lock { path: path.to_owned(), reason: reason.to_string() }
}

/// A TOML file as a tree of values.
pub fn toml(path: &Path) -> Result<Value, BundleError> {
    let text = std::fs::read_to_string(path).map_err(BundleError::io(path, "read"))?;
    // The parser's message has a picture of the place; its first line says what and where.
    toml::from_str(&text).map_err(|error| broken(path, error.message()))
}

fn json(path: &Path) -> Result<Value, BundleError> {
    let content = std::fs::read(path).map_err(BundleError::io(path, "read"))?;
    serde_json::from_slice(&content).map_err(|error| broken(path, error))
}

/// `[[package]]`s of a lock file.
pub fn packages(lock: &Value) -> impl Iterator<Item = &Value> {
    lock["package"].as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value[key].as_str().filter(|text| !text.is_empty())
}

/// PEP 503.
pub fn normalized(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for character in name.chars() {
        match character {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            other => normal.extend(other.to_lowercase()),
        }
    }
    normal
}

/// The Pythons that a lock was made for; what others need may be missing in it.
pub fn pythons(format: Format, path: &Path) -> Result<Option<String>, BundleError> {
    let pythons = match format {
        Format::PipfileLock => {
            let requires = &json(path)?["_meta"]["requires"];
            text(requires, "python_full_version").or_else(|| text(requires, "python_version")).map(str::to_owned)
        }
        Format::PoetryLock => text(&toml(path)?["metadata"], "python-versions").map(str::to_owned),
        Format::UvLock => text(&toml(path)?, "requires-python").map(str::to_owned),
        Format::Direct if is_toml(path) => text(&toml(path)?, "requires-python").map(str::to_owned),
        Format::Direct => None,
    };
    Ok(pythons)
}

/// Whether a uv.lock has packages of another index than the public one, in whose place this machine may have another.
pub fn names_other_index(path: &Path) -> Result<bool, BundleError> {
    let other = |package: &Value| text(&package["source"], "registry").is_some_and(|index| index != PUBLIC_INDEX);
    Ok(packages(&toml(path)?).any(other))
}

/// Whether uv takes the file for one of its own kinds, and not for a requirements.txt.
pub fn is_toml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

/// One line of a requirements.txt.
fn line(requirement: &str, marker: Option<&str>, hashes: &[&str]) -> String {
    let marker = marker.map(|marker| format!(" ; {marker}")).unwrap_or_default();
    let hashes: String = hashes.iter().map(|hash| format!(" --hash={hash}")).collect();
    format!("{requirement}{marker}{hashes}\n")
}

/// Pipfile.lock: the packages of `default`.
pub fn pipfile(path: &Path) -> Result<String, BundleError> {
    let lock = json(path)?;
    let Some(packages) = lock["default"].as_object() else {
        return Err(broken(path, "it has no `default` packages"));
    };
    let mut lines = String::new();
    let sources = lock["_meta"]["sources"].as_array().map(Vec::as_slice).unwrap_or_default();
    // The public index, which Pipenv calls so, is what uv takes by itself, or what this machine has in its place.
    let is_public = |source: &Value| text(source, "name") == Some("pypi");
    let mut option = if sources.iter().any(is_public) { "--extra-index-url" } else { "--index-url" };
    for url in sources.iter().filter(|source| !is_public(source)).filter_map(|source| text(source, "url")) {
        lines += &format!("{option} {url}\n");
        option = "--extra-index-url";
    }
    for (name, package) in packages {
        let extras: Vec<&str> = package["extras"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let named = if extras.is_empty() { name.clone() } else { format!("{name}[{}]", extras.join(",")) };
        let hashes: Vec<&str> = package["hashes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let requirement = if let Some(local) = text(package, "path") {
            format!("./{local}")
        } else if let Some(file) = text(package, "file") {
            format!("{named} @ {file}")
        } else if let Some(git) = text(package, "git") {
            format!("{named} @ git+{git}@{}", text(package, "ref").unwrap_or("HEAD"))
        } else if let Some(version) = text(package, "version") {
            format!("{named}{}", version.replace('*', ""))
        } else {
            return Err(broken(path, format!("`{name}` has neither a version nor a source")));
        };
        lines += &line(&requirement, text(package, "markers"), &hashes);
    }
    Ok(lines)
}

/// poetry.lock: the packages that the main group of the pyproject.toml beside it needs.
pub fn poetry(path: &Path) -> Result<String, BundleError> {
    let lock = toml(path)?;
    let project = toml(&path.with_file_name("pyproject.toml"))?;
    // Since 2.1 the lock says itself what each group needs and when.
    let wanted = if packages(&lock).any(|package| package["groups"].is_array()) {
        marked(&lock)
    } else {
        reached(&lock, &project)
    };
    let mut lines = String::new();
    let sources = project["tool"]["poetry"]["source"].as_array().map(Vec::as_slice).unwrap_or_default();
    for url in sources.iter().filter_map(|source| text(source, "url")) {
        lines += &format!("--extra-index-url {url}\n");
    }
    for package in packages(&lock) {
        let (Some(name), Some(version)) = (text(package, "name"), text(package, "version")) else {
            return Err(broken(path, "a package has no name or no version"));
        };
        let Some(markers) = wanted.get(&(normalized(name), version.to_owned())) else { continue };
        let marker = match markers.len() {
            0 => None,
            1 => markers.iter().next().cloned(),
            _ => Some(markers.iter().map(|marker| format!("({marker})")).collect::<Vec<_>>().join(" or ")),
        };
        let source = &package["source"];
        let url = text(source, "url").unwrap_or_default();
        let requirement = match text(source, "type") {
            Some("directory") => format!("./{url}"),
            Some("file") => format!("./{url}"),
            Some("url") => format!("{name} @ {url}"),
            Some("git") => format!("{name} @ git+{url}@{}", text(source, "resolved_reference").unwrap_or("HEAD")),
            _ => format!("{name}=={version}"),
        };
        // Up to 1.x of the format the hashes are in a table of their own.
        let files = match &package["files"] {
            Value::Null => &lock["metadata"]["files"][name],
            files => files,
        };
        let hashes: Vec<&str> = files.as_array().into_iter().flatten().filter_map(|file| text(file, "hash")).collect();
        lines += &line(&requirement, marker.as_deref(), &hashes);
    }
    Ok(lines)
}

/// Packages by name and version; no markers means always.
type Wanted = BTreeMap<(String, String), BTreeSet<String>>;

fn marked(lock: &Value) -> Wanted {
    let main =
        |package: &Value| package["groups"].as_array().is_some_and(|groups| groups.iter().any(|it| it == "main"));
    packages(lock)
        .filter(|package| main(package) && package["optional"] != true)
        .filter_map(|package| {
            let marker = text(package, "markers").or_else(|| text(&package["markers"], "main"));
            let key = (normalized(text(package, "name")?), text(package, "version")?.to_owned());
            Some((key, marker.map(str::to_owned).into_iter().collect()))
        })
        .collect()
}

/// The packages found from the project's dependencies on, each with the markers on the ways to it.
fn reached(lock: &Value, project: &Value) -> Wanted {
    let mut by_name: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for package in packages(lock) {
        by_name.entry(normalized(text(package, "name").unwrap_or_default())).or_default().push(package);
    }
    let mut wanted = Wanted::new();
    let mut ways: VecDeque<(String, BTreeSet<String>, Option<String>)> = roots(project).into();
    let mut gone: BTreeSet<(String, BTreeSet<String>, Option<String>)> = BTreeSet::new();
    while let Some((name, extras, marker)) = ways.pop_front() {
        if !gone.insert((name.clone(), extras.clone(), marker.clone())) {
            continue;
        }
        for package in by_name.get(&name).into_iter().flatten() {
            let key = (name.clone(), text(package, "version").unwrap_or_default().to_owned());
            let known = wanted.contains_key(&key);
            let markers = wanted.entry(key).or_default();
            // Once always, always.
            let always = known && markers.is_empty();
            match &marker {
                Some(marker) if !always && markers.len() < MAX_MARKERS => {
                    markers.insert(marker.clone());
                }
                _ => markers.clear(),
            }
            let marker = if always || markers.is_empty() { None } else { marker.clone() };
            let optional: BTreeSet<String> = extras
                .iter()
                .flat_map(|extra| package["extras"][extra].as_array().into_iter().flatten())
                .filter_map(|requirement| Some(normalized(first_name(requirement.as_str()?))))
                .collect();
            for (dependency, specification) in package["dependencies"].as_object().into_iter().flatten() {
                // A dependency may have several specifications, each for other markers.
                let several =
                    specification.as_array().map_or_else(|| vec![specification], |list| list.iter().collect());
                for one in several {
                    let dependency = normalized(dependency);
                    if one["optional"] == true && !optional.contains(&dependency) {
                        continue;
                    }
                    // The marker of what an extra brings only says which extra it is.
                    let own = text(one, "markers").filter(|marker| !marker.contains("extra =="));
                    ways.push_back((dependency, extras_of(one), both(marker.as_deref(), own)));
                }
            }
        }
    }
    wanted
}

fn roots(project: &Value) -> Vec<(String, BTreeSet<String>, Option<String>)> {
    let mut roots = Vec::new();
    for requirement in project["project"]["dependencies"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let (requirement, marker) =
            requirement.split_once(';').map_or((requirement, None), |(it, marker)| (it, Some(marker)));
        let extras =
            requirement.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map_or("", |(extras, _)| extras);
        let extras = extras.split(',').map(|extra| extra.trim().to_owned()).filter(|extra| !extra.is_empty()).collect();
        roots.push((normalized(first_name(requirement)), extras, marker.map(|marker| marker.trim().to_owned())));
    }
    for (name, specification) in project["tool"]["poetry"]["dependencies"].as_object().into_iter().flatten() {
        if name != "python" && specification["optional"] != true {
            roots.push((normalized(name), extras_of(specification), text(specification, "markers").map(str::to_owned)));
        }
    }
    roots
}

fn extras_of(specification: &Value) -> BTreeSet<String> {
    specification["extras"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The name that a requirement begins with.
pub fn first_name(requirement: &str) -> &str {
    let requirement = requirement.trim();
    let end = requirement.find(|character: char| !(character.is_ascii_alphanumeric() || "-_.".contains(character)));
    &requirement[..end.unwrap_or(requirement.len())]
}

fn both(one: Option<&str>, other: Option<&str>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) if one != other => Some(format!("({one}) and ({other})")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, lock: &str, project: &str) -> String {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join(name);
        std::fs::write(&path, lock).expect("written");
        std::fs::write(directory.path().join("pyproject.toml"), project).expect("written");
        let written = if name == "poetry.lock" { poetry(&path) } else { pipfile(&path) };
        written.unwrap_or_else(|error| error.to_string())
    }

    #[test]
    fn pipfile_lock_names_versions_markers_and_hashes() {
        let lock = r#"{"_meta": {"sources": [{"name": "pypi", "url": "https://a/simple"}, {"url": "https://mine/simple"}]},
            "default": {
                "flask": {"version": "==3.1.0", "hashes": ["sha256:aa", "sha256:bb"], "markers": "python_version >= '3.9'"},
                "x": {"git": "https://host/x.git", "ref": "abc"}, "lib": {"path": "../lib", "editable": true},
                "uvicorn": {"version": "==0.1", "extras": ["standard"]}},
            "develop": {"pytest": {"version": "==8"}}}"#;
        assert_eq!(
            written("Pipfile.lock", lock, ""),
            "--extra-index-url https://mine/simple\n\
             flask==3.1.0 ; python_version >= '3.9' --hash=sha256:aa --hash=sha256:bb\n\
             x @ git+https://host/x.git@abc\n./../lib\nuvicorn[standard]==0.1\n"
        );
    }

    #[test]
    fn the_public_index_stays_beside_others() {
        let mine = r#"{"name": "mine", "url": "https://mine/simple"}"#;
        let more = r#"{"name": "more", "url": "https://more/simple"}"#;
        let public = r#"{"name": "pypi", "url": "https://a/simple"}"#;
        for (sources, expected) in [
            ([mine, public].join(","), "--extra-index-url https://mine/simple\n"),
            ([mine, more].join(","), "--index-url https://mine/simple\n--extra-index-url https://more/simple\n"),
            (public.to_owned(), ""),
        ] {
            let lock = format!(r#"{{"_meta": {{"sources": [{sources}]}}, "default": {{}}}}"#);
            assert_eq!(written("Pipfile.lock", &lock, ""), expected);
        }
    }

    #[test]
    fn poetry_lock_says_its_groups() {
        let lock = r#"
[[package]]
name = "flask"
version = "3.1.0"
optional = false
groups = ["main"]
files = [{file = "a", hash = "sha256:aa"}]

[[package]]
name = "colorama"
version = "0.4"
optional = false
groups = ["main", "dev"]
markers = {main = "sys_platform == 'win32'", dev = "os_name == 'nt'"}
files = []

[[package]]
name = "pytest"
version = "8"
optional = false
groups = ["dev"]
files = []
"#;
        assert_eq!(
            written("poetry.lock", lock, "[tool.poetry.dependencies]\nflask = \"*\"\n"),
            "flask==3.1.0 --hash=sha256:aa\ncolorama==0.4 ; sys_platform == 'win32'\n"
        );
    }

    #[test]
    fn an_older_poetry_lock_is_followed_from_the_project() {
        let lock = r#"
[[package]]
name = "click"
version = "8"
[package.dependencies]
colorama = {version = "*", markers = "platform_system == \"Windows\""}

[[package]]
name = "colorama"
version = "0.4"

[[package]]
name = "Flask"
version = "3"
[package.dependencies]
click = ">=8"
asgiref = {version = ">=3", optional = true}
dotenv = {version = "*", optional = true}
[package.extras]
async = ["asgiref (>=3)"]
dotenv = ["dotenv"]

[[package]]
name = "asgiref"
version = "3"

[[package]]
name = "dotenv"
version = "1"

[[package]]
name = "pytest"
version = "8"
[package.dependencies]
colorama = "*"

[metadata.files]
asgiref = [{file = "a", hash = "sha256:aa"}]
"#;
        let project = "[tool.poetry.dependencies]\npython = \"^3.9\"\nflask = {version = \"*\", extras = [\"async\"]}\n\
                       [tool.poetry.group.dev.dependencies]\npytest = \"*\"\n";
        assert_eq!(
            written("poetry.lock", lock, project),
            "click==8\ncolorama==0.4 ; platform_system == \"Windows\"\nFlask==3\nasgiref==3 --hash=sha256:aa\n"
        );
    }

    #[test]
    fn a_broken_lock_is_named() {
        assert!(written("poetry.lock", "[[package", "").contains("poetry.lock"));
        assert!(written("Pipfile.lock", "{}", "").contains("no `default` packages"));
    }

    #[test]
    fn names_are_compared_as_an_index_does() {
        for (name, expected) in [("Flask-HTTPAuth", "flask-httpauth"), ("ruamel.yaml", "ruamel-yaml"), ("a__b", "a-b")]
        {
            assert_eq!(normalized(name), expected);
        }
        for (requirement, expected) in
            [("flask>=3", "flask"), ("a-b[x] ; y", "a-b"), ("ruamel.yaml (==1)", "ruamel.yaml")]
        {
            assert_eq!(first_name(requirement), expected);
        }
    }
}
