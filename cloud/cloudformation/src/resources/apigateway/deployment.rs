//! `AWS::ApiGateway::Deployment`: the API as it is now, frozen.

use super::patch::{self, Field};
use crate::resources::{Made, Physical, Properties, Provider, Work, changed};
use async_trait::async_trait;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsError, AwsResult, id};
use slam_cloud_wire::apigateway as wire;

const FIELDS: &[Field] = &[("Description", Some(""))];

/// The provider.
pub struct Deployment;

#[async_trait]
impl Provider for Deployment {
    fn supported(&self) -> &'static [&'static str] {
        &["Description", "RestApiId", "StageDescription", "StageName"]
    }

    fn refused(&self) -> &'static [&'static str] {
        &[
            "StageDescription/AccessLogSetting",
            "StageDescription/CacheClusterEnabled",
            "StageDescription/CacheClusterSize",
            "StageDescription/CacheDataEncrypted",
            "StageDescription/CacheTtlInSeconds",
            "StageDescription/CachingEnabled",
            "StageDescription/CanarySetting",
            "StageDescription/ClientCertificateId",
            "StageDescription/DataTraceEnabled",
            "StageDescription/DocumentationVersion",
            "StageDescription/LoggingLevel",
            "StageDescription/MethodSettings",
            "StageDescription/MetricsEnabled",
            "StageDescription/Tags",
            "StageDescription/ThrottlingBurstLimit",
            "StageDescription/ThrottlingRateLimit",
        ]
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), String> {
        let properties = Properties(properties);
        if properties.has("StageDescription") && !properties.has("StageName") {
            return Err("The property {/StageName} is required with {/StageDescription}".into());
        }
        Ok(())
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let mut input = work.input().without("StageDescription");
        if let Some(Properties(stage)) = Properties(&work.properties).object("StageDescription") {
            for (name, value) in stage {
                // The stage's description beside the deployment's.
                input = input.with(if name == "Description" { "StageDescription" } else { name }, value.clone());
            }
        }
        let created = work.send::<wire::CreateDeployment>(input).await?;
        Ok(Made::known_as("DeploymentId", created.id.unwrap_or_default()))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let different = changed(&old.properties, &work.properties);
        if let Some(property) = different.into_iter().find(|property| *property != "Description") {
            return Err(AwsError::unsupported(format_args!(
                "changing {property} of a deployment; use AWS::ApiGateway::Stage, it"
            )));
        }
        patch::update::<wire::UpdateDeployment>(work, work.identity(old), old, FIELDS).await
    }

    fn foreseen(&self, work: &Work) -> Option<String> {
        Some(id::made_by(&work.context.request_id, "Deployment", 6))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let properties = Properties(&old.properties);
        if let Some(stage_name) = properties.text("StageName") {
            // The stage that came with the deployment goes with it, unless it has moved on.
            let rest_api_id = properties.need("RestApiId")?;
            let get = wire::GetStage { rest_api_id: rest_api_id.clone(), stage_name: stage_name.clone() };
            let stage = work.call_unless_gone(get).await?.unwrap_or_default();
            if stage.deployment_id.as_deref() == Some(&*old.id) {
                work.call_unless_gone(wire::DeleteStage { rest_api_id, stage_name }).await?;
            }
        }
        work.delete::<wire::DeleteDeployment>(old).await
    }
}
