//! The function that the top of the file describes.

use super::{Reading, callable, http, package, sources};
use crate::Diagnostic;
use crate::language::did_you_mean;
use crate::model::{Architecture, Code, Function, Kind, OTHER_RUNTIMES, Package, RUNTIMES, Vpc};
use crate::yaml::{Node, to_cloudformation};

/// A function has at most five layers. <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_LAYERS: usize = 5;

pub(super) fn function(reading: &mut Reading<'_>, package: &Package) -> Function {
    let root = reading.root;
    let runtime = runtime(reading);
    let code = code(reading, &runtime);
    package::check_path(reading, root, &code, Some(package));
    if let Some(node) = sources::http(root) {
        reading
            .error(node, "the project's own application answers all of the API")
            .hints
            .push("remove it; `kind` and `http` at the top say that it is a web application".to_owned());
    }
    let web = matches!(&code, Code::App { kind: Kind::Wsgi | Kind::Asgi, .. });
    let sources = sources::sources(reading, root, web);
    Function {
        name: None,
        code,
        runtime,
        architecture: match root.get("architecture").and_then(Node::text) {
            Some("arm64") => Architecture::Arm64,
            Some(_) => Architecture::X86_64,
            None => reading.defaults.architecture,
        },
        memory: number(reading, &["memory", "aws.lambda_memory"], 128),
        timeout: number(reading, &["timeout", "aws.lambda_timeout"], 10),
        vpc: vpc(reading),
        layers: layers(reading, root, package),
        environment: Default::default(),
        secrets: Default::default(),
        permissions: None,
        package: None,
        path: None,
        sources,
    }
}

fn number(reading: &mut Reading<'_>, paths: &[&str], default: u32) -> u32 {
    let number = reading.one_of(paths).and_then(Node::integer);
    number.and_then(|number| u32::try_from(number).ok()).unwrap_or(default)
}

fn code(reading: &mut Reading<'_>, runtime: &str) -> Code {
    let given = reading.one_of(&["handler", "app", "function"]);
    let root = reading.root;
    if let Some(handler) = root.get("handler") {
        if let Some((key, _)) = root.entry("kind").or_else(|| root.entry("wsgi")) {
            reading.error(key, "this is about `app`, and what is called here is Lambda's own handler");
        }
        return Code::Handler(handler.text().unwrap_or_default().to_owned());
    }
    let Some(given) = given else {
        // A program has one entry.
        if runtime.starts_with("provided") {
            return Code::Handler("bootstrap".to_owned());
        }
        let error = Diagnostic::new("slam.yaml does not say what to deploy");
        reading.errors.push(error.hint("add `app: module:callable`"));
        return Code::App { app: callable::nothing(), kind: Kind::Function };
    };
    if OTHER_RUNTIMES.contains(&runtime) {
        reading
            .error(given, format!("`app` is Python, and the runtime is `{runtime}`"))
            .hints
            .push("name Lambda's own handler with `handler`, and what is packed with `package: {path: …}`".to_owned());
    }
    let app =
        if root.get("app").is_some() { callable::app(reading, given) } else { callable::of_original(reading, given) };
    Code::App { app, kind: kind(reading) }
}

/// The layers that a section names. A layer that slam makes is one more.
pub(super) fn layers(reading: &mut Reading<'_>, section: &Node, package: &Package) -> Vec<serde_json::Value> {
    let Some(node) = section.get("layers") else { return Vec::new() };
    if node.items().len() + usize::from(package.layer) > MAX_LAYERS {
        reading.error(node, format!("a function has at most {MAX_LAYERS} layers, that of `package.layer` included"));
    }
    let mut layers = Vec::new();
    for item in node.items() {
        match to_cloudformation(item) {
            Ok(value) => {
                let arn = value.as_str().map(|text| text.split(':').collect::<Vec<_>>());
                let legal = match &arn {
                    Some(parts) => matches!(
                        parts[..],
                        ["arn", _, "lambda", _, _, "layer", _, version] if version.parse::<u64>().is_ok()
                    ),
                    None => value.as_object().is_some_and(|map| map.len() == 1),
                };
                if !legal {
                    reading
                        .error(item, "this is neither the ARN of a layer's version nor a CloudFormation function")
                        .hints
                        .push(
                            "an ARN ends with the version: `arn:aws:lambda:eu-west-1:123456789012:layer:name:7`"
                                .to_owned(),
                        );
                }
                layers.push(value);
            }
            Err(error) => reading.errors.push(error),
        }
    }
    layers
}

