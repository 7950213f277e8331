//! Whose tokens an authorizer of the type `JWT` takes.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-jwt-authorizer.html>

use serde::{Deserialize, Serialize};
use slam_cloud_wire::apigateway as wire;

/// The configuration as a whole: it is replaced as a whole, too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JwtConfiguration {
    /// The issuers, each of another URL.
    pub issuers: Vec<JwtIssuer>,
    /// `RS256` …: how tokens may be signed.
    pub algorithms: Vec<String>,
}

/// An issuer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JwtIssuer {
    /// Its URL, letter for letter as tokens have it.
    pub issuer: String,
    /// Of these, a token must be for one.
    pub audiences: Vec<String>,
    /// What else a token must say.
    pub claims: Vec<JwtClaim>,
    /// Where its keys are, by its discovery document.
    pub jwks_uri: String,
}

/// A claim with one text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JwtClaim {
    /// Its name.
    pub name: String,
    /// Whether it must be there.
    pub required: bool,
    /// What it may be; anything where this is empty.
    pub values: Vec<String>,
}

impl From<&JwtConfiguration> for wire::JwtConfiguration {
    fn from(configuration: &JwtConfiguration) -> Self {
        Self {
            issuers: Some(configuration.issuers.iter().map(Into::into).collect()),
            default_algorithms: Some(configuration.algorithms.clone()),
        }
    }
}

impl From<&JwtIssuer> for wire::JwtIssuer {
    fn from(issuer: &JwtIssuer) -> Self {
        let claims = issuer.claims.iter().map(|claim| wire::JwtAdditionalClaim {
            claim_name: claim.name.clone(),
            format: "SINGLE_STRING".into(),
            required: Some(claim.required),
            expected_values: (!claim.values.is_empty()).then(|| claim.values.clone()),
        });
        Self {
            issuer: Some(issuer.issuer.clone()),
            audiences: Some(issuer.audiences.clone()),
            additional_claims: (!issuer.claims.is_empty()).then(|| claims.collect()),
            jwks_uri: Some(issuer.jwks_uri.clone()),
        }
    }
}
