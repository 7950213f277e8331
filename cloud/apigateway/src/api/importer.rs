//! An API from a definition, part by part, by what the operations do that make these parts.
//!
//! What is wrong with the parts is told together, as AWS does; nothing of a definition that has something wrong is kept.

use super::{
    authorizers, documentation_parts, gateway_responses, integration_responses, integrations, method_responses,
};
use super::{methods, models, request_validators, resources, rest_apis};
use crate::error::bad_request;
use crate::model::RestApi;
use crate::openapi::{Definition, Operation, Settings};
use slam_cloud_core::{AwsError, AwsResult, Cloud, Context, id};
use slam_cloud_wire::apigateway as wire;
use std::collections::BTreeMap;

/// What becomes of what an API has already.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-import-api-update.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// It stays unless the definition says otherwise.
    Merge,
    /// It goes, but for tags, endpoints and stages.
    Overwrite,
}

/// Ids by which parts were known, which they keep.
#[derive(Default)]
struct Known {
    /// By path.
    resources: BTreeMap<String, String>,
    /// By name.
    authorizers: BTreeMap<String, String>,
    /// By name.
    validators: BTreeMap<String, String>,
}

struct Importer<'a> {
    api: &'a mut RestApi,
    known: Known,
    errors: Vec<String>,
}

/// Builds what a definition says into an API.
///
/// # Errors
/// All that is wrong with it; what is not supported by its name.
pub fn build(cloud: &Cloud, context: &Context, api: &mut RestApi, definition: Definition, mode: Mode) -> AwsResult<()> {
    let known = Known {
        resources: api.resources.values().map(|resource| (resource.path.clone(), resource.id.clone())).collect(),
        authorizers: api.authorizers.values().map(|known| (known.name.clone(), known.id.clone())).collect(),
        validators: api
            .request_validators
            .values()
            .filter_map(|known| Some((known.name.clone()?, known.id.clone())))
            .collect(),
    };
    if mode == Mode::Overwrite {
        clear(api);
    }
    api.name = definition.name.unwrap_or_else(|| std::mem::take(&mut api.name));
    api.description = definition.description.or(api.description.take());
    api.version = definition.version.or(api.version.take());
    settings(cloud, context, api, definition.settings)?;
    let mut importer = Importer { api, known, errors: Vec::new() };
    for model in &definition.models {
        importer.model(model)?;
    }
    for validator in definition.validators {
        importer.validator(validator);
    }
    for authorizer in definition.authorizers {
        importer.authorizer(authorizer)?;
    }
    for response in &definition.gateway_responses {
        importer.gateway_response(response)?;
    }
    for path in &definition.paths {
        importer.resource(path)?;
    }
    for operation in definition.operations {
        importer.operation(operation)?;
    }
    for part in definition.documentation {
        let part = documentation_parts::import(importer.api, part);
        importer.attempt(|| "Unable to create documentation part".to_owned(), part)?;
    }
    match importer.errors.is_empty() {
        true => Ok(()),
        false => Err(bad_request(format!("Errors found during import:\n\t{}", importer.errors.join("\n\t")))),
    }
}

fn clear(api: &mut RestApi) {
    api.resources.retain(|_, resource| resource.parent_id.is_none());
    api.resources.values_mut().for_each(|root| root.methods.clear());
    api.models.clear();
    api.request_validators.clear();
    api.authorizers.clear();
    api.gateway_responses.clear();
    api.documentation_parts.clear();
    api.binary_media_types.clear();
    api.description = None;
    api.version = None;
    api.policy = None;
    api.minimum_compression_size = None;
    api.api_key_source = "HEADER".to_owned();
}

fn settings(cloud: &Cloud, context: &Context, api: &mut RestApi, settings: Settings) -> AwsResult<()> {
    if let Some(source) = &settings.api_key_source {
        api.api_key_source = rest_apis::api_key_source(source)?;
    }
    // Recorded: test_put_rest_api_mode_binary_media_types.
    for media_type in settings.binary_media_types.into_iter().flatten() {
        if !api.binary_media_types.contains(&media_type) {
            api.binary_media_types.push(media_type);
        }
    }
    if let Some(size) = settings.minimum_compression_size {
        api.minimum_compression_size = Some(rest_apis::compression(size)?);
    }
    if let Some(policy) = &settings.policy {
        api.policy = Some(rest_apis::policy(cloud, context, &api.id, policy)?);
    }
    if let Some(disabled) = settings.disable_execute_api_endpoint {
        api.disable_execute_api_endpoint = disabled;
    }
    Ok(())
}