fn kind(reading: &mut Reading<'_>) -> Kind {
    let original = reading.root.entry("wsgi");
    match (reading.root.get("kind"), original) {
        (Some(node), original) if node.text() == Some("function") => {
            if let Some((key, _)) = original {
                reading.error(key, "`wsgi` makes a WSGI application of what `kind` says is a function");
            }
            if let Some((key, _)) = reading.root.entry("http").filter(|_| !http::is_for_others(reading.root)) {
                reading
                    .error(key, "a plain function has no API in front of it")
                    .hints
                    .push("remove `http`, or say `kind: wsgi` or `kind: asgi` if it is a web application".to_owned());
            }
            Kind::Function
        }
        (Some(node), original) if node.text() == Some("asgi") => {
            if let Some((key, _)) = original {
                reading.error(key, "`wsgi` makes a WSGI application of what `kind` says is an ASGI one");
            }
            Kind::Asgi
        }
        (Some(_), _) | (None, Some(_)) => Kind::Wsgi,
        // Without a word about it, wishing for HTTP makes it a web application.
        (None, None) if reading.root.get("http").is_some() => Kind::Wsgi,
        (None, None) => Kind::Function,
    }
}

fn runtime(reading: &mut Reading<'_>) -> String {
    match reading.one_of(&["runtime", "aws.lambda_runtime"]) {
        Some(node) => runtime_of(reading, node),
        None => (reading.defaults.runtime)(),
    }
}

/// A runtime that Lambda has.
pub(super) fn runtime_of(reading: &mut Reading<'_>, node: &Node) -> String {
    let text = node.text().unwrap_or_default();
    if !RUNTIMES.contains(&text) && !OTHER_RUNTIMES.contains(&text) {
        let gone = text.starts_with("python2.") || ["python3.6", "python3.7", "python3.8"].contains(&text);
        let message = if gone {
            format!("Lambda does not run `{text}` any more")
        } else {
            format!("`{text}` is not a runtime of Lambda")
        };
        let default = (reading.defaults.runtime)();
        let close = did_you_mean(text, RUNTIMES.iter().chain(OTHER_RUNTIMES).copied()).filter(|_| !gone);
        let hint = match close {
            Some(close) => format!("did you mean `{close}`?"),
            None => {
                let (python, others) = (RUNTIMES.join(", "), OTHER_RUNTIMES.join(", "));
                format!("write `{default}`; runtimes that can be had: {python}; and with `handler`: {others}")
            }
        };
        reading.error(node, message).hints.push(hint);
    }
    text.to_owned()
}

fn vpc(reading: &mut Reading<'_>) -> Option<Vpc> {
    let subnets = reading.texts(&["vpc.subnets", "aws.lambda_subnet_ids"]);
    let security_groups = reading.texts(&["vpc.security_groups", "aws.lambda_security_groups"]);
    if subnets.is_empty() != security_groups.is_empty() {
        let paths = ["vpc", "aws.lambda_subnet_ids", "aws.lambda_security_groups"];
        if let Some(node) = paths.iter().find_map(|path| reading.root.find(path)) {
            reading.error(node, "a function in a network needs both subnets and security groups");
        }
    }
    (!subnets.is_empty()).then_some(Vpc { subnets, security_groups })
}
