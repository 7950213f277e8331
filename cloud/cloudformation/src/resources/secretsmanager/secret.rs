//! `AWS::SecretsManager::Secret`.

use crate::resources::{Input, Made, Naming, Physical, Properties, Provider, Retag, Work};
use async_trait::async_trait;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsError, AwsResult, id};
use slam_cloud_wire::secretsmanager as wire;

/// The provider.
pub struct Secret;

/// What of `GenerateSecretString` says where the password goes, and is none of the password's own.
const PLACE: [&str; 2] = ["GenerateStringKey", "SecretStringTemplate"];

/// The value that a template says, or has made. Without one, the secret is empty (the type's page, "Properties").
async fn value(work: &Work) -> AwsResult<Option<String>> {
    let properties = Properties(&work.properties);
    let Some(generate) = properties.object("GenerateSecretString") else {
        return Ok(properties.text("SecretString"));
    };
    let input = PLACE.iter().fold(Input::new(generate.0), |input, name| input.without(name));
    let password = work.send::<wire::GetRandomPassword>(input).await?.random_password.unwrap_or_default();
    match (generate.text(PLACE[0]), generate.text(PLACE[1])) {
        (Some(key), Some(template)) => {
            let mut template = object(&template).map_err(AwsError::validation)?;
            template.insert(key, password.into());
            Ok(Some(Value::Object(template).to_string()))
        }
        _ => Ok(Some(password)),
    }
}

fn object(template: &str) -> Result<Map<String, Value>, String> {
    // The reason is not told: it may show what the template has.
    serde_json::from_str(template)
        .map_err(|_| "The SecretStringTemplate of GenerateSecretString is no JSON object".into())
}

#[async_trait]
impl Provider for Secret {
    fn supported(&self) -> &'static [&'static str] {
        &["Description", "GenerateSecretString", "KmsKeyId", "Name", "SecretString", "Tags"]
    }

    /// AWS names secrets after their logical ids alone.
    fn naming(&self) -> Naming {
        Naming::by("Name", 512).beginning("")
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), String> {
        let properties = Properties(properties);
        let Some(generate) = properties.object("GenerateSecretString") else { return Ok(()) };
        if properties.has("SecretString") {
            return Err("A secret can have SecretString or GenerateSecretString, not both".to_owned());
        }
        match (generate.has(PLACE[0]), generate.text(PLACE[1])) {
            (true, Some(template)) => object(&template).map(drop),
            (false, None) => Ok(()),
            _ => Err("GenerateStringKey and SecretStringTemplate must be given together".to_owned()),
        }
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let mut input = work.input().without("GenerateSecretString").with("ClientRequestToken", id::request_id());
        if let Some(value) = value(work).await? {
            input = input.with("SecretString", value);
        }
        let answer = work.send::<wire::CreateSecret>(input).await?;
        Ok(Made::known_as("Id", answer.arn.unwrap_or_default()))
    }

    /// A new version is made when what says the value is another.
    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let is_same = |name: &str| old.properties.get(name) == work.properties.get(name);
        let mut input = Input::of("SecretId", &*old.id)
            .with("ClientRequestToken", id::request_id())
            .with("Description", Properties(&work.properties).text("Description").unwrap_or_default())
            .with("KmsKeyId", Properties(&work.properties).text("KmsKeyId").unwrap_or_default());
        if !(is_same("SecretString") && is_same("GenerateSecretString"))
            && let Some(value) = value(work).await?
        {
            input = input.with("SecretString", value);
        }
        work.send::<wire::UpdateSecret>(input).await?;
        Ok(Made::as_before(old))
    }

    async fn tags(&self, work: &Work) -> AwsResult<Vec<(String, String)>> {
        let secret = work.send::<wire::DescribeSecret>(Input::of("SecretId", &*work.name)).await?;
        let tags = secret.tags.unwrap_or_default();
        Ok(tags.into_iter().filter_map(|tag| Some((tag.key?, tag.value?))).collect())
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        tags.apply::<wire::TagResource, wire::UntagResource>(work, Input::of("SecretId", &*made.id)).await
    }

    /// At once, so that a stack can be made again (recorded: `test_cfn_handle_secretsmanager_secret`,
    /// `test_cfn_secretsmanager_gen_secret`).
    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let input = Input::of("SecretId", &*old.id).with("ForceDeleteWithoutRecovery", true);
        work.send::<wire::DeleteSecret>(input).await.map(drop)
    }
}
