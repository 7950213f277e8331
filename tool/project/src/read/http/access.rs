//! `http.authorizer`: who may call the API.

use super::super::{Reading, callable, duration, function_name};
use super::keys::{below_root, everywhere};
use crate::language::did_you_mean;
use crate::model::{Access, App, Authorizer, Code, Function, Gate};
use crate::naming::logical_name;
use crate::yaml::{Node, to_cloudformation};
use serde_json::Value;

/// The longest that API Gateway keeps an authorizer's answer.
/// <https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html>
const MAX_CACHE: u32 = 3600;
const KINDS: [&str; 4] = ["iam", "jwt", "cognito", "lambda"];
const WAYS: &str = "`iam`, `{jwt: {issuer: …, audience: […]}}`, `{cognito: {pool: …}}` or `{lambda: module:function}`";

pub(super) fn access(reading: &mut Reading<'_>, node: &Node) -> Access {
    let all = authorizer(reading, node);
    let mut paths = Vec::new();
    for path in node.get("open").map(Node::one_or_many).unwrap_or_default() {
        paths.push((below_root(reading, path), Gate::Open));
    }
    for (name, section) in node.get("paths").map(Node::entries).unwrap_or_default() {
        let path = below_root(reading, name);
        if paths.iter().any(|(other, _)| *other == path) {
            reading.error(name, format!("`{path}` is `open`, too")).hints.push("keep one of the two".to_owned());
        }
        match authorizer(reading, section) {
            Some(authorizer) => paths.push((path, Gate::By(authorizer))),
            None if section.text().is_none() && KINDS.iter().all(|kind| section.get(kind).is_none()) => {
                reading.error(section, format!("nobody decides here: it is {WAYS}"));
            }
            None => {}
        }
    }
    if all.is_none() && paths.is_empty() && node.text().is_none() && KINDS.iter().all(|kind| node.get(kind).is_none()) {
        reading.error(node, format!("nobody decides here: it is {WAYS}"));
    }
    Access { all, paths }
}

/// The authorizer that a word or a section names; none with an error, or where it names none.
fn authorizer(reading: &mut Reading<'_>, node: &Node) -> Option<Authorizer> {
    if let Some(word) = node.text() {
        if word == "iam" {
            return Some(Authorizer::Iam);
        }
        reading.error(node, format!("`{word}` is no authorizer")).hints.push(format!("it is {WAYS}"));
        return None;
    }
    let given: Vec<(&str, &Node)> = KINDS.iter().filter_map(|kind| Some((*kind, node.get(kind)?))).collect();
    if let [(first, _), (_, second), ..] = given[..] {
        reading
            .error(second, format!("`{first}` decides already"))
            .hints
            .push("keep one of the two; `paths` has others".to_owned());
        return None;
    }
    for key in ["header", "cache"] {
        if let Some(node) = node.get(key).filter(|_| node.get("lambda").is_none()) {
            reading.error(node, format!("`{key}` is about `lambda`")).hints.push("remove it".to_owned());
        }
    }
    let (kind, section) = *given.first()?;
    match kind {
        "iam" if section.flag() == Some(true) => Some(Authorizer::Iam),
        "iam" => {
            reading.error(section, "`iam: false` decides nothing").hints.push("remove it".to_owned());
            None
        }
        "jwt" => jwt(reading, section),
        "cognito" => cognito(reading, section),
        _ => lambda(reading, node, section),
    }
}

fn jwt(reading: &mut Reading<'_>, section: &Node) -> Option<Authorizer> {
    let issuer = section.get("issuer").and_then(|node| value(reading, node));
    let audience = values(reading, section, "audience");
    let Some(issuer) = issuer.filter(|_| !audience.is_empty()) else {
        reading
            .error(section, "a token has an issuer and is for somebody: this needs both `issuer` and `audience`")
            .hints
            .push("for example `{issuer: \"https://id.example.com\", audience: [tasks]}`".to_owned());
        return None;
    };
    if let Some(node) = section.get("issuer")
        && issuer.as_str().is_some_and(|issuer| !issuer.starts_with("https://"))
    {
        let hint = "as the tokens have it in `iss`; API Gateway reads the keys from `<issuer>/.well-known/openid-configuration`";
        reading.error(node, "an issuer is an `https://` URL").hints.push(hint.to_owned());
    }
    Some(Authorizer::Jwt { issuer, audience, scopes: scopes(section) })
}

fn cognito(reading: &mut Reading<'_>, section: &Node) -> Option<Authorizer> {
    let Some(pool) = section.get("pool").and_then(|node| value(reading, node)) else {
        reading
            .error(section, "this names no user pool")
            .hints
            .push("add `pool: !Ref UserPool`, or the id of one: `pool: eu-west-1_a1B2c3D4e`".to_owned());
        return None;
    };
    // An id, as `Ref` gives it.
    let is_id = |text: &str| text.split_once('_').is_some_and(|(region, id)| region.contains('-') && !id.is_empty());
    if let Some(node) = section.get("pool").filter(|_| pool.as_str().is_some_and(|text| !is_id(text))) {
        let hint = "an id is like `eu-west-1_a1B2c3D4e`; `!Ref UserPool` gives that of a pool in `resources`";
        reading.error(node, "this is not the id of a user pool").hints.push(hint.to_owned());
    }
    Some(Authorizer::Cognito { pool, clients: values(reading, section, "clients"), scopes: scopes(section) })
}

