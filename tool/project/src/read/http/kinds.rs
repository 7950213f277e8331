//! What the kinds of APIs cannot do, told where it is asked for.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html>
//! <https://docs.aws.amazon.com/lambda/latest/dg/furls-http-invoke-decision.html>

use super::super::{Reading, sources};
use super::keys::{KEYS, everywhere, of_stage};
use super::paths;
use crate::model::{ApiKind, ApiSettings, Function, Gate, is_below};
use crate::project::{Deployment, Project};
use crate::yaml::Node;

/// Refuses what the project's kind of API cannot do, and what there is no API for.
pub(in super::super) fn check(reading: &mut Reading<'_>, project: &Project) {
    let root = reading.root;
    if !project.has_api() {
        for (what, node) in KEYS.iter().flat_map(|key| everywhere(root, key)) {
            reading
                .error(node, format!("`{what}` needs an API, and the project has none"))
                .hints
                .push("say `kind: wsgi` or `kind: asgi` and leave `http.api: none` out, or remove it".to_owned());
        }
        return;
    }
    let mut refusing = Refusing { reading, kind: project.api };
    match project.api {
        ApiKind::Rest => refusing.rest(project),
        ApiKind::Http => refusing.http(project),
        ApiKind::Url => refusing.url(project),
    }
    if project.api != ApiKind::Url {
        paths::check(reading, project);
        check_open(reading, project);
    }
}

/// Something must be closed where paths are said to be open.
fn check_open(reading: &mut Reading<'_>, project: &Project) {
    let mut told: Vec<&Node> = Vec::new();
    for stage in &project.stages {
        let (access, plans) = (&stage.settings.access, &stage.settings.plans);
        let only_open = access.all.is_none() && access.paths.iter().all(|(_, gate)| *gate == Gate::Open);
        let Some(node) = of_stage(reading.root, &stage.name, "authorizer").and_then(|node| node.get("open")) else {
            continue;
        };
        if only_open && plans.is_empty() && !told.iter().any(|other| std::ptr::eq(*other, node)) {
            told.push(node);
            reading.error(node, format!("everything is open already in the stage `{}`", stage.name)).hints.push(
                "say who decides about the rest, such as `iam: true` or `lambda: module:function`; or remove it"
                    .to_owned(),
            );
        }
    }
}

/// Finds what a kind of API cannot do.
struct Refusing<'r, 'a> {
    reading: &'r mut Reading<'a>,
    kind: ApiKind,
}

impl Refusing<'_, '_> {
    fn refuse(&mut self, node: Option<&Node>, what: &str, why: &'static str, hint: &'static str) {
        let Some(node) = node else { return };
        let message = format!("{what} is not for {}: {why}", self.kind.plural());
        self.reading.error(node, message).hints.push(hint.to_owned());
    }

    fn rest(&mut self, project: &Project) {
        let root = self.reading.root;
        for (what, node) in everywhere(root, "authorizer") {
            for section in authorizers(node) {
                self.refuse(
                    section.entry("jwt").map(|(key, _)| key),
                    &format!("`{what}` by `jwt`"),
                    "slam gives REST APIs no authorizer of the type JWT yet",
                    "`http.api: http` checks them; or let a function do it: `{lambda: module:function}`",
                );
                self.refuse(
                    section.get("cognito").and_then(|cognito| cognito.entry("clients")).map(|(key, _)| key),
                    "`clients`",
                    "they take the tokens of all clients of a user pool",
                    "remove it and look at the token's `client_id` in the application; or say `http.api: http`",
                );
            }
        }
        for (_, node) in everywhere(root, "cors") {
            for origin in node.get("origins").map(Node::one_or_many).unwrap_or_default() {
                let is_pattern = origin.text().is_some_and(|text| text != "*" && text.contains('*'));
                self.refuse(
                    Some(origin).filter(|_| is_pattern),
                    "an origin with `*` in it",
                    "they answer to names alone",
                    "name each origin, or write `*` for all; `http.api: http` takes patterns",
                );
            }
        }
        for deployment in project.deployments() {
            self.shared(&deployment);
        }
    }

