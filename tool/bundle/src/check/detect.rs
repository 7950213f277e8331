//! What an application is, for `slam init`: its module is looked at, and only if that does not tell, imported.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use super::run::{command_with_packages, ended, write_scripts};
use crate::{BundleError, Kind, handler};

/// How long an import may take.
const PATIENCE: Duration = Duration::from_secs(10);

const SCRIPT: &str = "
import json, os, time
from _slam_look import look
from _slam_load import load
folder, project, module, app = sys.argv[1:5]
path = os.path.join(project, *module.split('.'))
path = path + '.py' if os.path.isfile(path + '.py') else os.path.join(path, '__init__.py')
kind = None
if os.path.isfile(path):
    with open(path, 'rb') as file:
        kind = look(file.read(), module).get('kinds', {}).get(app)
if kind is None:
    sys.path.remove(folder)
    kind = load(project, project, {'module': module, 'app': app}).get('kind')
with open(os.path.join(folder, 'result.json'), 'w') as file:
    json.dump(kind, file)
sys.stdout.flush()
os._exit(0)
";

/// What was found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detected {
    /// It is called so.
    Is(Kind),
    /// It is a function that makes such an application.
    Makes(Kind),
    /// Nothing tells.
    Unknown,
}

/// What `app`, as `module:callable`, is in a project.
///
/// # Errors
/// When `app` names nothing, or nothing can be written.
pub fn detect(project: &Path, app: &str) -> Result<Detected, BundleError> {
    let (module, name) = handler::parse_app(app)?;
    let project = std::fs::canonicalize(project).map_err(BundleError::io(project, "read"))?;
    let scratch = tempfile::tempdir().map_err(BundleError::io(&project, "written"))?;
    write_scripts(scratch.path())?;
    for python in pythons(&project) {
        // The project's own environment has its dependencies, so its packages are seen.
        let mut command = command_with_packages(&python, scratch.path(), SCRIPT);
        command.args([project.as_os_str(), module.as_ref(), name.as_ref()]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(child) = command.spawn() else { continue };
        ended(child, PATIENCE);
        let result = std::fs::read(scratch.path().join("result.json")).unwrap_or_default();
        if let Ok(kind) = serde_json::from_slice::<Value>(&result) {
            return Ok(understood(kind.as_str().unwrap_or_default()));
        }
    }
    Ok(Detected::Unknown)
}

fn understood(kind: &str) -> Detected {
    match kind {
        "wsgi" => Detected::Is(Kind::Wsgi),
        "asgi" => Detected::Is(Kind::Asgi),
        "function" => Detected::Is(Kind::Function),
        "factory of wsgi" => Detected::Makes(Kind::Wsgi),
        "factory of asgi" => Detected::Makes(Kind::Asgi),
        _ => Detected::Unknown,
    }
}

/// The project's own Python, then the machine's.
fn pythons(project: &Path) -> Vec<PathBuf> {
    let own = [".venv/bin/python", "venv/bin/python"].map(|python| project.join(python));
    own.into_iter().filter(|python| python.is_file()).chain([PathBuf::from("python3")]).collect()
}
