//! API Gateway: REST APIs and what hangs on them. Methods and stages have files of their own.

mod account;
mod method;
mod stage;

use account::Account;
use method::Method;
use stage::Stage;

use super::input::Input;
use super::properties::Properties;
use super::types::Service;
use super::{Made, Naming, Provider, Retag, Work, changed, tags};
use crate::model::Physical;
use async_trait::async_trait;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::apigateway as wire;

/// What can be deployed of it.
pub(super) const SERVICE: Service = Service {
    gone: &["NotFoundException"],
    types: &[
        (include_str!("../../../schemas/AWS-ApiGateway-Account.json"), &Account),
        (include_str!("../../../schemas/AWS-ApiGateway-Deployment.json"), &Deployment),
        (include_str!("../../../schemas/AWS-ApiGateway-Method.json"), &Method),
        (include_str!("../../../schemas/AWS-ApiGateway-Model.json"), &Model),
        (include_str!("../../../schemas/AWS-ApiGateway-RequestValidator.json"), &RequestValidator),
        (include_str!("../../../schemas/AWS-ApiGateway-Resource.json"), &Resource),
        (include_str!("../../../schemas/AWS-ApiGateway-RestApi.json"), &RestApi),
        (include_str!("../../../schemas/AWS-ApiGateway-Stage.json"), &Stage),
    ],
};

/// One patch operation.
pub(super) fn patch(op: &str, path: impl Into<String>, value: Option<String>) -> wire::PatchOperation {
    wire::PatchOperation { op: Some(op.to_owned()), path: Some(path.into()), value, from: None }
}

/// A name inside a patch path.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// `AWS::ApiGateway::RestApi`, without a definition to import.
pub struct RestApi;

#[async_trait]
impl Provider for RestApi {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "ApiKeySourceType",
            "BinaryMediaTypes",
            "Description",
            "DisableExecuteApiEndpoint",
            "EndpointConfiguration",
            "MinimumCompressionSize",
            "Name",
            "Policy",
            "Tags",
        ]
    }

    fn refused(&self) -> &'static [&'static str] {
        &["EndpointConfiguration/VpcEndpointIds"]
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), String> {
        let properties = Properties(properties);
        if !properties.has("Name") {
            return Err("The property {/Name} is required: importing a definition is not supported".into());
        }
        let types = properties.object("EndpointConfiguration").and_then(|endpoint| endpoint.texts("Types"));
        if types.is_some_and(|types| types.iter().any(|kind| kind == "PRIVATE")) {
            return Err("The endpoint type PRIVATE is not supported by the embedded cloud yet".into());
        }
        Ok(())
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let endpoint = properties.object("EndpointConfiguration").map(|endpoint| wire::EndpointConfiguration {
            types: endpoint.texts("Types"),
            ip_address_type: endpoint.text("IpAddressType"),
            vpc_endpoint_ids: None,
        });
        let request = wire::CreateRestApi {
            name: properties.need("Name")?,
            description: properties.text("Description"),
            binary_media_types: properties.texts("BinaryMediaTypes"),
            minimum_compression_size: properties.integer("MinimumCompressionSize"),
            api_key_source: properties.text("ApiKeySourceType"),
            endpoint_configuration: endpoint,
            policy: properties.document("Policy"),
            tags: Some(tags::texts(work)),
            disable_execute_api_endpoint: properties.boolean("DisableExecuteApiEndpoint"),
            ..wire::CreateRestApi::default()
        };
        made_api(work.call(request).await?)
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let (before, after) = (Properties(&old.properties), Properties(&work.properties));
        let mut patches = Vec::new();
        for property in changed(&old.properties, &work.properties) {
            match property {
                "Name" => patches.push(patch("replace", "/name", after.text("Name"))),
                "Description" => {
                    patches.push(patch("replace", "/description", Some(after.text("Description").unwrap_or_default())));
                }
                "MinimumCompressionSize" => {
                    patches.push(patch("replace", "/minimumCompressionSize", after.text("MinimumCompressionSize")));
                }
                "ApiKeySourceType" => {
                    let source = after.text("ApiKeySourceType").unwrap_or_else(|| "HEADER".to_owned());
                    patches.push(patch("replace", "/apiKeySource", Some(source)));
                }
                "DisableExecuteApiEndpoint" => {
                    let disabled = after.boolean("DisableExecuteApiEndpoint").unwrap_or(false);
                    patches.push(patch("replace", "/disableExecuteApiEndpoint", Some(disabled.to_string())));
                }
                "Policy" => {
                    patches.push(patch("replace", "/policy", Some(after.document("Policy").unwrap_or_default())));
                }
                "BinaryMediaTypes" => {
                    let types = |p: Properties<'_>| p.texts("BinaryMediaTypes").unwrap_or_default();
                    let (had, has) = (types(before), types(after));
                    let path = |name: &String| format!("/binaryMediaTypes/{}", escaped(name));
                    patches.extend(had.iter().filter(|t| !has.contains(t)).map(|t| patch("remove", path(t), None)));
                    patches.extend(has.iter().filter(|t| !had.contains(t)).map(|t| patch("add", path(t), None)));
                }
                "EndpointConfiguration" => endpoint_patches(before, after, &mut patches),
                _ => {}
            }
        }
        if !patches.is_empty() {
            let patch_operations = Some(patches);
            work.call(wire::UpdateRestApi { rest_api_id: old.id.clone(), patch_operations }).await?;
        }
        made_api(work.call(wire::GetRestApi { rest_api_id: old.id.clone() }).await?)
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        retag(work, format!("/restapis/{}", made.id), tags).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.call(wire::DeleteRestApi { rest_api_id: old.id.clone() }).await.map(drop)
    }
}

