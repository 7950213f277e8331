//! More functions of the project: each inherits what it does not say.

use super::callable::{app, nothing};
use super::function::{layers, runtime_of};
use super::{Reading, environment, function_name, package, permissions, secrets, sources};
use crate::model::{Architecture, Code, Function, Http, Kind, Package, RUNTIMES, Vpc};
use crate::naming::logical_name;
use crate::yaml::Node;
use std::collections::HashMap;

/// What a function inherits.
pub(super) struct Inherited<'a> {
    pub main: &'a Function,
    pub package: &'a Package,
    pub http: Option<Http>,
}

pub(super) fn functions(reading: &mut Reading<'_>, inherited: &Inherited<'_>) -> Vec<Function> {
    let root = reading.root;
    let entries = root.get("functions").map(Node::entries).unwrap_or_default();
    let mut ids: HashMap<String, &str> = HashMap::new();
    let mut functions: Vec<Function> = Vec::new();
    for (name, node) in entries {
        check_name(reading, name);
        if let Some(other) = ids.insert(logical_name(name.key()), name.key()) {
            let message = format!("the functions `{other}` and `{}` would have the same name in the stack", name.key());
            reading.error(name, message);
        }
        let function = function(reading, name, node, inherited);
        if let Some(path) = &function.path
            && functions.iter().any(|other| other.path.as_ref() == Some(path))
            && let Some(place) = sources::http(node)
        {
            reading.error(place, format!("another function answers `{path}` already"));
        }
        functions.push(function);
    }
    functions
}

fn function<'a>(reading: &mut Reading<'a>, name: &'a Node, node: &'a Node, inherited: &Inherited<'_>) -> Function {
    let main = inherited.main;
    let runtime = node.get("runtime").map_or_else(|| main.runtime.clone(), |node| runtime_of(reading, node));
    let architecture = match node.get("architecture").and_then(Node::text) {
        Some("arm64") => Architecture::Arm64,
        Some(_) => Architecture::X86_64,
        None => main.architecture,
    };
    let number = |key, inherited| {
        let number = node.get(key).and_then(Node::integer).and_then(|number| u32::try_from(number).ok());
        number.unwrap_or(inherited)
    };
    let (memory, timeout) = (number("memory", main.memory), number("timeout", main.timeout));
    let code = code(reading, name, node, &runtime);
    let same_target = runtime == main.runtime && architecture == main.architecture;
    let shared = matches!(main.code, Code::App { .. }) && same_target;
    let own = match (node.get("package"), &code) {
        (Some(section), _) => Some(package::own(reading, section, inherited.package)),
        (None, Code::App { .. }) if !shared => Some(Package { bucket: None, path: None, ..inherited.package.clone() }),
        (None, _) => None,
    };
    // A package that is shipped as it is may have several handlers.
    let packed = own.as_ref().or((matches!(main.code, Code::Handler(_)) && same_target).then_some(inherited.package));
    package::check_path(reading, node, &code, packed);
    Function {
        name: Some(name.key().to_owned()),
        path: path(reading, name, node, &code, inherited.http),
        sources: sources::sources(reading, node, matches!(&code, Code::App { kind: Kind::Wsgi | Kind::Asgi, .. })),
        layers: match node.get("layers") {
            Some(_) => layers(reading, node, own.as_ref().unwrap_or(inherited.package)),
            None if runtime == main.runtime => main.layers.clone(),
            None => Vec::new(),
        },
        code,
        runtime,
        architecture,
        memory,
        timeout,
        vpc: node.get("vpc").map_or_else(|| main.vpc.clone(), |section| vpc(reading, section)),
        environment: node.get("environment").map(|node| environment::variables(reading, node)).unwrap_or_default(),
        secrets: secrets::secrets(reading, node),
        permissions: node.get("permissions").map(|node| permissions::listed(reading, node)),
        package: own,
    }
}

fn code(reading: &mut Reading<'_>, name: &Node, node: &Node, runtime: &str) -> Code {
    let kind = match node.get("kind").and_then(Node::text) {
        Some("wsgi") => Kind::Wsgi,
        Some("asgi") => Kind::Asgi,
        _ => Kind::Function,
    };
    match (node.get("app"), node.get("handler")) {
        (Some(_), Some(handler)) => {
            reading
                .error(handler, "`app` and `handler` say two things about what is called")
                .hints
                .push("`app` is a Python callable that slam's adapter calls; `handler` is Lambda's own".to_owned());
            Code::App { app: nothing(), kind }
        }
        (Some(app_node), None) => {
            if !RUNTIMES.contains(&runtime) && runtime.starts_with(|first: char| first.is_ascii_alphabetic()) {
                reading
                    .error(app_node, format!("`app` is Python, and the runtime is `{runtime}`"))
                    .hints
                    .push("name Lambda's own handler with `handler`".to_owned());
            }
            Code::App { app: app(reading, app_node), kind }
        }
        (None, Some(handler)) => {
            if let Some((key, _)) = node.entry("kind") {
                reading.error(key, "`kind` is about `app`, and what is called here is Lambda's own handler");
            }
            Code::Handler(handler.text().unwrap_or_default().to_owned())
        }
        // A program has one entry.
        (None, None) if runtime.starts_with("provided") => Code::Handler("bootstrap".to_owned()),
        (None, None) => {
            reading
                .error(name, format!("the function `{}` does not say what to call", name.key()))
                .hints
                .push("add `app: module:callable`, or `handler` and `package: {path: …}`".to_owned());
            Code::App { app: nothing(), kind }
        }
    }
}

fn vpc(reading: &mut Reading<'_>, section: &Node) -> Option<Vpc> {
    let texts = |key| -> Vec<String> {
        section.get(key).map(Node::items).unwrap_or_default().iter().filter_map(Node::text).map(str::to_owned).collect()
    };
    let vpc = Vpc { subnets: texts("subnets"), security_groups: texts("security_groups") };
    if vpc.subnets.is_empty() || vpc.security_groups.is_empty() {
        reading.error(section, "a function in a network needs both subnets and security groups");
    }
    Some(vpc)
}

/// `/images/{id}` → itself, without a slash at the end.
fn path(reading: &mut Reading<'_>, name: &Node, node: &Node, code: &Code, http: Option<Http>) -> Option<String> {
    let web = matches!(code, Code::App { kind: Kind::Wsgi | Kind::Asgi, .. });
    let Some(place) = sources::http(node) else {
        if web {
            reading
                .error(name, format!("nothing would ask the web application `{}`", name.key()))
                .hints
                .push("add `on: {http: /path}`".to_owned());
        }
        return None;
    };
    let path = super::path::path(reading, place);
    if place.key().starts_with('/') && path.is_empty() && http.is_some() {
        reading
            .error(place, "the project's own application answers all of the API")
            .hints
            .push("give this function a path below, such as `/images`".to_owned());
    }
    Some(path)
}

fn check_name(reading: &mut Reading<'_>, node: &Node) {
    if !function_name::is_one(node.key()) {
        reading.error(
            node,
            format!(
                "a function's name begins with a letter and has up to {} letters, digits, dashes and underscores",
                function_name::LONGEST
            ),
        );
    }
}