    /// Stages of one stack are stages of one REST API, whose methods they share.
    fn shared(&mut self, deployment: &Deployment<'_>) {
        let Some((first, others)) = deployment.stages.split_first() else { return };
        let differing = |differs: &dyn Fn(&ApiSettings, &ApiSettings) -> bool| {
            others.iter().find(|other| differs(&first.settings, &other.settings)).map(|other| &other.name)
        };
        let found = [
            ("cors", differing(&|one, other| one.cors != other.cors)),
            ("authorizer", differing(&|one, other| one.access != other.access)),
            ("keys", differing(&|one, other| one.plans.is_empty() != other.plans.is_empty())),
        ];
        for (key, other) in found {
            let Some(other) = other else { continue };
            let place = |stage: &str| {
                let own = self.reading.root.get("stages")?.get(stage)?.get("http")?;
                own.entry(key).map(|(name, _)| name)
            };
            let Some(node) = place(other).or_else(|| place(&first.name)) else { continue };
            let what = if key == "keys" { "asks for API keys or does not" } else { "has one of these" };
            let message =
                format!("`{key}` differs, and `{}` and `{other}` are stages of one REST API, which {what}", first.name);
            let hint = format!(
                "say it in `http.{key}`, for all stages; stages of other targets, regions or profiles have APIs of their own, and \
                 with `http.api: http` each has"
            );
            self.reading.error(node, message).hints.push(hint);
        }
    }

    fn http(&mut self, project: &Project) {
        let root = self.reading.root;
        self.refuse(
            root.find("http.stream").filter(|node| node.flag() == Some(true)),
            "`http.stream`",
            "they pass an answer on when it is whole",
            "`http.api: rest` and `http.api: url` stream; or remove it",
        );
        self.refuse(
            root.entry("static").filter(|_| project.static_files.is_some()).map(|(key, _)| key),
            "`static`",
            "they cannot read a bucket that is private",
            "`http.api: rest` serves the files; or let the application serve them",
        );
        for (what, node) in everywhere(root, "logs") {
            self.refuse(
                Some(node).filter(|node| node.text() == Some("full")),
                &format!("`{what}: full`"),
                "they have no log of how a request was executed",
                "write `access`; `slam logs` has what the functions wrote",
            );
        }
        self.no_keys();
        self.preflights(project);
        for (_, node) in everywhere(root, "authorizer") {
            for cognito in authorizers(node).into_iter().filter_map(|section| section.get("cognito")) {
                let clients = cognito.get("clients").filter(|node| !node.is_null());
                if clients
                    .is_none_or(|node| node.text().is_none() && node.items().is_empty() && node.entries().is_empty())
                {
                    self.reading
                        .error(cognito, "an HTTP API takes the tokens of clients that are named, and this names none")
                        .hints
                        .push("add `clients: [!Ref UserPoolClient]`".to_owned());
                }
            }
        }
    }

