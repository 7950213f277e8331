//! Who decides about a request for an API.

use serde::{Deserialize, Serialize};

/// How an authorizer decides. AWS has `COGNITO_USER_POOLS` and `JWT`, too; they are refused by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuthorizerType {
    /// A function, by a token.
    #[serde(rename = "TOKEN")]
    Token,
    /// A function, by what it wants of the request.
    #[serde(rename = "REQUEST")]
    Request,
}

impl AuthorizerType {
    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Token => "TOKEN",
            Self::Request => "REQUEST",
        }
    }
}

/// An authorizer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Authorizer {
    /// Six lower-case letters and digits.
    pub id: String,
    /// Unique within the API.
    pub name: String,
    /// How it decides.
    pub kind: AuthorizerType,
    /// What the owner's definitions call its kind.
    pub auth_type: String,
    /// The function's.
    pub uri: String,
    /// The role as which the function is called; without one, the function's policy must let API Gateway.
    pub credentials: Option<String>,
    /// Mapping expressions, with commas between them: by what the caller is known.
    pub identity_source: Option<String>,
    /// What a token must look like.
    pub identity_validation_expression: Option<String>,
    /// How long what it answered counts.
    pub result_ttl_in_seconds: Option<i64>,
}

impl Authorizer {
    /// How long an answer counts where nothing is said.
    const TTL: i64 = 300;

    /// How long an answer counts, in seconds.
    pub fn ttl(&self) -> i64 {
        self.result_ttl_in_seconds.unwrap_or(Self::TTL)
    }

    /// The identity sources, one by one.
    pub fn identity_sources(&self) -> impl Iterator<Item = &str> {
        let sources = self.identity_source.iter().flat_map(|sources| sources.split(','));
        sources.map(str::trim).filter(|source| !source.is_empty())
    }
}
