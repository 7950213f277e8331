//! The data plane of REST APIs.
//!
//! [`ApiGateway::answer`] is its face. A stage is compiled when the first request for it comes ([`compiled`]) and
//! kept until something it was made of changes; a request then touches neither the store nor a template's text.
//! The way of a request: [`request`] → [`routes`] → [`authorization`] ([`authorizer`], [`token`]) → [`limits`] ([`clients`]) → [`validation`] →
//! the integration ([`event`] and [`proxy_response`] for `AWS_PROXY`, [`streamed`] when its answer streams,
//! [`http_backend`], [`storage`], [`mapped`] for templates) →
//! [`answer`] → [`report`].

mod authorization;
mod authorized;
pub mod authorizer;
mod backend;
mod body_models;
mod claims;
mod clients;
mod compiled;
mod compiled_authorizer;
mod compiled_token;
mod event;
mod exchange;
mod gateway_response;
mod http_backend;
mod lambda;
mod limits;
mod mapped;
mod proxy_response;
mod report;
mod request_context;
mod routes;
mod source;
mod storage;
mod streamed;
mod target;
mod token;
mod validation;
mod value;
mod values;

#[cfg(test)]
mod tests;

use crate::ApiGateway;
use crate::model::IntegrationType;
use crate::store::{ACCOUNT, key};
use compiled::{Authorization, CompiledStage};
use exchange::Exchange;
use gateway_response::GatewayResponse;
use slam_cloud_core::Body;
use slam_cloud_gateway::BODY;
use slam_cloud_gateway::answer::{self, Answer};
use slam_cloud_gateway::arrival::Arrival;
use slam_cloud_gateway::compression::{self, Coding};
use slam_cloud_gateway::request::{self, DataPlaneRequest, Form, Request};
use slam_cloud_gateway::stages::Stages;
use slam_cloud_gateway::throttle::Throttles;
use std::sync::Arc;

/// The stages that are ready to serve, by API and name.
#[derive(Default)]
pub struct Runtime {
    stages: Stages<CompiledStage>,
    /// Who has API keys.
    clients: clients::Known,
    /// The buckets of clients and accounts.
    throttles: Throttles,
}

impl Runtime {
    /// Forgets the stages of an API: something of them has changed.
    pub fn forget(&self, api_id: &str) {
        self.stages.forget(api_id);
    }

    /// Forgets all stages.
    pub fn forget_all(&self) {
        self.stages.forget_all();
        self.clients.forget();
        self.throttles.clear();
    }

    /// Forgets who has API keys: a key or a usage plan has changed. What was taken of buckets stays taken.
    pub fn forget_clients(&self) {
        self.clients.forget();
    }
}

impl ApiGateway {
    /// Answers a request for a deployed API.
    pub async fn answer(self: &Arc<Self>, mut request: DataPlaneRequest) -> http::Response<Body> {
        let trace = request.parts.headers.get("x-amzn-trace-id").and_then(|trace| trace.to_str().ok());
        let mut arrival = Arrival::new(trace);
        let path = request.parts.uri.path().to_owned();
        let stage = request::split(request.form, &path)
            .and_then(|split| Some((self.stage(&request.api_id, split.stage)?, split.rest)))
            .filter(|(stage, _)| !stage.disabled);
        if let (Some((stage, _)), Form::ExecuteApi | Form::UserRequest) = (&stage, request.form) {
            let port = self.store.apis.find(&request.api_id).and_then(|(_, api)| api.port);
            request.at_own_host(&stage.context.region, port);
        }
        let sampling = stage.as_ref().and_then(|(stage, _)| stage.sampling.as_ref());
        if sampling.is_some_and(|sampling| sampling.takes(arrival.time)) {
            arrival.sample();
        }
        match stage {
            Some((stage, rest)) => self.serve(&stage, rest, request, &arrival).await,
            None => GatewayResponse::Forbidden.response(&arrival),
        }
    }

    /// A stage, compiled now or before.
    fn stage(&self, api_id: &str, name: &str) -> Option<Arc<CompiledStage>> {
        self.runtime.stages.get(api_id, name, || {
            let (scope, _) = self.store.apis.find(api_id)?;
            let stage = self.store.stages.get(&scope, &key(api_id, name))?;
            let deployment = self.store.deployments.get(&scope, &key(api_id, &stage.deployment_id))?;
            let account = self.store.accounts.get(&scope, ACCOUNT);
            let role = account.and_then(|account| account.cloudwatch_role_arn.clone());
            Some(compiled::compile(&scope, &stage, &deployment, role))
        })
    }

