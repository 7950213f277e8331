//! `AWS::ApiGateway::Authorizer`.

use super::patch::{self, Field, step};
use crate::resources::{Made, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsResult, id};
use slam_cloud_wire::apigateway as wire;

const FIELDS: &[Field] = &[
    ("Name", None),
    ("Type", None),
    ("AuthType", Some("custom")),
    ("AuthorizerCredentials", Some("")),
    ("AuthorizerResultTtlInSeconds", Some("")),
    ("AuthorizerUri", Some("")),
    ("IdentitySource", Some("")),
    ("IdentityValidationExpression", Some("")),
];

/// The provider.
pub struct Authorizer;

/// The steps to other user pools: first those that come, as there is always one.
fn pools(before: Properties<'_>, after: Properties<'_>) -> Vec<Value> {
    let (had, has) =
        (before.texts("ProviderARNs").unwrap_or_default(), after.texts("ProviderARNs").unwrap_or_default());
    let steps = |op: &str, these: &[String], those: &[String]| -> Vec<Value> {
        let others = these.iter().filter(|arn| !those.contains(arn));
        others.map(|arn| step(op, "/providerARNs", Some(arn.clone()))).collect()
    };
    [steps("add", &has, &had), steps("remove", &had, &has)].concat()
}

/// The step to other issuers, which come as a whole.
fn issuers(before: Properties<'_>, after: Properties<'_>) -> Option<Value> {
    let configuration = after.0.get("JwtConfiguration")?;
    let is_other = before.0.get("JwtConfiguration") != Some(configuration);
    is_other.then(|| step("replace", "/jwtConfiguration", Some(as_members(configuration).to_string())))
}

/// Properties as the members of an input, which begin with a small letter.
fn as_members(value: &Value) -> Value {
    match value {
        Value::Object(properties) => {
            let member = |(name, value): (&String, &Value)| {
                let (first, rest) = name.split_at(name.chars().next().map_or(0, char::len_utf8));
                // A template may have a flag as text.
                let value = match (&**name, value) {
                    ("Required", Value::String(text)) => (text == "true").into(),
                    _ => as_members(value),
                };
                (first.to_ascii_lowercase() + rest, value)
            };
            Value::Object(properties.iter().map(member).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(as_members).collect(),
        other => other.clone(),
    }
}

#[async_trait]
impl Provider for Authorizer {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "AuthType",
            "AuthorizerCredentials",
            "AuthorizerResultTtlInSeconds",
            "AuthorizerUri",
            "IdentitySource",
            "IdentityValidationExpression",
            "JwtConfiguration",
            "Name",
            "ProviderARNs",
            "RestApiId",
            "Type",
        ]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let created = work.send::<wire::CreateAuthorizer>(work.input()).await?;
        Ok(Made::known_as("AuthorizerId", created.id.unwrap_or_default()))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let (before, after) = (Properties(&old.properties), Properties(&work.properties));
        let mut steps = patch::steps(before.0, after.0, FIELDS);
        steps.extend(pools(before, after));
        steps.extend(issuers(before, after));
        patch::take::<wire::UpdateAuthorizer>(work, work.identity(old), steps).await?;
        Ok(Made::as_before(old))
    }

    fn foreseen(&self, work: &Work) -> Option<String> {
        Some(id::made_by(&work.context.request_id, "Authorizer", 6))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteAuthorizer>(old).await
    }
}
