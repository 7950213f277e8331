//! Applications: the names of a module and of what is called in it.

use super::Reading;
use crate::model::App;
use crate::yaml::Node;

/// Stands for an application where an error was told.
pub(super) fn nothing() -> App {
    App { module: String::new(), callable: String::new() }
}

/// `module:callable`
pub(super) fn app(reading: &mut Reading<'_>, node: &Node) -> App {
    let text = node.text().unwrap_or_default();
    match text.split_once(':') {
        Some((module, callable)) => checked(reading, (node, module), (node, callable)),
        None => {
            let path = text.trim_end_matches(".py").trim_start_matches("./");
            let module = path.replace('/', ".");
            let hint = format!("for `app` in the file {}.py: `app: {module}:app`", module.replace('.', "/"));
            reading
                .error(node, "`app` names a module and a callable in it, with a colon between them")
                .hints
                .push(hint);
            nothing()
        }
    }
}

/// `{module: …, app: …}`
pub(super) fn of_original(reading: &mut Reading<'_>, section: &Node) -> App {
    let (Some(module), Some(callable)) = (section.get("module"), section.get("app")) else {
        reading.error(section, "`function` needs both `module` and `app`");
        return nothing();
    };
    checked(reading, (module, module.text().unwrap_or_default()), (callable, callable.text().unwrap_or_default()))
}

fn checked(reading: &mut Reading<'_>, module: (&Node, &str), callable: (&Node, &str)) -> App {
    if !module.1.split('.').all(identifier) {
        let error = reading.error(module.0, format!("`{}` is not the name of a Python module", module.1));
        if module.1.contains('/') || module.1.ends_with(".py") {
            let dotted = module.1.trim_end_matches(".py").trim_start_matches("./").replace('/', ".");
            error.hints.push(format!("a module is named with dots and without `.py`: `{dotted}`"));
        }
    }
    if !identifier(callable.1) {
        reading.error(callable.0, format!("`{}` is not the name of a Python callable", callable.1));
    }
    App { module: module.1.to_owned(), callable: callable.1.to_owned() }
}

fn identifier(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|character| character.is_alphanumeric() || character == '_')
}
