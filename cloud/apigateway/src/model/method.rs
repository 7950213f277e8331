//! What a client may ask of a resource.

use super::{Integration, Texts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who may call a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuthorizationType {
    /// Everybody.
    #[serde(rename = "NONE")]
    None,
    /// Whoever signs the request and is allowed `execute-api:Invoke`.
    #[serde(rename = "AWS_IAM")]
    AwsIam,
    /// Whom the method's authorizer lets in.
    #[serde(rename = "CUSTOM")]
    Custom,
    /// Whoever has a token of a user pool of the method's authorizer.
    #[serde(rename = "COGNITO_USER_POOLS")]
    CognitoUserPools,
    /// Whoever has a token of an issuer of the method's authorizer.
    #[serde(rename = "JWT")]
    Jwt,
}

impl AuthorizationType {
    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::AwsIam => "AWS_IAM",
            Self::Custom => "CUSTOM",
            Self::CognitoUserPools => "COGNITO_USER_POOLS",
            Self::Jwt => "JWT",
        }
    }
}

/// A verb of a resource.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Method {
    /// `GET`, … or `ANY`.
    pub http_method: String,
    /// Who may call it.
    pub authorization_type: AuthorizationType,
    /// The authorizer of the types that have one.
    #[serde(default)]
    pub authorizer_id: Option<String>,
    /// Of these, a token must grant one; only authorizers that read tokens themselves ask for it.
    #[serde(default)]
    pub authorization_scopes: Vec<String>,
    /// Whether clients need an API key.
    #[serde(default)]
    pub api_key_required: bool,
    /// The name in generated SDKs.
    pub operation_name: Option<String>,
    /// `method.request.header.x`: whether it is required.
    pub request_parameters: Option<BTreeMap<String, bool>>,
    /// Content type: name of a model.
    pub request_models: Option<Texts>,
    /// What is checked before the integration is called.
    pub request_validator_id: Option<String>,
    /// What answers.
    pub integration: Option<Integration>,
    /// By status code.
    pub responses: BTreeMap<String, MethodResponse>,
}

/// A status that a method may answer with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MethodResponse {
    /// `200`
    pub status_code: String,
    /// `method.response.header.x`: whether it is required.
    pub response_parameters: Option<BTreeMap<String, bool>>,
    /// Content type: name of a model.
    pub response_models: Option<Texts>,
}
