//! What a check found, in words: where, why, and what to do.

use super::Notice;
use super::names::{distribution_of, is_namespace, is_own_by_custom, is_still_python, left_python};
use super::run::{Found, OF_RUNTIME};
use crate::modules::{self, Modules};
use crate::requirements::locks::normalized;
use crate::{BundleError, Dependency};
use serde_json::Value;
use std::collections::BTreeSet;

/// How many errors are told.
const TOLD: usize = 5;

/// How many lines of a traceback are told.
const FRAMES: usize = 4;

/// What to do about an application that ends its process while it is imported.
const ENDS: &str = "Lambda cannot start a function that ends so; what is for a command line alone belongs below `if __name__ == \"__main__\":`";

/// Words of what is known beside what was found.
pub(super) struct Reporter<'a> {
    pub(super) modules: Modules<'a>,
    pub(super) dependencies: &'a [Dependency],
    /// The function's.
    pub(super) python: &'a str,
    /// Whether the Python that looked is of that version.
    pub(super) same_python: bool,
    /// What the user calls the file that lists the dependencies.
    pub(super) requirements: Option<String>,
    /// The variables that are there on Lambda alone.
    pub(super) secrets: &'a BTreeSet<String>,
    pub(super) has_layers: bool,
}

/// An error: what is wrong, and what to do.
struct Wrong {
    message: String,
    hint: Hint,
}

/// What to do about it.
enum Hint {
    Do(String),
    /// A distribution is to be added to the project's dependencies.
    Add(String),
}

impl From<String> for Hint {
    fn from(text: String) -> Self {
        Self::Do(text)
    }
}

impl From<&str> for Hint {
    fn from(text: &str) -> Self {
        Self::Do(text.to_owned())
    }
}

