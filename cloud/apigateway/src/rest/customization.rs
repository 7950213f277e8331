//! Gateway responses as an API's owner has changed them, ready to be filled in.

use super::source::Source;
use super::substitution::Substitution;
use crate::model::{GatewayResponse, ResponseType, RestApi};
use slam_cloud_gateway::request::media_type;
use std::collections::HashMap;

/// A gateway response that the owner has changed.
pub struct Customized {
    /// None leaves the status as it is.
    pub status: Option<http::StatusCode>,
    /// Names and sources.
    pub headers: Vec<(String, Source)>,
    /// By content type.
    templates: Vec<(String, Substitution)>,
}

/// Those of an API, by type: their own, or the ones for all others of their status.
pub fn customized(api: &RestApi) -> HashMap<ResponseType, Customized> {
    let responses = ResponseType::all().map(|kind| (kind, api.gateway_response(kind)));
    responses.filter(|(_, response)| response.is_customized).map(|(kind, response)| (kind, compile(response))).collect()
}

fn compile(response: GatewayResponse) -> Customized {
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

impl Customized {
    /// The template for what the client accepts, else for JSON, else the first.
    pub fn template(&self, accept: Option<&str>) -> Option<&(String, Substitution)> {
        let of = |kind: &str| self.templates.iter().find(|(own, _)| own == kind);
        let accepted = accept.into_iter().flat_map(|accept| accept.split(','));
        let accepted = accepted.map(media_type).find_map(|kind| of(&kind));
        accepted.or_else(|| of("application/json")).or_else(|| self.templates.first())
    }
}
