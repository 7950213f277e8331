//! `http`: the API in front of the functions.
//!
//! - [`mod@settings`], [`access`], [`plans`]: what the API does with requests; each stage may say it otherwise.
//! - [`limits`]: rates and bursts; [`keys`]: where each of these may be said.
//! - [`kinds`]: what a kind of API cannot do is told before anything is deployed; [`paths`]: so is what paths cannot be told apart.

mod access;
mod keys;
mod kinds;
mod limits;
mod paths;
mod plans;
mod settings;

pub(super) use access::functions;
pub(super) use kinds::check;
pub(super) use settings::settings;

use super::{Reading, sources};
use crate::model::{ApiKind, Function, Http};
use crate::project::Project;
use crate::yaml::Node;

/// Whether `http` says nothing of the project's own function: there is no API, or the paths of others make one.
pub(super) fn is_for_others(root: &Node) -> bool {
    let functions = root.get("functions").map(Node::entries).unwrap_or_default();
    let is_none = root.find("http.api").and_then(Node::text) == Some("none");
    is_none || functions.iter().any(|(_, function)| sources::http(function).is_some())
}

/// How the project's own function is reached, and the kind of API.
pub(super) fn http(reading: &mut Reading<'_>) -> (Option<Http>, ApiKind) {
    let root = reading.root;
    let web = match root.get("kind").and_then(Node::text) {
        Some(kind) => kind == "wsgi" || kind == "asgi",
        // Lambda's own handler gets what API Gateway sends.
        None => root.entry("wsgi").is_some() || root.get("http").is_some(),
    };
    let said = reading.one_of(&["http.api", "wsgi.deploy_api_gateway"]);
    let kind = said.and_then(Node::text).and_then(ApiKind::parse).unwrap_or_default();
    let wanted = match said {
        Some(node) => node.flag().unwrap_or_else(|| node.text() != Some("none")),
        // The original deploys an API only when told to.
        None => root.entry("wsgi").is_none(),
    };
    let streams = root.find("http.stream").filter(|node| node.flag() == Some(true));
    if let Some(node) = streams.filter(|_| !wanted || !web) {
        reading
            .error(node, "`http.stream` needs a web application with an API in front of it")
            .hints
            .push("say `kind: wsgi` or `kind: asgi` and leave `http.api: none` out, or remove `stream`".to_owned());
    }
    let gzip = root.find("http.gzip").and_then(Node::integer).and_then(|bytes| u32::try_from(bytes).ok());
    ((web && wanted).then_some(Http { stream: streams.is_some(), gzip }), kind)
}

/// What only slam's adapter does has no effect on Lambda's own handlers: without an application it is a mistake.
pub(super) fn check_web(reading: &mut Reading<'_>, project: &Project) {
    if project.all_functions().any(Function::is_web) {
        return;
    }
    for path in ["http.stream", "http.gzip", "logs.requests"] {
        // What is said already without the key is no mistake.
        let said = path == "logs.requests";
        if let Some(node) = reading.root.find(path).filter(|node| node.flag() != Some(said)) {
            reading
                .error(node, format!("`{path}` is for WSGI and ASGI applications, and the project has none"))
                .hints
                .push("remove it: what other functions answer is passed on as it is".to_owned());
        }
    }
}
