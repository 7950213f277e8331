//! The control plane: one file per kind of thing.

pub mod absent;
pub mod account;
pub mod deployments;
pub mod integration_responses;
pub mod integrations;
pub mod method_responses;
pub mod methods;
pub mod models;
pub mod request_validators;
pub mod resources;
pub mod rest_apis;
pub mod stage_patch;
pub mod stages;
pub mod tags;

use crate::error::{no_integration, no_method, no_resource};
use crate::model::{Integration, Method, Resource, RestApi};
use slam_cloud_core::AwsResult;

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
