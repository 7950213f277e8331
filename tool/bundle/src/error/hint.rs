//! What to do about each error.

use super::BundleError;
use std::path::Path;

impl BundleError {
    /// What the user can do about it, in one line.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::App { .. } => "write `app: module:callable`, such as `app: tasks.web:app`".to_owned(),
            Self::Runtime { .. } => "take one of Lambda's Python runtimes from python3.9 on, such as python3.13".to_owned(),
            Self::Module { hint, .. } | Self::Check { hint, .. } => hint.clone(),
            Self::Reserved { name } => format!("rename {name}, or exclude it with `package: {{exclude: [{name}]}}`"),
            Self::FileAndFolder { name, .. } => format!(
                "rename the one that is the project's, or exclude it with `package: {{exclude: [/{name}]}}`"
            ),
            Self::NoStaticFiles { .. } => {
                "make it before the build, with `package: {before: python manage.py collectstatic --noinput}` or what your \
                 tool's command is; or correct `static: {folder: …}`"
                    .to_owned()
            }
            Self::NoIndex { .. } => "correct `static: {index: …}`, or remove it".to_owned(),
            Self::StaticFilesTooLarge { .. } => {
                "exclude them with `static: {exclude: […]}`, and let clients fetch them from a bucket or a CDN by its own URL".to_owned()
            }
            Self::StaticFile { source } => match &**source {
                Self::SymlinkEscapes { link, .. } | Self::SymlinkBroken { link, .. } | Self::SpecialFile { name: link, .. } => {
                    format!("copy what it should be (`collectstatic` without `--link`), or exclude it with `static: {{exclude: [{link}]}}`")
                }
                Self::TooManyFiles { .. } => "exclude what is not served with `static: {exclude: […]}`".to_owned(),
                other => return other.hint(),
            },
            Self::SymlinkEscapes { link, .. } | Self::SymlinkBroken { link, .. } => {
                format!("copy what it should be, or exclude it with `package: {{exclude: [{link}]}}`")
            }
            Self::SpecialFile { name, .. } => format!("exclude it with `package: {{exclude: [{name}]}}`"),
            Self::FileName { .. } => "rename the file".to_owned(),
            Self::TooManyFiles { .. } => "exclude directories that the function does not need: `package: {exclude: […]}`".to_owned(),
            Self::TooLarge { .. } => {
                "exclude what the function does not need: `package: {exclude: […], exclude_dependencies: […]}`, or take a smaller dependency".to_owned()
            }
            Self::Archive { .. } => "`slam build` makes a package and prints its path".to_owned(),
            Self::OverBudget { .. } => {
                "`slam build --explain` tells why each dependency is in the package; or raise `package: {budget: …}`".to_owned()
            }
            Self::Before { .. } => "it ran with `sh -c` in the directory of slam.yaml: correct it, or the line in slam.yaml".to_owned(),
            Self::Lock { path, .. } if !is_lock(path) => format!("correct {}", file_name(path)),
            Self::Lock { .. } => "lock the dependencies again with the tool that wrote the file".to_owned(),
            Self::LockedForOthers { python, take, .. } => {
                let again = format!("let the project allow Python {python} and lock its dependencies again");
                take.as_ref().map_or_else(|| again.clone(), |take| format!("{take}; or {again}"))
            }
            Self::ForOthers(dependency) => dependency.hint(),
            Self::LocalPackage { .. } => {
                "build a wheel of it for the target and list that by its path, or copy its modules into the project".to_owned()
            }
            Self::LocalSource { .. } => {
                "lock the project's dependencies with `uv lock`, which follows every source: slam reads uv.lock".to_owned()
            }
            Self::NoBuildInterpreter { python, uv, .. } => {
                format!("install one, for example with `{uv} python install {python}`")
            }
            Self::PrebuiltMissing { .. } => {
                "build it first, or let slam do it with `package: {before: …}`; or correct `package: {path: …}`".to_owned()
            }
            Self::HandlerMissing { .. } => {
                "correct `handler`, or what `package: {path: …}` names: files are looked for from its top on".to_owned()
            }
            Self::NotExecutable { .. } => "`chmod +x bootstrap`, and keep modes when you zip it".to_owned(),
            Self::NothingForLayer => "remove `layer` from `package`, or list the dependencies, for example in requirements.txt".to_owned(),
            Self::NoInterpreter { python, uv } => {
                format!("install it, for example with `{uv} python install {python}`, or remove `bytecode` from `package`")
            }
            Self::NotCached { .. } => "build once without --offline".to_owned(),
            Self::RequirementsMissing { path, named_in: None } => {
                format!("create {}, or correct `package: {{requirements: …}}` in slam.yaml", file_name(path))
            }
            Self::RequirementsMissing { named_in: Some(by), .. } => format!("correct the line in {}", by.display()),
            Self::RequirementsEncoding { path, .. } => {
                format!("save it as UTF-8, in PowerShell with `… | Out-File -Encoding utf8 {}`", file_name(path))
            }
            Self::RequirementsFormat { convert, .. } => (*convert).to_owned(),
            Self::NoWheel(missing) => missing.hint(),
            Self::HashMismatch { package, .. } => format!(
                "the file in the package index was replaced, or another index has a `{package}` of that version: find \
                 out which, and lock again only when you trust it"
            ),
            Self::NoPackage { .. } => "check the spelling, and the package index that pip or uv is configured with".to_owned(),
            Self::IndexRefused { .. } => {
                "check the name and password in its address, or those that uv knows (`uv auth login`, netrc, keyring)".to_owned()
            }
            Self::Download { .. } => "check the network and the package index; what is in the cache needs neither".to_owned(),
            Self::NoUv { .. } => {
                "install it (https://docs.astral.sh/uv/getting-started/installation/), or Python 3 with pip, and try again".to_owned()
            }
            _ => return None,
        })
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn is_lock(path: &Path) -> bool {
    !["pyproject.toml", "uv.toml"].contains(&file_name(path).as_str())
}
