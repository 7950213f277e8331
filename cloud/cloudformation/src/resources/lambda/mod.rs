//! What belongs to functions: versions, aliases, permissions, asynchronous invocation.

mod function;
mod layer_version;

use function::Function;
use layer_version::{LayerVersion, LayerVersionPermission};

use super::properties::Properties;
use super::types::Service;
use super::{Made, Naming, Provider, Work};
use crate::model::Physical;
use async_trait::async_trait;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::lambda as wire;

/// What can be deployed of it.
pub(super) const SERVICE: Service = Service {
    gone: &["ResourceNotFoundException"],
    types: &[
        (include_str!("../../../schemas/AWS-Lambda-Alias.json"), &Alias),
        (include_str!("../../../schemas/AWS-Lambda-EventInvokeConfig.json"), &EventInvokeConfig),
        (include_str!("../../../schemas/AWS-Lambda-Function.json"), &Function),
        (include_str!("../../../schemas/AWS-Lambda-LayerVersion.json"), &LayerVersion),
        (include_str!("../../../schemas/AWS-Lambda-LayerVersionPermission.json"), &LayerVersionPermission),
        (include_str!("../../../schemas/AWS-Lambda-Permission.json"), &Permission),
        (include_str!("../../../schemas/AWS-Lambda-Version.json"), &Version),
    ],
};

/// Takes the version or alias off a function's name or ARN.
fn qualified(name: &str) -> (String, Option<String>) {
    let parts: Vec<&str> = name.split(':').collect();
    let plain = match *parts.as_slice() {
        // arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]
        ["arn", _, _, _, _, _, _, qualifier] => Some(qualifier),
        // ACCOUNT:function:NAME[:QUALIFIER]
        [_, "function", _, qualifier] => Some(qualifier),
        [_, qualifier] => Some(qualifier),
        _ => None,
    };
    match plain {
        Some(qualifier) => (name[..name.len() - qualifier.len() - 1].to_owned(), Some(qualifier.to_owned())),
        None => (name.to_owned(), None),
    }
}

/// `AWS::Lambda::Version`: the code and configuration of now, frozen.
pub struct Version;

#[async_trait]
impl Provider for Version {
    fn supported(&self) -> &'static [&'static str] {
        &["CodeSha256", "Description", "FunctionName"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let function_name = properties.need("FunctionName")?;
        let before = versions(work, &function_name).await?;
        let request = wire::PublishVersion {
            function_name,
            code_sha256: properties.text("CodeSha256"),
            description: properties.text("Description"),
            ..wire::PublishVersion::default()
        };
        let published = work.call(request).await?;
        let version = published.version.unwrap_or_default();
        if before.contains(&version) {
            // Lambda answers an existing version when nothing changed since; that one belongs to somebody else.
            return Err(AwsError::bad_request(
                "AlreadyExists",
                format!(
                    "A version for this Lambda function exists ( {version} ). Modify the function to create a new \
                     version."
                ),
            ));
        }
        let arn = published.function_arn.unwrap_or_default();
        Ok(Made::new(&arn).with("FunctionArn", arn).with("Version", version))
    }

    async fn update(&self, _: &Work, old: &Physical) -> AwsResult<Made> {
        // Every property is fixed at creation.
        Ok(Made { id: old.id.clone(), attributes: old.attributes.clone() })
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let (function_name, qualifier) = qualified(&old.id);
        work.call(wire::DeleteFunction { function_name, qualifier }).await.map(drop)
    }
}

async fn versions(work: &Work, function_name: &str) -> AwsResult<Vec<String>> {
    let mut found = Vec::new();
    let mut marker = None;
    loop {
        let request =
            wire::ListVersionsByFunction { function_name: function_name.to_owned(), marker, ..Default::default() };
        let page = work.call(request).await?;
        found.extend(page.versions.into_iter().flatten().filter_map(|version| version.version));
        marker = page.next_marker;
        if marker.is_none() {
            return Ok(found);
        }
    }
}

/// `AWS::Lambda::Alias`.
pub struct Alias;

impl Alias {
    fn routing(properties: Properties<'_>) -> wire::AliasRoutingConfiguration {
        let weights = properties.object("RoutingConfig").map(|routing| routing.objects("AdditionalVersionWeights"));
        let weights = weights.unwrap_or_default().into_iter();
        let weights =
            weights.filter_map(|weight| Some((weight.text("FunctionVersion")?, weight.number("FunctionWeight")?)));
        wire::AliasRoutingConfiguration { additional_version_weights: Some(weights.collect()) }
    }
}

#[async_trait]
impl Provider for Alias {
    fn supported(&self) -> &'static [&'static str] {
        &["Description", "FunctionName", "FunctionVersion", "Name", "RoutingConfig"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let request = wire::CreateAlias {
            function_name: properties.need("FunctionName")?,
            name: properties.need("Name")?,
            function_version: properties.need("FunctionVersion")?,
            description: properties.text("Description"),
            routing_config: properties.has("RoutingConfig").then(|| Self::routing(properties)),
        };
        let arn = work.call(request).await?.alias_arn.unwrap_or_default();
        Ok(Made::new(&arn).with("AliasArn", arn))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let request = wire::UpdateAlias {
            function_name: properties.need("FunctionName")?,
            name: properties.need("Name")?,
            function_version: properties.text("FunctionVersion"),
            description: Some(properties.text("Description").unwrap_or_default()),
            routing_config: Some(Self::routing(properties)),
            revision_id: None,
        };
        work.call(request).await?;
        Ok(Made::new(&old.id).with("AliasArn", &*old.id))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let (function_name, name) = qualified(&old.id);
        let request = wire::DeleteAlias { function_name, name: name.unwrap_or_default() };
        work.call(request).await.map(drop)
    }
}

