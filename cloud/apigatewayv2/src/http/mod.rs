//! The data plane of HTTP APIs.
//!
//! [`ApiGatewayV2::answer`] is its face. A stage is compiled when the first request for it comes ([`compiled`]) and kept until
//! something it was made of changes. The way of a request: [`request`] → [`routes`] → [`authorize`] ([`authorizer`],
//! [`identity`]) → [`cors`], where it is a preflight → `throttle` → [`mapped`] → the integration ([`event`], [`event_one`] and
//! [`reply`] around [`lambda`]; [`server`]; [`action`]) → [`mapped`] → [`answer`] → [`report`]. [`failure`] is what the API
//! answers itself.

mod action;
mod answer;
mod authorize;
mod authorizer;
mod compiled;
mod context;
mod cors;
mod event;
mod event_one;
mod exchange;
mod failure;
mod identity;
mod lambda;
mod mapped;
mod reply;
mod report;
mod request;
mod routes;
mod server;

use crate::ApiGatewayV2;
use crate::model::{Api, Stage};
use crate::store::key;
use answer::Answer;
use compiled::{CompiledStage, Target};
use exchange::Exchange;
use failure::Failure;
use request::Request;
use slam_cloud_core::Body;
use slam_cloud_core::collection::Scope;
use slam_cloud_gateway::arrival::Arrival;
use slam_cloud_gateway::request::{DataPlaneRequest, Form, after_api, split};
use slam_cloud_gateway::stages::Stages;
use std::sync::Arc;
use std::time::Instant;

/// The stages that are ready to serve, by API and name.
#[derive(Default)]
pub struct Runtime {
    stages: Stages<CompiledStage>,
    decisions: authorizer::Caches,
}

impl Runtime {
    /// Forgets the stages of an API: something of them has changed.
    pub fn forget(&self, api_id: &str) {
        self.stages.forget(api_id);
    }

    /// Forgets all stages, and what authorizers have decided.
    pub fn forget_all(&self) {
        self.stages.forget_all();
        self.decisions.clear(|_, _| true);
    }

    /// Forgets what the authorizers of an API have decided.
    pub fn forget_decisions(&self, api_id: &str) {
        self.decisions.clear(|api, _| api == api_id);
    }

    /// Forgets what the authorizers of a stage have decided.
    pub fn forget_decisions_of(&self, api_id: &str, stage: &str) {
        self.decisions.clear(|api, name| api == api_id && name == stage);
    }
}

impl ApiGatewayV2 {
    /// Answers a request for a deployed API.
    pub async fn answer(self: &Arc<Self>, mut request: DataPlaneRequest) -> http::Response<Body> {
        let trace = request.parts.headers.get("x-amzn-trace-id").and_then(|trace| trace.to_str().ok());
        let arrival = Arrival::new(trace);
        let Some((scope, api)) = self.store.apis.find(&request.api_id) else {
            return Failure::NotFound.answer().response(&arrival);
        };
        if matches!(request.form, Form::ExecuteApi | Form::UserRequest) {
            request.at_own_host(&scope.region, api.port);
        }
        let path = request.parts.uri.path().to_owned();
        match self.stage(&scope, &api, request.form, &path) {
            Some((stage, rest)) if !stage.disabled => self.serve(&stage, rest, request, &arrival).await,
            _ => Failure::NotFound.answer().response(&arrival),
        }
    }

