//! APIs as OpenAPI documents.

use crate::ApiGateway;
use crate::error::{bad_request, no_deployment, no_stage};
use crate::openapi::{self, Export, Form};
use crate::store::key;
use bytes::Bytes;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context, Timestamp};
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// Writes what a stage serves as a document.
pub async fn get(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::GetExport,
) -> AwsResult<wire::ExportResponse> {
    let scope = Scope::regional(&context);
    let api = service.store.api(&context, &input.rest_api_id)?;
    let stage = service.store.stages.get(&scope, &key(&api.id, &input.stage_name)).ok_or_else(no_stage)?;
    let deployment = service.store.deployments.get(&scope, &key(&api.id, &stage.deployment_id));
    let deployed = deployment.ok_or_else(no_deployment)?;
    let form = match input.export_type.as_str() {
        "oas30" => Form::OpenApi3,
        "swagger" => Form::Swagger,
        kind => return Err(bad_request(format!("No API exporter for type '{kind}'"))),
    };
    let host = format!("{}.execute-api.{}.amazonaws.com", api.id, context.region);
    let mut export = Export { form, integrations: false, authorizers: false, host, stage: stage.name.clone() };
    for (name, value) in input.parameters.iter().flatten() {
        if name != "extensions" {
            return Err(AwsError::unsupported(format_args!("the parameter {name} of an export")));
        }
        for extension in value.split(',').map(str::trim).filter(|extension| !extension.is_empty()) {
            match extension {
                "integrations" => export.integrations = true,
                "authorizers" => export.authorizers = true,
                "apigateway" => (export.integrations, export.authorizers) = (true, true),
                extension => {
                    return Err(AwsError::unsupported(format_args!("the extensions {extension} of an export")));
                }
            }
        }
    }
    let (media_type, ending) = match input.accepts.as_deref().unwrap_or("*/*") {
        "application/json" | "*/*" => ("application/json", "json"),
        "application/yaml" => ("application/yaml", "yaml"),
        _ => {
            return Err(bad_request("Invalid Accept header. Valid options are: [application/json, application/yaml]"));
        }
    };
    let document = openapi::write(&deployed.api, &export)?;
    let text = match ending {
        "yaml" => openapi::to_yaml(&document),
        _ => serde_json::to_string_pretty(&document).unwrap_or_default(),
    };
    let moment = Timestamp::now().strftime("%Y-%m-%d_%H-%MZ");
    Ok(wire::ExportResponse {
        content_type: Some(media_type.into()),
        content_disposition: Some(format!("attachment; filename=\"{}_{moment}.{ending}\"", input.export_type)),
        body: Some(Bytes::from(text)),
    })
}
