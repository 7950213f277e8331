//! The paths of the API, and which function answers each.
//!
//! The project's own application answers the root and all below it. A function that asks for a path answers that and
//! all below it: API Gateway takes the most specific resource.

use super::authorizers::Authorizers;
use super::{preflights, static_files};
use crate::draft::Draft;
use crate::ids::{API, function_id};
use serde_json::{Value, json};
use slam_project::{ApiCors, ApiSettings, Function, Project, StaticFiles, is_below, logical_name};
use std::collections::BTreeMap;

/// The longest that a stream may take, in milliseconds: it is the function's timeout that ends it.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html>
const STREAM_TIMEOUT: u32 = 900_000;
const ROOT_METHOD: &str = "ApiRootMethod";
const RESOURCE: &str = "ApiResource";
const METHOD: &str = "ApiMethod";

/// What was added: the ids of the methods, and everything that a deployment of the API is a snapshot of.
pub struct Routes {
    pub methods: Vec<String>,
    pub snapshot: Vec<Value>,
}

/// A function's place in the API.
pub struct Route<'p> {
    /// The function's name; `None` is the project's own.
    pub function: Option<&'p str>,
    /// Empty for the root.
    pub path: &'p str,
    /// Whether its answers stream.
    stream: bool,
}

/// A function that answers requests, as a template remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answering {
    /// `None` is the project's own.
    pub function: Option<String>,
    /// `/images/{id}`; empty for the root.
    pub path: String,
}

impl From<&Route<'_>> for Answering {
    fn from(route: &Route<'_>) -> Self {
        Self { function: route.function.map(str::to_owned), path: route.path.to_owned() }
    }
}

/// What the REST API does with requests, of which all its stages say the same.
pub fn rest_settings<'p>(draft: &Draft<'p>) -> Option<&'p ApiSettings> {
    draft.stages.first().map(|stage| &stage.settings)
}

/// Every function that answers requests.
pub fn of<'p>(project: &'p Project) -> Vec<Route<'p>> {
    let route = |function: &'p Function, path: &'p str| Route {
        function: function.name.as_deref(),
        path,
        stream: project.streams(function),
    };
    let own = project.http.map(|_| route(&project.function, ""));
    let named = project.functions.iter().filter_map(|function| Some(route(function, function.path.as_deref()?)));
    own.into_iter().chain(named).collect()
}

/// Paths of which something is said apart from the rest: the function answers them that would in any case.
pub fn apart(routes: &[Answering], settings: &ApiSettings) -> Vec<Answering> {
    let mut found: Vec<Answering> = Vec::new();
    for path in settings.paths() {
        let known = routes.iter().chain(&found).any(|route| route.path == path);
        let above = routes.iter().filter(|route| is_below(path, &route.path));
        if let Some(owner) = above.max_by_key(|route| route.path.len()).filter(|_| !known) {
            found.push(Answering { function: owner.function.clone(), path: path.to_owned() });
        }
    }
    found
}

/// A path and all below it in the ARN of a method, where variables of a path and the verb `ANY` are `*`: so the console and
/// SAM write it.
pub fn below(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "*" } else { part });
    let path = parts.collect::<Vec<_>>().join("/");
    if path.is_empty() { path } else { path + "*" }
}

pub fn add(draft: &mut Draft<'_>) -> Routes {
    let settings = rest_settings(draft).cloned().unwrap_or_default();
    let authorizers = Authorizers::of(&settings.access);
    let snapshot = authorizers.add_to_rest(draft);
    let gate = Gate { authorizers, settings: &settings };
    let routes = Routes { methods: Vec::new(), snapshot };
    let mut adding = Adding { draft, gate, resources: BTreeMap::new(), routes };
    let own = of(adding.draft.project);
    for route in &own {
        adding.route(route);
    }
    let files = adding.draft.project.static_files.as_ref();
    let is_files = |route: &Answering| files.is_some_and(|files| files.url == route.path);
    let (beside, apart): (Vec<_>, Vec<_>) = all_apart(adding.draft, &own).into_iter().partition(is_files);
    for answering in apart {
        let stream = own.iter().find(|route| route.function == answering.function.as_deref());
        let stream = stream.is_some_and(|route| route.stream);
        adding.route(&Route { function: answering.function.as_deref(), path: &answering.path, stream });
    }
    if let Some(files) = files {
        let beside =
            beside.first().and_then(|route| own.iter().find(|other| other.function == route.function.as_deref()));
        adding.files(files, beside);
    }
    adding.routes
}

/// The paths that any stage says something of.
fn all_apart(draft: &Draft<'_>, own: &[Route<'_>]) -> Vec<Answering> {
    let mut routes: Vec<Answering> = own.iter().map(Answering::from).collect();
    let known = routes.len();
    for stage in &draft.stages {
        let more = apart(&routes, &stage.settings);
        routes.extend(more);
    }
    routes.split_off(known)
}

/// What stands before the methods.
struct Gate<'g> {
    authorizers: Authorizers<'g>,
    settings: &'g ApiSettings,
}

