//! What an API tells browsers of other origins.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>

use crate::ApiGatewayV2;
use crate::error::bad_request;
use crate::model::Cors;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::apigatewayv2 as wire;
use std::sync::Arc;

/// The values that stand for all of their kind.
const ALL: &str = "*";

/// Checks a configuration.
///
/// # Errors
/// `BadRequestException`
pub(super) fn checked(cors: wire::Cors) -> AwsResult<Cors> {
    let cors = Cors::from(cors);
    let origins = cors.allow_origins.as_deref().unwrap_or_default();
    // <https://github.com/aws/aws-cdk/issues/9076>
    if cors.allow_credentials == Some(true) && origins.iter().any(|origin| origin == ALL) {
        return Err(bad_request("allow-credentials is not supported if 'allow-origin' is *"));
    }
    if let Some(origin) = origins.iter().find(|origin| !is_origin(origin)) {
        return Err(bad_request(format!(
            "Invalid format for origin {origin}. Origin should start with a valid scheme and end with a valid host name"
        )));
    }
    for method in cors.allow_methods.iter().flatten() {
        if method != ALL && (method.is_empty() || !method.bytes().all(|byte| byte.is_ascii_uppercase())) {
            return Err(bad_request(format!("Invalid method {method} in the CORS configuration")));
        }
    }
    let headers = cors.allow_headers.iter().chain(&cors.expose_headers).flatten();
    for header in headers {
        if header != ALL && slam_cloud_gateway::request::header_name(header).is_none() {
            return Err(bad_request(format!("Invalid header {header} in the CORS configuration")));
        }
    }
    Ok(cors)
}

/// `*`, `https://example.com`, `https://*`, `http://localhost:3000`.
fn is_origin(origin: &str) -> bool {
    let Some((scheme, host)) = origin.split_once("://") else { return origin == ALL };
    let word = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    !scheme.is_empty() && scheme.chars().all(word) && !host.is_empty() && !host.contains(['/', ' ', ','])
}

/// Takes an API's configuration away.
pub async fn delete(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::DeleteCorsConfiguration,
) -> AwsResult<wire::DeleteCorsConfigurationOutput> {
    service
        .change(&context, &input.api_id, |api| {
            api.cors = None;
            Ok(())
        })
        .await?;
    Ok(wire::DeleteCorsConfigurationOutput {})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(origins: &[&str], credentials: bool, expected: Option<&str>) {
        let allow_origins = Some(origins.iter().map(|origin| (*origin).to_owned()).collect());
        let cors = wire::Cors { allow_origins, allow_credentials: Some(credentials), ..wire::Cors::default() };
        let refused = checked(cors).err().map(|error| error.message);
        assert_eq!(refused.is_some(), expected.is_some(), "{origins:?}: {refused:?}");
        assert!(refused.unwrap_or_default().contains(expected.unwrap_or_default()));
    }

    #[test]
    fn origins_have_a_scheme_and_a_host() {
        check(&["*"], false, None);
        check(&["https://www.example.com", "http://localhost:3000"], true, None);
        check(&["https://*", "http://*"], true, None);
        check(&["chrome-extension://abc"], false, None);
        check(&["*"], true, Some("allow-credentials is not supported if 'allow-origin' is *"));
        check(&["www.example.com"], false, Some("Invalid format for origin www.example.com"));
        check(&["https://example.com/"], false, Some("Invalid format"));
        check(&[""], false, Some("Invalid format"));
    }
}
