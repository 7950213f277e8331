//! Who decides whether a request is let in.

use super::PayloadFormat;
use serde::{Deserialize, Serialize};

/// An authorizer of an API.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Authorizer {
    /// Six letters and digits.
    pub id: String,
    /// The owner's name for it.
    pub name: String,
    /// `$request.header.Authorization` …: where a request says who sends it.
    pub identity_source: Vec<String>,
    /// How it decides.
    pub kind: AuthorizerKind,
}

/// How an authorizer decides.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum AuthorizerKind {
    /// By a token that an issuer has signed.
    Jwt(Jwt),
    /// By asking a function.
    Request(LambdaAuthorizer),
}

/// Whose tokens are taken.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwt {
    /// For whom tokens are: `aud`, or `client_id`.
    pub audience: Vec<String>,
    /// Who issues them: `iss`.
    pub issuer: String,
}

/// Which function is asked.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LambdaAuthorizer {
    /// `arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations`
    pub uri: String,
    /// The role as which it is called; without one, the function's policy must allow it.
    pub credentials_arn: Option<String>,
    /// The events that it is given.
    pub payload_format: PayloadFormat,
    /// For how many seconds an answer holds.
    pub result_ttl: i64,
    /// Whether it answers yes or no instead of a policy.
    pub simple_responses: bool,
}
