//! The verbs of a resource.

use super::{method, method_mut};
use crate::ApiGateway;
use crate::error::{bad_request, conflict, no_resource};
use crate::model::{AuthorizationType, Method, RestApi};
use crate::patch::{self, Op, Patch, invalid_path};
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::apigateway as wire;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const VERBS: [&str; 8] = ["GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY"];

/// Adds a verb to a resource.
pub async fn put(service: Arc<ApiGateway>, context: Context, input: wire::PutMethod) -> AwsResult<wire::Method> {
    service.store.change_api(&context, &input.rest_api_id, no_resource, |api| add(api, &input)).await
}

/// Adds a verb to a resource of an API.
pub(super) fn add(api: &mut RestApi, input: &wire::PutMethod) -> AwsResult<wire::Method> {
    let added = build(api, input)?;
    let resource = api.resources.get_mut(&input.resource_id).ok_or_else(no_resource)?;
    if resource.methods.contains_key(&added.http_method) {
        return Err(conflict("Method already exists for this resource"));
    }
    let shape = (&added).into();
    resource.methods.insert(added.http_method.clone(), added);
    Ok(shape)
}

fn build(api: &RestApi, input: &wire::PutMethod) -> AwsResult<Method> {
    if !api.resources.contains_key(&input.resource_id) {
        return Err(no_resource());
    }
    if !VERBS.contains(&input.http_method.as_str()) {
        return Err(bad_request(format!("Invalid HttpMethod specified. Valid options are {}", VERBS.join(","))));
    }
    if let Some(id) = &input.request_validator_id {
        known_validator(api, id)?;
    }
    for model in input.request_models.iter().flat_map(|models| models.values()) {
        known_model(api, model)?;
    }
    check_request_parameters(input.request_parameters.as_ref())?;
    let authorization_type = authorization_type(&input.authorization_type)?;
    Ok(Method {
        http_method: input.http_method.clone(),
        authorization_type,
        authorizer_id: known_authorizer(api, authorization_type, input.authorizer_id.as_deref())?,
        authorization_scopes: input.authorization_scopes.clone().unwrap_or_default(),
        api_key_required: input.api_key_required.unwrap_or(false),
        operation_name: input.operation_name.clone(),
        request_parameters: input.request_parameters.clone(),
        request_models: input.request_models.clone(),
        request_validator_id: input.request_validator_id.clone(),
        integration: None,
        responses: BTreeMap::new(),
    })
}

fn authorization_type(name: &str) -> AwsResult<AuthorizationType> {
    // Whatever its case, as recorded (test_integration_mock_with_path_param).
    match name.to_ascii_uppercase().as_str() {
        "NONE" => Ok(AuthorizationType::None),
        "AWS_IAM" => Ok(AuthorizationType::AwsIam),
        "CUSTOM" => Ok(AuthorizationType::Custom),
        "COGNITO_USER_POOLS" => Ok(AuthorizationType::CognitoUserPools),
        "JWT" => Ok(AuthorizationType::Jwt),
        _ => Err(bad_request(
            "Invalid AuthorizationType specified. Valid options are NONE,AWS_IAM,CUSTOM,COGNITO_USER_POOLS",
        )),
    }
}

/// The authorizer of a method that has one; what others name AWS takes and forgets.
fn known_authorizer(api: &RestApi, kind: AuthorizationType, id: Option<&str>) -> AwsResult<Option<String>> {
    match kind {
        AuthorizationType::None | AuthorizationType::AwsIam => Ok(None),
        AuthorizationType::Custom | AuthorizationType::CognitoUserPools | AuthorizationType::Jwt => {
            let authorizer = id.and_then(|id| api.authorizers.get(id));
            let authorizer = authorizer.filter(|authorizer| authorizer.kind.authorization() == kind);
            authorizer.map(|authorizer| Some(authorizer.id.clone())).ok_or_else(no_authorizer)
        }
    }
}

fn no_authorizer() -> AwsError {
    bad_request(
        "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.",
    )
}

fn known_validator(api: &RestApi, id: &str) -> AwsResult<()> {
    match api.request_validators.contains_key(id) {
        true => Ok(()),
        false => Err(bad_request("Invalid Request Validator identifier specified")),
    }
}

pub(super) fn known_model(api: &RestApi, name: &str) -> AwsResult<()> {
    match api.models.contains_key(name) {
        true => Ok(()),
        false => Err(bad_request(format!("Invalid model identifier specified: {name}"))),
    }
}