    async fn serve(
        self: &Arc<Self>,
        stage: &Arc<CompiledStage>,
        rest: &str,
        request: DataPlaneRequest,
        arrival: &Arrival,
    ) -> http::Response<Body> {
        let mut exchange = match receive(stage, rest, request, arrival) {
            Ok(exchange) => exchange,
            Err(response) => return response.response(arrival),
        };
        let traced = matches!(
            exchange.method.integration.kind,
            IntegrationType::AwsProxy | IntegrationType::Aws | IntegrationType::Http
        );
        let answered = match self.admit(&mut exchange).await {
            Ok(()) => self.integrate(&exchange).await,
            Err(failure) => Err(failure),
        };
        let answered = answered.and_then(|answer| Ok(bounded(answer)?.response(arrival, traced)?));
        let (response, failure) = match answered {
            Ok(response) => (response, None),
            Err(failure) => (failure.response(arrival), Some(failure)),
        };
        if let Some(failure) = failure.as_ref().filter(|failure| failure.parts().0 >= 500) {
            tracing::debug!(api = stage.api_id, stage = stage.name, "{}", failure.reason());
        }
        let response = report::report(self, &exchange, response, failure.as_ref());
        match stage.compression {
            Some(minimum) => answer::compressed(response, minimum, exchange.request.header("accept-encoding")).await,
            None => response,
        }
    }

    /// Whether somebody may call, and now.
    async fn admit(self: &Arc<Self>, exchange: &mut Exchange<'_>) -> Result<(), GatewayResponse> {
        authorization::check(self, exchange).await?;
        limits::check(self, exchange).await
    }

    async fn integrate(self: &Arc<Self>, exchange: &Exchange<'_>) -> Result<Answer, GatewayResponse> {
        validation::check(exchange)?;
        mapped::check_mapped_headers(exchange)?;
        if let target::Target::Invalid(reason) = &exchange.method.integration.target {
            return Err(GatewayResponse::Configuration(reason.clone()));
        }
        match exchange.method.integration.kind {
            IntegrationType::AwsProxy if exchange.method.integration.streams => streamed::proxy(self, exchange).await,
            IntegrationType::AwsProxy => self.invoke_proxy(exchange).await,
            IntegrationType::HttpProxy => http_backend::proxy(self, exchange).await,
            _ => mapped::answer(self, exchange).await,
        }
    }

    async fn invoke_proxy(self: &Arc<Self>, exchange: &Exchange<'_>) -> Result<Answer, GatewayResponse> {
        let answer = lambda::invoke(self, exchange, event::event(exchange), None).await?;
        let accepted = exchange.stage.binary.accepted_by(exchange.request.header("accept"));
        if let Some(kind) = answer.function_error {
            return Err(GatewayResponse::BadGateway(format!("Lambda execution failed: {kind}")));
        }
        proxy_response::read(&answer.payload.unwrap_or_default(), accepted)
    }
}

/// Finds the method of a request and reads what it needs of it.
fn receive<'a>(
    stage: &'a Arc<CompiledStage>,
    rest: &str,
    mut request: DataPlaneRequest,
    arrival: &'a Arrival,
) -> Result<Exchange<'a>, GatewayResponse> {
    if request.body.is_none() {
        return Err(GatewayResponse::RequestTooLarge);
    }
    let query = request.parts.uri.query();
    // AWS: "Amazon API Gateway important notes": these must come percent-encoded.
    if query.is_some_and(|query| query.contains(['|', '{', '}'])) {
        return Err(GatewayResponse::BadRequest);
    }
    let verb = request.parts.method.as_str();
    let found = stage.routes.find(rest, |route| stage.resources[route].method(verb).is_some());
    let found = found.ok_or(GatewayResponse::MissingAuthenticationToken)?;
    let resource = &stage.resources[found.route];
    let method = resource.method(verb).ok_or(GatewayResponse::MissingAuthenticationToken)?;
    let asks = matches!(method.authorization, Authorization::AwsIam);
    let caller = request.caller.take().filter(|_| asks);
    let refused = request.refused.take().filter(|_| asks);
    let caller = caller.map(|context| authorization::caller(context, &request.parts.headers, query));
    let mut request = Request::read(request, &stage.name, rest, &arrival.trace, caller.is_some());
    request.path_parameters = found.parameters;
    decompress(stage, &mut request)?;
    Ok(Exchange { caller, refused, ..Exchange::new(stage, resource, method, request, arrival) })
}

/// An API with compression takes compressed bodies and gives its backends plain ones.
fn decompress(stage: &CompiledStage, request: &mut Request) -> Result<(), GatewayResponse> {
    let coding = request.header("content-encoding").and_then(Coding::of_content);
    if let (Some(_), Some(coding), false) = (stage.compression, coding, request.body.is_empty()) {
        request.body = compression::decompress(&request.body, coding).ok_or(GatewayResponse::BadRequest)?;
        request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("content-encoding"));
    }
    Ok(())
}

fn bounded(answer: Answer) -> Result<Answer, GatewayResponse> {
    match answer.body.at_hand().len() > BODY {
        true => Err(GatewayResponse::BadGateway("the response is larger than 10 MB".into())),
        false => Ok(answer),
    }
}
