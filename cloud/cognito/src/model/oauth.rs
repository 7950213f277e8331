//! What an app client may be asked for at its pool's domain: grants, scopes and addresses of OAuth.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-app-idp-settings.html>
//!
//! It is kept and told as it was given: the endpoints that go by it are those of a domain, without which nobody can ask for any of it on
//! AWS either, and to make a domain is refused by name. The texts of errors are those that AWS's clients quote in public.

use crate::error::invalid_parameter;
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::cognito as wire;

/// The scopes that every pool has.
const SCOPES: [&str; 5] = ["phone", "email", "openid", "profile", "aws.cognito.signin.user.admin"];
/// "Amazon Cognito requires HTTPS over HTTP except for" these, "for testing purposes only".
const HERE: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];
/// The grant of clients without users.
const CLIENT_CREDENTIALS: &str = "client_credentials";

/// Checks what a client was asked to be in a pool. `has_scope` tells of the scopes of the pool's resource servers.
///
/// # Errors
/// What cannot be.
pub fn check(settings: &wire::CreateUserPoolClient, has_scope: impl Fn(&str) -> bool) -> AwsResult<()> {
    // Identity providers cannot be made here, so that only the pool itself is one.
    let providers = settings.supported_identity_providers.iter().flatten();
    if let Some(other) = providers.into_iter().find(|name| *name != "COGNITO") {
        let pool = &settings.user_pool_id;
        return Err(invalid_parameter(format!("The provider {other} does not exist for User Pool {pool}.")));
    }
    check_addresses(settings)?;
    check_grants(settings)?;
    let scopes = settings.allowed_o_auth_scopes.iter().flatten();
    match scopes.into_iter().find(|scope| !SCOPES.contains(&&***scope) && !has_scope(scope)) {
        Some(scope) => {
            let message = format!("Invalid scope requested: {scope}");
            Err(AwsError::bad_request("ScopeDoesNotExistException", message))
        }
        None => Ok(()),
    }
}

fn check_addresses(settings: &wire::CreateUserPoolClient) -> AwsResult<()> {
    let listed = settings.callback_ur_ls.iter().chain(&settings.logout_ur_ls).flatten();
    listed.into_iter().try_for_each(|address| check_address(address))?;
    let Some(default) = &settings.default_redirect_uri else { return Ok(()) };
    // "Must be in the CallbackURLs list."
    match settings.callback_ur_ls.iter().flatten().any(|address| address == default) {
        true => Ok(()),
        false => Err(invalid_parameter("DefaultRedirectURI must be one of the CallbackURLs.")),
    }
}

/// "Be an absolute URI … Not include a fragment component." Those of apps, `myapp://example`, are taken, too.
fn check_address(address: &str) -> AwsResult<()> {
    let is_scheme = |scheme: &str| {
        let mut letters = scheme.chars();
        letters.next().is_some_and(|first| first.is_ascii_alphabetic())
            && letters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    };
    let parts = address.split_once("://").filter(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty());
    let Some((scheme, rest)) = parts.filter(|_| !address.contains('#')) else {
        return Err(invalid_parameter(format!("{address} is not a valid redirect URI.")));
    };
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let is_here = HERE
        .iter()
        .any(|host| authority.strip_prefix(host).is_some_and(|port| port.is_empty() || port.starts_with(':')));
    match scheme.eq_ignore_ascii_case("http") && !is_here {
        true => Err(invalid_parameter(format!("{address} cannot use the HTTP protocol."))),
        false => Ok(()),
    }
}

