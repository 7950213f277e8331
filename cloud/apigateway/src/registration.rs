//! Hangs the operations on the door, each with the permission it needs.

use crate::access::{on, pass_role};
use crate::api::{
    absent, account, deployments, integration_responses, integrations, method_responses, methods, models,
    request_validators, resources, rest_apis, stages, tags,
};
use crate::{ApiGateway, Listeners};
use slam_cloud_core::{Access, Cloud, Context, Registry, Store, StoreError};
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// Registers an operation whose permission is a verb on a path: `GetStage: stages::get, GET "/restapis/{}", id`.
macro_rules! operation {
    ($registry:ident, $service:ident, $operation:ident: $handler:path, $verb:literal $path:literal $(, $field:ident)*) => {
        $registry.operation::<ApiGateway, wire::$operation, _, _>(
            $service,
            |_: &ApiGateway, context: &Context, _input: &wire::$operation| {
                vec![on(context, concat!("apigateway:", $verb), format!($path $(, _input.$field)*))]
            },
            $handler,
        );
    };
}

/// Opens the service's collections and registers its operations. [`ApiGateway::restore`] opens the APIs' ports when
/// the listeners can.
///
/// # Errors
/// When the store cannot be read.
pub fn register(
    cloud: &Cloud,
    store: &Arc<Store>,
    registry: &mut Registry,
    listeners: Arc<dyn Listeners>,
) -> Result<Arc<ApiGateway>, StoreError> {
    let service = Arc::new(ApiGateway::new(cloud, store, listeners)?);
    registry.service(&wire::SERVICE, service.clone());
    register_apis(registry, &service);
    register_resources(registry, &service);
    register_methods(registry, &service);
    register_method_responses(registry, &service);
    register_integrations(registry, &service);
    register_integration_responses(registry, &service);
    register_deployments(registry, &service);
    register_stages(registry, &service);
    register_models(registry, &service);
    register_validators(registry, &service);
    register_account_and_tags(registry, &service);
    register_absent(registry, &service);
    Ok(service)
}

fn register_apis(registry: &mut Registry, service: &Arc<ApiGateway>) {
    operation!(registry, service, CreateRestApi: rest_apis::create, "POST" "/restapis");
    operation!(registry, service, GetRestApis: rest_apis::list, "GET" "/restapis");
    operation!(registry, service, GetRestApi: rest_apis::get, "GET" "/restapis/{}", rest_api_id);
    operation!(registry, service, UpdateRestApi: rest_apis::update, "PATCH" "/restapis/{}", rest_api_id);
    operation!(registry, service, DeleteRestApi: rest_apis::delete, "DELETE" "/restapis/{}", rest_api_id);
}

fn register_resources(registry: &mut Registry, service: &Arc<ApiGateway>) {
    operation!(registry, service, CreateResource: resources::create, "POST" "/restapis/{}/resources/{}", rest_api_id, parent_id);
    operation!(registry, service, GetResources: resources::list, "GET" "/restapis/{}/resources", rest_api_id);
    operation!(registry, service, GetResource: resources::get, "GET" "/restapis/{}/resources/{}", rest_api_id, resource_id);
    operation!(registry, service, UpdateResource: resources::update, "PATCH" "/restapis/{}/resources/{}", rest_api_id, resource_id);
    operation!(registry, service, DeleteResource: resources::delete, "DELETE" "/restapis/{}/resources/{}", rest_api_id, resource_id);
}

fn register_methods(registry: &mut Registry, service: &Arc<ApiGateway>) {
    operation!(registry, service, PutMethod: methods::put, "PUT" "/restapis/{}/resources/{}/methods/{}", rest_api_id, resource_id, http_method);
    operation!(registry, service, GetMethod: methods::get, "GET" "/restapis/{}/resources/{}/methods/{}", rest_api_id, resource_id, http_method);
    operation!(registry, service, UpdateMethod: methods::update, "PATCH" "/restapis/{}/resources/{}/methods/{}", rest_api_id, resource_id, http_method);
    operation!(registry, service, DeleteMethod: methods::delete, "DELETE" "/restapis/{}/resources/{}/methods/{}", rest_api_id, resource_id, http_method);
}