    fn url(&mut self, project: &Project) {
        let root = self.reading.root;
        self.refuse(
            root.entry("static").filter(|_| project.static_files.is_some()).map(|(key, _)| key),
            "`static`",
            "one leads to a function, and to nothing else",
            "`http.api: rest` serves the files; or let the application serve them",
        );
        for (what, node) in everywhere(root, "logs") {
            self.refuse(
                Some(node).filter(|node| node.text() != Some("none")),
                &format!("`{what}`"),
                "they write no log of their own",
                "remove it; the adapter writes a line about each request into the function's log (`logs.requests`)",
            );
        }
        for function in project.functions.iter().filter(|function| function.path.is_some()) {
            let name = function.name.as_deref().unwrap_or_default();
            let section = root.get("functions").and_then(|functions| functions.get(name));
            self.refuse(
                section.and_then(sources::http),
                &format!("`functions.{name}.on.http`"),
                "one leads to one function, whatever the path",
                "`http.api: rest` and `http.api: http` lead paths to functions; or let the application answer this one",
            );
        }
        for (what, node) in everywhere(root, "throttle") {
            self.refuse(
                Some(node),
                &format!("`{what}`"),
                "nothing counts their requests",
                "`http.api: rest` and `http.api: http` limit them; or remove it",
            );
        }
        self.no_keys();
        for (what, node) in everywhere(root, "authorizer") {
            for key in ["jwt", "cognito", "lambda"] {
                self.refuse(
                    node.entry(key).map(|(key, _)| key),
                    &format!("`{what}` by `{key}`"),
                    "they know signatures of IAM alone",
                    "`http.api: rest` and `http.api: http` have authorizers; or say `iam`, or let the application decide",
                );
            }
            for key in ["open", "paths"] {
                self.refuse(
                    node.entry(key).map(|(key, _)| key),
                    &format!("`{what}.{key}`"),
                    "one is protected as a whole",
                    "`http.api: rest` and `http.api: http` tell paths apart; or remove it",
                );
            }
        }
        for (_, node) in everywhere(root, "cors") {
            for origin in node.get("origins").map(Node::one_or_many).unwrap_or_default() {
                let is_pattern = origin.text().is_some_and(|text| text != "*" && text.contains('*'));
                self.refuse(
                    Some(origin).filter(|_| is_pattern),
                    "an origin with `*` in it",
                    "they answer to names alone",
                    "name each origin, or write `*` for all; `http.api: http` takes patterns",
                );
            }
        }
    }

    /// A preflight brings no token, so a route for OPTIONS beside one that asks for a token lets every such request through to the
    /// function. The adapter answers them; what has no adapter would have to.
    fn preflights(&mut self, project: &Project) {
        let main = project.http.map(|_| (&project.function, ""));
        let named = project.functions.iter().filter_map(|function| Some((function, function.path.as_deref()?)));
        let answering: Vec<(&Function, &str)> = main.into_iter().chain(named).collect();
        for stage in project.stages.iter().filter(|stage| stage.settings.cors.is_some()) {
            let access = &stage.settings.access;
            let apart = access.paths.iter().map(|(path, _)| path.as_str());
            let guarded = answering
                .iter()
                .map(|(_, path)| *path)
                .chain(apart)
                .filter(|path| access.of(path).authorizer.is_some());
            let owner = |path: &str| {
                let above = answering.iter().filter(|(_, start)| is_below(path, start));
                above.max_by_key(|(_, start)| start.len()).map(|(function, _)| *function)
            };
            let bare = { guarded }.filter_map(owner).find(|function| !function.is_web());
            let (Some(function), Some(node)) = (bare, of_stage(self.reading.root, &stage.name, "cors")) else {
                continue;
            };
            let name =
                function.name.as_ref().map_or_else(|| "the project's function".to_owned(), |name| format!("`{name}`"));
            let message = format!(
                "`cors` beside an authorizer lets requests with OPTIONS through to {name} unasked, and no adapter answers them there"
            );
            let hint = "make it a web application (`kind: wsgi` or `kind: asgi`), leave its path open (`authorizer.open`), or say \
                        `http.api: rest`, which answers preflights itself";
            self.reading.error(node, message).hints.push(hint.to_owned());
            return;
        }
    }

    fn no_keys(&mut self) {
        for (what, node) in everywhere(self.reading.root, "keys") {
            self.refuse(
                Some(node),
                &format!("`{what}`"),
                "they know no API keys",
                "`http.api: rest` has keys and plans; or remove it, and let an authorizer tell clients apart",
            );
        }
    }
}

/// What may name an authorizer: `http.authorizer` itself, and each of its paths.
fn authorizers(node: &Node) -> Vec<&Node> {
    let paths = node.get("paths").map(Node::entries).unwrap_or_default();
    std::iter::once(node).chain(paths.iter().map(|(_, section)| section)).collect()
}
