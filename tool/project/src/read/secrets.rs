//! Variables whose values are kept in Parameter Store or Secrets Manager.

use super::{Reading, environment};
use crate::environment::{WRAPPER_VARIABLE, table_variable};
use crate::language::did_you_mean;
use crate::model::{Code, Secret};
use crate::project::Project;
use crate::variables::SCRIPT_NAME;
use crate::yaml::Node;
use indexmap::IndexMap;

const SOURCES: &[&str] = &["ssm", "secretsmanager"];

/// How a place is written.
const PLACES: &str =
    "`ssm:/path` names a parameter of Parameter Store, and `secretsmanager:name` a secret of Secrets Manager";

/// The most levels of a parameter's name.
const MAX_LEVELS: usize = 15;
/// The longest name of a parameter, with what stands before it in its ARN.
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html>
const MAX_PARAMETER: usize = 1011;
/// <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_LabelParameterVersion.html>
const MAX_LABEL: usize = 100;
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>
const MAX_NAME: usize = 512;

/// The secrets that the project, a function or a stage has.
pub(super) fn secrets(reading: &mut Reading<'_>, section: &Node) -> IndexMap<String, Secret> {
    let mut secrets = IndexMap::new();
    for (name, place) in section.get("secrets").map(Node::entries).unwrap_or_default() {
        if let Some((message, hint)) = refused(reading, name.key()) {
            reading.error(name, message).hints.extend(hint);
        }
        match secret(place.text().unwrap_or_default()) {
            Ok(secret) => {
                secrets.insert(name.key().to_owned(), secret);
            }
            Err((message, hint)) => reading.error(place, message).hints.push(hint),
        }
    }
    secrets
}

/// Why there cannot be a secret of this name, and what to do.
fn refused(reading: &Reading<'_>, name: &str) -> Option<(String, Option<String>)> {
    // What counts before the adapter can read anything.
    if name == SCRIPT_NAME || name == WRAPPER_VARIABLE {
        let message = format!("`{name}` is needed before a secret can be read");
        return Some((message, Some("write it into `environment`".to_owned())));
    }
    environment::refused(reading, name)
}

/// Where a value is kept, or what is wrong with what is written and what to do.
fn secret(text: &str) -> Result<Secret, (String, String)> {
    let Some(secret) = Secret::parse(text).filter(|_| !text.contains("://")) else { return Err(elsewhere(text)) };
    let wrong = match &secret {
        Secret::Parameter { name, version } => {
            let hint = wrong_parameter(name).map(|hint| (format!("`{name}` is no name of a parameter"), hint));
            hint.or_else(|| wrong_version(name, version.as_deref()?))
        }
        Secret::SecretsManager { name, key } => {
            let hint = wrong_name(name).map(|hint| (format!("`{name}` is no name of a secret"), hint));
            let hint = hint.map(|(message, hint)| (message, hint.to_owned()));
            hint.or_else(|| {
                let whole = || format!("`secretsmanager:{name}` is the whole secret");
                (key.as_deref() == Some("")).then(|| ("there is no key after `#`".to_owned(), whole()))
            })
        }
    };
    wrong.map_or(Ok(secret), Err)
}

/// What to say of a text that names no place that secrets are read from: it may be a value by mistake.
fn elsewhere(text: &str) -> (String, String) {
    let source = text.split_once(':').filter(|(source, place)| {
        !source.is_empty()
            && source.len() <= 20
            && source.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && !place.starts_with("//")
    });
    match source {
        Some(("arn", _)) => (
            "a secret is named without its ARN".to_owned(),
            format!("{PLACES}, both of the account and region of the function"),
        ),
        Some((source, _)) => {
            let close = did_you_mean(source, SOURCES.iter().copied()).map(|close| format!("did you mean `{close}:`?"));
            (format!("`{source}` is no place that secrets are read from"), close.unwrap_or_else(|| PLACES.to_owned()))
        }
        None => (
            "`secrets` says where a value is kept, and never the value".to_owned(),
            format!("{PLACES}; a value that everybody may see belongs into `environment`"),
        ),
    }
}