fn endpoint_patches(before: Properties<'_>, after: Properties<'_>, patches: &mut Vec<wire::PatchOperation>) {
    let kind = |properties: Properties<'_>| {
        let types = properties.object("EndpointConfiguration").and_then(|endpoint| endpoint.texts("Types"));
        types.and_then(|types| types.into_iter().next()).unwrap_or_else(|| "EDGE".to_owned())
    };
    if kind(before) != kind(after) {
        let path = format!("/endpointConfiguration/types/{}", kind(before));
        patches.push(patch("replace", path, Some(kind(after))));
    }
    let address = |properties: Properties<'_>| {
        properties.object("EndpointConfiguration").and_then(|endpoint| endpoint.text("IpAddressType"))
    };
    if address(before) != address(after) {
        let value = address(after).unwrap_or_else(|| "ipv4".to_owned());
        patches.push(patch("replace", "/endpointConfiguration/ipAddressType", Some(value)));
    }
}

fn made_api(api: wire::RestApi) -> AwsResult<Made> {
    let id = api.id.ok_or_else(|| AwsError::internal("a REST API has no id"))?;
    Ok(Made::new(&id).with("RestApiId", id).with("RootResourceId", api.root_resource_id.unwrap_or_default()))
}

/// Changes the tags of what the path leads to.
async fn retag(work: &Work, path: String, tags: &Retag) -> AwsResult<()> {
    let (partition, region) = (work.context.partition(), &work.context.region);
    let place = Input::of("ResourceArn", format!("arn:{partition}:apigateway:{region}::{path}"));
    tags.apply::<wire::TagResource, wire::UntagResource>(work, place).await
}

/// `AWS::ApiGateway::Resource`: one part of the path.
pub struct Resource;

#[async_trait]
impl Provider for Resource {
    fn supported(&self) -> &'static [&'static str] {
        &["ParentId", "PathPart", "RestApiId"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let request = wire::CreateResource {
            rest_api_id: properties.need("RestApiId")?,
            parent_id: properties.need("ParentId")?,
            path_part: properties.need("PathPart")?,
        };
        let id = work.call(request).await?.id.unwrap_or_default();
        Ok(Made::new(&id).with("ResourceId", id))
    }

    async fn update(&self, _: &Work, old: &Physical) -> AwsResult<Made> {
        // Every property is fixed at creation.
        Ok(Made { id: old.id.clone(), attributes: old.attributes.clone() })
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let rest_api_id = Properties(&old.properties).need("RestApiId")?;
        let request = wire::DeleteResource { rest_api_id, resource_id: old.id.clone() };
        work.call(request).await.map(drop)
    }
}

