//! `AWS::ApiGateway::Method`, with its integration and their responses.

use super::super::properties::Properties;
use super::super::{Made, Provider, Work};
use crate::model::Physical;
use async_trait::async_trait;
use serde_json::{Map, Value};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::apigateway as wire;

/// The provider.
pub struct Method;

/// Where a method stands.
struct Place {
    rest_api_id: String,
    resource_id: String,
    http_method: String,
}

impl Place {
    fn of(properties: &Map<String, Value>) -> AwsResult<Self> {
        let properties = Properties(properties);
        Ok(Self {
            rest_api_id: properties.need("RestApiId")?,
            resource_id: properties.need("ResourceId")?,
            http_method: properties.need("HttpMethod")?,
        })
    }

    fn parts(&self) -> (String, String, String) {
        (self.rest_api_id.clone(), self.resource_id.clone(), self.http_method.clone())
    }
}

impl Method {
    async fn put(&self, work: &Work) -> AwsResult<()> {
        let properties = Properties(&work.properties);
        let place = Place::of(&work.properties)?;
        let (rest_api_id, resource_id, http_method) = place.parts();
        work.call(wire::PutMethod {
            rest_api_id,
            resource_id,
            http_method,
            authorization_type: properties.text("AuthorizationType").unwrap_or_else(|| "NONE".to_owned()),
            api_key_required: properties.boolean("ApiKeyRequired"),
            operation_name: properties.text("OperationName"),
            request_parameters: properties.boolean_map("RequestParameters"),
            request_models: properties.text_map("RequestModels"),
            request_validator_id: properties.text("RequestValidatorId"),
            ..wire::PutMethod::default()
        })
        .await?;
        work.exists(&work.name);
        for response in properties.objects("MethodResponses") {
            let (rest_api_id, resource_id, http_method) = place.parts();
            work.call(wire::PutMethodResponse {
                rest_api_id,
                resource_id,
                http_method,
                status_code: response.need("StatusCode")?,
                response_parameters: response.boolean_map("ResponseParameters"),
                response_models: response.text_map("ResponseModels"),
            })
            .await?;
        }
        match properties.object("Integration") {
            Some(integration) => put_integration(work, &place, integration).await,
            None => Ok(()),
        }
    }
}

async fn put_integration(work: &Work, place: &Place, integration: Properties<'_>) -> AwsResult<()> {
    let (rest_api_id, resource_id, http_method) = place.parts();
    work.call(wire::PutIntegration {
        rest_api_id,
        resource_id,
        http_method,
        r#type: integration.need("Type")?,
        integration_http_method: integration.text("IntegrationHttpMethod"),
        uri: integration.text("Uri"),
        connection_type: integration.text("ConnectionType"),
        credentials: integration.text("Credentials"),
        request_parameters: integration.text_map("RequestParameters"),
        request_templates: integration.text_map("RequestTemplates"),
        passthrough_behavior: integration.text("PassthroughBehavior"),
        cache_namespace: integration.text("CacheNamespace"),
        cache_key_parameters: integration.texts("CacheKeyParameters"),
        content_handling: integration.text("ContentHandling"),
        timeout_in_millis: integration.integer("TimeoutInMillis"),
        response_transfer_mode: integration.text("ResponseTransferMode"),
        ..wire::PutIntegration::default()
    })
    .await?;
    for response in integration.objects("IntegrationResponses") {
        let (rest_api_id, resource_id, http_method) = place.parts();
        work.call(wire::PutIntegrationResponse {
            rest_api_id,
            resource_id,
            http_method,
            status_code: response.need("StatusCode")?,
            selection_pattern: response.text("SelectionPattern"),
            response_parameters: response.text_map("ResponseParameters"),
            response_templates: response.text_map("ResponseTemplates"),
            content_handling: response.text("ContentHandling"),
        })
        .await?;
    }
    Ok(())
}

#[async_trait]
impl Provider for Method {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "ApiKeyRequired",
            "AuthorizationType",
            "HttpMethod",
            "Integration",
            "MethodResponses",
            "OperationName",
            "RequestModels",
            "RequestParameters",
            "RequestValidatorId",
            "ResourceId",
            "RestApiId",
        ]
    }

    fn refused(&self) -> &'static [&'static str] {
        &["Integration/ConnectionId", "Integration/IntegrationTarget"]
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), String> {
        let properties = Properties(properties);
        if properties.boolean("ApiKeyRequired") == Some(true) {
            return Err(
                "The value true of the property {/ApiKeyRequired} is not supported by the embedded cloud yet".into()
            );
        }
        if let Some(kind) = properties.text("AuthorizationType")
            && matches!(&*kind, "CUSTOM" | "COGNITO_USER_POOLS")
        {
            return Err(format!(
                "The value {kind} of the property {{/AuthorizationType}} is not supported by the embedded cloud yet"
            ));
        }
        Ok(())
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        self.put(work).await?;
        Ok(Made::new(&work.name))
    }

    /// What is on the air is a deployment, so a method may be taken away and put anew.
    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        work.kind.unless_gone(self.delete(work, old).await)?;
        self.put(work).await?;
        Ok(Made::new(&old.id))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let (rest_api_id, resource_id, http_method) = Place::of(&old.properties)?.parts();
        work.call(wire::DeleteMethod { rest_api_id, resource_id, http_method }).await.map(drop)
    }
}