impl Importer<'_> {
    /// What was done; what is wrong is noted, and what is not supported ends the import.
    fn attempt<T>(&mut self, what: impl FnOnce() -> String, done: AwsResult<T>) -> AwsResult<Option<T>> {
        match done {
            Ok(done) => Ok(Some(done)),
            Err(error) if error.status < 500 => {
                self.errors.push(format!("{}: {}", what(), error.message));
                Ok(None)
            }
            Err(error) => Err(AwsError { message: format!("{}: {}", what(), error.message), ..error }),
        }
    }

    fn model(&mut self, model: &wire::CreateModel) -> AwsResult<()> {
        let before = self.api.models.remove(&model.name);
        let made = models::add(self.api, model);
        self.attempt(|| format!("Unable to create model for '{}'", model.name), made)?;
        if let (Some(before), Some(made)) = (before, self.api.models.get_mut(&model.name)) {
            made.id = before.id;
        }
        Ok(())
    }

    fn validator(&mut self, validator: wire::CreateRequestValidator) {
        let known = validator.name.as_ref().and_then(|name| self.known.validators.get(name));
        let id = known.cloned().unwrap_or_else(|| id::lower_alphanumeric(6));
        request_validators::add(self.api, validator, id);
    }

    fn authorizer(&mut self, authorizer: wire::CreateAuthorizer) -> AwsResult<()> {
        let name = authorizer.name.clone();
        let id = self.known.authorizers.get(&name).cloned().unwrap_or_else(|| id::lower_alphanumeric(6));
        self.api.authorizers.remove(&id);
        let made = authorizers::add(self.api, authorizer, id);
        self.attempt(|| format!("Unable to create authorizer '{name}'"), made).map(drop)
    }

    fn gateway_response(&mut self, response: &wire::PutGatewayResponse) -> AwsResult<()> {
        let made = gateway_responses::add(self.api, response);
        self.attempt(|| format!("Unable to put gateway response '{}'", response.response_type), made).map(drop)
    }

    /// The resource of a path, made with those above it where it is not there.
    fn resource(&mut self, segments: &[String]) -> AwsResult<Option<String>> {
        let mut parent = self.api.root_resource_id.clone();
        let mut path = String::new();
        for segment in segments {
            path = format!("{path}/{segment}");
            let child = self.api.children(&parent).find(|child| child.path_part.as_deref() == Some(segment.as_str()));
            parent = match child {
                Some(child) => child.id.clone(),
                None => {
                    let id = self.known.resources.get(&path).cloned().unwrap_or_else(|| id::lower_alphanumeric(6));
                    let made = resources::add(self.api, &parent, segment, &id);
                    let what = || format!("Unable to create resource at path '{path}'");
                    if self.attempt(what, made)?.is_none() {
                        return Ok(None);
                    }
                    id
                }
            };
        }
        Ok(Some(parent))
    }

    fn operation(&mut self, operation: Operation) -> AwsResult<()> {
        let path = format!("/{}", operation.path.join("/"));
        let verb = operation.method.http_method.clone();
        let find = |segments: &[String], api: &RestApi| {
            let path = format!("/{}", segments.join("/"));
            api.resources.values().find(|resource| resource.path == path).map(|resource| resource.id.clone())
        };
        // What is wrong with the path was noted when it was made.
        let Some(resource_id) = find(&operation.path, self.api) else { return Ok(()) };
        if let Some(resource) = self.api.resources.get_mut(&resource_id) {
            resource.methods.remove(&verb);
        }
        let named = |name: &String| {
            self.api
                .request_validators
                .values()
                .find(|known| known.name.as_ref() == Some(name))
                .map(|known| known.id.clone())
        };
        // An unknown name is no id either, which the method says.
        let validator = operation.validator.map(|name| named(&name).unwrap_or(name));
        let decides = |name: &String| {
            self.api.authorizers.values().find(|known| known.name == *name).map(|known| known.id.clone())
        };
        let authorizer = operation.authorizer.as_ref().and_then(decides);
        let method = wire::PutMethod {
            resource_id: resource_id.clone(),
            request_validator_id: validator,
            authorizer_id: authorizer,
            ..operation.method
        };
        let what = || format!("Unable to put method '{verb}' on resource at path '{path}'");
        let made = methods::add(self.api, &method);
        if self.attempt(what, made)?.is_none() {
            return Ok(());
        }
        for response in operation.responses {
            let response = wire::PutMethodResponse { resource_id: resource_id.clone(), ..response };
            let made = method_responses::add(self.api, &response);
            let status = &response.status_code;
            self.attempt(
                || format!("Unable to put method response '{status}' on '{verb}' for resource at path '{path}'"),
                made,
            )?;
        }
        let Some(integration) = operation.integration else { return Ok(()) };
        let integration = wire::PutIntegration { resource_id: resource_id.clone(), ..integration };
        let what = || format!("Unable to put integration on '{verb}' for resource at path '{path}'");
        let made = integrations::add(self.api, &integration);
        if self.attempt(what, made)?.is_none() {
            return Ok(());
        }
        for response in operation.integration_responses {
            let response = wire::PutIntegrationResponse { resource_id: resource_id.clone(), ..response };
            let made = integration_responses::add(self.api, &response);
            let what = || format!("Unable to put integration response on '{verb}' for resource at path '{path}'");
            self.attempt(what, made)?;
        }
        Ok(())
    }
}
