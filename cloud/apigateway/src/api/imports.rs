//! APIs from OpenAPI documents.

use super::importer::{self, Mode};
use super::rest_apis;
use crate::ApiGateway;
use crate::error::{bad_request, no_api, warned};
use crate::model::{RestApi, Texts};
use crate::openapi::{self, BasePath, Document};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_gateway::ports;
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// What the query string asks for beside the members that have names.
#[derive(Debug, Default)]
struct Parameters {
    base_path: BasePath,
    without_documentation: bool,
    endpoint_type: Option<String>,
}

impl Parameters {
    fn read(parameters: Option<&Texts>) -> AwsResult<Self> {
        let mut read = Self::default();
        for (name, value) in parameters.into_iter().flatten() {
            match (name.as_str(), value.as_str()) {
                ("basepath", value) => {
                    read.base_path = BasePath::parse(value).ok_or_else(|| {
                        bad_request("Invalid basepath parameter. Valid options are: [ignore, prepend, split]")
                    })?;
                }
                ("ignore", "documentation") => read.without_documentation = true,
                ("endpointConfigurationTypes", value) => read.endpoint_type = Some(rest_apis::endpoint_type(value)?),
                // The whole query string is given to the map.
                ("mode" | "failonwarnings", _) => {}
                (name, value) => {
                    return Err(AwsError::unsupported(format_args!("the parameter {name}={value} of an import")));
                }
            }
        }
        Ok(read)
    }
}

/// Creates an API from a document. Unlike one that is created by itself, it has no models but the document's (recorded:
/// test_import_and_validate_rest_api).
pub async fn import(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::ImportRestApi,
) -> AwsResult<wire::RestApi> {
    let document = Document::read(&input.body, &context)?;
    let parameters = Parameters::read(input.parameters.as_ref())?;
    let mut api = rest_apis::fresh(&context);
    api.name = format!("Imported on {}", slam_cloud_core::Timestamp::now());
    if let Some(kind) = parameters.endpoint_type {
        api.endpoint_type = kind;
    }
    let mut definition = openapi::read(&document, &api.id, parameters.base_path, !parameters.without_documentation)?;
    let warnings = std::mem::take(&mut definition.warnings);
    importer::build(&service.cloud, &context, &mut api, definition, Mode::Merge)?;
    warned(&warnings, input.fail_on_warnings)?;
    api.port = ports::open(&service, &api.id, None).await;
    let stored = service.store.apis.put(&Scope::regional(&context), &api.id.clone(), api).await?;
    Ok(told((&*stored).into(), warnings))
}

/// Changes an API by a document. What is on the air changes with the next deployment.
pub async fn put(service: Arc<ApiGateway>, context: Context, input: wire::PutRestApi) -> AwsResult<wire::RestApi> {
    let document = Document::read(&input.body, &context)?;
    let parameters = Parameters::read(input.parameters.as_ref())?;
    let mode = match input.mode.as_deref() {
        Some("overwrite") => Mode::Overwrite,
        _ => Mode::Merge,
    };
    let missing = || no_api(&context, &input.rest_api_id);
    service
        .store
        .change_api(&context, &input.rest_api_id, missing, |api| {
            let documented = !parameters.without_documentation;
            let mut definition = openapi::read(&document, &api.id, parameters.base_path, documented)?;
            let warnings = std::mem::take(&mut definition.warnings);
            let documentation = api.documentation_parts.clone();
            importer::build(&service.cloud, &context, api, definition, mode)?;
            if !documented {
                api.documentation_parts = documentation;
            }
            warned(&warnings, input.fail_on_warnings)?;
            let mut shape = wire::RestApi::from(&RestApi::clone(api));
            // Recorded: test_put_rest_api_mode_binary_media_types.
            shape.tags.get_or_insert_default();
            Ok(told(shape, warnings))
        })
        .await
}

fn told(shape: wire::RestApi, warnings: Vec<String>) -> wire::RestApi {
    wire::RestApi { warnings: (!warnings.is_empty()).then_some(warnings), ..shape }
}
