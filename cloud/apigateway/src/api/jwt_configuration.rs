//! What `CreateAuthorizer` and `UpdateAuthorizer` are told of the issuers of an authorizer of the type `JWT`.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-jwt-authorizer-create.html> and the API reference,
//! `JwtConfigurationInput`, whose rules stand beside what checks them. AWS tells no texts of errors; these say the same rules.

use crate::ApiGateway;
use crate::error::bad_request;
use crate::model::{JwtClaim, JwtConfiguration, JwtIssuer};
use crate::patch::Patch;
use http::Uri;
use serde::Deserialize;
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::apigateway as wire;

const ALGORITHMS: [&str; 6] = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"];
/// What an authorizer looks at anyhow.
const RESERVED: [&str; 7] = ["iss", "aud", "exp", "nbf", "iat", "scope", "scp"];

/// The value of a patch: the input's members, in JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Given {
    issuers: Vec<GivenIssuer>,
    default_algorithms: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GivenIssuer {
    issuer: String,
    audiences: Vec<String>,
    additional_claims: Option<Vec<GivenClaim>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct GivenClaim {
    claim_name: String,
    format: String,
    required: Option<bool>,
    expected_values: Option<Vec<String>>,
}

/// Reads the configuration of a new authorizer, and looks up where its issuers' keys are.
///
/// # Errors
/// What cannot be, or an issuer without a discovery document.
pub async fn given(
    service: &ApiGateway,
    input: Option<wire::JwtConfigurationInput>,
) -> AwsResult<Option<JwtConfiguration>> {
    let Some(input) = input else { return Ok(None) };
    let issuers = input.issuers.into_iter().map(|issuer| JwtIssuer {
        issuer: issuer.issuer,
        audiences: issuer.audiences,
        claims: issuer.additional_claims.into_iter().flatten().map(claim).collect(),
        jwks_uri: String::new(),
    });
    let configuration = JwtConfiguration { issuers: issuers.collect(), algorithms: input.default_algorithms };
    discovered(service, configuration).await.map(Some)
}

/// Of an update's steps the one that replaces the configuration: "API Gateway accepts a single replace operation on the
/// /jwtConfiguration path, with the complete configuration as the value. … API Gateway runs OIDC discovery again for every issuer on
/// each update." <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-jwt-authorizer-update.html>
///
/// # Errors
/// The same, and what is no such value.
pub async fn patched(service: &ApiGateway, patches: &[Patch]) -> AwsResult<Option<JwtConfiguration>> {
    let Some(patch) = patches.iter().rfind(|patch| patch.target() == ["jwtConfiguration"]) else { return Ok(None) };
    patch.only_replace()?;
    let given: Given = serde_json::from_str(&patch.text())
        .map_err(|error| bad_request(format!("Invalid JWT configuration specified: {error}")))?;
    let mut issuers = Vec::new();
    for issuer in given.issuers {
        let claims = issuer.additional_claims.unwrap_or_default();
        if claims.iter().any(|claim| claim.format != "SINGLE_STRING") {
            return Err(bad_request("The only format of an additional claim is SINGLE_STRING"));
        }
        let claims = claims.into_iter().map(|claim| JwtClaim {
            name: claim.claim_name,
            required: claim.required.unwrap_or(false),
            values: claim.expected_values.unwrap_or_default(),
        });
        let (claims, jwks_uri) = (claims.collect(), String::new());
        issuers.push(JwtIssuer { issuer: issuer.issuer, audiences: issuer.audiences, claims, jwks_uri });
    }
    discovered(service, JwtConfiguration { issuers, algorithms: given.default_algorithms }).await.map(Some)
}

fn claim(given: wire::JwtAdditionalClaim) -> JwtClaim {
    JwtClaim {
        name: given.claim_name,
        required: given.required.unwrap_or(false),
        values: given.expected_values.unwrap_or_default(),
    }
}

async fn discovered(service: &ApiGateway, mut configuration: JwtConfiguration) -> AwsResult<JwtConfiguration> {
    check(&configuration)?;
    for issuer in &mut configuration.issuers {
        issuer.jwks_uri = service.issuers.discover(&issuer.issuer).await.map_err(|reason| {
            tracing::warn!(issuer = issuer.issuer, "an authorizer was refused: {reason}");
            bad_request(format!("The OIDC discovery document of the issuer {} cannot be used: {reason}", issuer.issuer))
        })?;
    }
    Ok(configuration)
}

fn check(configuration: &JwtConfiguration) -> AwsResult<()> {
    let JwtConfiguration { issuers, algorithms } = configuration;
    if issuers.is_empty() || algorithms.is_empty() {
        return Err(bad_request("A JWT configuration needs an issuer and a signing algorithm"));
    }
    if let Some(other) = algorithms.iter().find(|name| !ALGORITHMS.contains(&name.as_str())) {
        return Err(bad_request(format!("Invalid signing algorithm specified: {other}")));
    }
    if algorithms.iter().any(|name| name == "ES512") {
        return Err(AwsError::unsupported("the signing algorithm ES512 of a JWT authorizer"));
    }
    for (index, issuer) in issuers.iter().enumerate() {
        if issuers[..index].iter().any(|other| other.issuer == issuer.issuer) {
            return Err(bad_request("Issuer URLs must be unique"));
        }
        check_issuer(issuer)?;
    }
    Ok(())
}

fn check_issuer(issuer: &JwtIssuer) -> AwsResult<()> {
    // "an absolute https URL that includes a host and has no user information, query, or fragment"
    let url: Option<Uri> = issuer.issuer.parse().ok().filter(|_| !issuer.issuer.contains('#'));
    let is_url = url.is_some_and(|url| {
        let authority = url.authority().map(|authority| authority.as_str());
        url.scheme_str() == Some("https") && url.query().is_none() && authority.is_some_and(|it| !it.contains('@'))
    });
    if !is_url {
        return Err(bad_request(format!("Invalid issuer URL specified: {}", issuer.issuer)));
    }
    if issuer.audiences.is_empty() || issuer.audiences.iter().any(String::is_empty) {
        return Err(bad_request("An issuer needs audiences, none of them empty"));
    }
    for (index, claim) in issuer.claims.iter().enumerate() {
        if claim.name.is_empty() || RESERVED.contains(&claim.name.as_str()) {
            return Err(bad_request(format!("Invalid name of an additional claim specified: {}", claim.name)));
        }
        if issuer.claims[..index].iter().any(|other| other.name == claim.name) {
            return Err(bad_request("Claim names must be unique within the issuer"));
        }
        if claim.values.iter().any(String::is_empty) {
            return Err(bad_request("An expected value of a claim cannot be empty"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(change: impl FnOnce(&mut JwtConfiguration)) -> String {
        let issuer = JwtIssuer {
            issuer: "https://issuer.example/a".into(),
            audiences: vec!["app".into()],
            claims: vec![JwtClaim { name: "tenant".into(), required: true, values: Vec::new() }],
            jwks_uri: String::new(),
        };
        let mut configuration = JwtConfiguration { issuers: vec![issuer], algorithms: vec!["RS256".into()] };
        change(&mut configuration);
        check(&configuration).map_or_else(|error| error.message, |()| "fine".to_owned())
    }

    #[test]
    fn a_configuration_is_as_aws_wants_it() {
        assert_eq!(said(|_| {}), "fine");
        for issuer in [
            "http://issuer.example",
            "https://user@issuer.example",
            "https://issuer.example?a=b",
            "https://issuer.example#a",
            "issuer.example",
            "https://",
        ] {
            let expected = format!("Invalid issuer URL specified: {issuer}");
            assert_eq!(said(|it| it.issuers[0].issuer = issuer.into()), expected);
        }
        assert_eq!(said(|it| it.issuers.push(it.issuers[0].clone())), "Issuer URLs must be unique");
        assert_eq!(said(|it| it.issuers[0].audiences.clear()), "An issuer needs audiences, none of them empty");
        assert_eq!(said(|it| it.algorithms = vec!["HS256".into()]), "Invalid signing algorithm specified: HS256");
        assert!(said(|it| it.algorithms.push("ES512".into())).contains("ES512"));
        let reserved = "Invalid name of an additional claim specified: aud";
        assert_eq!(said(|it| it.issuers[0].claims[0].name = "aud".into()), reserved);
        let twice = |it: &mut JwtConfiguration| {
            let claim = it.issuers[0].claims[0].clone();
            it.issuers[0].claims.push(claim);
        };
        assert_eq!(said(twice), "Claim names must be unique within the issuer");
    }
}
