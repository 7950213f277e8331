//! What API Gateway answers itself, as an API's owner has it answered.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html>

use super::Texts;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// On what occasion API Gateway answers itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ResponseType {
    /// An authorizer or a policy does not let the caller in.
    AccessDenied,
    /// The integration cannot be carried out as it is configured.
    ApiConfigurationError,
    /// An authorizer cannot be asked.
    AuthorizerConfigurationError,
    /// An authorizer did not decide.
    AuthorizerFailure,
    /// The body does not fit the method's model.
    BadRequestBody,
    /// A parameter that the method requires is missing.
    BadRequestParameters,
    /// Whatever else has a status of 4XX.
    #[serde(rename = "DEFAULT_4XX")]
    Default4xx,
    /// Whatever else has a status of 5XX.
    #[serde(rename = "DEFAULT_5XX")]
    Default5xx,
    /// The credentials of a signature are over.
    ExpiredToken,
    /// The backend cannot be reached.
    IntegrationFailure,
    /// The backend takes too long.
    IntegrationTimeout,
    /// No API key that counts.
    InvalidApiKey,
    /// The signature is not good.
    InvalidSignature,
    /// No such method, or no signature.
    MissingAuthenticationToken,
    /// The client's quota is used up.
    QuotaExceeded,
    /// The body is too large.
    RequestTooLarge,
    /// No such resource, after everything else was found good.
    ResourceNotFound,
    /// Too many requests.
    Throttled,
    /// The caller is not known.
    Unauthorized,
    /// No mapping template is for the body, which may not pass without one.
    UnsupportedMediaType,
    /// A firewall took it away; there is none here.
    WafFiltered,
}

/// Each with AWS's name and the status that it has by itself, in the order of the names.
const TYPES: [(ResponseType, &str, Option<u16>); 21] = [
    (ResponseType::AccessDenied, "ACCESS_DENIED", Some(403)),
    (ResponseType::ApiConfigurationError, "API_CONFIGURATION_ERROR", Some(500)),
    (ResponseType::AuthorizerConfigurationError, "AUTHORIZER_CONFIGURATION_ERROR", Some(500)),
    (ResponseType::AuthorizerFailure, "AUTHORIZER_FAILURE", Some(500)),
    (ResponseType::BadRequestBody, "BAD_REQUEST_BODY", Some(400)),
    (ResponseType::BadRequestParameters, "BAD_REQUEST_PARAMETERS", Some(400)),
    (ResponseType::Default4xx, "DEFAULT_4XX", None),
    (ResponseType::Default5xx, "DEFAULT_5XX", None),
    (ResponseType::ExpiredToken, "EXPIRED_TOKEN", Some(403)),
    (ResponseType::IntegrationFailure, "INTEGRATION_FAILURE", Some(504)),
    (ResponseType::IntegrationTimeout, "INTEGRATION_TIMEOUT", Some(504)),
    (ResponseType::InvalidApiKey, "INVALID_API_KEY", Some(403)),
    (ResponseType::InvalidSignature, "INVALID_SIGNATURE", Some(403)),
    (ResponseType::MissingAuthenticationToken, "MISSING_AUTHENTICATION_TOKEN", Some(403)),
    (ResponseType::QuotaExceeded, "QUOTA_EXCEEDED", Some(429)),
    (ResponseType::RequestTooLarge, "REQUEST_TOO_LARGE", Some(413)),
    (ResponseType::ResourceNotFound, "RESOURCE_NOT_FOUND", Some(404)),
    (ResponseType::Throttled, "THROTTLED", Some(429)),
    (ResponseType::Unauthorized, "UNAUTHORIZED", Some(401)),
    (ResponseType::UnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", Some(415)),
    (ResponseType::WafFiltered, "WAF_FILTERED", Some(403)),
];

impl ResponseType {
    /// All of them, by name.
    pub fn all() -> impl Iterator<Item = Self> {
        TYPES.iter().map(|(kind, ..)| *kind)
    }

    /// The type that AWS names so.
    pub fn parse(name: &str) -> Option<Self> {
        TYPES.iter().find(|(_, known, _)| *known == name).map(|(kind, ..)| *kind)
    }

    /// AWS's name.
    pub fn name(self) -> &'static str {
        TYPES[self as usize].1
    }

    /// The status that it has by itself; what is for all others has none.
    pub fn status(self) -> Option<u16> {
        TYPES[self as usize].2
    }

    /// The type that is for all others of the same kind of status.
    fn default(self) -> Self {
        match self {
            Self::Default5xx => Self::Default5xx,
            _ if self.status().is_some_and(|status| status >= 500) => Self::Default5xx,
            _ => Self::Default4xx,
        }
    }
}

/// What the owner has changed of a gateway response.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Customization {
    /// Another status than the type's own.
    pub status_code: Option<String>,
    /// `gatewayresponse.header.X`: where the value comes from.
    pub parameters: Texts,
    /// Content type: template; none for AWS's own.
    pub templates: Texts,
}

/// AWS's own template (recorded: test_gateway_response_crud).
const TEMPLATE: (&str, &str) = ("application/json", "{\"message\":$context.error.messageString}");

/// A gateway response as it is.
#[derive(Clone, Debug)]
pub struct GatewayResponse {
    /// On what occasion.
    pub kind: ResponseType,
    /// Its status; none for what has the status of the occasion.
    pub status_code: Option<String>,
    /// `gatewayresponse.header.X`: where the value comes from.
    pub parameters: Texts,
    /// Content type: template.
    pub templates: Texts,
    /// Whether nothing of this very type was changed.
    pub is_default: bool,
    /// Whether anything was changed that counts for it.
    pub is_customized: bool,
}

impl GatewayResponse {
    /// The gateway response of a type: as it was changed itself, or else as the one for all others was (recorded:
    /// test_gateway_response_put).
    pub fn of(customizations: &BTreeMap<ResponseType, Customization>, kind: ResponseType) -> Self {
        let own = customizations.get(&kind);
        let changed = own.or_else(|| customizations.get(&kind.default()));
        let template = || Texts::from([(TEMPLATE.0.to_owned(), TEMPLATE.1.to_owned())]);
        let templates = changed.map(|changed| changed.templates.clone()).filter(|templates| !templates.is_empty());
        Self {
            kind,
            status_code: changed
                .and_then(|changed| changed.status_code.clone())
                .or_else(|| kind.status().map(|status| status.to_string())),
            parameters: changed.map(|changed| changed.parameters.clone()).unwrap_or_default(),
            templates: templates.unwrap_or_else(template),
            is_default: own.is_none(),
            is_customized: changed.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_stands_in_its_row_by_its_name() {
        for (place, (kind, name, _)) in TYPES.iter().enumerate() {
            assert_eq!((*kind as usize, ResponseType::parse(name)), (place, Some(*kind)), "{name}");
            assert_eq!(serde_json::to_value(kind).unwrap(), *name);
        }
        assert!(TYPES.is_sorted_by_key(|(_, name, _)| *name));
    }
}
