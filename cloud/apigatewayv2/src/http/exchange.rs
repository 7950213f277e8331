//! One request on its way through a stage.

use super::compiled::{CompiledRoute, CompiledStage};
use super::failure::Failure;
use super::identity::Identity;
use super::request::Request;
use super::routes::parameters;
use slam_cloud_core::Context;
use slam_cloud_gateway::arrival::Arrival;
use slam_cloud_gateway::request::decode;
use std::sync::Arc;
use std::time::Duration;

/// A request with the route it is for.
pub struct Exchange<'a> {
    /// The stage.
    pub stage: &'a Arc<CompiledStage>,
    /// The matched route, once it is found.
    route: Option<&'a CompiledRoute>,
    /// The request.
    pub request: Request,
    /// Its names.
    pub arrival: &'a Arrival,
    /// Whom the route's authorizer found, once it did.
    pub identity: Identity,
    /// What an authorizer that failed said.
    pub authorizer_error: Option<String>,
    /// What became of the integration, once it was asked.
    pub integrated: Option<Integrated>,
}

/// What became of an integration.
pub struct Integrated {
    /// How long it took.
    pub latency: Duration,
    /// What it answered, if it did.
    pub status: Option<u16>,
}

impl<'a> Exchange<'a> {
    /// A request that is not looked at yet.
    pub fn new(stage: &'a Arc<CompiledStage>, request: Request, arrival: &'a Arrival) -> Self {
        let identity = Identity::Nobody;
        Self { stage, route: None, request, arrival, identity, authorizer_error: None, integrated: None }
    }

    /// Finds the route.
    ///
    /// # Errors
    /// 404 when there is none.
    pub fn find_route(&mut self) -> Result<(), Failure> {
        let found = self.stage.tree.find(self.request.method.as_str(), &self.request.path);
        let route = found.and_then(|number| self.stage.routes.get(number)).ok_or(Failure::NotFound)?;
        self.request.path_parameters = parameters(&route.parsed, &self.request.path);
        self.route = Some(route);
        Ok(())
    }

    /// The matched route.
    ///
    /// # Errors
    /// 404 when there is none.
    pub fn route(&self) -> Result<&'a CompiledRoute, Failure> {
        self.route.ok_or(Failure::NotFound)
    }

    /// `GET /pets/{id}`
    pub fn route_key(&self) -> &str {
        self.route.map_or("", |route| route.key.as_str())
    }

    /// The host that the client used, port included: links made of it lead back here. AWS's has no port.
    pub fn domain_name(&self) -> String {
        self.request.header("host").unwrap_or_default().into_owned()
    }

    /// The first label of an `execute-api` host, the API's id else.
    pub fn domain_prefix(&self) -> String {
        match self.domain_name().split_once(".execute-api.") {
            Some((prefix, _)) => prefix.to_owned(),
            None => self.stage.api_id.clone(),
        }
    }

    /// `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/VERB/path` of the request: what IAM and authorizers decide about. The path is the whole one
    /// that the route was found by, not cut as in events.
    pub fn request_arn(&self) -> String {
        let Self { stage, request, .. } = self;
        let path = decode(&request.path);
        let resource = format!("{}/{}/{}/{}", stage.api_id, stage.name, request.method, path.trim_start_matches('/'));
        stage.context.arn("execute-api", resource)
    }

    /// The same of the route, for which a function's policy lets the API in: with the path as the route has it, and
    /// `API/STAGE/$default` for the default route.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html>
    pub fn route_arn(&self) -> String {
        let Self { stage, request, .. } = self;
        let resource = match self.route.and_then(CompiledRoute::path) {
            Some(path) => format!("{}/{}/{}{path}", stage.api_id, stage.name, request.method),
            None => format!("{}/{}/$default", stage.api_id, stage.name),
        };
        stage.context.arn("execute-api", resource)
    }

    /// Nobody, at the client's address: for policies that have conditions on it.
    pub fn anonymous(&self) -> Context {
        let mut context = self.stage.context.clone();
        context.request_id = self.arrival.request_id.as_str().into();
        context.source_ip = self.request.source_ip.parse().ok();
        context.user_agent = self.request.header("user-agent").map(|agent| (&*agent).into());
        context
    }
}
