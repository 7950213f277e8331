//! Authorizers, and which method asks for what.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authtype.html>

use super::reader::Reader;
use super::values::{integer, only_known, text, texts};
use crate::error::bad_request;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::apigateway as wire;
use std::collections::BTreeMap;

const AUTHORIZER: &str = "x-amazon-apigateway-authorizer";
const AUTH_TYPE: &str = "x-amazon-apigateway-authtype";
const AUTH: &str = "x-amazon-apigateway-auth";

/// What a scheme asks a method's callers for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    /// An authorizer of that name decides; of that type is the method.
    Authorizer(&'static str),
    Signature,
    ApiKey,
    /// Nothing that API Gateway knows.
    Other,
}

/// The schemes of a document by name.
pub struct Security(BTreeMap<String, Scheme>);

/// What a method asks for.
pub struct Asked {
    /// `NONE`, `AWS_IAM`, `CUSTOM`, …
    pub kind: String,
    /// The authorizer's name.
    pub authorizer: Option<String>,
    /// What tokens must grant.
    pub scopes: Vec<String>,
    /// Whether a key is needed.
    pub api_key: bool,
}

impl Security {
    /// Reads the schemes, and the authorizers that are among them.
    pub fn read(reader: &mut Reader<'_>) -> AwsResult<(Self, Vec<wire::CreateAuthorizer>)> {
        let mut schemes = BTreeMap::new();
        let mut authorizers = Vec::new();
        for (name, scheme) in reader.document.components("securityDefinitions", "securitySchemes").into_iter().flatten()
        {
            let Some(scheme) = reader.document.resolve(scheme).and_then(Value::as_object) else { continue };
            only_known(scheme, &[AUTHORIZER, AUTH_TYPE])?;
            let member = |name: &str| scheme.get(name).and_then(text).unwrap_or_default();
            let kind = match scheme.get(AUTHORIZER).and_then(Value::as_object) {
                Some(definition) => {
                    let made = authorizer(name, scheme, definition)?;
                    let kind = match made.r#type.as_str() {
                        "COGNITO_USER_POOLS" => "COGNITO_USER_POOLS",
                        "JWT" => "JWT",
                        _ => "CUSTOM",
                    };
                    authorizers.push(made);
                    Scheme::Authorizer(kind)
                }
                None if member(AUTH_TYPE).eq_ignore_ascii_case("awsSigv4") => Scheme::Signature,
                None if member("in") == "header" && member("name").eq_ignore_ascii_case("x-api-key") => Scheme::ApiKey,
                None => Scheme::Other,
            };
            schemes.insert(name.clone(), kind);
        }
        Ok((Self(schemes), authorizers))
    }

    /// What a method asks for: its own demands, or else the document's. All of them count, alternatives too (recorded:
    /// test_import_rest_api's document has them; "sigv4" and keys are asked for together).
    pub fn of(&self, reader: &mut Reader<'_>, operation: &Map<String, Value>, place: &str) -> AwsResult<Asked> {
        let mut asked = Asked { kind: "NONE".into(), authorizer: None, scopes: Vec::new(), api_key: false };
        let demands = operation.get("security").or_else(|| reader.document.root().get("security"));
        let demands = demands.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object).flatten();
        for (name, scopes) in demands {
            match self.0.get(name) {
                Some(Scheme::Authorizer(kind)) => {
                    asked.kind = (*kind).to_owned();
                    asked.authorizer = Some(name.clone());
                    asked.scopes = texts(scopes);
                }
                Some(Scheme::Signature) => asked.kind = "AWS_IAM".to_owned(),
                Some(Scheme::ApiKey) => asked.api_key = true,
                Some(Scheme::Other) => reader.warn(format!("The security scheme {name} of {place} is not supported")),
                None => reader.warn(format!("The security scheme {name} of {place} is not defined")),
            }
        }
        // "Specify "NONE" for open access. Specify "AWS_IAM" to use IAM permissions. Values are case insensitive."
        // <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-auth.html>
        if let Some(kind) = operation.get(AUTH).and_then(|auth| auth.get("type")).and_then(text) {
            asked.kind = kind.to_ascii_uppercase();
            asked.authorizer = None;
            asked.scopes.clear();
        }
        Ok(asked)
    }
}

fn authorizer(
    name: &str,
    scheme: &Map<String, Value>,
    definition: &Map<String, Value>,
) -> AwsResult<wire::CreateAuthorizer> {
    const KNOWN: [&str; 7] = [
        "type",
        "authorizerUri",
        "authorizerCredentials",
        "identitySource",
        "identityValidationExpression",
        "authorizerResultTtlInSeconds",
        "providerARNs",
    ];
    let given = |value: &Value| !value.is_null();
    if let Some((member, _)) = definition.iter().find(|(name, value)| !KNOWN.contains(&name.as_str()) && given(value)) {
        return Err(AwsError::unsupported(format_args!("{member} of the authorizer {name} of an OpenAPI document")));
    }
    let member = |name: &str| definition.get(name).and_then(text).filter(|text| !text.is_empty());
    let kind = member("type").unwrap_or_default().to_ascii_uppercase();
    let ttl = definition
        .get("authorizerResultTtlInSeconds")
        .filter(|ttl| given(ttl))
        .map(|ttl| integer(ttl).ok_or_else(|| bad_request("Authorizer result TTL must be between 0 and 3600 seconds")));
    Ok(wire::CreateAuthorizer {
        name: name.to_owned(),
        provider_ar_ns: definition.get("providerARNs").map(texts),
        auth_type: scheme.get(AUTH_TYPE).and_then(text),
        authorizer_uri: member("authorizerUri"),
        authorizer_credentials: member("authorizerCredentials"),
        identity_source: member("identitySource").or_else(|| source(scheme)),
        identity_validation_expression: member("identityValidationExpression"),
        authorizer_result_ttl_in_seconds: ttl.transpose()?,
        r#type: kind,
        ..wire::CreateAuthorizer::default()
    })
}

/// Where what identifies callers stands, by the scheme itself (recorded: test_import_with_cognito_auth_identity_source).
fn source(scheme: &Map<String, Value>) -> Option<String> {
    let name = scheme.get("name").and_then(text).filter(|name| name != "Unused")?;
    match scheme.get("in")?.as_str()? {
        "header" => Some(format!("method.request.header.{name}")),
        "query" => Some(format!("method.request.querystring.{name}")),
        _ => None,
    }
}
