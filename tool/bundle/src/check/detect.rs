//! What an application is, for `slam init`: its module is looked at with those of the project that it takes things from,
//! and only if that does not tell, imported.

use super::run::{command_with_packages, ended, write, write_scripts};
use crate::modules::Modules;
use crate::sources::{self, Patterns};
use crate::{BundleError, BundleRequest, Kind, handler};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

/// How long an import may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What was found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detected {
    /// It is called so.
    Is(Kind),
    /// It is a function that makes such an application.
    Makes(Kind),
    /// Nothing tells, and why, where that is known.
    Unknown(Option<String>),
}

/// What `app`, as `module:callable`, is in a project. The application is imported where nothing else tells and
/// `may_import` allows it.
///
/// # Errors
/// When `app` names nothing, the project has no such module or the module no such callable, or nothing can be written.
pub fn detect(project: &Path, app: &str, may_import: bool) -> Result<Detected, BundleError> {
    let (module, name) = handler::parse_app(app)?;
    let project = std::fs::canonicalize(project).map_err(BundleError::io(project, "read"))?;
    let scratch = tempfile::tempdir().map_err(BundleError::io(&project, "written"))?;
    write_scripts(scratch.path())?;
    write(&scratch.path().join("_slam_detect.py"), include_bytes!("detect.py"))?;
    let mut found = Value::Null;
    for python in pythons(&project) {
        // The project's own environment has its dependencies, so its packages are seen.
        let mut command = command_with_packages(&python, scratch.path(), "import _slam_detect; _slam_detect.main()");
        command.args([project.as_os_str(), module.as_ref(), name.as_ref()]);
        command.arg(if may_import { "import" } else { "look" });
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(child) = command.spawn() else { continue };
        ended(child, PATIENCE);
        let result = std::fs::read(scratch.path().join("result.json")).unwrap_or_default();
        if let Ok(read) = serde_json::from_slice::<Value>(&result) {
            found = read;
            break;
        }
    }
    if found["no_module"] == true {
        return Err(no_module(&project, module, name, app)?);
    }
    if let Some(missing) = found["missing_name"].as_str() {
        return Err(no_callable(app, module, missing, &found));
    }
    Ok(understood(&found))
}

fn understood(found: &Value) -> Detected {
    match found["kind"].as_str().unwrap_or_default() {
        "wsgi" => Detected::Is(Kind::Wsgi),
        "asgi" => Detected::Is(Kind::Asgi),
        "function" => Detected::Is(Kind::Function),
        "factory of wsgi" => Detected::Makes(Kind::Wsgi),
        "factory of asgi" => Detected::Makes(Kind::Asgi),
        _ => Detected::Unknown(why(found)),
    }
}

/// Why an import did not tell.
fn why(found: &Value) -> Option<String> {
    let text = |key: &str| found[key].as_str();
    if let Some(module) = text("missing_module") {
        return Some(format!("there is no `{}` here", module.split('.').next().unwrap_or(module)));
    }
    if found["syntax"].is_object() {
        return Some(format!("{} is not valid Python", text("file").unwrap_or("it")));
    }
    let kind = text("type")?;
    let message = text("message").unwrap_or_default().lines().next().unwrap_or_default();
    Some(format!("importing it here raises {kind}: {message}"))
}

fn no_module(project: &Path, module: &str, callable: &str, app: &str) -> Result<BundleError, BundleError> {
    let patterns = Patterns::with_dependencies(&[], &[], &[])?;
    let files = sources::collect(project, &patterns, &[])?;
    let request = BundleRequest::new(project, app, Kind::Function, project);
    Ok(Modules { request: &request, patterns: &patterns, files: &files }.missing(module, callable))
}

fn no_callable(app: &str, module: &str, missing: &str, found: &Value) -> BundleError {
    let near = found["near"].as_array().and_then(|near| near.first()?.as_str());
    BundleError::Check {
        message: format!("the module `{module}` has no `{missing}`, which `{app}` names"),
        hint: near.map_or_else(
            || "name a function or a web application of the module".to_owned(),
            |near| format!("did you mean `{module}:{near}`?"),
        ),
    }
}

/// The project's own Python, then the machine's.
fn pythons(project: &Path) -> Vec<PathBuf> {
    let own = [".venv/bin/python", "venv/bin/python"].map(|python| project.join(python));
    own.into_iter().filter(|python| python.is_file()).chain([PathBuf::from("python3")]).collect()
}
