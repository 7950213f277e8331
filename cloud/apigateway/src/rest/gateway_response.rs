//! What API Gateway answers itself: the default gateway responses. What owners make of them is in [`super::customized`].
//!
//! AWS: "Gateway response types for API Gateway"; the spaces in bodies are AWS's (recorded lengths:
//! test_apigateway_header_remapping_aws; bodies: test_api_gateway_request_validator, test_routing_not_found).

use crate::model::ResponseType;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use slam_cloud_core::Body;
use slam_cloud_gateway::answer::{Unsendable, sign};
use slam_cloud_gateway::arrival::Arrival;

const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// A gateway response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GatewayResponse {
    /// No such API or stage, or the endpoint is switched off.
    Forbidden,
    /// MISSING_AUTHENTICATION_TOKEN: no such resource or verb, or a signature is missing.
    MissingAuthenticationToken,
    /// ACCESS_DENIED, with IAM's sentence or the authorizer's.
    AccessDenied(String),
    /// EXPIRED_TOKEN: the credentials of a signature are over.
    ExpiredToken,
    /// INVALID_SIGNATURE, with the error and its sentence.
    InvalidSignature(String, String),
    /// UNAUTHORIZED: the request does not say who calls, or the authorizer does not know them.
    Unauthorized,
    /// The same, for a token whose time is over.
    TokenExpired,
    /// AUTHORIZER_FAILURE: the log says why.
    AuthorizerFailure(String),
    /// AUTHORIZER_CONFIGURATION_ERROR: the log says why.
    AuthorizerConfiguration(String),
    /// INVALID_API_KEY
    InvalidApiKey,
    /// QUOTA_EXCEEDED
    QuotaExceeded,
    /// BAD_REQUEST_PARAMETERS, with the names that are missing.
    MissingParameters(Vec<String>),
    /// BAD_REQUEST_BODY: what is wrong with the body, for the model of its type.
    InvalidBody {
        /// The type.
        content_type: String,
        /// In brackets.
        errors: String,
    },
    /// A request that cannot be read.
    BadRequest,
    /// UNSUPPORTED_MEDIA_TYPE
    UnsupportedMediaType,
    /// REQUEST_TOO_LARGE
    RequestTooLarge,
    /// THROTTLED
    Throttled,
    /// API_CONFIGURATION_ERROR: the log says what is wrong.
    Configuration(String),
    /// The backend's answer cannot be used: the log says why.
    BadGateway(String),
    /// INTEGRATION_FAILURE: the backend cannot be reached.
    IntegrationFailure(String),
    /// INTEGRATION_TIMEOUT
    IntegrationTimeout,
}

impl From<Unsendable> for GatewayResponse {
    fn from(Unsendable(reason): Unsendable) -> Self {
        Self::BadGateway(reason)
    }
}