/// `AWS::ApiGateway::Deployment`: the API as it is now, frozen.
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
        let properties = Properties(&work.properties);
        let stage = properties.object("StageDescription");
        let request = wire::CreateDeployment {
            rest_api_id: properties.need("RestApiId")?,
            stage_name: properties.text("StageName"),
            stage_description: stage.and_then(|stage| stage.text("Description")),
            description: properties.text("Description"),
            variables: stage.and_then(|stage| stage.text_map("Variables")),
            tracing_enabled: stage.and_then(|stage| stage.boolean("TracingEnabled")),
            ..wire::CreateDeployment::default()
        };
        let id = work.call(request).await?.id.unwrap_or_default();
        Ok(Made::new(&id).with("DeploymentId", id))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        for property in changed(&old.properties, &work.properties) {
            if property != "Description" {
                return Err(AwsError::unsupported(format_args!(
                    "changing {property} of a deployment; use AWS::ApiGateway::Stage, it"
                )));
            }
        }
        let description = patch("replace", "/description", Some(properties.text("Description").unwrap_or_default()));
        work.call(wire::UpdateDeployment {
            rest_api_id: properties.need("RestApiId")?,
            deployment_id: old.id.clone(),
            patch_operations: Some(vec![description]),
        })
        .await?;
        Ok(Made { id: old.id.clone(), attributes: old.attributes.clone() })
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let properties = Properties(&old.properties);
        let rest_api_id = properties.need("RestApiId")?;
        if let Some(stage_name) = properties.text("StageName") {
            // The stage that came with the deployment goes with it, unless it has moved on.
            let get = wire::GetStage { rest_api_id: rest_api_id.clone(), stage_name: stage_name.clone() };
            let stage = work.call_unless_gone(get).await?.unwrap_or_default();
            if stage.deployment_id.as_deref() == Some(&*old.id) {
                let request = wire::DeleteStage { rest_api_id: rest_api_id.clone(), stage_name };
                work.call_unless_gone(request).await?;
            }
        }
        let request = wire::DeleteDeployment { rest_api_id, deployment_id: old.id.clone() };
        work.call(request).await.map(drop)
    }
}

/// `AWS::ApiGateway::Model`.
pub struct Model;

#[async_trait]
impl Provider for Model {
    fn supported(&self) -> &'static [&'static str] {
        &["ContentType", "Description", "Name", "RestApiId", "Schema"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        // A model's name has letters and digits only.
        let generated = || work.name.chars().filter(char::is_ascii_alphanumeric).collect();
        let name: String = properties.text("Name").unwrap_or_else(generated);
        let request = wire::CreateModel {
            rest_api_id: properties.need("RestApiId")?,
            name: name.clone(),
            description: properties.text("Description"),
            schema: properties.document("Schema"),
            content_type: properties.text("ContentType").unwrap_or_else(|| "application/json".to_owned()),
        };
        work.call(request).await?;
        Ok(Made::new(name))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let mut patches = Vec::new();
        for property in changed(&old.properties, &work.properties) {
            match property {
                "Description" => {
                    let text = properties.text("Description").unwrap_or_default();
                    patches.push(patch("replace", "/description", Some(text)));
                }
                _ => patches.push(patch("replace", "/schema", properties.document("Schema"))),
            }
        }
        let rest_api_id = properties.need("RestApiId")?;
        let patch_operations = Some(patches);
        work.call(wire::UpdateModel { rest_api_id, model_name: old.id.clone(), patch_operations }).await?;
        Ok(Made::new(&old.id))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let rest_api_id = Properties(&old.properties).need("RestApiId")?;
        let request = wire::DeleteModel { rest_api_id, model_name: old.id.clone() };
        work.call(request).await.map(drop)
    }
}

/// `AWS::ApiGateway::RequestValidator`.
pub struct RequestValidator;

#[async_trait]
impl Provider for RequestValidator {
    fn supported(&self) -> &'static [&'static str] {
        &["Name", "RestApiId", "ValidateRequestBody", "ValidateRequestParameters"]
    }

    fn naming(&self) -> Naming {
        Naming::apart(128)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let request = wire::CreateRequestValidator {
            rest_api_id: properties.need("RestApiId")?,
            name: Some(properties.text("Name").unwrap_or_else(|| work.name.clone())),
            validate_request_body: properties.boolean("ValidateRequestBody"),
            validate_request_parameters: properties.boolean("ValidateRequestParameters"),
        };
        let id = work.call(request).await?.id.unwrap_or_default();
        Ok(Made::new(&id).with("RequestValidatorId", id))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let flag = |name: &str| Some(properties.boolean(name).unwrap_or(false).to_string());
        let patches = vec![
            patch("replace", "/validateRequestBody", flag("ValidateRequestBody")),
            patch("replace", "/validateRequestParameters", flag("ValidateRequestParameters")),
        ];
        work.call(wire::UpdateRequestValidator {
            rest_api_id: properties.need("RestApiId")?,
            request_validator_id: old.id.clone(),
            patch_operations: Some(patches),
        })
        .await?;
        Ok(Made { id: old.id.clone(), attributes: old.attributes.clone() })
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let rest_api_id = Properties(&old.properties).need("RestApiId")?;
        let request = wire::DeleteRequestValidator { rest_api_id, request_validator_id: old.id.clone() };
        work.call(request).await.map(drop)
    }
}