/// `AWS::Lambda::Permission`: a statement in a function's resource policy.
pub struct Permission;

#[async_trait]
impl Provider for Permission {
    fn supported(&self) -> &'static [&'static str] {
        &["Action", "FunctionName", "Principal", "PrincipalOrgID", "SourceAccount", "SourceArn"]
    }

    fn naming(&self) -> Naming {
        Naming::apart(100)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let (function_name, qualifier) = qualified(&properties.need("FunctionName")?);
        let request = wire::AddPermission {
            function_name,
            qualifier,
            statement_id: work.name.clone(),
            action: properties.need("Action")?,
            principal: properties.need("Principal")?,
            source_arn: properties.text("SourceArn"),
            source_account: properties.text("SourceAccount"),
            principal_org_id: properties.text("PrincipalOrgID"),
            ..wire::AddPermission::default()
        };
        work.call(request).await?;
        Ok(Made::new(&work.name).with("Id", &*work.name))
    }

    async fn update(&self, _: &Work, old: &Physical) -> AwsResult<Made> {
        // Every property is fixed at creation.
        Ok(Made::new(&old.id).with("Id", &*old.id))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let (function_name, qualifier) = qualified(&Properties(&old.properties).need("FunctionName")?);
        let statement_id = old.id.clone();
        let request = wire::RemovePermission { function_name, qualifier, statement_id, revision_id: None };
        work.call(request).await.map(drop)
    }

    /// The statement's id is ours alone, so it can be removed without harm.
    async fn abandon(&self, work: &Work) -> AwsResult<()> {
        let old = Physical { id: work.name.clone(), properties: work.properties.clone(), ..Physical::default() };
        if old.properties.is_empty() { Ok(()) } else { self.delete(work, &old).await }
    }
}

/// `AWS::Lambda::EventInvokeConfig`.
pub struct EventInvokeConfig;

impl EventInvokeConfig {
    async fn put(&self, work: &Work) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let (function_name, qualifier) = (properties.need("FunctionName")?, properties.need("Qualifier")?);
        let destinations = properties.object("DestinationConfig");
        let destination =
            |name| destinations.and_then(|config| config.object(name)).and_then(|one| one.text("Destination"));
        let on = (destination("OnSuccess"), destination("OnFailure"));
        let request = wire::PutFunctionEventInvokeConfig {
            function_name: function_name.clone(),
            qualifier: Some(qualifier.clone()),
            maximum_retry_attempts: properties.integer("MaximumRetryAttempts"),
            maximum_event_age_in_seconds: properties.integer("MaximumEventAgeInSeconds"),
            destination_config: destinations.map(|_| wire::DestinationConfig {
                on_success: on.0.map(|destination| wire::OnSuccess { destination: Some(destination) }),
                on_failure: on.1.map(|destination| wire::OnFailure { destination: Some(destination) }),
            }),
        };
        work.call(request).await?;
        Ok(Made::new(format!("{function_name}|{qualifier}")))
    }
}

#[async_trait]
impl Provider for EventInvokeConfig {
    fn supported(&self) -> &'static [&'static str] {
        &["DestinationConfig", "FunctionName", "MaximumEventAgeInSeconds", "MaximumRetryAttempts", "Qualifier"]
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), String> {
        let destinations = Properties(properties).object("DestinationConfig");
        for name in ["OnSuccess", "OnFailure"] {
            let arn = destinations.and_then(|config| config.object(name)).and_then(|one| one.text("Destination"));
            let known = |arn: &String| arn.contains(":lambda:") || arn.contains(crate::template::functions::UNKNOWN);
            if arn.is_some_and(|arn| !known(&arn)) {
                return Err(format!(
                    "The property {{/DestinationConfig/{name}/Destination}} with another service than Lambda is not \
                     supported by the embedded cloud yet"
                ));
            }
        }
        Ok(())
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        self.put(work).await
    }

    async fn update(&self, work: &Work, _: &Physical) -> AwsResult<Made> {
        self.put(work).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let properties = Properties(&old.properties);
        let (function_name, qualifier) = (properties.need("FunctionName")?, properties.text("Qualifier"));
        let request = wire::DeleteFunctionEventInvokeConfig { function_name, qualifier };
        work.call(request).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, function: &str, qualifier: Option<&str>) {
        assert_eq!(qualified(name), (function.to_owned(), qualifier.map(str::to_owned)));
    }

    #[test]
    fn a_qualifier_is_taken_off_every_form_of_a_name() {
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
        check(arn, arn, None);
        check(&format!("{arn}:prod"), arn, Some("prod"));
        check("f", "f", None);
        check("f:prod", "f", Some("prod"));
        check("000000000000:function:f", "000000000000:function:f", None);
    }
}