fn register_method_responses(registry: &mut Registry, service: &Arc<ApiGateway>) {
    operation!(registry, service, PutMethodResponse: method_responses::put, "PUT" "/restapis/{}/resources/{}/methods/{}/responses/{}", rest_api_id, resource_id, http_method, status_code);
    operation!(registry, service, GetMethodResponse: method_responses::get, "GET" "/restapis/{}/resources/{}/methods/{}/responses/{}", rest_api_id, resource_id, http_method, status_code);
    operation!(registry, service, UpdateMethodResponse: method_responses::update, "PATCH" "/restapis/{}/resources/{}/methods/{}/responses/{}", rest_api_id, resource_id, http_method, status_code);
    operation!(registry, service, DeleteMethodResponse: method_responses::delete, "DELETE" "/restapis/{}/resources/{}/methods/{}/responses/{}", rest_api_id, resource_id, http_method, status_code);
}

fn register_integrations(registry: &mut Registry, service: &Arc<ApiGateway>) {
    registry.operation::<ApiGateway, wire::PutIntegration, _, _>(
        service,
        |_: &ApiGateway, context: &Context, input: &wire::PutIntegration| {
            let wire::PutIntegration { rest_api_id, resource_id, http_method, .. } = input;
            let path = format!("/restapis/{rest_api_id}/resources/{resource_id}/methods/{http_method}/integration");
            let role = input.credentials.as_deref().filter(|credentials| credentials.contains(":role/"));
            with_role(on(context, "apigateway:PUT", path), role)
        },
        integrations::put,
    );
    operation!(registry, service, GetIntegration: integrations::get, "GET" "/restapis/{}/resources/{}/methods/{}/integration", rest_api_id, resource_id, http_method);
    operation!(registry, service, UpdateIntegration: integrations::update, "PATCH" "/restapis/{}/resources/{}/methods/{}/integration", rest_api_id, resource_id, http_method);
    operation!(registry, service, DeleteIntegration: integrations::delete, "DELETE" "/restapis/{}/resources/{}/methods/{}/integration", rest_api_id, resource_id, http_method);
}

fn register_integration_responses(registry: &mut Registry, service: &Arc<ApiGateway>) {
    operation!(registry, service, PutIntegrationResponse: integration_responses::put, "PUT" "/restapis/{}/resources/{}/methods/{}/integration/responses/{}", rest_api_id, resource_id, http_method, status_code);
    operation!(registry, service, GetIntegrationResponse: integration_responses::get, "GET" "/restapis/{}/resources/{}/methods/{}/integration/responses/{}", rest_api_id, resource_id, http_method, status_code);
    operation!(registry, service, UpdateIntegrationResponse: integration_responses::update, "PATCH" "/restapis/{}/resources/{}/methods/{}/integration/responses/{}", rest_api_id, resource_id, http_method, status_code);
    operation!(registry, service, DeleteIntegrationResponse: integration_responses::delete, "DELETE" "/restapis/{}/resources/{}/methods/{}/integration/responses/{}", rest_api_id, resource_id, http_method, status_code);
}

fn register_deployments(registry: &mut Registry, service: &Arc<ApiGateway>) {
    operation!(registry, service, CreateDeployment: deployments::create, "POST" "/restapis/{}/deployments", rest_api_id);
    operation!(registry, service, GetDeployments: deployments::list, "GET" "/restapis/{}/deployments", rest_api_id);
    operation!(registry, service, GetDeployment: deployments::get, "GET" "/restapis/{}/deployments/{}", rest_api_id, deployment_id);
    operation!(registry, service, UpdateDeployment: deployments::update, "PATCH" "/restapis/{}/deployments/{}", rest_api_id, deployment_id);
    operation!(registry, service, DeleteDeployment: deployments::delete, "DELETE" "/restapis/{}/deployments/{}", rest_api_id, deployment_id);
}

