//! Gateway responses as an API's owner wants them.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html>

use super::compiled::{CompiledResource, CompiledStage};
use super::exchange::{Exchange, document, variable};
use super::gateway_response::GatewayResponse;
use super::source::Source;
use super::substitution::Substitution;
use crate::model::{self, ResponseType, RestApi};
use http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::Value;
use slam_cloud_core::Body;
use slam_cloud_gateway::arrival::Arrival;
use slam_cloud_gateway::request::{Request, header_name, media_type};
use std::collections::HashMap;

/// A gateway response that the owner has changed.
pub struct Customized {
    /// None leaves the status as it is.
    status: Option<http::StatusCode>,
    headers: Vec<(String, Source)>,
    /// By content type.
    templates: Vec<(String, Substitution)>,
}

/// Those of an API, by type: their own, or the ones for all others of their status.
pub fn customized(api: &RestApi) -> HashMap<ResponseType, Customized> {
    let responses = ResponseType::all().map(|kind| (kind, api.gateway_response(kind)));
    responses.filter(|(_, response)| response.is_customized).map(|(kind, response)| (kind, compile(response))).collect()
}

fn compile(response: model::GatewayResponse) -> Customized {
    let headers = response.parameters.iter().filter_map(|(to, from)| {
        let name = to.strip_prefix("gatewayresponse.header.")?;
        Some((name.to_owned(), Source::parse(from, "method.request")?))
    });
    let templates = response.templates.iter().map(|(kind, text)| (media_type(kind), Substitution::parse(text)));
    Customized {
        status: response.status_code.as_deref().and_then(|code| code.parse().ok()),
        headers: headers.collect(),
        templates: templates.collect(),
    }
}

/// What is known of a request that API Gateway answers itself.
pub struct Circumstances<'a> {
    stage: &'a CompiledStage,
    request: &'a Request,
    arrival: &'a Arrival,
    /// `$context`
    context: Value,
}

impl<'a> Circumstances<'a> {
    /// Of a request that has a method.
    pub fn of(exchange: &'a Exchange<'_>) -> Self {
        let Exchange { stage, request, arrival, .. } = exchange;
        Self { stage, request, arrival, context: exchange.context_document() }
    }

    /// Of a request that may have a resource.
    pub fn unrouted(
        stage: &'a CompiledStage,
        resource: Option<&CompiledResource>,
        request: &'a Request,
        arrival: &'a Arrival,
    ) -> Self {
        Self { stage, request, arrival, context: document(stage, resource, request, arrival) }
    }

    /// The response to the request, as the owner wants it.
    pub fn response(&self, failure: &GatewayResponse) -> http::Response<Body> {
        let mut response = failure.response(self.arrival);
        let Some(customized) = self.stage.responses.get(&failure.response_type()) else { return response };
        if let Some(status) = customized.status {
            *response.status_mut() = status;
        }
        if let Some((kind, template)) = customized.template(self.request.header("accept")) {
            let stage_variable = |name: &str| self.stage.variables.get(name).cloned();
            *response.body_mut() = template.fill(|path| self.variable(failure, path), stage_variable).into();
            if let Ok(kind) = HeaderValue::from_str(kind) {
                response.headers_mut().insert(CONTENT_TYPE, kind);
            }
        }
        for (name, source) in &customized.headers {
            self.set(&mut response, failure, name, source);
        }
        response
    }

    fn set(&self, response: &mut http::Response<Body>, failure: &GatewayResponse, name: &str, source: &Source) {
        let around = || source.around(&self.stage.variables, |path| self.variable(failure, path));
        let values = source.in_message(self.request).unwrap_or_else(around);
        let Some(name) = header_name(name) else { return };
        for (place, value) in values.iter().filter_map(|value| HeaderValue::from_str(value).ok()).enumerate() {
            match place {
                0 => drop(response.headers_mut().insert(&name, value)),
                _ => drop(response.headers_mut().append(&name, value)),
            }
        }
    }

    fn variable(&self, failure: &GatewayResponse, path: &str) -> Option<String> {
        match path.strip_prefix("error.") {
            Some(name) => failure.variable(name),
            None => variable(&self.context, path),
        }
    }
}

impl Customized {
    /// The template for what the client accepts, else for JSON, else the first.
    fn template(&self, accept: Option<&str>) -> Option<&(String, Substitution)> {
        let of = |kind: &str| self.templates.iter().find(|(own, _)| own == kind);
        let accepted = accept.into_iter().flat_map(|accept| accept.split(','));
        let accepted = accepted.map(media_type).find_map(|kind| of(&kind));
        accepted.or_else(|| of("application/json")).or_else(|| self.templates.first())
    }
}
