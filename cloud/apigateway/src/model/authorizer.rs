//! Who decides about a request for an API.

use super::jwt::JwtConfiguration;
use super::method::AuthorizationType;
use serde::{Deserialize, Serialize};

/// How an authorizer decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuthorizerType {
    /// A function, by a token.
    #[serde(rename = "TOKEN")]
    Token,
    /// A function, by what it wants of the request.
    #[serde(rename = "REQUEST")]
    Request,
    /// API Gateway itself, by a token of a user pool.
    #[serde(rename = "COGNITO_USER_POOLS")]
    CognitoUserPools,
    /// API Gateway itself, by a token of any issuer.
    #[serde(rename = "JWT")]
    Jwt,
}

impl AuthorizerType {
    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Token => "TOKEN",
            Self::Request => "REQUEST",
            Self::CognitoUserPools => "COGNITO_USER_POOLS",
            Self::Jwt => "JWT",
        }
    }

    /// What methods with such an authorizer have.
    pub fn authorization(self) -> AuthorizationType {
        match self {
            Self::Token | Self::Request => AuthorizationType::Custom,
            Self::CognitoUserPools => AuthorizationType::CognitoUserPools,
            Self::Jwt => AuthorizationType::Jwt,
        }
    }

    /// What the owner's definitions call it where they say nothing: of user pools as in the example of
    /// <https://docs.aws.amazon.com/cli/latest/reference/apigateway/create-authorizer.html>.
    pub fn auth_type(self) -> &'static str {
        match self {
            Self::Token | Self::Request => "custom",
            Self::CognitoUserPools => "cognito_user_pools",
            Self::Jwt => "jwt",
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
    /// The function's; empty where none decides.
    pub uri: String,
    /// The role as which the function is called; without one, the function's policy must let API Gateway.
    pub credentials: Option<String>,
    /// Mapping expressions, with commas between them: by what the caller is known.
    pub identity_source: Option<String>,
    /// What a token must look like.
    pub identity_validation_expression: Option<String>,
    /// How long what it answered counts.
    pub result_ttl_in_seconds: Option<i64>,
    /// The ARNs of the user pools of [`AuthorizerType::CognitoUserPools`].
    #[serde(default)]
    pub provider_arns: Vec<String>,
    /// Whose tokens [`AuthorizerType::Jwt`] takes.
    #[serde(default)]
    pub jwt: Option<JwtConfiguration>,
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

/// The region and the id of a user pool: `arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_abc123def`.
pub fn user_pool(arn: &str) -> Option<(&str, &str)> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let &["arn", _, "cognito-idp", region, account, resource] = &parts[..] else { return None };
    let id = resource.strip_prefix("userpool/")?;
    let is_its = id.strip_prefix(region).is_some_and(|rest| rest.len() > 1 && rest.starts_with('_'));
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    (is_its && is_account && !region.is_empty()).then_some((region, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools_are_named_by_their_arns() {
        for (arn, expected) in [
            ("arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_abc", Some(("us-east-1", "us-east-1_abc"))),
            ("arn:aws:cognito-idp:us-east-1:123456789012:userpool/eu-west-1_abc", None),
            ("arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_", None),
            ("arn:aws:cognito-idp:us-east-1::userpool/us-east-1_abc", None),
            ("arn:aws:cognito-idp::123456789012:userpool/_abc", None),
            ("arn:aws:lambda:us-east-1:123456789012:function:f", None),
            ("us-east-1_abc", None),
        ] {
            assert_eq!(user_pool(arn), expected, "{arn}");
        }
    }
}