    /// The stage of a path and what comes after it. "If the request explicitly matches a stage, API Gateway sends the request to
    /// that stage. If no stage fully matches the request, API Gateway sends the request to the $default stage."
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>
    fn stage<'p>(&self, scope: &Scope, api: &Api, form: Form, path: &'p str) -> Option<(Arc<CompiledStage>, &'p str)> {
        if form == Form::UserRequest {
            let path = split(form, path)?;
            return Some((self.compiled(scope, api, path.stage)?, path.rest));
        }
        let path = after_api(form, path)?;
        let after = path.strip_prefix('/').unwrap_or(path);
        let (name, rest) = after.split_at(after.find('/').unwrap_or(after.len()));
        let named = if name == Stage::DEFAULT { None } else { self.compiled(scope, api, name) };
        named.map(|stage| (stage, rest)).or_else(|| Some((self.compiled(scope, api, Stage::DEFAULT)?, path)))
    }

    /// A stage, compiled now or before. None for one that serves nothing yet.
    fn compiled(&self, scope: &Scope, api: &Api, name: &str) -> Option<Arc<CompiledStage>> {
        self.runtime.stages.get(&api.id, name, || {
            let stage = self.store.stages.get(scope, &key(&api.id, name))?;
            let deployment = self.store.deployments.get(scope, &key(&api.id, stage.deployment_id.as_deref()?))?;
            Some(compiled::compile(scope, &stage, &deployment, &self.runtime.decisions))
        })
    }

    async fn serve(
        self: &Arc<Self>,
        stage: &Arc<CompiledStage>,
        rest: &str,
        mut request: DataPlaneRequest,
        arrival: &Arrival,
    ) -> http::Response<Body> {
        let caller = request.caller.take();
        let is_too_large = request.body.is_none();
        let request = Request::read(request, &stage.name, rest, &arrival.trace);
        let origin = request.header("origin").map(|origin| origin.into_owned());
        let mut exchange = Exchange::new(stage, request, arrival);
        let answered = match exchange.request.refusal(is_too_large) {
            Some(failure) => Err(failure),
            None => self.exchange(&mut exchange, caller).await,
        };
        let (mut answer, failure) = match answered {
            Ok(answer) => (answer, None),
            Err(failure) => (failure.answer(), Some(failure)),
        };
        if let Some(reason) = failure.as_ref().and_then(Failure::reason) {
            tracing::debug!(api = stage.api_id, stage = stage.name, "{reason}");
        }
        if let (Some(cors), Some(origin)) = (&stage.cors, &origin) {
            cors::dress(cors, origin, &mut answer);
        }
        report::report(self, &exchange, &answer, failure.as_ref());
        answer.response(arrival)
    }

    /// Takes a request through its route.
    async fn exchange(
        self: &Arc<Self>,
        exchange: &mut Exchange<'_>,
        caller: Option<slam_cloud_core::Context>,
    ) -> Result<Answer, Failure> {
        let preflight = exchange.stage.cors.as_ref().and_then(|cors| cors::preflight(cors, &exchange.request));
        if let Err(failure) = exchange.find_route() {
            return preflight.ok_or(failure);
        }
        authorize::authorize(self, exchange, caller).await?;
        if let Some(preflight) = preflight {
            return Ok(preflight);
        }
        let route = exchange.route()?;
        if route.throttle.as_ref().is_some_and(|throttle| !throttle.take(Instant::now())) {
            return Err(Failure::TooManyRequests);
        }
        let Some(integration) = &route.integration else {
            return Err(Failure::Internal("the route has no integration".into()));
        };
        mapped::change_request(exchange, &integration.requests);
        let began = Instant::now();
        let answered = match &integration.target {
            Target::Lambda(function, format) => lambda::proxy(self, exchange, integration, function, *format).await,
            Target::Server(template) => server::proxy(self, exchange, integration, template).await,
            Target::Action(subtype) => action::perform(self, exchange, integration, *subtype).await,
            Target::Invalid(reason) => Err(Failure::Internal(reason.clone())),
        };
        exchange.integrated = Some(exchange::Integrated {
            latency: began.elapsed(),
            status: answered.as_ref().ok().map(|answer| answer.status),
        });
        let answer = mapped::change_answer(exchange, integration, answered?)?;
        Ok(match &exchange.stage.cors {
            Some(_) => cors::undress(answer),
            None => answer,
        })
    }
}
