//! The data plane of REST APIs.
//!
//! [`ApiGateway::answer`] is its face. A stage is compiled when the first request for it comes ([`compiled`]) and
//! kept until something it was made of changes; a request then touches neither the store nor a template's text.
//! The way of a request: [`request`] → [`routes`] → [`authorization`] ([`authorizer`], [`token`]) → [`limits`] ([`clients`]) → [`validation`] →
//! the integration ([`event`] and [`proxy_response`] for `AWS_PROXY`, [`streamed`] when its answer streams,
//! [`http_backend`], [`aws_service`], [`mapped`] for templates) →
//! [`answer`], or [`gateway_response`] where API Gateway answers itself ([`customized`]) → [`report`].

mod authorization;
mod authorized;
pub mod authorizer;
mod aws_service;
mod backend;
mod body_models;
mod claims;
mod clients;
mod compiled;
mod compiled_authorizer;
mod compiled_token;
mod customization;
mod customized;
mod event;
mod exchange;
mod gateway_response;
mod http_backend;
mod lambda;
mod limits;
mod mapped;
mod outgoing;
mod proxy_response;
mod report;
mod request_context;
mod routes;
mod source;
mod streamed;
mod substitution;
mod target;
mod token;
mod validation;
mod value;
mod values;
mod violations;

#[cfg(test)]
mod tests;

use crate::ApiGateway;
use crate::model::IntegrationType;
use crate::store::{ACCOUNT, key};
use compiled::{Authorization, CompiledResource, CompiledStage};
use customized::Circumstances;
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
            Err(unrouted) => return unrouted.response(),
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
            Err(failure) => (Circumstances::of(&exchange).response(&failure), Some(failure)),
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

/// A request that comes to no method, and what it is answered.
struct Unrouted<'a> {
    stage: &'a CompiledStage,
    /// The resource of its path, which has no such method then.
    resource: Option<&'a CompiledResource>,
    request: Request,
    arrival: &'a Arrival,
    failure: GatewayResponse,
}

impl Unrouted<'_> {
    fn response(&self) -> http::Response<Body> {
        Circumstances::unrouted(self.stage, self.resource, &self.request, self.arrival).response(&self.failure)
    }
}

/// Finds the method of a request and reads what it needs of it.
fn receive<'a>(
    stage: &'a Arc<CompiledStage>,
    rest: &str,
    mut request: DataPlaneRequest,
    arrival: &'a Arrival,
) -> Result<Exchange<'a>, Box<Unrouted<'a>>> {
    let flaw = flaw(&request);
    let verb = request.parts.method.clone();
    let has_verb = |route: usize| stage.resources[route].method(verb.as_str()).is_some();
    let found = stage.routes.find(rest, has_verb).or_else(|| stage.routes.find(rest, |_| true));
    let resource = found.as_ref().map(|found| &stage.resources[found.route]);
    let method = resource.and_then(|resource| resource.method(verb.as_str()));
    let asks = method.is_some_and(|method| matches!(method.authorization, Authorization::AwsIam));
    let caller = request.caller.take().filter(|_| asks);
    let refused = request.refused.take().filter(|_| asks);
    let query = request.parts.uri.query();
    let caller = caller.map(|context| authorization::caller(context, &request.parts.headers, query));
    let mut request = Request::read(request, &stage.name, rest, &arrival.trace, caller.is_some());
    request.path_parameters = found.map(|found| found.parameters).unwrap_or_default();
    let failure = match (flaw, resource, method) {
        (Some(flaw), ..) => flaw,
        (None, Some(resource), Some(method)) => match decompress(stage, &mut request) {
            Ok(()) => {
                return Ok(Exchange { caller, refused, ..Exchange::new(stage, resource, method, request, arrival) });
            }
            Err(failure) => failure,
        },
        _ => GatewayResponse::MissingAuthenticationToken,
    };
    Err(Box::new(Unrouted { stage, resource, request, arrival, failure }))
}

/// What is wrong with a request, whichever method it is for.
fn flaw(request: &DataPlaneRequest) -> Option<GatewayResponse> {
    if request.body.is_none() {
        return Some(GatewayResponse::RequestTooLarge);
    }
    // AWS: "Amazon API Gateway important notes": these must come percent-encoded.
    let query = request.parts.uri.query();
    query.is_some_and(|query| query.contains(['|', '{', '}'])).then_some(GatewayResponse::BadRequest)
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
