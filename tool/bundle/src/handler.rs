//! What slam adds to a package: the adapter, and the modules that Lambda loads.

use crate::adapter::{self, ADAPTER, STREAM, STREAM_FILE};
use crate::archive::{Content, Entry};
use crate::{BundleError, BundleRequest, Handler, Kind};

/// The files slam adds.
pub fn entries(request: &BundleRequest) -> Result<Vec<Entry>, BundleError> {
    let file = |name: &str, text: &str| Entry::new(name, Content::Bytes(text.as_bytes().to_vec()));
    let mut entries: Vec<Entry> = adapter::files(request).iter().map(|(name, text)| file(name, text)).collect();
    for handler in &request.handlers {
        let (module, callable) = parse_app(&handler.app)?;
        entries.push(file(&format!("{}.py", handler.module), &generated(module, callable, handler.kind)));
    }
    if request.stream {
        entries.push(Entry { executable: true, ..file(STREAM_FILE, STREAM) });
    }
    Ok(entries)
}

/// Whether a name in the package belongs to slam.
pub fn is_reserved(handlers: &[Handler], name: &str) -> bool {
    let top = name.split('/').next().unwrap_or(name);
    let module = top.strip_suffix(".py").unwrap_or(top);
    module == ADAPTER || module == STREAM_FILE || handlers.iter().any(|handler| handler.module == module)
}

/// `module:callable`, both dotted names of Python.
pub fn parse_app(app: &str) -> Result<(&str, &str), BundleError> {
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
    use super::*;

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
