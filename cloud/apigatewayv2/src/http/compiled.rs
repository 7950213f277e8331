//! A stage ready to serve: everything that can be known before a request comes is worked out once.

use super::authorizer::{Caches, CompiledAuthorizer};
use super::routes::Routes;
use crate::model::mapping::{Expression, Mapping, Side};
use crate::model::subtype::Subtype;
use crate::model::{
    Api, Cors, Deployment, Integration, IntegrationType, PayloadFormat, Route, RouteKey, RouteSettings, Stage, Texts,
    uri,
};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Context, Principal};
use slam_cloud_gateway::function::{Function, substitute};
use slam_cloud_gateway::log_format::LogFormat;
use slam_cloud_gateway::throttle::Throttle;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// The account's limits, which stand where a stage sets none.
const BURST: i64 = 5000;
const RATE: f64 = 10_000.0;

/// A stage with the deployment it serves.
pub struct CompiledStage {
    /// The API's account and region; nobody calls.
    pub context: Context,
    /// The API.
    pub api_id: String,
    /// The stage's name.
    pub name: String,
    /// Whether `execute-api` is switched off for the API.
    pub disabled: bool,
    /// Keys to numbers in [`Self::routes`].
    pub tree: Routes,
    /// What is deployed.
    pub routes: Vec<CompiledRoute>,
    /// What `${stageVariables.x}` stands for.
    pub variables: Texts,
    /// What browsers are told.
    pub cors: Option<Cors>,
    /// Where requests are noted: a log group and a line.
    pub access_log: Option<(String, LogFormat)>,
    /// The log stream of this stage until it is compiled anew.
    pub log_stream: String,
}

/// A deployed route.
pub struct CompiledRoute {
    /// `GET /pets/{id}`
    pub key: String,
    /// The same, read.
    pub parsed: RouteKey,
    /// Who decides whether a request is let in.
    pub authorizer: CompiledAuthorizer,
    /// How often it may be called.
    pub throttle: Option<Throttle>,
    /// What answers.
    pub integration: Option<CompiledIntegration>,
}

impl CompiledRoute {
    /// `/pets/{id}`; none for `$default`.
    pub fn path(&self) -> Option<&str> {
        self.key.split_once(' ').map(|(_, path)| path)
    }
}

/// What answers a route.
pub struct CompiledIntegration {
    /// The backend.
    pub target: Target,
    /// The verb towards an HTTP server.
    pub method: String,
    /// The role as which it is called.
    pub credentials: Option<String>,
    /// How long it may take.
    pub timeout: Duration,
    /// What is changed in requests; with an action, nothing.
    pub requests: Vec<Mapping>,
    /// The parameters of an action.
    pub parameters: Vec<(String, Expression)>,
    /// What is changed in answers, by their status.
    pub responses: HashMap<u16, Vec<Mapping>>,
}

/// A backend.
pub enum Target {
    /// A function, and how its events look.
    Lambda(Function, PayloadFormat),
    /// A URL with `{name}` for path parameters.
    Server(String),
    /// An action of another service.
    Action(Subtype),
    /// What is configured cannot be called: why.
    Invalid(String),
}

/// Makes a stage ready.
pub fn compile(scope: &Scope, stage: &Stage, deployment: &Deployment, caches: &Caches) -> CompiledStage {
    let api = &deployment.api;
    let mut tree = Routes::default();
    let mut routes = Vec::new();
    for route in api.routes.values() {
        // Keys are checked when routes are made.
        let Ok(parsed) = RouteKey::parse(&route.key) else { continue };
        tree.insert(&parsed, routes.len());
        routes.push(compile_route(api, stage, route, parsed, caches));
    }
    let access_log = stage.access_log.as_ref().and_then(|log| {
        let group = log.destination_arn.as_deref()?.split_once(":log-group:")?.1;
        Some((group.to_owned(), LogFormat::parse(log.format.as_deref()?)))
    });
    CompiledStage {
        context: Context::new(Arc::clone(&scope.account), Arc::clone(&scope.region), Principal::Anonymous),
        api_id: stage.api_id.clone(),
        name: stage.name.clone(),
        disabled: api.disable_execute_api_endpoint,
        tree,
        routes,
        variables: stage.variables.clone(),
        cors: api.cors.clone(),
        access_log,
        log_stream: uuid::Uuid::new_v4().simple().to_string(),
    }
}

fn compile_route(api: &Api, stage: &Stage, route: &Route, parsed: RouteKey, caches: &Caches) -> CompiledRoute {
    let settings = stage.route_settings.get(&route.key).unwrap_or(&stage.default_route_settings);
    let integration = route.integration_id().and_then(|id| api.integrations.get(id));
    CompiledRoute {
        key: route.key.clone(),
        parsed,
        authorizer: CompiledAuthorizer::compile(api, stage, route, caches),
        throttle: throttle(settings),
        integration: integration.map(|integration| compile_integration(stage, integration)),
    }
}

fn throttle(settings: &RouteSettings) -> Option<Throttle> {
    let (burst, rate) = (settings.throttling_burst_limit, settings.throttling_rate_limit);
    let is_given = burst.is_some() || rate.is_some();
    is_given.then(|| Throttle::new(rate.unwrap_or(RATE), burst.unwrap_or(BURST)))
}

fn compile_integration(stage: &Stage, integration: &Integration) -> CompiledIntegration {
    let target = target(stage, integration);
    let parameters = integration.request_parameters.iter().flatten();
    // They are checked when the integration is made.
    let (requests, parameters) = match &target {
        Target::Action(_) => {
            let read = parameters
                .filter_map(|(name, value)| Some((name.clone(), Expression::parse(value, Side::Request).ok()?)));
            (Vec::new(), read.collect())
        }
        _ => {
            let read = parameters.filter_map(|(key, value)| Mapping::parse(key, value, Side::Request).ok());
            (read.collect(), Vec::new())
        }
    };
    let responses = integration.response_parameters.iter().flatten().filter_map(|(status, mappings)| {
        let read = mappings.iter().filter_map(|(key, value)| Mapping::parse(key, value, Side::Response).ok());
        Some((status.parse().ok()?, read.collect()))
    });
    CompiledIntegration {
        target,
        method: integration.method.clone().unwrap_or_default(),
        credentials: integration.credentials_arn.as_deref().map(|arn| substitute(arn, &stage.variables)),
        timeout: Duration::from_millis(u64::try_from(integration.timeout_in_millis).unwrap_or(30_000)),
        requests,
        parameters,
        responses: responses.collect(),
    }
}

fn target(stage: &Stage, integration: &Integration) -> Target {
    let invalid = |error: slam_cloud_core::AwsError| Target::Invalid(error.message);
    let uri = substitute(integration.uri.as_deref().unwrap_or_default(), &stage.variables);
    match (integration.kind, integration.subtype.as_deref()) {
        (IntegrationType::HttpProxy, _) => uri::check_http(Some(&uri)).map_or_else(invalid, |()| Target::Server(uri)),
        (IntegrationType::AwsProxy, Some(subtype)) => Subtype::parse(subtype).map_or_else(invalid, Target::Action),
        (IntegrationType::AwsProxy, None) => match uri::function(&uri).and_then(Function::parse) {
            Some(function) => Target::Lambda(function, integration.payload_format),
            None => Target::Invalid(format!("{uri} names no Lambda function")),
        },
    }
}
