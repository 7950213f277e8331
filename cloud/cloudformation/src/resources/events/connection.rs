//! `AWS::Events::Connection`.

use crate::resources::{Input, Made, Naming, Physical, Provider, Work};
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::events as wire;

/// The provider.
pub struct Connection;

/// The lists of parameters that a connection adds to requests.
const LISTS: [&str; 3] = ["BodyParameters", "HeaderParameters", "QueryStringParameters"];

/// Parameters whose values are secret, unless the template says something else: the schema has that for the default.
fn secret(parameters: Input) -> Input {
    let with_default = |parameter: Input| parameter.or(json!({"IsValueSecret": true}));
    LISTS.into_iter().fold(parameters, |parameters, list| parameters.within(list, with_default))
}

/// The input of an operation.
fn input(work: &Work) -> Input {
    work.input().within("AuthParameters", |auth| {
        auth.within("InvocationHttpParameters", secret)
            .within("OAuthParameters", |oauth| oauth.within("OAuthHttpParameters", secret))
    })
}

/// Nothing in the place of parameters that the template no longer has: an update leaves what it is not told as it is.
fn emptied(old: &Map<String, Value>) -> Value {
    let auth = old.get("AuthParameters");
    let mut emptied = json!({"Description": ""});
    for path in ["/InvocationHttpParameters", "/OAuthParameters/OAuthHttpParameters"] {
        if auth.is_some_and(|auth| auth.pointer(path).is_some()) {
            let inner = path.rsplit('/').fold(json!({}), |inner, name| match name {
                "" => inner,
                name => json!({ name: inner }),
            });
            emptied["AuthParameters"] = merged(emptied["AuthParameters"].take(), inner);
        }
    }
    emptied
}

fn merged(one: Value, other: Value) -> Value {
    let mut all = one.as_object().cloned().unwrap_or_default();
    all.extend(other.as_object().cloned().unwrap_or_default());
    all.into()
}

async fn made(work: &Work) -> AwsResult<Made> {
    let described = work.call(wire::DescribeConnection { name: work.name.clone() }).await?;
    let made = Made::new(&work.name)
        .with("Arn", described.connection_arn.unwrap_or_default())
        .with("ArnForPolicy", work.context.arn("events", format!("connection/{}", work.name)));
    Ok(described.secret_arn.into_iter().fold(made, |made, secret| made.with("SecretArn", secret)))
}

#[async_trait]
impl Provider for Connection {
    fn supported(&self) -> &'static [&'static str] {
        &["AuthParameters", "AuthorizationType", "Description", "Name"]
    }

    fn refused(&self) -> &'static [&'static str] {
        &["AuthParameters/ConnectivityParameters"]
    }

    fn naming(&self) -> Naming {
        Naming::by("Name", 64)
    }

    fn importable(&self) -> bool {
        true
    }

    async fn read(&self, work: &Work) -> AwsResult<Option<Made>> {
        made(work).await.map(Some)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        work.send::<wire::CreateConnection>(input(work)).await?;
        made(work).await
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        work.send::<wire::UpdateConnection>(input(work).or(emptied(&old.properties))).await?;
        made(work).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteConnection>(old).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_empties_what_the_template_no_longer_has() {
        let check = |old: Value, expected: Value| {
            let old = json!({ "AuthParameters": old }).as_object().cloned().unwrap_or_default();
            assert_eq!(emptied(&old), expected);
        };
        check(json!({"BasicAuthParameters": {}}), json!({"Description": ""}));
        check(
            json!({"InvocationHttpParameters": {"x": 1}, "OAuthParameters": {"OAuthHttpParameters": {"y": 1}}}),
            json!({"Description": "", "AuthParameters": {"InvocationHttpParameters": {}, "OAuthParameters": {"OAuthHttpParameters": {}}}}),
        );
    }
}