fn check_grants(settings: &wire::CreateUserPoolClient) -> AwsResult<()> {
    let refused = |message: &str| Err(AwsError::bad_request("InvalidOAuthFlowException", message));
    let grants: Vec<&str> = settings.allowed_o_auth_flows.iter().flatten().map(String::as_str).collect();
    let scopes = settings.allowed_o_auth_scopes.as_deref().unwrap_or_default();
    let is_on = settings.allowed_o_auth_flows_user_pool_client == Some(true);
    if is_on && (grants.is_empty() || scopes.is_empty()) {
        return refused(
            "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.",
        );
    }
    if !grants.contains(&CLIENT_CREDENTIALS) {
        return Ok(());
    }
    // "you must add client_credentials as the only allowed OAuth flow"
    if grants.len() > 1 {
        return refused("client_credentials flow can not be selected along with code flow or implicit flow.");
    }
    if settings.generate_secret != Some(true) {
        return refused("client_credentials flow can not be selected if client does not have a client secret.");
    }
    match scopes.iter().find(|scope| SCOPES.contains(&scope.as_str())) {
        Some(scope) => refused(&format!("{scope} is not supported with client_credentials flow.")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_core::Operation;
    use slam_cloud_wire::json;

    fn said(settings: serde_json::Value) -> String {
        let mut whole = serde_json::json!({"UserPoolId": "us-east-1_a", "ClientName": "c"});
        whole.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        let settings: wire::CreateUserPoolClient = json::input_from_json(whole).unwrap();
        assert_eq!(wire::CreateUserPoolClient::MODEL.name, "CreateUserPoolClient");
        let checked = check(&settings, |scope| scope == "api/read");
        checked.map_or_else(|error| format!("{}: {}", error.code, error.message), |()| "fine".to_owned())
    }

    /// What CDK's `addClient` sends by default.
    #[test]
    fn what_cdk_sends_is_taken() {
        let client = serde_json::json!({
            "AllowedOAuthFlows": ["implicit", "code"], "AllowedOAuthFlowsUserPoolClient": true,
            "AllowedOAuthScopes": ["profile", "phone", "email", "openid", "aws.cognito.signin.user.admin"],
            "CallbackURLs": ["https://example.com"], "SupportedIdentityProviders": ["COGNITO"],
        });
        assert_eq!(said(client), "fine");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let check =
            |settings: serde_json::Value, expected: &str| assert_eq!(said(settings.clone()), expected, "{settings}");
        let both = serde_json::json!({"SupportedIdentityProviders": ["COGNITO", "Google"]});
        check(both, "InvalidParameterException: The provider Google does not exist for User Pool us-east-1_a.");
        for (address, expected) in [
            ("http://localhost:3000/x", "fine"),
            ("http://127.0.0.1", "fine"),
            ("http://[::1]:1/", "fine"),
            ("myapp://example", "fine"),
            (
                "http://localhost.example",
                "InvalidParameterException: http://localhost.example cannot use the HTTP protocol.",
            ),
            ("HTTP://a.example", "InvalidParameterException: HTTP://a.example cannot use the HTTP protocol."),
            ("https://a.example/#b", "InvalidParameterException: https://a.example/#b is not a valid redirect URI."),
            ("/callback", "InvalidParameterException: /callback is not a valid redirect URI."),
        ] {
            check(serde_json::json!({"CallbackURLs": [address]}), expected);
            check(serde_json::json!({"LogoutURLs": [address]}), expected);
        }
        check(
            serde_json::json!({"CallbackURLs": ["https://a.example"], "DefaultRedirectURI": "https://b.example"}),
            "InvalidParameterException: DefaultRedirectURI must be one of the CallbackURLs.",
        );
        check(
            serde_json::json!({"AllowedOAuthScopes": ["api/write"]}),
            "ScopeDoesNotExistException: Invalid scope requested: api/write",
        );
        check(
            serde_json::json!({"AllowedOAuthFlowsUserPoolClient": true, "AllowedOAuthFlows": ["code"]}),
            "InvalidOAuthFlowException: AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed \
             to use OAuth flows.",
        );
        let machine = |more: serde_json::Value| {
            let mut client =
                serde_json::json!({"AllowedOAuthFlows": ["client_credentials"], "AllowedOAuthScopes": ["api/read"]});
            client.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            client
        };
        check(machine(serde_json::json!({"GenerateSecret": true})), "fine");
        check(
            machine(serde_json::json!({})),
            "InvalidOAuthFlowException: client_credentials flow can not be selected if client does not have a client secret.",
        );
        check(
            machine(serde_json::json!({"AllowedOAuthFlows": ["client_credentials", "code"]})),
            "InvalidOAuthFlowException: client_credentials flow can not be selected along with code flow or implicit flow.",
        );
        check(
            machine(serde_json::json!({"GenerateSecret": true, "AllowedOAuthScopes": ["openid"]})),
            "InvalidOAuthFlowException: openid is not supported with client_credentials flow.",
        );
    }
}
