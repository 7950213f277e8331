//! What a request is matched against.

use serde::{Deserialize, Serialize};

/// A route of an API.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Route {
    /// Seven letters and digits.
    pub id: String,
    /// `GET /pets/{id}` or `$default`, as it was written.
    pub key: String,
    /// `integrations/ID`
    pub target: Option<String>,
    /// Who may call it.
    pub authorization_type: AuthorizationType,
    /// Who decides that, for `JWT` and `CUSTOM`.
    pub authorizer_id: Option<String>,
    /// One of these a token must have.
    pub authorization_scopes: Option<Vec<String>>,
    /// The owner's name for it.
    pub operation_name: Option<String>,
    /// Whether CreateApi made it.
    pub managed: bool,
}

impl Route {
    /// The id of its integration.
    pub fn integration_id(&self) -> Option<&str> {
        self.target.as_deref().and_then(|target| target.strip_prefix("integrations/"))
    }
}

/// Who may call a route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum AuthorizationType {
    /// Everybody.
    #[default]
    #[serde(rename = "NONE")]
    None,
    /// Whoever IAM allows `execute-api:Invoke`.
    #[serde(rename = "AWS_IAM")]
    AwsIam,
    /// Whom a Lambda authorizer lets in.
    #[serde(rename = "CUSTOM")]
    Custom,
    /// Whoever has a token of an issuer.
    #[serde(rename = "JWT")]
    Jwt,
}

impl AuthorizationType {
    /// The type that AWS names so.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "NONE" => Self::None,
            "AWS_IAM" => Self::AwsIam,
            "CUSTOM" => Self::Custom,
            "JWT" => Self::Jwt,
            _ => return None,
        })
    }

    /// AWS's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::AwsIam => "AWS_IAM",
            Self::Custom => "CUSTOM",
            Self::Jwt => "JWT",
        }
    }
}
