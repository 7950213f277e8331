//! What slam adds to every package: the adapter, and the module that Lambda loads.

use crate::archive::{Content, Entry};
use crate::{BundleError, Handler, Kind};

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

/// The files slam adds.
pub(crate) fn entries(handlers: &[Handler]) -> Result<Vec<Entry>, BundleError> {
    let adapter =
        ADAPTER_FILES.into_iter().map(|(name, text)| Ok(Entry::new(name, Content::Bytes(text.as_bytes().to_vec()))));
    let own = handlers.iter().map(|handler| {
        let (module, callable) = parse_app(&handler.app)?;
        let text = generated(module, callable, handler.kind).into_bytes();
        Ok(Entry::new(format!("{}.py", handler.module), Content::Bytes(text)))
    });
    adapter.chain(own).collect()
}

/// Whether a name in the package belongs to slam.
pub(crate) fn is_reserved(handlers: &[Handler], name: &str) -> bool {
    let top = name.split('/').next().unwrap_or(name);
    let module = top.strip_suffix(".py").unwrap_or(top);
    module == ADAPTER || handlers.iter().any(|handler| handler.module == module)
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
        assert_eq!(found, ADAPTER_FILES.map(|(name, _)| name));
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

    #[test]
    fn settings_are_one_string_literal() {
        let text = generated("tasks", "app", Kind::Wsgi);
        assert!(text.contains(r#"json.loads("{\"module\":\"tasks\",\"app\":\"app\",\"kind\":\"wsgi\"}")"#), "{text}");
    }
}
