//! What slam adds to every package: the adapter, and the module that Lambda loads.

use crate::archive::{Content, Entry};
use crate::{BundleError, BundleRequest, Handler, Kind};

const ADAPTER: &str = "slam_lambda";

macro_rules! adapter {
    ($($file:literal),* $(,)?) => {
        [$((concat!("slam_lambda/", $file), include_str!(concat!("../../../python/slam_lambda/", $file)))),*]
    };
}

/// The adapter's files, by their names in the package.
pub(crate) const ADAPTER_FILES: [(&str, &str); 19] = adapter![
    "__init__.py",
    "asgi.py",
    "commands.py",
    "compression.py",
    "events/__init__.py",
    "events/alb.py",
    "events/payload_v2.py",
    "events/prefix.py",
    "events/rest_v1.py",
    "functions.py",
    "handler.py",
    "http.py",
    "isolation.py",
    "lifespan.py",
    "log.py",
    "stages.py",
    "tasks.py",
    "websocket.py",
    "wsgi.py",
];

/// The files of the runtime that streams, for packages that ask for it.
pub(crate) const RUNTIME_FILES: [(&str, &str); 10] = adapter![
    "runtime/__init__.py",
    "runtime/__main__.py",
    "runtime/api.py",
    "runtime/asgi.py",
    "runtime/context.py",
    "runtime/errors.py",
    "runtime/logs.py",
    "runtime/loop.py",
    "runtime/streams.py",
    "runtime/wsgi.py",
];

/// The script that starts it. `AWS_LAMBDA_EXEC_WRAPPER` names it by this name in `/var/task`.
const STREAM_FILE: &str = "slam_stream";

/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper>
pub(crate) const STREAM: &str = r#"#!/bin/sh
# Made by slam. Lambda calls it with the command of its own runtime: the interpreter, options, and last a script. It
# starts the runtime that streams instead, with the same interpreter and options.
others=$(($# - 1))
while [ "$others" -gt 0 ]; do
    set -- "$@" "$1"
    shift
    others=$((others - 1))
done
shift
cd "$LAMBDA_TASK_ROOT" && exec "$@" -m slam_lambda.runtime
"#;

/// The files slam adds.
pub(crate) fn entries(request: &BundleRequest) -> Result<Vec<Entry>, BundleError> {
    let file = |name: &str, text: &str| Entry::new(name, Content::Bytes(text.as_bytes().to_vec()));
    let mut entries: Vec<Entry> = ADAPTER_FILES.into_iter().map(|(name, text)| file(name, text)).collect();
    for handler in &request.handlers {
        let (module, callable) = parse_app(&handler.app)?;
        entries.push(file(&format!("{}.py", handler.module), &generated(module, callable, handler.kind)));
    }
    if request.stream {
        entries.extend(RUNTIME_FILES.into_iter().map(|(name, text)| file(name, text)));
        entries.push(Entry { executable: true, ..file(STREAM_FILE, STREAM) });
    }
    Ok(entries)
}

/// Whether a name in the package belongs to slam.
pub(crate) fn is_reserved(handlers: &[Handler], name: &str) -> bool {
    let top = name.split('/').next().unwrap_or(name);
    let module = top.strip_suffix(".py").unwrap_or(top);
    module == ADAPTER || module == STREAM_FILE || handlers.iter().any(|handler| handler.module == module)
}

/// `module:callable`, both dotted names of Python.
pub(crate) fn parse_app(app: &str) -> Result<(&str, &str), BundleError> {
    let dotted = |name: &str| name.split('.').all(is_identifier);
    let parts = app.split_once(':').filter(|(module, callable)| dotted(module) && dotted(callable));
    parts.ok_or_else(|| BundleError::App { app: app.to_owned() })
}

fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first == '_' || first.is_alphabetic())
        && characters.all(|character| character == '_' || character.is_alphanumeric())
}

/// The settings travel as JSON inside one string literal, and what JSON escapes in a string Python reads the same: no
/// value of the user's ever becomes Python source.
fn generated(module: &str, callable: &str, kind: Kind) -> String {
    let settings = serde_json::json!({"module": module, "app": callable, "kind": kind}).to_string();
    let literal = serde_json::Value::String(settings).to_string();
    format!(
        "\"\"\"Made by slam: what AWS Lambda loads.\"\"\"\n\nimport json\n\nfrom slam_lambda import make_handler\n\n\
         lambda_handler = make_handler(json.loads({literal}))\n"
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_file_of_the_adapter_is_embedded() {
        fn visit(root: &Path, directory: &Path, found: &mut Vec<String>) {
            for entry in std::fs::read_dir(directory).expect("read").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    visit(root, &path, found);
                } else if path.extension().is_some_and(|extension| extension == "py") {
                    found.push(path.strip_prefix(root).expect("inside").to_string_lossy().replace('\\', "/"));
                }
            }
        }
        let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python");
        let mut found = Vec::new();
        visit(&python, &python.join(ADAPTER), &mut found);
        found.sort();
        let mut embedded: Vec<_> = ADAPTER_FILES.into_iter().chain(RUNTIME_FILES).map(|(name, _)| name).collect();
        embedded.sort_unstable();
        assert_eq!(found, embedded);
    }

    fn check_app(app: &str, expected: Option<(&str, &str)>) {
        assert_eq!(parse_app(app).ok(), expected, "{app}");
    }

    #[test]
    fn app_is_two_dotted_names() {
        check_app("tasks:app", Some(("tasks", "app")));
        check_app("tasks.web:Site.app", Some(("tasks.web", "Site.app")));
        for app in ["tasks", "tasks:", ":app", "tasks/web:app", "tasks.:app", "1:app", "a:b:c", "a b:c", "a:b'"] {
            check_app(app, None);
        }
    }

    /// What the script starts for the command that it is given.
    #[cfg(unix)]
    #[test]
    fn the_script_of_lambdas_runtime_is_replaced() {
        let check = |command: &[&str], expected: &str| {
            let output = std::process::Command::new("sh")
                .args(["-c", STREAM, "slam_stream", "echo"])
                .args(command)
                .env("LAMBDA_TASK_ROOT", env!("CARGO_MANIFEST_DIR"))
                .output()
                .expect("sh runs");
            assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), expected);
        };
        check(&["/var/runtime/bootstrap.py"], "-m slam_lambda.runtime");
        check(&["-X", "a=b c", "/var/runtime/bootstrap.py"], "-X a=b c -m slam_lambda.runtime");
    }

    #[test]
    fn settings_are_one_string_literal() {
        let text = generated("tasks", "app", Kind::Wsgi);
        assert!(text.contains(r#"json.loads("{\"module\":\"tasks\",\"app\":\"app\",\"kind\":\"wsgi\"}")"#), "{text}");
    }
}