/// Whether parameters are named as AWS names them, each name in one place only.
fn check_request_parameters(parameters: Option<&BTreeMap<String, bool>>) -> AwsResult<()> {
    let mut names = BTreeSet::new();
    for parameter in parameters.iter().flat_map(|parameters| parameters.keys()) {
        let place = ["header", "querystring", "path"]
            .into_iter()
            .find_map(|place| parameter.strip_prefix("method.request.")?.strip_prefix(place)?.strip_prefix('.'));
        let Some(name) = place.filter(|name| !name.is_empty()) else {
            return Err(bad_request(format!(
                "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: {parameter}]"
            )));
        };
        if !names.insert(name) {
            return Err(bad_request("Parameter names must be unique across querystring, header and path"));
        }
    }
    Ok(())
}

/// Answers a method.
pub async fn get(service: Arc<ApiGateway>, context: Context, input: wire::GetMethod) -> AwsResult<wire::Method> {
    let api = service.store.api(&context, &input.rest_api_id).map_err(|_| no_resource())?;
    Ok(method(&api, &input.resource_id, &input.http_method)?.into())
}

/// Takes a verb away.
pub async fn delete(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::DeleteMethod,
) -> AwsResult<wire::DeleteMethodOutput> {
    service
        .store
        .change_api(&context, &input.rest_api_id, no_resource, |api| {
            let resource = api.resources.get_mut(&input.resource_id).ok_or_else(no_resource)?;
            resource.methods.remove(&input.http_method).ok_or_else(crate::error::no_method)?;
            Ok(wire::DeleteMethodOutput {})
        })
        .await
}

/// Changes a method.
pub async fn update(service: Arc<ApiGateway>, context: Context, input: wire::UpdateMethod) -> AwsResult<wire::Method> {
    let patches = patch::read(input.patch_operations)?;
    service
        .store
        .change_api(&context, &input.rest_api_id, no_resource, |api| {
            method(api, &input.resource_id, &input.http_method)?;
            for patch in &patches {
                apply(api, &input.resource_id, &input.http_method, patch)?;
            }
            // The type and the authorizer come one by one.
            let changed = method(api, &input.resource_id, &input.http_method)?;
            let authorizer = known_authorizer(api, changed.authorization_type, changed.authorizer_id.as_deref())?;
            method_mut(api, &input.resource_id, &input.http_method)?.authorizer_id = authorizer;
            Ok(method(api, &input.resource_id, &input.http_method)?.into())
        })
        .await
}

fn apply(api: &mut RestApi, resource_id: &str, verb: &str, patch: &Patch) -> AwsResult<()> {
    match &patch.target()[..] {
        ["requestValidatorId"] if patch.op == Op::Replace && !patch.text().is_empty() => {
            known_validator(api, &patch.text())?;
        }
        ["requestModels", _] if patch.op != Op::Remove => known_model(api, &patch.text())?,
        _ => {}
    }
    let method = method_mut(api, resource_id, verb)?;
    match patch.target()[..] {
        ["authorizationType"] => {
            patch.only_replace()?;
            method.authorization_type = authorization_type(&patch.text())?;
        }
        ["authorizerId"] => {
            patch.only_replace()?;
            method.authorizer_id = patch.optional_text();
        }
        ["apiKeyRequired"] => {
            patch.only_replace()?;
            method.api_key_required = patch.flag();
        }
        ["authorizationScopes"] => match patch.op {
            Op::Remove => method.authorization_scopes.retain(|scope| *scope != patch.text()),
            Op::Add if method.authorization_scopes.contains(&patch.text()) => {}
            Op::Add => method.authorization_scopes.push(patch.text()),
            Op::Replace => return Err(invalid_path(&patch.path)),
        },
        ["operationName"] => {
            patch.only_replace()?;
            method.operation_name = patch.optional_text();
        }
        ["requestValidatorId"] => {
            patch.only_replace()?;
            method.request_validator_id = patch.optional_text();
        }
        ["requestParameters", name] => {
            patch_map(&mut method.request_parameters, name, patch, Patch::flag);
            check_request_parameters(method.request_parameters.as_ref())?;
        }
        ["requestModels", content_type] => patch_map(&mut method.request_models, content_type, patch, Patch::text),
        _ => return Err(invalid_path(&patch.path)),
    }
    Ok(())
}

/// Adds, replaces or removes an entry; an empty map is no map.
pub(super) fn patch_map<T>(
    map: &mut Option<BTreeMap<String, T>>,
    key: &str,
    patch: &Patch,
    value: impl Fn(&Patch) -> T,
) {
    let entries = map.get_or_insert_default();
    if patch.op == Op::Remove {
        entries.remove(key);
    } else {
        entries.insert(key.to_owned(), value(patch));
    }
    if entries.is_empty() {
        *map = None;
    }
}
