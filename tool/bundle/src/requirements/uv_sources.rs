//! `[tool.uv.sources]` of local packages: where uv takes their dependencies from instead of an index.
//!
//! A wheel does not tell them. Without them a stranger's package of the same name would be installed.

use super::local;
use super::locks::{first_name, normalized, toml};
use crate::BundleError;
use globset::Glob;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A directory or a wheel that is taken for a dependency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub name: String,
    pub place: PathBuf,
    pub marker: Option<String>,
}

/// The sources of these packages, and of the packages that those are.
pub fn reached(packages: &[PathBuf]) -> Result<Vec<Source>, BundleError> {
    let mut waiting = packages.to_vec();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    while let Some(package) = waiting.pop() {
        let package = std::fs::canonicalize(&package).map_err(BundleError::io(&package, "read"))?;
        if seen.insert(package.clone()) {
            let sources = of(&package)?;
            waiting.extend(sources.iter().map(|source| source.place.clone()).filter(|place| local::is_package(place)));
            found.extend(sources);
        }
    }
    Ok(found)
}

/// Where a pyproject.toml takes dependencies from by their path.
pub fn paths(pyproject: &Path) -> Result<Vec<PathBuf>, BundleError> {
    let tree = toml(pyproject)?;
    let sources = tree["tool"]["uv"]["sources"].as_object().into_iter().flatten();
    let paths = sources.flat_map(|(_, source)| entries(source)).filter_map(|entry| entry["path"].as_str());
    Ok(paths.map(|path| pyproject.with_file_name("").join(path)).collect())
}

fn of(package: &Path) -> Result<Vec<Source>, BundleError> {
    let Some(project) = project(package)? else { return Ok(Vec::new()) };
    let workspace = workspace(package)?;
    let mut found = Vec::new();
    for name in dependencies(&project) {
        // What a workspace says holds for its members, unless they say otherwise.
        let tables = [Some((package, &project)), workspace.as_ref().map(|(root, project)| (root.as_path(), project))];
        let declared = tables.into_iter().flatten().find_map(|(at, project)| Some((at, declared(project, &name)?)));
        let Some((at, source)) = declared else { continue };
        for entry in entries(source).filter(|entry| entry["group"].is_null()) {
            let refused = |from| BundleError::LocalSource { package: package.to_owned(), name: name.clone(), from };
            let place =
                if let Some(kind) = ["git", "url", "index", "extra"].into_iter().find(|kind| !entry[*kind].is_null()) {
                    return Err(refused(kind.to_owned()));
                } else if let Some(path) = entry["path"].as_str() {
                    at.join(path)
                } else {
                    let member = workspace.as_ref().map(|(root, project)| member(root, project, &name)).transpose()?;
                    member.flatten().ok_or_else(|| refused("a workspace that has no such member".to_owned()))?
                };
            found.push(Source { name: name.clone(), place, marker: entry["marker"].as_str().map(str::to_owned) });
        }
    }
    Ok(found)
}

fn project(package: &Path) -> Result<Option<Value>, BundleError> {
    let pyproject = package.join("pyproject.toml");
    pyproject.is_file().then(|| toml(&pyproject)).transpose()
}

/// The normalized names of what a project needs, or may.
fn dependencies(project: &Value) -> BTreeSet<String> {
    let table = &project["project"];
    let optional = table["optional-dependencies"].as_object().into_iter().flatten().map(|(_, list)| list);
    let listed = [&table["dependencies"]].into_iter().chain(optional).filter_map(Value::as_array).flatten();
    let listed = listed.filter_map(Value::as_str).map(first_name);
    // Those that only the build knows may be any of those that have a source.
    let dynamic = table["dynamic"]
        .as_array()
        .is_some_and(|names| names.iter().any(|name| name == "dependencies" || name == "optional-dependencies"));
    let sources = project["tool"]["uv"]["sources"].as_object().filter(|_| dynamic).into_iter().flatten();
    listed.chain(sources.map(|(name, _)| name.as_str())).map(normalized).collect()
}

fn declared<'a>(project: &'a Value, name: &str) -> Option<&'a Value> {
    let mut sources = project["tool"]["uv"]["sources"].as_object().into_iter().flatten();
    sources.find(|(key, _)| normalized(key) == name).map(|(_, source)| source)
}

/// A source is one, or a list with markers.
fn entries(source: &Value) -> impl Iterator<Item = &Value> {
    source.as_array().map_or_else(|| std::slice::from_ref(source), Vec::as_slice).iter()
}

/// The root of the workspace that a package is in, with its pyproject.toml.
fn workspace(package: &Path) -> Result<Option<(PathBuf, Value)>, BundleError> {
    for directory in package.ancestors() {
        if let Some(project) = project(directory)?
            && members(directory, &project).iter().any(|member| member == package)
        {
            return Ok(Some((directory.to_owned(), project)));
        }
    }
    Ok(None)
}

