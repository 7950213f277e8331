//! The control plane: one file per kind of thing.

pub mod absent;
mod access;
pub mod account;
pub mod api_keys;
pub mod authorizers;
pub mod deployments;
pub mod documentation_parts;
pub mod documentation_versions;
pub mod exports;
pub mod gateway_responses;
pub mod import_api_keys;
mod importer;
pub mod imports;
pub mod integration_responses;
pub mod integrations;
mod jwt_configuration;
pub mod method_responses;
pub mod methods;
pub mod models;
mod paging;
pub mod request_validators;
pub mod resources;
pub mod rest_apis;
pub mod stage_patch;
mod stage_rules;
pub mod stages;
pub mod tags;
pub mod usage;
pub mod usage_plan_keys;
mod usage_plan_patch;
mod usage_plan_rules;
pub mod usage_plans;

use crate::ApiGateway;
use crate::error::{no_integration, no_method, no_resource};
use crate::model::{Integration, Method, Resource, RestApi};
use slam_cloud_core::{AwsResult, Registry};
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// Hangs every operation on the door: its shape, the permission it needs, what it does.
pub(crate) fn register(service: &Arc<ApiGateway>, registry: &mut Registry) {
    registry
        .service(service)
        .add::<wire::CreateRestApi>(access::request, rest_apis::create)
        .add::<wire::GetRestApis>(access::request, rest_apis::list)
        .add::<wire::GetRestApi>(access::request, rest_apis::get)
        .add::<wire::UpdateRestApi>(access::request, rest_apis::update)
        .add::<wire::DeleteRestApi>(access::request, rest_apis::delete)
        .add::<wire::ImportRestApi>(access::import_rest_api, imports::import)
        .add::<wire::PutRestApi>(access::put_rest_api, imports::put)
        .add::<wire::GetExport>(access::request, exports::get)
        .add::<wire::CreateResource>(access::request, resources::create)
        .add::<wire::GetResources>(access::request, resources::list)
        .add::<wire::GetResource>(access::request, resources::get)
        .add::<wire::UpdateResource>(access::request, resources::update)
        .add::<wire::DeleteResource>(access::request, resources::delete)
        .add::<wire::PutMethod>(access::request, methods::put)
        .add::<wire::GetMethod>(access::request, methods::get)
        .add::<wire::UpdateMethod>(access::request, methods::update)
        .add::<wire::DeleteMethod>(access::request, methods::delete)
        .add::<wire::PutMethodResponse>(access::request, method_responses::put)
        .add::<wire::GetMethodResponse>(access::request, method_responses::get)
        .add::<wire::UpdateMethodResponse>(access::request, method_responses::update)
        .add::<wire::DeleteMethodResponse>(access::request, method_responses::delete)
        .add::<wire::PutIntegration>(access::put_integration, integrations::put)
        .add::<wire::GetIntegration>(access::request, integrations::get)
        .add::<wire::UpdateIntegration>(access::update_integration, integrations::update)
        .add::<wire::DeleteIntegration>(access::request, integrations::delete)
        .add::<wire::PutIntegrationResponse>(access::request, integration_responses::put)
        .add::<wire::GetIntegrationResponse>(access::request, integration_responses::get)
        .add::<wire::UpdateIntegrationResponse>(access::request, integration_responses::update)
        .add::<wire::DeleteIntegrationResponse>(access::request, integration_responses::delete)
        .add::<wire::CreateDeployment>(access::request, deployments::create)
        .add::<wire::GetDeployments>(access::request, deployments::list)
        .add::<wire::GetDeployment>(access::request, deployments::get)
        .add::<wire::UpdateDeployment>(access::request, deployments::update)
        .add::<wire::DeleteDeployment>(access::request, deployments::delete)
        .add::<wire::CreateStage>(access::request, stages::create)
        .add::<wire::GetStages>(access::request, stages::list)
        .add::<wire::GetStage>(access::request, stages::get)
        .add::<wire::UpdateStage>(access::request, stages::update)
        .add::<wire::DeleteStage>(access::request, stages::delete)
        .add::<wire::CreateModel>(access::request, models::create)
        .add::<wire::GetModels>(access::request, models::list)
        .add::<wire::GetModel>(access::request, models::get)
        .add::<wire::UpdateModel>(access::request, models::update)
        .add::<wire::DeleteModel>(access::request, models::delete)
        .add::<wire::CreateRequestValidator>(access::request, request_validators::create)
        .add::<wire::GetRequestValidators>(access::request, request_validators::list)
        .add::<wire::GetRequestValidator>(access::request, request_validators::get)
        .add::<wire::UpdateRequestValidator>(access::request, request_validators::update)
        .add::<wire::DeleteRequestValidator>(access::request, request_validators::delete)
        .add::<wire::CreateDocumentationPart>(access::request, documentation_parts::create)
        .add::<wire::GetDocumentationParts>(access::request, documentation_parts::list)
        .add::<wire::GetDocumentationPart>(access::request, documentation_parts::get)
        .add::<wire::UpdateDocumentationPart>(access::request, documentation_parts::update)
        .add::<wire::DeleteDocumentationPart>(access::request, documentation_parts::delete)
        .add::<wire::ImportDocumentationParts>(access::request, documentation_parts::import_all)
        .add::<wire::CreateDocumentationVersion>(access::request, documentation_versions::create)
        .add::<wire::GetDocumentationVersions>(access::request, documentation_versions::list)
        .add::<wire::GetDocumentationVersion>(access::request, documentation_versions::get)
        .add::<wire::UpdateDocumentationVersion>(access::request, documentation_versions::update)
        .add::<wire::DeleteDocumentationVersion>(access::request, documentation_versions::delete)
        .add::<wire::GetAccount>(access::request, account::get)
        .add::<wire::UpdateAccount>(access::update_account, account::update)
        .add::<wire::GetTags>(access::request, tags::get)
        .add::<wire::TagResource>(access::request, tags::tag)
        .add::<wire::UntagResource>(access::request, tags::untag)
        .add::<wire::CreateApiKey>(access::request, api_keys::create)
        .add::<wire::GetApiKeys>(access::request, api_keys::list)
        .add::<wire::GetApiKey>(access::request, api_keys::get)
        .add::<wire::UpdateApiKey>(access::request, api_keys::update)
        .add::<wire::DeleteApiKey>(access::request, api_keys::delete)
        .add::<wire::ImportApiKeys>(access::request, import_api_keys::import)
        .add::<wire::CreateUsagePlan>(access::request, usage_plans::create)
        .add::<wire::GetUsagePlans>(access::request, usage_plans::list)
        .add::<wire::GetUsagePlan>(access::request, usage_plans::get)
        .add::<wire::UpdateUsagePlan>(access::request, usage_plans::update)
        .add::<wire::DeleteUsagePlan>(access::request, usage_plans::delete)
        .add::<wire::CreateUsagePlanKey>(access::request, usage_plan_keys::create)
        .add::<wire::GetUsagePlanKeys>(access::request, usage_plan_keys::list)
        .add::<wire::GetUsagePlanKey>(access::request, usage_plan_keys::get)
        .add::<wire::DeleteUsagePlanKey>(access::request, usage_plan_keys::delete)
        .add::<wire::GetUsage>(access::request, usage::get)
        .add::<wire::UpdateUsage>(access::request, usage::update)
        .add::<wire::CreateAuthorizer>(access::create_authorizer, authorizers::create)
        .add::<wire::GetAuthorizers>(access::request, authorizers::list)
        .add::<wire::GetAuthorizer>(access::request, authorizers::get)
        .add::<wire::UpdateAuthorizer>(access::update_authorizer, authorizers::update)
        .add::<wire::DeleteAuthorizer>(access::request, authorizers::delete)
        .add::<wire::FlushStageAuthorizersCache>(access::request, authorizers::flush)
        .add::<wire::TestInvokeAuthorizer>(access::request, authorizers::test)
        .add::<wire::PutGatewayResponse>(access::request, gateway_responses::put)
        .add::<wire::GetGatewayResponses>(access::request, gateway_responses::list)
        .add::<wire::GetGatewayResponse>(access::request, gateway_responses::get)
        .add::<wire::UpdateGatewayResponse>(access::request, gateway_responses::update)
        .add::<wire::DeleteGatewayResponse>(access::request, gateway_responses::delete)
        .add::<wire::GetVpcLinks>(access::request, absent::vpc_links)
        .add::<wire::GetDomainNames>(access::request, absent::domain_names)
        .add::<wire::GetClientCertificates>(access::request, absent::client_certificates);
}

/// A resource of an API.
fn resource<'a>(api: &'a RestApi, id: &str) -> AwsResult<&'a Resource> {
    api.resources.get(id).ok_or_else(no_resource)
}

/// A method of a resource.
fn method<'a>(api: &'a RestApi, resource_id: &str, verb: &str) -> AwsResult<&'a Method> {
    resource(api, resource_id)?.methods.get(verb).ok_or_else(no_method)
}

/// A method of a resource, to be changed.
fn method_mut<'a>(api: &'a mut RestApi, resource_id: &str, verb: &str) -> AwsResult<&'a mut Method> {
    let resource = api.resources.get_mut(resource_id).ok_or_else(no_resource)?;
    resource.methods.get_mut(verb).ok_or_else(no_method)
}

/// The integration of a method, to be changed.
fn integration_mut<'a>(api: &'a mut RestApi, resource_id: &str, verb: &str) -> AwsResult<&'a mut Integration> {
    method_mut(api, resource_id, verb)?.integration.as_mut().ok_or_else(no_integration)
}