impl Reporter<'_> {
    /// The notices; an error when there is one.
    pub(super) fn report(&self, found: Found, not_loaded: Option<String>) -> Result<Vec<Notice>, BundleError> {
        let mut wrong: Vec<Wrong> = Vec::new();
        let mut notices: Vec<Notice> = Vec::new();
        for error in &found.errors {
            // A later Python may have lost what an older one knows.
            let lost = error["syntax"].is_object()
                || error["missing_module"].as_str().is_some_and(|name| is_still_python(name, self.python));
            if self.same_python || !lost {
                wrong.extend(self.wrong(error));
            }
        }
        for outcome in &found.outcomes {
            match self.wrong(outcome) {
                Some(one) => wrong.push(one),
                None => notices.extend(self.notice(outcome)),
            }
        }
        if !wrong.is_empty() {
            return Err(self.joined(wrong));
        }
        notices.extend(found.warnings.iter().filter_map(|warning| self.warning(warning)));
        if let Some(why) = not_loaded {
            notices.push(Notice { text: format!("the application was not imported: {why}"), hint: None });
        } else {
            notices.extend(not_finished(&found));
        }
        Ok(notices)
    }

    fn wrong(&self, found: &Value) -> Option<Wrong> {
        let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
        let (module, app) = (text("in"), text("app"));
        if found["syntax"].is_object() {
            let message = self.syntax(found);
            return Some(Wrong {
                message,
                hint: "correct the line; `--no-check` builds without a look at the code".into(),
            });
        }
        if let Some(name) = found["missing_module"].as_str() {
            return (!self.has_layers).then(|| self.missing_module(name, found));
        }
        if let Some(name) = found["missing_distribution"].as_str() {
            return (!self.has_layers && !OF_RUNTIME.contains(&name)).then(|| Wrong {
                message: format!(
                    "{app} asks for the version of `{name}`, which is not in the package{}",
                    self.places(found)
                ),
                hint: Hint::Add(name.to_owned()),
            });
        }
        if let Some(path) = found["written"].as_str() {
            let message = format!(
                "{app} writes `{path}` while it is imported, and on Lambda the package's folder is read-only{}",
                self.places(found)
            );
            return Some(Wrong { message, hint: where_to_write(found).into() });
        }
        if let Some(module) = found["missing_import"].as_str() {
            let message = format!("{app} cannot be imported: {}{}", text("message"), self.places(found));
            let hint = self.missing_import(module, &text("message"));
            return Some(Wrong { message, hint: hint.into() });
        }
        if let Some(name) = found["missing_name"].as_str() {
            let near: Vec<&str> = found["near"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let hint = match near.first() {
                Some(near) => format!("did you mean `app: {}`?", app.replace(&format!(":{name}"), &format!(":{near}"))),
                None => (self.modules.with_callable(name))
                    .unwrap_or_else(|| "correct `app: module:callable` in slam.yaml".to_owned()),
            };
            return Some(Wrong {
                message: format!("the module `{module}` has no `{name}`, which `app: {app}` names"),
                hint: hint.into(),
            });
        }
        if let Some(kind) = found["not_callable"].as_str() {
            let message = format!("`app: {app}` names a {kind}, which cannot be called");
            return Some(Wrong { message, hint: "name a function or a web application of the module".into() });
        }
        if let Some(kind) = found["cannot_take"].as_str() {
            let takes = if kind == "wsgi" { "`environ` and `start_response`" } else { "`scope`, `receive` and `send`" };
            let message = format!("`app: {app}` cannot be called as {}: it does not take {takes}", an(kind));
            let hint = match found["near"][0].as_str() {
                Some(near) => {
                    let module = app.split(':').next().unwrap_or_default();
                    format!("did you mean `app: {module}:{near}`?")
                }
                None => "name the application itself; what a function makes must be called first: `app = create_app()`"
                    .to_owned(),
            };
            return Some(Wrong { message, hint: hint.into() });
        }
        found["wrong_kind"].as_str().map(|kind| wrong_kind(&app, kind, &text("said")))
    }

    fn syntax(&self, found: &Value) -> String {
        let syntax = &found["syntax"];
        let line = syntax["line"].as_u64().unwrap_or(1);
        let column = usize::try_from(syntax["column"].as_u64().unwrap_or(1)).unwrap_or(1);
        let source = syntax["text"].as_str().unwrap_or_default();
        let file = found["file"].as_str().unwrap_or_default();
        let what = syntax["message"].as_str().unwrap_or("invalid syntax");
        let mut message = format!("{file}:{line} is not valid Python {}: {what}", self.python);
        if !source.trim().is_empty() {
            let begin = source.len() - source.trim_start().len();
            let caret = " ".repeat(column.saturating_sub(1 + begin).min(source.len()));
            let number = line.to_string();
            let space = " ".repeat(number.len());
            message += &format!("\n  {number} │ {}\n  {space} │ {caret}^", source.trim());
        }
        message
    }

    fn missing_module(&self, name: &str, found: &Value) -> Wrong {
        // What was made of it often says how its author wants it to be installed.
        let became = found["became"].as_str().map(|became| format!(" ({became})")).unwrap_or_default();
        let message = format!("the module `{name}` is not in the package{became}{}", self.places(found));
        let frames = found["frames"].as_array().map(Vec::as_slice).unwrap_or_default();
        let importers: Vec<&str> = frames.iter().filter_map(|frame| frame["file"].as_str()).collect();
        let line = frames.last().and_then(|frame| frame["text"].as_str()).unwrap_or_default();
        let by_project = importers.last().is_some_and(|file| self.modules.has(file));
        let near = self.modules.near(name, &importers).filter(|_| by_project);
        // The project's own, by its name.
        let is_own = |near: &&(String, String)| name.contains('.') || is_own_by_custom(&near.0);
        let spelt = near.as_ref().filter(is_own).map(|(_, question)| question.clone());
        let hint = spelt.or_else(|| self.modules.own(name, &importers)).or_else(|| self.left_python(name));
        let hint = hint.or_else(|| self.of_a_package(name)).or_else(|| {
            // A dependency that imports such a name means one of its own.
            (by_project && is_own_by_custom(name)).then(|| {
                format!(
                    "there is no {name}.py and no folder {name} in what is packed: add it, or correct what imports it"
                )
            })
        });
        let hint = match (hint, distribution_of(name, line), near) {
            (Some(hint), ..) => Hint::Do(hint),
            (None, Some(distribution), Some((_, question))) => {
                Hint::Do(format!("{question} If not, {}", self.to_add(&[distribution])))
            }
            (None, Some(distribution), None) => Hint::Add(distribution),
            (None, None, _) => Hint::Do(format!("add the distribution that brings this part of `{name}`")),
        };
        Wrong { message, hint }
    }

    /// The lines of the project, and of its dependencies, that lead to an error: the last ones of the project, and the
    /// last of all, which is the one that matters.
    fn places(&self, found: &Value) -> String {
        let frames = found["frames"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_own = |frame: &&Value| frame["file"].as_str().is_some_and(|file| self.modules.has(file));
        let last = frames.len().saturating_sub(1);
        let own = frames.iter().enumerate().take(last).filter(|(_, frame)| is_own(frame)).map(|(index, _)| index);
        let mut told: Vec<usize> = own.rev().take(FRAMES - 1).collect();
        // Where the project has less, its dependencies have more.
        let others: Vec<usize> = (0..frames.len()).rev().filter(|index| !told.contains(index)).collect();
        told.extend(others.into_iter().take(FRAMES - told.len()));
        told.sort_unstable();
        lines(told.into_iter().map(|index| &frames[index]))
    }

    /// What to do about a name that a module has not.
    fn missing_import(&self, module: &str, message: &str) -> String {
        let top = module.split('.').next().unwrap_or(module);
        if message.contains("circular import") {
            return "two modules import each other: import one of them inside of the function that uses it".to_owned();
        }
        let own = modules::files_of(module).into_iter().find(|file| self.modules.has(file));
        if let Some(own) = own {
            return format!("correct the import, or what {own} defines");
        }
        let names = [Some(normalized(top)), distribution_of(module, "").map(|name| normalized(&name))];
        let packed = self.dependencies.iter().find(|it| names.contains(&Some(normalized(&it.name))));
        packed.map_or_else(
            || "what is imported is not in the version that is packed: correct the import, or the version".to_owned(),
            |it| {
                format!(
                    "{} {} is packed, which has no such name: correct the import, or take another version",
                    it.name, it.version
                )
            },
        )
    }

    /// What to do about a module that was part of Python once.
    fn left_python(&self, name: &str) -> Option<String> {
        let (since, again) = left_python(name, self.python)?;
        Some(match again {
            Some(distribution) => {
                format!(
                    "`{name}` left Python with {since}, and `{distribution}` brings it again: {}",
                    self.to_add(&[distribution.to_owned()])
                )
            }
            None => format!(
                "`{name}` left Python with {since}: take a newer version of what imports it, or an older `runtime`"
            ),
        })
    }

    /// What to do about a part of a package of which the rest is there: no dependency brings it. Only of namespaces the
    /// parts come from several.
    fn of_a_package(&self, name: &str) -> Option<String> {
        let (top, _) = name.split_once('.').filter(|(top, _)| !is_namespace(top))?;
        Some(format!("`{top}` is in the package and has no such part: correct the import, or the version of `{top}`"))
    }

    /// How a project of this kind gets more dependencies.
    fn to_add(&self, distributions: &[String]) -> String {
        let file = self.requirements.as_deref().unwrap_or("requirements.txt");
        // A shell takes such signs for its own.
        let plain = |name: &str| name.chars().all(|sign| sign.is_alphanumeric() || "-._".contains(sign));
        let word = |name: &String| if plain(name) { name.clone() } else { format!("'{name}'") };
        let words = distributions.iter().map(word).collect::<Vec<_>>().join(" ");
        let (names, it) = (listed(distributions), if distributions.len() == 1 { "it" } else { "them" });
        match file.rsplit('/').next().unwrap_or(file) {
            "uv.lock" => format!("add {it} with `uv add {words}`"),
            "poetry.lock" => format!("add {it} with `poetry add {words}`"),
            "Pipfile.lock" => format!("add {it} with `pipenv install {words}`"),
            "pylock.toml" => format!("add {names} to the project's dependencies, and lock them again"),
            "pyproject.toml" => format!("add {names} to `dependencies` in pyproject.toml"),
            _ if self.requirements.is_none() => format!("write {names} into a requirements.txt beside slam.yaml"),
            _ => format!("add {names} to {file}"),
        }
    }

    /// All of it as one error.
    fn joined(&self, wrong: Vec<Wrong>) -> BundleError {
        let more = wrong.len().saturating_sub(TOLD);
        let (mut messages, mut hints, mut added) = (Vec::new(), Vec::new(), Vec::new());
        for Wrong { message, hint } in wrong.into_iter().take(TOLD) {
            push_new(&mut messages, message);
            match hint {
                Hint::Do(hint) => push_new(&mut hints, hint),
                Hint::Add(distribution) => push_new(&mut added, distribution),
            }
        }
        if !added.is_empty() {
            hints.insert(0, self.to_add(&added));
        }
        if more > 0 {
            messages.push(format!("{more} more errors like these"));
        }
        let message = match &messages[..] {
            [message] => message.clone(),
            several => {
                let item = |message: &String| format!("  - {}", message.replace('\n', "\n  "));
                format!("the code has several errors:\n{}", several.iter().map(item).collect::<Vec<_>>().join("\n"))
            }
        };
        BundleError::Check { message, hint: hints.join("; ") }
    }

    /// What an import told that is no error.
    fn notice(&self, outcome: &Value) -> Option<Notice> {
        let app = outcome["app"].as_str().unwrap_or_default();
        if let Some(why) = outcome["platform"].as_str() {
            return Some(Notice { text: format!("{app} was not imported: {why}"), hint: None });
        }
        if outcome["missing_module"].is_string() {
            let text = format!("{app} was not imported: `{}` may be in a layer", outcome["missing_module"].as_str()?);
            return Some(Notice { text, hint: None });
        }
        if let Some(name) = outcome["missing_variable"].as_str() {
            if self.secrets.contains(name) {
                let text = format!("{app} was imported up to where it needs the secret `{name}`");
                return Some(Notice { text, hint: None });
            }
            let text = format!(
                "importing {app} needs the variable `{name}`, which no `environment` sets{}",
                self.places(outcome)
            );
            let hint =
                format!("add `{name}` to `environment` in slam.yaml, or say there what file has it: `from: .env`");
            return Some(Notice { text, hint: Some(hint) });
        }
        if let Some(status) = outcome["ended"].as_i64() {
            let text = format!("importing {app} ends the process, with status {status}{}", self.places(outcome));
            return Some(Notice { text, hint: Some(ENDS.to_owned()) });
        }
        if outcome["raised"] != true {
            return None;
        }
        let (kind, message) = (outcome["type"].as_str()?, outcome["message"].as_str().unwrap_or_default());
        let text = format!("importing {app} raises {kind}: {message}{}", self.places(outcome));
        if !self.secrets.is_empty() {
            return Some(Notice { text: format!("without its secrets, {text}"), hint: None });
        }
        let hint = match kind {
            "SystemExit" => ENDS,
            _ => {
                "on Lambda it may work, where the network and the stage's tables are; else every request fails with this"
            }
        };
        Some(Notice { text, hint: Some(hint.to_owned()) })
    }

    fn warning(&self, warning: &Value) -> Option<Notice> {
        (warning["syntax"].is_object() && self.same_python).then(|| Notice {
            text: self.syntax(warning),
            hint: Some(
                "nothing imports this module, so the function can start; `package.exclude` leaves it out".to_owned(),
            ),
        })
    }
}

/// Where an application may write that writes beside its code.
fn where_to_write(found: &Value) -> &'static str {
    let frames = found["frames"].as_array().into_iter().flatten();
    let of_instance = frames.filter_map(|frame| frame["text"].as_str()).any(|text| text.contains("instance_path"));
    if of_instance {
        "give Flask a folder that can be written: `Flask(__name__, instance_path=\"/tmp/instance\")`; what is below /tmp \
         lives as long as one environment of the function"
    } else {
        "write below /tmp, which lives as long as one environment of the function; what shall stay belongs into a table, \
         a bucket or a database"
    }
}

