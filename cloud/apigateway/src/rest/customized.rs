//! What API Gateway answers itself, as the API's owner wants it answered ([`super::customization`]).
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html>

use super::compiled::{CompiledResource, CompiledStage};
use super::exchange::{Exchange, document, variable};
use super::gateway_response::GatewayResponse;
use super::source::Source;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::Value;
use slam_cloud_core::Body;
use slam_cloud_gateway::arrival::Arrival;
use slam_cloud_gateway::request::{Request, header_name};

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