impl Gate<'_> {
    fn protect(&self, method: &mut Value, path: &str) {
        let keys = !self.settings.plans.is_empty();
        self.authorizers.protect_method(method, self.settings.access.of(path), keys);
    }

    fn cors(&self) -> Option<&ApiCors> {
        self.settings.cors.as_ref()
    }
}

struct Adding<'d, 'p, 'g> {
    draft: &'d mut Draft<'p>,
    gate: Gate<'g>,
    /// The logical id of each path's resource.
    resources: BTreeMap<String, String>,
    routes: Routes,
}

impl Adding<'_, '_, '_> {
    fn route(&mut self, route: &Route<'_>) {
        let function = function_id(route.function);
        let (at, method_id, below, below_method) = if route.path.is_empty() {
            let root = json!({"Fn::GetAtt": [API, "RootResourceId"]});
            (root, ROOT_METHOD.to_owned(), RESOURCE.to_owned(), METHOD.to_owned())
        } else {
            let at = json!({"Ref": self.resource(route.path)});
            let id = format!("Api{}", logical_name(route.path));
            (at, format!("{id}Method"), format!("{id}ProxyResource"), format!("{id}ProxyMethod"))
        };
        self.guarded(method_id, method(at.clone(), &function, route.stream), route.path);
        self.add_resource(&below, at, "{proxy+}");
        self.guarded(below_method, method(json!({"Ref": below}), &function, route.stream), route.path);
    }

    /// A method with what stands before it, and what answers preflights beside it.
    fn guarded(&mut self, id: String, mut method: Value, path: &str) {
        self.gate.protect(&mut method, path);
        let preflight = self.gate.cors().map(|cors| preflights::method(cors, method["ResourceId"].clone()));
        let preflight_id = format!("{}PreflightMethod", id.strip_suffix("Method").unwrap_or(&id));
        self.method(id, method);
        if let Some(preflight) = preflight {
            self.method(preflight_id, preflight);
        }
    }

    /// What is below the path is an object; the path itself, where there is an index. Other verbs are the function's that answers
    /// the path above: where something is said of the files apart, it holds for these too, with methods of their own (`beside`).
    fn files(&mut self, files: &StaticFiles, beside: Option<&Route<'_>>) {
        let at = json!({"Ref": self.resource(&files.url)});
        let below = "StaticFilesResource";
        self.add_resource(below, at.clone(), "{proxy+}");
        for verb in ["GET", "HEAD"] {
            let id = |what: &str| format!("StaticFiles{what}{}Method", logical_name(&verb.to_lowercase()));
            let mut method = static_files::method(self.draft, API, json!({"Ref": below}), verb, None);
            self.gate.protect(&mut method, &files.url);
            self.method(id(""), method);
            if let Some(index) = &files.index {
                let mut method = static_files::method(self.draft, API, at.clone(), verb, Some(index));
                self.gate.protect(&mut method, &files.url);
                self.method(id("Index"), method);
            }
        }
        if let Some(route) = beside {
            let function = function_id(route.function);
            let mut other = |id: &str, at: Value| {
                self.guarded(id.to_owned(), method(at, &function, route.stream), &files.url);
            };
            other("StaticFilesIndexOtherMethod", at);
            other("StaticFilesOtherMethod", json!({"Ref": below}));
        }
    }

    /// The resource of a path, and of all above it.
    fn resource(&mut self, path: &str) -> String {
        if let Some(id) = self.resources.get(path) {
            return id.clone();
        }
        let (above, part) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = match above {
            "" => json!({"Fn::GetAtt": [API, "RootResourceId"]}),
            above => json!({"Ref": self.resource(above)}),
        };
        let id = format!("Api{}Resource", logical_name(path));
        self.add_resource(&id, parent, part);
        self.resources.insert(path.to_owned(), id.clone());
        id
    }

    fn add_resource(&mut self, id: &str, parent: Value, part: &str) {
        let properties = json!({"RestApiId": {"Ref": API}, "ParentId": parent, "PathPart": part});
        self.routes.snapshot.push(properties.clone());
        self.draft.resource(id, "AWS::ApiGateway::Resource", properties);
    }

    fn method(&mut self, id: String, properties: Value) {
        self.routes.snapshot.push(properties.clone());
        self.draft.resource(&*id, "AWS::ApiGateway::Method", properties);
        self.routes.methods.push(id);
    }
}

/// Any verb, passed on to the alias that the API's stage names.
fn method(resource: Value, function: &str, stream: bool) -> Value {
    let function = format!("${{{function}.Arn}}:${{!stageVariables.STAGE}}");
    let path = if stream {
        format!("2021-11-15/functions/{function}/response-streaming-invocations")
    } else {
        format!("2015-03-31/functions/{function}/invocations")
    };
    let uri = format!("arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/{path}");
    let mut integration = json!({"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": {"Fn::Sub": uri}});
    if stream {
        integration["ResponseTransferMode"] = json!("STREAM");
        integration["TimeoutInMillis"] = json!(STREAM_TIMEOUT);
    }
    json!({
        "RestApiId": {"Ref": API},
        "ResourceId": resource,
        "HttpMethod": "ANY",
        "AuthorizationType": "NONE",
        "Integration": integration,
    })
}