impl GatewayResponse {
    /// The HTTP response.
    pub fn response(&self, arrival: &Arrival) -> http::Response<Body> {
        let (status, kind, body) = self.parts();
        let mut http = http::Response::new(Body::from(body));
        *http.status_mut() = http::StatusCode::from_u16(status).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
        http.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        http.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static(kind));
        sign(&mut http, arrival);
        http
    }

    /// HTTP status, `x-amzn-ErrorType` and body.
    pub fn parts(&self) -> (u16, &'static str, String) {
        let internal = || r#"{"message": "Internal server error"}"#.to_owned();
        match self {
            Self::Forbidden => (403, "ForbiddenException", r#"{"message":"Forbidden"}"#.into()),
            Self::MissingAuthenticationToken => {
                (403, "MissingAuthenticationTokenException", r#"{"message":"Missing Authentication Token"}"#.into())
            }
            Self::AccessDenied(message) => {
                (403, "AccessDeniedException", serde_json::json!({ "Message": message }).to_string())
            }
            Self::ExpiredToken => {
                let message = "The security token included in the request is expired";
                (403, "ExpiredTokenException", format!("{{\"message\":\"{message}\"}}"))
            }
            Self::InvalidSignature(_, message) => {
                (403, self.error_of_signature(), serde_json::json!({ "message": message }).to_string())
            }
            Self::Unauthorized => (401, "UnauthorizedException", r#"{"message":"Unauthorized"}"#.into()),
            Self::TokenExpired => {
                (401, "UnauthorizedException", r#"{"message":"The incoming token has expired"}"#.into())
            }
            // Clients are told nothing of what went wrong.
            Self::AuthorizerFailure(_) | Self::AuthorizerConfiguration(_) => {
                (500, "AuthorizerConfigurationException", r#"{"message":null}"#.into())
            }
            Self::InvalidApiKey => (403, "ForbiddenException", r#"{"message":"Forbidden"}"#.into()),
            Self::QuotaExceeded => (429, "LimitExceededException", r#"{"message":"Limit Exceeded"}"#.into()),
            Self::MissingParameters(names) => {
                let message = format!("Missing required request parameters: [{}]", names.join(", "));
                (400, "BadRequestException", format!("{{\"message\": {}}}", serde_json::Value::from(message)))
            }
            Self::InvalidBody { .. } => (400, "BadRequestException", r#"{"message": "Invalid request body"}"#.into()),
            Self::BadRequest => (400, "BadRequestException", r#"{"message": "Bad Request"}"#.into()),
            Self::UnsupportedMediaType => {
                (415, "BadRequestException", r#"{"message": "Unsupported Media Type"}"#.into())
            }
            Self::RequestTooLarge => (
                413,
                "RequestTooLargeException",
                format!("{{\"message\":\"HTTP content length exceeded {} bytes.\"}}", slam_cloud_gateway::BODY),
            ),
            Self::Throttled => (429, "TooManyRequestsException", r#"{"message":"Too Many Requests"}"#.into()),
            Self::Configuration(_) => (500, "InternalServerErrorException", internal()),
            Self::BadGateway(_) => (502, "InternalServerErrorException", internal()),
            Self::IntegrationFailure(_) => (504, "InternalServerErrorException", internal()),
            Self::IntegrationTimeout => {
                (504, "InternalServerErrorException", r#"{"message": "Endpoint request timed out"}"#.into())
            }
        }
    }

    fn error_of_signature(&self) -> &'static str {
        match self {
            Self::InvalidSignature(code, _) if code == "UnrecognizedClientException" => "UnrecognizedClientException",
            Self::InvalidSignature(code, _) if code == "IncompleteSignatureException" => "IncompleteSignatureException",
            _ => "InvalidSignatureException",
        }
    }

    /// Its type.
    pub fn response_type(&self) -> ResponseType {
        match self {
            Self::Forbidden | Self::AccessDenied(_) => ResponseType::AccessDenied,
            Self::MissingAuthenticationToken => ResponseType::MissingAuthenticationToken,
            Self::ExpiredToken => ResponseType::ExpiredToken,
            Self::InvalidSignature(..) => ResponseType::InvalidSignature,
            Self::Unauthorized | Self::TokenExpired => ResponseType::Unauthorized,
            Self::AuthorizerFailure(_) => ResponseType::AuthorizerFailure,
            Self::AuthorizerConfiguration(_) => ResponseType::AuthorizerConfigurationError,
            Self::InvalidApiKey => ResponseType::InvalidApiKey,
            Self::QuotaExceeded => ResponseType::QuotaExceeded,
            Self::MissingParameters(_) => ResponseType::BadRequestParameters,
            Self::InvalidBody { .. } => ResponseType::BadRequestBody,
            Self::BadRequest => ResponseType::Default4xx,
            Self::UnsupportedMediaType => ResponseType::UnsupportedMediaType,
            Self::RequestTooLarge => ResponseType::RequestTooLarge,
            Self::Throttled => ResponseType::Throttled,
            Self::Configuration(_) => ResponseType::ApiConfigurationError,
            Self::BadGateway(_) => ResponseType::Default5xx,
            Self::IntegrationFailure(_) => ResponseType::IntegrationFailure,
            Self::IntegrationTimeout => ResponseType::IntegrationTimeout,
        }
    }

    /// What `$context.error.NAME` is
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html>).
    pub fn variable(&self, name: &str) -> Option<String> {
        match name {
            "message" => self.message(),
            // "The quoted value of $context.error.message"
            "messageString" => Some(serde_json::Value::from(self.message()).to_string()),
            "responseType" => Some(self.response_type().name().to_owned()),
            "validationErrorString" => {
                let Self::InvalidBody { errors, .. } = self else { return None };
                // It stands in a string of JSON.
                let quoted = serde_json::Value::from(errors.as_str()).to_string();
                Some(quoted.trim_start_matches('"').strip_suffix('"').unwrap_or_default().to_owned())
            }
            _ => None,
        }
    }

    /// What the client is told, if anything.
    fn message(&self) -> Option<String> {
        let body: serde_json::Value = serde_json::from_str(&self.parts().2).ok()?;
        let text = body.get("message").or_else(|| body.get("Message"))?.as_str()?;
        Some(text.to_owned())
    }

    /// Why, for the execution log; clients are not told more than the body says.
    pub fn reason(&self) -> String {
        match self {
            Self::Configuration(reason)
            | Self::BadGateway(reason)
            | Self::IntegrationFailure(reason)
            | Self::AuthorizerConfiguration(reason) => {
                format!("Execution failed due to configuration error: {reason}")
            }
            Self::IntegrationTimeout => "Execution failed due to a timeout error".into(),
            Self::AuthorizerFailure(reason) => format!("Execution failed due to an authorizer error: {reason}"),
            Self::InvalidBody { content_type, errors } => {
                format!("Request body does not match model schema for content type {content_type}: {errors}")
            }
            other => format!("Execution ended with {}", other.response_type().name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded: test_api_gateway_request_validator, test_apigateway_header_remapping_aws (36 bytes), test_routing_not_found.
    #[test]
    fn bodies_are_aws_bodies() {
        let invalid =
            GatewayResponse::InvalidBody { content_type: "application/json".into(), errors: "[\"a\"]".into() };
        assert_eq!(invalid.variable("validationErrorString").as_deref(), Some("[\\\"a\\\"]"));
        let missing = ["x-header-param", "issuer", "qs1"].map(str::to_owned).to_vec();
        for (response, status, body) in [
            (
                GatewayResponse::MissingParameters(missing),
                400,
                r#"{"message": "Missing required request parameters: [x-header-param, issuer, qs1]"}"#,
            ),
            (invalid.clone(), 400, r#"{"message": "Invalid request body"}"#),
            (GatewayResponse::Configuration("x".into()), 500, r#"{"message": "Internal server error"}"#),
            (GatewayResponse::MissingAuthenticationToken, 403, r#"{"message":"Missing Authentication Token"}"#),
            (GatewayResponse::InvalidApiKey, 403, r#"{"message":"Forbidden"}"#),
            (GatewayResponse::Throttled, 429, r#"{"message":"Too Many Requests"}"#),
            (GatewayResponse::QuotaExceeded, 429, r#"{"message":"Limit Exceeded"}"#),
            (GatewayResponse::Unauthorized, 401, r#"{"message":"Unauthorized"}"#),
            (GatewayResponse::AuthorizerFailure("x".into()), 500, r#"{"message":null}"#),
        ] {
            let (found_status, _, found_body) = response.parts();
            assert_eq!((found_status, found_body.as_str()), (status, body));
        }
        assert_eq!(GatewayResponse::Configuration(String::new()).parts().2.len(), 36);
    }
}