/// What to do about what cannot be the name of a parameter.
/// <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html>
fn wrong_parameter(name: &str) -> Option<String> {
    let path = name.strip_prefix('/').unwrap_or(name);
    let legal = |level: &str| {
        !level.is_empty() && level.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
    };
    // <https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters.html>
    let is_reserved = || ["aws", "ssm"].iter().any(|start| path.to_ascii_lowercase().starts_with(start));
    let hint = if name == "arn" {
        "name it by its path, such as `ssm:/tasks/database`, in the account and region of the function"
    } else if !path.split('/').all(legal) {
        "a name has letters, digits and `_.-`, with a slash before each level: `ssm:/tasks/database`"
    } else if path.contains('/') && !name.starts_with('/') {
        return Some(format!("a name with levels begins with a slash: `ssm:/{name}`"));
    } else if is_reserved() {
        "names that begin with `aws` or `ssm` are AWS's own: what it publishes is no secret; `secretsmanager:name` reads a \
         secret of Secrets Manager"
    } else if path.split('/').count() > MAX_LEVELS {
        return Some(format!("a name has {MAX_LEVELS} levels at most"));
    } else if name.len() > MAX_PARAMETER {
        return Some(format!("a name has {MAX_PARAMETER} characters at most, together with the rest of its ARN"));
    } else {
        return None;
    };
    Some(hint.to_owned())
}

/// What is wrong with what is neither the number of a version nor a label, which does not begin with a digit.
fn wrong_version(name: &str, version: &str) -> Option<(String, String)> {
    let is_number = version.bytes().all(|byte| byte.is_ascii_digit());
    let is_label = version.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
        && !version.starts_with(|first: char| first.is_ascii_digit());
    let is_right = !version.is_empty() && version.len() <= MAX_LABEL && (is_number || is_label);
    (!is_right).then(|| {
        (
            format!("`{version}` is neither a version nor a label of a parameter"),
            format!("write `ssm:{name}` for the latest version, `ssm:{name}:3`, or `ssm:{name}:label`"),
        )
    })
}

/// What to do about what cannot be the name of a secret.
fn wrong_name(name: &str) -> Option<&'static str> {
    if name.starts_with("arn:") {
        return Some(
            "name it without its ARN, and without the six characters at the end of that: `secretsmanager:tasks/key`",
        );
    }
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+=.@-".contains(&byte);
    let is_right = (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(legal);
    (!is_right).then_some(
        "a name has at most 512 letters, digits and `/_+=.@-`; `secretsmanager:name#key` takes one value of a JSON object",
    )
}

/// What can only be checked with everything known: other variables of the same names, and who could read the secrets.
pub(super) fn check_all(reading: &mut Reading<'_>, project: &Project) {
    let root = reading.root;
    check(reading, project, root, &project.environment, None);
    for stage in &project.stages {
        if let Some(section) = root.get("stages").and_then(|stages| stages.get(&stage.name)) {
            check(reading, project, section, &stage.environment, None);
        }
    }
    for function in &project.functions {
        let name = function.name.as_deref().unwrap_or_default();
        if let Some(section) = root.get("functions").and_then(|functions| functions.get(name)) {
            check(reading, project, section, &function.environment, Some(&function.code));
        }
    }
}

/// Checks the secrets of a section, beside which `plain` variables stand; `code` is what reads them, where that is one
/// function.
fn check(
    reading: &mut Reading<'_>,
    project: &Project,
    section: &Node,
    plain: &IndexMap<String, String>,
    code: Option<&Code>,
) {
    let Some((key, secrets)) = section.entry("secrets").filter(|(_, secrets)| !secrets.entries().is_empty()) else {
        return;
    };
    for (name, _) in secrets.entries() {
        if plain.contains_key(name.key()) {
            reading
                .error(name, format!("`{}` stands in `environment`, too", name.key()))
                .hints
                .push("keep one of the two; a stage's variable may take the place of a secret of the project's".into());
        }
        if let Some(table) = project.tables.iter().find(|table| table_variable(&table.name) == name.key()) {
            reading.error(name, format!("`{}` is set by slam: it names the table `{}`", name.key(), table.name));
        }
    }
    let is_handler = |code: &Code| matches!(code, Code::Handler(_));
    let nobody = code.map_or_else(|| project.all_functions().all(|function| is_handler(&function.code)), is_handler);
    if nobody {
        let names: Vec<_> = secrets.entries().iter().map(|(name, _)| format!("`{}`", name.key())).collect();
        let hint = format!(
            "read {} in the code, with the AWS SDK, and allow it there: `permissions: [{{allow: [ssm:GetParameter], on: \
             \"arn:aws:ssm:*:*:parameter/path\"}}]`",
            names.join(", ")
        );
        reading
            .error(key, "`secrets` are read by slam's adapter, which calls `app`; what `handler` names is Lambda's own")
            .hints
            .push(hint);
    }
}
