//! Stages.

use super::{Reading, environment, http, secrets, stage_names};
use crate::model::{ApiLogs, Stage, Target};
use crate::yaml::Node;

/// The stages, and the name of the development stage.
pub(super) fn stages(reading: &mut Reading<'_>) -> (Vec<Stage>, String) {
    let root = reading.root;
    let named = reading.one_of(&["stages", "stage_environments"]);
    let dev = root.get("devstage");
    let settings = http::settings(reading, root.find("http"), &Default::default());
    let default_logs = api_logs(root.find("http.logs")).unwrap_or(ApiLogs::None);
    let mut stages: Vec<Stage> = Vec::new();
    for (name, node) in named.map(Node::entries).unwrap_or_default() {
        check_name(reading, name);
        let original = root.get("stages").is_none();
        let stage = if original { original_stage(reading, name, node) } else { stage(reading, name, node) };
        stages.push(Stage {
            api_logs: api_logs(node.find("http.logs")).unwrap_or(default_logs),
            settings: http::settings(reading, node.find("http"), &settings),
            ..stage
        });
    }
    if stages.is_empty() {
        let name = dev.and_then(Node::text).unwrap_or("dev");
        if let Some(node) = dev {
            check_name(reading, node);
        }
        stages.push(Stage { api_logs: default_logs, settings, ..empty(name) });
    }
    let known: Vec<String> = stages.iter().map(|stage| stage.name.clone()).collect();
    let dev_stage = match dev {
        Some(node) => stage_names::known(reading, node, &known).unwrap_or_default(),
        None => stages[0].name.clone(),
    };
    for node in root.find("wsgi.log_stages").map(Node::items).unwrap_or_default() {
        if let Some(name) = stage_names::known(reading, node, &known) {
            stages.iter_mut().filter(|stage| stage.name == name).for_each(|stage| stage.api_logs = ApiLogs::Full);
        }
    }
    (stages, dev_stage)
}

fn empty(name: &str) -> Stage {
    Stage {
        name: name.to_owned(),
        environment: Default::default(),
        secrets: Default::default(),
        target: Target::Local,
        region: None,
        profile: None,
        api_logs: ApiLogs::None,
        settings: Default::default(),
    }
}

fn original_stage(reading: &mut Reading<'_>, name: &Node, node: &Node) -> Stage {
    Stage { environment: environment::variables(reading, node), ..empty(name.key()) }
}

fn stage(reading: &mut Reading<'_>, name: &Node, node: &Node) -> Stage {
    let text = |key| node.get(key).and_then(Node::text).map(str::to_owned);
    let target = if text("target").as_deref() == Some("aws") { Target::Aws } else { Target::Local };
    if let Some((key, _)) = node.entry("profile").filter(|_| target == Target::Local) {
        reading
            .error(key, "credentials of AWS are only for stages on AWS")
            .hints
            .push("add `target: aws`, or remove `profile`".to_owned());
    }
    if let Some(region) = node.get("region").filter(|region| !valid_region(region.text().unwrap_or_default())) {
        reading.error(region, "this is not a region").label = Some("a region is like `eu-west-1`".to_owned());
    }
    Stage {
        environment: node.get("environment").map(|node| environment::variables(reading, node)).unwrap_or_default(),
        secrets: secrets::secrets(reading, node),
        target,
        region: text("region"),
        profile: text("profile"),
        ..empty(name.key())
    }
}

fn valid_region(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let Some((number, words)) = parts.split_last() else { return false };
    words.len() >= 2
        && words.iter().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

fn api_logs(node: Option<&Node>) -> Option<ApiLogs> {
    Some(match node?.text()? {
        "access" => ApiLogs::Access,
        "full" => ApiLogs::Full,
        _ => ApiLogs::None,
    })
}

/// The rules of Lambda's aliases and API Gateway's stages together.
fn check_name(reading: &mut Reading<'_>, node: &Node) {
    let name = node.text().unwrap_or_default();
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || name.len() > 64 || !name.bytes().all(legal) {
        reading.error(node, "a stage's name has up to 64 letters, digits, dashes and underscores");
    } else if !name.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        reading.error(node, "a stage's name needs a letter: Lambda would take it for a version number");
    }
}