/// What SQLite cannot do on Lambda: `databases` are files in the package, `places` where the code names one, with Django's
/// engine or by a URL.
pub(super) fn sqlite(databases: &[&str], places: &[String], of_django: bool) -> Option<Notice> {
    let files = databases.iter().map(|name| format!("{name} is a database"));
    let found: Vec<_> = files.chain(places.iter().map(|place| format!("{place} uses it"))).collect();
    let hint = if !of_django {
        "keep data in a table (`tables` in slam.yaml) or a database server; a database that is only read works when it is \
         opened with `?mode=ro&immutable=1`"
    } else {
        "Django needs a database server for what it writes; what it only reads may be copied to /tmp: docs/django.md, The \
         database"
    };
    (!found.is_empty()).then(|| Notice {
        text: format!(
            "SQLite keeps nothing on Lambda, where the package's folder is read-only and every environment has other files: {}",
            found.join(", ")
        ),
        hint: Some(hint.to_owned()),
    })
}

/// What there is to say when the check itself did not come to its end.
fn not_finished(found: &Found) -> Option<Notice> {
    if let Some(broken) = &found.broken {
        return Some(Notice {
            text: format!("the code was not checked, as the check itself failed: {broken}"),
            hint: Some("that is a fault of slam's: please report it; the package is as it should be".to_owned()),
        });
    }
    if found.finished {
        return None;
    }
    let places = lines(&found.frames[found.frames.len().saturating_sub(FRAMES)..]);
    let (how, hint) = match found.status {
        None => (
            format!("that takes longer than 20 seconds{places}"),
            "Lambda gives an application ten seconds to start; what takes long is done better at the first request",
        ),
        Some(status) => (
            format!("the process ended with {status}{places}"),
            "where Lambda's processor and libraries are it may come to its end; try it with the function's Python: `python -c 'import …'`",
        ),
    };
    Some(Notice { text: format!("the application was not imported to its end: {how}"), hint: Some(hint.to_owned()) })
}