fn register_stages(registry: &mut Registry, service: &Arc<ApiGateway>) {
    operation!(registry, service, CreateStage: stages::create, "POST" "/restapis/{}/stages", rest_api_id);
    operation!(registry, service, GetStages: stages::list, "GET" "/restapis/{}/stages", rest_api_id);
    operation!(registry, service, GetStage: stages::get, "GET" "/restapis/{}/stages/{}", rest_api_id, stage_name);
    operation!(registry, service, UpdateStage: stages::update, "PATCH" "/restapis/{}/stages/{}", rest_api_id, stage_name);
    operation!(registry, service, DeleteStage: stages::delete, "DELETE" "/restapis/{}/stages/{}", rest_api_id, stage_name);
}

fn register_models(registry: &mut Registry, service: &Arc<ApiGateway>) {
    operation!(registry, service, CreateModel: models::create, "POST" "/restapis/{}/models", rest_api_id);
    operation!(registry, service, GetModels: models::list, "GET" "/restapis/{}/models", rest_api_id);
    operation!(registry, service, GetModel: models::get, "GET" "/restapis/{}/models/{}", rest_api_id, model_name);
    operation!(registry, service, UpdateModel: models::update, "PATCH" "/restapis/{}/models/{}", rest_api_id, model_name);
    operation!(registry, service, DeleteModel: models::delete, "DELETE" "/restapis/{}/models/{}", rest_api_id, model_name);
}

fn register_validators(registry: &mut Registry, service: &Arc<ApiGateway>) {
    operation!(registry, service, CreateRequestValidator: request_validators::create, "POST" "/restapis/{}/requestvalidators", rest_api_id);
    operation!(registry, service, GetRequestValidators: request_validators::list, "GET" "/restapis/{}/requestvalidators", rest_api_id);
    operation!(registry, service, GetRequestValidator: request_validators::get, "GET" "/restapis/{}/requestvalidators/{}", rest_api_id, request_validator_id);
    operation!(registry, service, UpdateRequestValidator: request_validators::update, "PATCH" "/restapis/{}/requestvalidators/{}", rest_api_id, request_validator_id);
    operation!(registry, service, DeleteRequestValidator: request_validators::delete, "DELETE" "/restapis/{}/requestvalidators/{}", rest_api_id, request_validator_id);
}

fn register_account_and_tags(registry: &mut Registry, service: &Arc<ApiGateway>) {
    operation!(registry, service, GetAccount: account::get, "GET" "/account");
    registry.operation::<ApiGateway, wire::UpdateAccount, _, _>(
        service,
        |_: &ApiGateway, context: &Context, input: &wire::UpdateAccount| {
            let roles = input.patch_operations.iter().flatten();
            let role = roles.filter(|patch| patch.path.as_deref() == Some("/cloudwatchRoleArn"));
            let role = role.filter_map(|patch| patch.value.as_deref()).find(|role| !role.is_empty());
            with_role(on(context, "apigateway:PATCH", "/account"), role)
        },
        account::update,
    );
    operation!(registry, service, GetTags: tags::get, "GET" "/tags/{}", resource_arn);
    operation!(registry, service, TagResource: tags::tag, "PUT" "/tags/{}", resource_arn);
    operation!(registry, service, UntagResource: tags::untag, "DELETE" "/tags/{}", resource_arn);
}

fn register_absent(registry: &mut Registry, service: &Arc<ApiGateway>) {
    operation!(registry, service, GetUsagePlans: absent::usage_plans, "GET" "/usageplans");
    operation!(registry, service, GetApiKeys: absent::api_keys, "GET" "/apikeys");
    operation!(registry, service, GetVpcLinks: absent::vpc_links, "GET" "/vpclinks");
    operation!(registry, service, GetDomainNames: absent::domain_names, "GET" "/domainnames");
    operation!(registry, service, GetClientCertificates: absent::client_certificates, "GET" "/clientcertificates");
    operation!(registry, service, GetAuthorizers: absent::authorizers, "GET" "/restapis/{}/authorizers", rest_api_id);
}

/// Whoever hands a role over must be allowed to.
fn with_role(access: Access, role: Option<&str>) -> Vec<Access> {
    std::iter::once(access).chain(role.map(pass_role)).collect()
}
