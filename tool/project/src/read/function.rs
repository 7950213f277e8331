//! The function, its package, and the API in front of it.

use super::Reading;
use crate::Diagnostic;
use crate::language::did_you_mean;
use crate::model::{App, Architecture, Function, Http, Kind, Package, RUNTIMES, Vpc};
use crate::yaml::Node;

pub(super) fn function(reading: &mut Reading<'_>) -> Function {
    Function {
        app: app(reading),
        kind: kind(reading),
        runtime: runtime(reading),
        architecture: match reading.root.get("architecture").and_then(Node::text) {
            Some("arm64") => Architecture::Arm64,
            Some(_) => Architecture::X86_64,
            None => reading.defaults.architecture,
        },
        memory: number(reading, &["memory", "aws.lambda_memory"], 128),
        timeout: number(reading, &["timeout", "aws.lambda_timeout"], 10),
        vpc: vpc(reading),
    }
}

fn number(reading: &mut Reading<'_>, paths: &[&str], default: u32) -> u32 {
    let number = reading.one_of(paths).and_then(Node::integer);
    number.and_then(|number| u32::try_from(number).ok()).unwrap_or(default)
}

fn app(reading: &mut Reading<'_>) -> App {
    let nothing = App { module: String::new(), callable: String::new() };
    let (module, callable) = match (reading.one_of(&["app", "function"]), reading.root.get("app")) {
        (None, _) => {
            let error = Diagnostic::new("slam.yaml does not say what to deploy");
            reading.errors.push(error.hint("add `app: module:callable`"));
            return nothing;
        }
        (Some(node), Some(_)) => {
            let text = node.text().unwrap_or_default();
            let Some((module, callable)) = text.split_once(':') else {
                reading
                    .error(node, "`app` names a module and a callable in it, with a colon between them")
                    .hints
                    .push(format!("for `app` in the file {text}.py: `app: {text}:app`"));
                return nothing;
            };
            ((node, module), (node, callable))
        }
        (Some(section), None) => {
            let (Some(module), Some(callable)) = (section.get("module"), section.get("app")) else {
                reading.error(section, "`function` needs both `module` and `app`");
                return nothing;
            };
            ((module, module.text().unwrap_or_default()), (callable, callable.text().unwrap_or_default()))
        }
    };
    if !module.1.split('.').all(identifier) {
        let error = reading.error(module.0, format!("`{}` is not the name of a Python module", module.1));
        if module.1.contains('/') || module.1.ends_with(".py") {
            let dotted = module.1.trim_end_matches(".py").replace('/', ".");
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

fn kind(reading: &mut Reading<'_>) -> Kind {
    let original = reading.root.entry("wsgi");
    match (reading.root.get("kind"), original) {
        (Some(node), original) if node.text() == Some("function") => {
            if let Some((key, _)) = original {
                reading.error(key, "`wsgi` makes a WSGI application of what `kind` says is a function");
            }
            if let Some((key, _)) = reading.root.entry("http").filter(|_| api(reading.root) != Some("none")) {
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

fn api(root: &Node) -> Option<&str> {
    root.find("http.api").and_then(Node::text)
}

pub(super) fn http(reading: &mut Reading<'_>) -> Option<Http> {
    let root = reading.root;
    let web = match root.get("kind").and_then(Node::text) {
        Some(kind) => kind == "wsgi" || kind == "asgi",
        None => root.entry("wsgi").is_some() || root.get("http").is_some(),
    };
    let wanted = match reading.one_of(&["http.api", "wsgi.deploy_api_gateway"]) {
        Some(node) => node.flag().unwrap_or_else(|| node.text() == Some("rest")),
        // The original deploys an API only when told to.
        None => root.entry("wsgi").is_none(),
    };
    (web && wanted).then_some(Http)
}

fn runtime(reading: &mut Reading<'_>) -> String {
    let Some(node) = reading.one_of(&["runtime", "aws.lambda_runtime"]) else {
        return reading.defaults.runtime.clone();
    };
    let text = node.text().unwrap_or_default();
    if !RUNTIMES.contains(&text) {
        let message = if text.starts_with("python2.") || ["python3.6", "python3.7", "python3.8"].contains(&text) {
            format!("Lambda does not run `{text}` any more")
        } else {
            format!("`{text}` is not a Python runtime of Lambda")
        };
        let default = reading.defaults.runtime.clone();
        let close = did_you_mean(text, RUNTIMES.iter().copied()).filter(|_| !message.contains("any more"));
        let hint = match close {
            Some(close) => format!("did you mean `{close}`?"),
            None => format!("write `{default}`; runtimes that can be had: {}", RUNTIMES.join(", ")),
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

pub(super) fn package(reading: &mut Reading<'_>) -> Package {
    if let Some(node) = reading.one_of(&["package.bucket", "aws.s3_bucket"]) {
        let name = node.text().unwrap_or_default();
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
        let ends = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = name.as_bytes();
        if !(3..=63).contains(&name.len()) || !name.bytes().all(legal) || !ends(bytes.first()) || !ends(bytes.last()) {
            reading.error(node, format!("`{name}` cannot be the name of a bucket")).hints.push(
                "3 to 63 lowercase letters, digits, dots and dashes; or leave it out: the stack makes one".into(),
            );
        }
    }
    Package {
        requirements: reading.text(&["package.requirements", "requirements"]),
        bucket: reading.text(&["package.bucket", "aws.s3_bucket"]),
        include: reading.texts(&["package.include"]),
        exclude: reading.texts(&["package.exclude"]),
        exclude_dependencies: reading.texts(&["package.exclude_dependencies"]),
        slim: reading.root.find("package.slim").and_then(Node::flag).unwrap_or(true),
        runtime_packages: reading.text(&["package.runtime_packages"]).is_none_or(|word| word == "include"),
        bytecode: reading.root.find("package.bytecode").and_then(Node::flag).unwrap_or(false),
        budget: budget(reading),
        before: reading.text(&["package.before"]).filter(|command| !command.trim().is_empty()),
    }
}

/// `30MB`, as AWS counts: its 50 MB and 250 MB for packages are of 1,048,576 bytes.
fn budget(reading: &mut Reading<'_>) -> Option<u64> {
    let node = reading.root.find("package.budget")?;
    let text = node.text().unwrap_or_default();
    let units = [("KB", 1_u64 << 10), ("MB", 1 << 20)];
    let bytes = units.iter().find_map(|(unit, bytes)| {
        let number = text.strip_suffix(unit)?.trim().parse::<u64>().ok()?;
        number.checked_mul(*bytes).filter(|bytes| *bytes > 0)
    });
    if bytes.is_none() {
        reading.error(node, format!("`{text}` is not a size")).hints.push("write `30MB` or `800KB`".into());
    }
    bytes
}