/// The directories of a workspace's members, of which its root is one.
fn members(root: &Path, project: &Value) -> Vec<PathBuf> {
    let workspace = &project["tool"]["uv"]["workspace"];
    let listed = |key: &str| {
        let patterns = workspace[key].as_array().into_iter().flatten().filter_map(Value::as_str);
        patterns.flat_map(|pattern| matching(root, pattern)).collect::<Vec<_>>()
    };
    let root = workspace.is_object().then(|| root.to_owned());
    let excluded = listed("exclude");
    listed("members").into_iter().filter(|member| !excluded.contains(member)).chain(root).collect()
}

/// The member of a workspace that has a name.
fn member(root: &Path, workspace: &Value, name: &str) -> Result<Option<PathBuf>, BundleError> {
    for directory in members(root, workspace) {
        let named = project(&directory)?.and_then(|project| Some(normalized(project["project"]["name"].as_str()?)));
        if named.is_some_and(|named| named == name) {
            return Ok(Some(directory));
        }
    }
    Ok(None)
}

/// The directories that a pattern such as `packages/*` matches.
fn matching(root: &Path, pattern: &str) -> Vec<PathBuf> {
    let parts = pattern.split('/').filter(|part| !part.is_empty() && *part != ".");
    parts.fold(vec![root.to_owned()], |above, part| match Glob::new(part) {
        Ok(glob) if part.contains(['*', '?', '[', '{']) => {
            let matcher = glob.compile_matcher();
            let below = above.iter().filter_map(|directory| std::fs::read_dir(directory).ok()).flatten().flatten();
            below.filter(|entry| matcher.is_match(entry.file_name())).map(|entry| entry.path()).collect()
        }
        _ => above.into_iter().map(|directory| directory.join(part)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(package: &str, root: &str) -> Result<Vec<(String, PathBuf)>, BundleError> {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let place = directory.path().canonicalize().expect("there");
        for (name, text) in [("packages/a", package), ("packages/b", "[project]\nname = \"Shared\"\n"), ("", root)] {
            std::fs::create_dir_all(place.join(name)).expect("created");
            std::fs::write(place.join(name).join("pyproject.toml"), text).expect("written");
        }
        let sources = reached(&[place.join("packages/a")])?;
        let below = |path: &Path| path.strip_prefix(&place).expect("below").to_owned();
        Ok(sources.into_iter().map(|source| (source.name, below(&source.place))).collect())
    }

    fn check(package: &str, root: &str, expected: &[(&str, &str)]) {
        let expected: Vec<_> = expected.iter().map(|(name, path)| ((*name).to_owned(), PathBuf::from(path))).collect();
        assert_eq!(found(package, root).expect("read"), expected);
    }

    const NEEDS: &str = "[project]\ndependencies = [\"shared>=1\", \"flask\"]\n";

    #[test]
    fn what_is_needed_is_taken_from_its_source() {
        check(NEEDS, "", &[]);
        let path = format!("{NEEDS}[tool.uv.sources]\nShared = {{path = \"../b\"}}\npytest = {{git = \"…\"}}\n");
        check(&path, "", &[("shared", "packages/a/../b")]);
        let dynamic = "[project]\ndynamic = [\"dependencies\"]\n[tool.uv.sources]\nshared = [{path = \"../b\"}]\n";
        check(dynamic, "", &[("shared", "packages/a/../b")]);
    }

    #[test]
    fn members_of_a_workspace_are_found_by_name() {
        let workspace =
            "[tool.uv.workspace]\nmembers = [\"packages/*\"]\n[tool.uv.sources]\nshared = {workspace = true}\n";
        check(NEEDS, workspace, &[("shared", "packages/b")]);
        let own = format!("{NEEDS}[tool.uv.sources]\nflask = {{path = \"../b\"}}\n");
        check(&own, workspace, &[("flask", "packages/a/../b"), ("shared", "packages/b")]);
        let others = "[tool.uv.workspace]\nmembers = [\"packages/*\"]\nexclude = [\"packages/a\"]\n\
                      [tool.uv.sources]\nshared = {git = \"x\"}\n";
        check(NEEDS, others, &[]);
    }

    #[test]
    fn sources_that_are_not_followed_are_refused_by_name() {
        for source in
            ["git = \"https://host/x\"", "index = \"mine\"", "url = \"https://host/x.whl\"", "workspace = true"]
        {
            let package = format!("{NEEDS}[tool.uv.sources]\nshared = {{{source}}}\n");
            let error = found(&package, "").expect_err(source);
            assert!(matches!(error, BundleError::LocalSource { name, .. } if name == "shared"), "{source}");
        }
    }
}