fn wrong_kind(app: &str, kind: &str, said: &str) -> Wrong {
    let (message, hint) = match (kind, kind.strip_prefix("factory of ")) {
        ("handler", _) => (
            format!("`app: {app}` is a handler of Lambda already, and `kind: {said}` is for the application itself"),
            "name the application: slam brings an adapter of its own".to_owned(),
        ),
        (_, Some(kind)) => {
            let (module, name) = app.split_once(':').unwrap_or((app, "create_app"));
            (
                format!("`app: {app}` is a function that makes {}, and not the application itself", an(kind)),
                format!("write a module with `from {module} import {name}` and `app = {name}()`, such as wsgi.py, and `app: wsgi:app`")
                    .replace("wsgi.py, and `app: wsgi:app`", if kind == "asgi" { "asgi.py, and `app: asgi:app`" } else { "wsgi.py, and `app: wsgi:app`" }),
            )
        }
        _ => (
            format!("`app: {app}` is {}, and slam.yaml deploys it as {}", an(kind), an(said)),
            format!("write `kind: {kind}` in slam.yaml"),
        ),
    };
    Wrong { message, hint: hint.into() }
}

fn an(kind: &str) -> &str {
    match kind {
        "wsgi" => "a WSGI application",
        "asgi" => "an ASGI application",
        _ => "a plain function",
    }
}

/// The line of each of these frames.
fn lines<'a>(frames: impl IntoIterator<Item = &'a Value>) -> String {
    let line = |frame: &Value| {
        let (file, text) = (frame["file"].as_str().unwrap_or_default(), frame["text"].as_str().unwrap_or_default());
        format!("\n  {file}:{}  {text}", frame["line"].as_u64().unwrap_or(1))
    };
    frames.into_iter().map(line).collect()
}

/// `a`, `b` and `c`
fn listed(names: &[String]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match &quoted[..] {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        other => other.join(""),
    }
}

fn push_new(list: &mut Vec<String>, text: String) {
    if !list.contains(&text) {
        list.push(text);
    }
}