fn lambda(reading: &mut Reading<'_>, whole: &Node, node: &Node) -> Option<Authorizer> {
    let text = node.text().unwrap_or_default();
    let header = whole.get("header").and_then(Node::text).unwrap_or("Authorization").to_owned();
    if let Some(node) = whole.get("header")
        && !header.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        reading.error(node, format!("`{header}` is no header's name"));
    }
    let cache = duration::of(reading, whole, "cache", 0..=MAX_CACHE).unwrap_or(0);
    if text.contains(':') {
        let app = callable::app(reading, node);
        return Some(Authorizer::Lambda { function: name_of(&app), app: Some(app), header, cache });
    }
    let functions = reading.root.get("functions").map(Node::entries).unwrap_or_default();
    if !functions.iter().any(|(name, _)| name.key() == text) {
        let close = did_you_mean(text, functions.iter().map(|(name, _)| name.key()));
        let hint = close.map_or_else(
            || "write `module:function`, or the name of one of `functions`".to_owned(),
            |close| format!("did you mean `{close}`?"),
        );
        reading.error(node, format!("there is no function `{text}`")).hints.push(hint);
        return None;
    }
    Some(Authorizer::Lambda { function: text.to_owned(), app: None, header, cache })
}

/// What the function of an authorizer is called: `auth:check` → `auth-check`.
fn name_of(app: &App) -> String {
    let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '-' };
    format!("{}-{}", app.module, app.callable).chars().map(plain).collect()
}

fn value(reading: &mut Reading<'_>, node: &Node) -> Option<Value> {
    match to_cloudformation(node) {
        Ok(Value::Number(_) | Value::Bool(_)) => node.text().map(Value::from),
        Ok(value @ Value::String(_)) => Some(value),
        Ok(value) if value.as_object().is_some_and(|map| map.len() == 1) => Some(value),
        Ok(_) => None,
        Err(error) => {
            reading.errors.push(error);
            None
        }
    }
}

fn values(reading: &mut Reading<'_>, section: &Node, key: &str) -> Vec<Value> {
    let Some(node) = section.get(key) else { return Vec::new() };
    // `!GetAtt [Pool, ProviderName]` is one.
    let is_list = node.tag.is_none() && node.text().is_none() && node.entries().is_empty();
    let items = if is_list { node.items() } else { std::slice::from_ref(node) };
    let mut found = Vec::new();
    for item in items {
        let errors = reading.errors.len();
        match value(reading, item) {
            Some(value) => found.push(value),
            None if reading.errors.len() == errors => {
                let message =
                    format!("this is none of `{key}`: each is a text, or a CloudFormation function such as `!Ref`");
                reading.error(item, message);
            }
            None => {}
        }
    }
    found
}

fn scopes(section: &Node) -> Vec<String> {
    let scopes = section.get("scopes").map(Node::one_or_many).unwrap_or_default();
    scopes.iter().filter_map(Node::text).map(str::to_owned).collect()
}

/// The functions that slam makes for authorizers: each runs as the project's own does, in its package.
pub(in super::super) fn functions<'a>(
    reading: &mut Reading<'_>,
    main: &Function,
    others: &[Function],
    all: impl Iterator<Item = &'a Access>,
) -> Vec<Function> {
    let mut made: Vec<Function> = Vec::new();
    for authorizer in all.flat_map(Access::authorizers) {
        let Authorizer::Lambda { function, app: Some(app), .. } = authorizer else { continue };
        let is_it = |other: &Function| matches!(&other.code, Code::App { app: known, .. } if known == app);
        if made.iter().any(is_it) {
            continue;
        }
        let places = everywhere(reading.root, "authorizer");
        let Some((_, place)) = places.into_iter().next() else { continue };
        let taken =
            |other: &Function| other.name.as_deref().is_some_and(|name| logical_name(name) == logical_name(function));
        if !function_name::is_one(function) {
            let hint = "add one of `functions` that calls it, under a name of your own, and say `lambda: name`";
            reading
                .error(
                    place,
                    format!("the authorizer `{app}` would be the function `{function}`, which is no function's name"),
                )
                .hints
                .push(hint.to_owned());
        }
        if others.iter().chain(&made).any(taken) {
            let message = format!(
                "the authorizer `{app}` and a function would both be `{}` in the stack",
                logical_name(function)
            );
            reading.error(place, message).hints.push(
                "add one of `functions` that calls it, under a name of your own, and say `lambda: name`".to_owned(),
            );
        }
        if !matches!(main.code, Code::App { .. }) {
            let hint = "name one of `functions` that has the authorizer: `lambda: name`";
            reading
                .error(place, format!("`{app}` is Python, and the project's package is shipped as it is"))
                .hints
                .push(hint.to_owned());
        }
        made.push(Function {
            name: Some(function.clone()),
            code: Code::App { app: app.clone(), kind: crate::model::Kind::Function },
            path: None,
            sources: Vec::new(),
            permissions: None,
            package: None,
            ..main.clone()
        });
    }
    made
}
