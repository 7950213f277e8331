//! `AWS::ApiGateway::Stage`.

use super::patch::{self, Field, escaped, step};
use super::retag;
use crate::resources::{Made, Physical, Properties, Provider, Retag, Work};
use async_trait::async_trait;
use serde_json::{Map, Value};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::apigateway as wire;
use std::collections::{BTreeMap, BTreeSet};

const FIELDS: &[Field] = &[("DeploymentId", None), ("Description", Some("")), ("TracingEnabled", Some("false"))];

/// The provider.
pub struct Stage;

/// The settings of methods: the schema's names and the patch paths.
const SETTINGS: [(&str, &str); 8] = [
    ("MetricsEnabled", "metrics/enabled"),
    ("DataTraceEnabled", "logging/dataTrace"),
    ("LoggingLevel", "logging/loglevel"),
    ("ThrottlingBurstLimit", "throttling/burstLimit"),
    ("ThrottlingRateLimit", "throttling/rateLimit"),
    ("CacheTtlInSeconds", "caching/ttlInSeconds"),
    ("CachingEnabled", "caching/enabled"),
    ("CacheDataEncrypted", "caching/dataEncrypted"),
];

/// The settings of all methods by patch path: `/~1users/GET/metrics/enabled`.
fn settings(properties: Properties<'_>) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for setting in properties.objects("MethodSettings") {
        let resource = setting.text("ResourcePath").unwrap_or_else(|| "/*".to_owned());
        // `/*` stands for all resources, which the patch path writes as `*`. Other paths are written as they are, or as "Forward
        // slashes (`/`) are encoded as `~1` and the initial slash must include a forward slash" has it.
        // https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-apigateway-stage-methodsetting.html
        let resource = match resource.strip_prefix('/') {
            Some("*") => "*".to_owned(),
            Some(encoded) if encoded.starts_with("~1") => encoded.to_owned(),
            _ => escaped(&resource),
        };
        let method = setting.text("HttpMethod").unwrap_or_else(|| "*".to_owned());
        for (name, path) in SETTINGS {
            if let Some(value) = setting.text(name) {
                all.insert(format!("/{resource}/{method}/{path}"), value);
            }
        }
    }
    all
}

/// The steps from one configuration to another, as far as CreateStage does not take it.
fn further_steps(before: Properties<'_>, after: Properties<'_>) -> Vec<Value> {
    let mut steps = Vec::new();
    let (had, has) = (settings(before), settings(after));
    let method = |path: &str| path.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
    let gone = had.keys().filter(|path| !has.contains_key(*path)).map(|path| method(path));
    let gone: BTreeSet<String> = gone.collect();
    steps.extend(gone.iter().map(|path| step("remove", path.as_str(), None)));
    for (path, value) in has {
        // A method's settings are removed as a whole and what remains is set again.
        if had.get(&path) != Some(&value) || gone.contains(&method(&path)) {
            steps.push(step("replace", path, Some(value)));
        }
    }
    let log =
        |properties: Properties<'_>, name: &str| properties.object("AccessLogSetting").and_then(|log| log.text(name));
    if before.has("AccessLogSetting") && !after.has("AccessLogSetting") {
        steps.push(step("remove", "/accessLogSettings", None));
    }
    for (name, path) in [("DestinationArn", "destinationArn"), ("Format", "format")] {
        if let Some(value) = log(after, name).filter(|value| log(before, name).as_ref() != Some(value)) {
            steps.push(step("replace", format!("/accessLogSettings/{path}"), Some(value)));
        }
    }
    steps
}

#[async_trait]
impl Provider for Stage {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "AccessLogSetting",
            "CacheClusterEnabled",
            "DeploymentId",
            "Description",
            "MethodSettings",
            "RestApiId",
            "StageName",
            "Tags",
            "TracingEnabled",
            "Variables",
        ]
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), String> {
        let properties = Properties(properties);
        for name in ["StageName", "DeploymentId"] {
            if !properties.has(name) {
                return Err(format!("The property {{/{name}}} is required"));
            }
        }
        if properties.boolean("CacheClusterEnabled") == Some(true) {
            return Err(
                "The value true of the property {/CacheClusterEnabled} is not supported by the embedded cloud yet"
                    .into(),
            );
        }
        Ok(())
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        // It was checked that there shall be none.
        let request: wire::CreateStage = work.input().without("CacheClusterEnabled").into_operation()?;
        let name = request.stage_name.clone();
        work.call(request).await?;
        work.exists(&name);
        let steps = further_steps(Properties(&Map::new()), Properties(&work.properties));
        patch::take::<wire::UpdateStage>(work, work.input(), steps).await?;
        Ok(Made::new(name))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let (before, after) = (Properties(&old.properties), Properties(&work.properties));
        let mut steps = patch::steps(before.0, after.0, FIELDS);
        let variables = |properties: Properties<'_>| properties.text_map("Variables").unwrap_or_default();
        let (had, has) = (variables(before), variables(after));
        for name in had.keys().filter(|name| !has.contains_key(*name)) {
            steps.push(step("remove", format!("/variables/{name}"), None));
        }
        for (name, value) in has {
            if had.get(&name) != Some(&value) {
                steps.push(step("replace", format!("/variables/{name}"), Some(value)));
            }
        }
        steps.extend(further_steps(before, after));
        patch::take::<wire::UpdateStage>(work, work.identity(old), steps).await?;
        Ok(Made::new(&old.id))
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        let rest_api_id = Properties(&work.properties).need("RestApiId")?;
        retag(work, format!("/restapis/{rest_api_id}/stages/{}", made.id), tags).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteStage>(old).await
    }
}
