//! A request on its way through a URL to its function, and back.

use super::failure::Failure;
use super::request::Request;
use super::{Found, caller, cors, event, reply, streamed};
use crate::LambdaService;
use crate::error::too_many_requests;
use crate::invoke::request::{Request as Invocation, plan};
use http::Response;
use slam_cloud_core::{Body, Context};
use slam_cloud_gateway::answer::Answer;
use slam_cloud_gateway::arrival::Arrival;
use std::sync::Arc;
use std::time::Instant;

/// "Your function's maximum request rate per second (RPS) is equivalent to 10 times the configured reserved concurrency."
/// <https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html#urls-throttling>
const REQUESTS_PER_PLACE: i64 = 10;

/// Answers a request for the URL with this id.
pub async fn answer(service: &Arc<LambdaService>, id: &str, request: Request, arrival: &Arrival) -> Response<Body> {
    let Some(found) = service.found(id) else { return Failure::Unknown.response(arrival) };
    let cors = found.url.cors.as_ref();
    let mut response = match cors.and_then(|cors| cors::preflight(cors, &request)) {
        Some(preflight) => sent(preflight, arrival),
        None => match invoke(service, &found, &request, arrival).await {
            Ok(answer) => sent(answer, arrival),
            Err(failure) => Err(failure),
        },
    }
    .unwrap_or_else(|failure| {
        if let Some(reason) = failure.reason() {
            tracing::debug!(url = id, reason, "a function URL answers an error of its own");
        }
        failure.response(arrival)
    });
    if let (Some(cors), Some(origin)) = (cors, request.header("origin")) {
        cors::dress(cors, origin, response.headers_mut());
    }
    response
}

fn sent(answer: Answer, arrival: &Arrival) -> Result<Response<Body>, Failure> {
    let mut response = answer.plain_response().map_err(|unsendable| Failure::BadGateway(unsendable.0))?;
    super::failure::sign(&mut response, arrival);
    Ok(response)
}

async fn invoke(
    service: &Arc<LambdaService>,
    found: &Found,
    request: &Request,
    arrival: &Arrival,
) -> Result<Answer, Failure> {
    let caller = caller::authorize(service, found, request, arrival)?;
    throttle(service, found)?;
    let context = home(found, caller.as_ref(), request, arrival);
    let payload = event::event(found, &context, caller.as_ref(), request, arrival);
    let plan = plan(&context, &found.function, &found.name)?;
    let invocation = Invocation::new(&context, Some(payload), None, false)?;
    let event = invocation.event(&context, &found.function, &found.name)?;
    if found.url.streams() {
        return streamed::read(service.pool.stream(Arc::new(plan), event).await?).await;
    }
    let execution = service.pool.execute(Arc::new(plan), event).await?;
    match execution.failed {
        true => Err(Failure::BadGateway("the function failed".into())),
        false => reply::read(&execution.payload),
    }
}

/// A function without reserved concurrency has no such limit, and one that may not run at all is told so by the pool.
fn throttle(service: &LambdaService, found: &Found) -> Result<(), Failure> {
    let Some(reserved) = found.function.reserved_concurrency.filter(|reserved| *reserved > 0) else { return Ok(()) };
    let most = reserved * REQUESTS_PER_PLACE;
    match service.url_rates.take(&found.url.id, most as f64, most, Instant::now()) {
        true => Ok(()),
        false => Err(too_many_requests("ReservedFunctionInvocationRateLimitExceeded").into()),
    }
}

/// The invocation, in the function's account and region.
fn home(found: &Found, caller: Option<&Context>, request: &Request, arrival: &Arrival) -> Context {
    let mut context = match caller {
        Some(caller) => caller.clone(),
        None => caller::nobody(found, request),
    };
    context.account = Arc::clone(&found.scope.account);
    context.region = Arc::clone(&found.scope.region);
    context.request_id = arrival.request_id.as_str().into();
    context.trace = Some(arrival.handed_on.as_str().into());
    context
}
