//! What the kinds of APIs cannot do, told where it is asked for.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html>
//! <https://docs.aws.amazon.com/lambda/latest/dg/furls-http-invoke-decision.html>

use super::super::{Reading, sources};
use crate::model::ApiKind;
use crate::project::Project;
use crate::yaml::Node;

/// Something in slam.yaml that an API of this kind cannot do.
struct Refusal {
    /// The key's path.
    what: String,
    why: &'static str,
    hint: &'static str,
}

/// Refuses what the project's kind of API cannot do.
pub(in super::super) fn check(reading: &mut Reading<'_>, project: &Project) {
    match project.api {
        ApiKind::Rest => {}
        ApiKind::Http => http_api(reading),
        ApiKind::Url => function_url(reading, project),
    }
}

fn http_api(reading: &mut Reading<'_>) {
    let root = reading.root;
    let mut refuse = |node: Option<&Node>, what: String, why, hint| {
        refused(reading, ApiKind::Http, node, Refusal { what, why, hint });
    };
    refuse(
        root.find("http.stream").filter(|node| node.flag() == Some(true)),
        "`http.stream`".to_owned(),
        "they pass an answer on when it is whole",
        "`http.api: rest` and `http.api: url` stream; or remove it",
    );
    refuse(
        root.entry("static").map(|(key, _)| key),
        "`static`".to_owned(),
        "they cannot read a bucket that is private",
        "`http.api: rest` serves the files; or let the application serve them",
    );
    for (what, node) in everywhere(root, "logs") {
        refuse(
            Some(node).filter(|node| node.text() == Some("full")),
            format!("`{what}: full`"),
            "they have no log of how a request was executed",
            "write `access`; `slam logs` has what the functions wrote",
        );
    }
}

fn function_url(reading: &mut Reading<'_>, project: &Project) {
    let root = reading.root;
    let mut refuse = |node: Option<&Node>, what: String, why, hint| {
        refused(reading, ApiKind::Url, node, Refusal { what, why, hint });
    };
    refuse(
        root.entry("static").map(|(key, _)| key),
        "`static`".to_owned(),
        "one leads to a function, and to nothing else",
        "`http.api: rest` serves the files; or let the application serve them",
    );
    for (what, node) in everywhere(root, "logs") {
        refuse(
            Some(node).filter(|node| node.text() != Some("none")),
            format!("`{what}`"),
            "they write no log of their own",
            "remove it; the adapter writes a line about each request into the function's log (`logs.requests`)",
        );
    }
    for function in project.functions.iter().filter(|function| function.path.is_some()) {
        let name = function.name.as_deref().unwrap_or_default();
        let section = root.get("functions").and_then(|functions| functions.get(name));
        refuse(
            section.and_then(sources::http),
            format!("`functions.{name}.on.http`"),
            "one leads to one function, whatever the path",
            "`http.api: rest` and `http.api: http` lead paths to functions; or let the application answer this one",
        );
    }
}

/// A key of `http`, and of each stage's, with its path.
pub(super) fn everywhere<'n>(root: &'n Node, key: &str) -> Vec<(String, &'n Node)> {
    let all = root.find("http").and_then(|http| http.get(key)).map(|node| (format!("http.{key}"), node));
    let stages = root.get("stages").map(Node::entries).unwrap_or_default().iter();
    let own = stages
        .filter_map(|(name, stage)| Some((format!("stages.{}.http.{key}", name.key()), stage.get("http")?.get(key)?)));
    all.into_iter().chain(own).collect()
}

fn refused(reading: &mut Reading<'_>, kind: ApiKind, node: Option<&Node>, refusal: Refusal) {
    let Some(node) = node else { return };
    let message = format!("{} is not for {}: {}", refusal.what, kind.plural(), refusal.why);
    reading.error(node, message).hints.push(refusal.hint.to_owned());
}
