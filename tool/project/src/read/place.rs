//! Paths in slam.yaml: what they name is part of the project.

use super::Reading;
use crate::yaml::Node;
use std::path::{Component, Path, PathBuf};

/// What tells that a folder is a repository's first one.
const REPOSITORIES: &[&str] = &[".git", ".hg", ".jj", ".svn"];

/// Refuses a path that leads out of the project, by `..` or by a link: what lies beside it was never meant to be packed.
/// The project is the repository that slam.yaml lies in, where there is one, for parts of a repository share things.
pub(super) fn check(reading: &mut Reading<'_>, node: &Node) {
    let text = node.text().unwrap_or_default();
    let directory = resolved(&reading.directory);
    let is_first = |folder: &&Path| REPOSITORIES.iter().any(|name| folder.join(name).exists());
    let repository = directory.ancestors().find(is_first);
    let root = repository.unwrap_or(&directory);
    if resolved(&directory.join(text)).starts_with(root) {
        return;
    }
    let what = if repository.is_some() { "the repository that slam.yaml is in" } else { "the directory of slam.yaml" };
    let message = format!("`{text}` leads out of the project");
    let hint = format!(
        "the project is {what}, {}: copy what is needed into it; `package.before` names a command that does so",
        root.display()
    );
    reading.error(node, message).hints.push(hint);
}

/// Where a path leads, with links followed as far as there is anything.
fn resolved(path: &Path) -> PathBuf {
    if let Ok(real) = std::fs::canonicalize(path) {
        return real;
    }
    let mut components = path.components();
    match components.next_back() {
        Some(Component::ParentDir) => {
            let above = resolved(components.as_path());
            above.parent().map_or_else(|| above.clone(), Path::to_owned)
        }
        Some(Component::Normal(name)) if !components.as_path().as_os_str().is_empty() => {
            resolved(components.as_path()).join(name)
        }
        // Relative to where this runs.
        Some(Component::Normal(name)) => std::env::current_dir().unwrap_or_default().join(name),
        _ => path.to_owned(),
    }
}
