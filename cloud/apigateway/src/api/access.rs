//! What API Gateway's own operations need: the HTTP verb as the action, the path as the resource.

use crate::ApiGateway;
use crate::openapi::Document;
use slam_cloud_core::{Access, Context, Operation};
use slam_cloud_gateway::access::{of_request, pass, with_role};
use slam_cloud_wire::apigateway as wire;

/// The verb and path of an operation's request.
pub(super) fn request<O: Operation + Clone>(_: &ApiGateway, context: &Context, input: &O) -> Vec<Access> {
    vec![of_request(context, input)]
}

/// The same, and the permission to hand over the role that the integration takes on.
pub(super) fn put_integration(_: &ApiGateway, context: &Context, input: &wire::PutIntegration) -> Vec<Access> {
    with_role(context, input, input.credentials.as_deref())
}

/// The same, and the permission to hand over the roles that the document names.
pub(super) fn import_rest_api(_: &ApiGateway, context: &Context, input: &wire::ImportRestApi) -> Vec<Access> {
    with_roles_of(context, of_request(context, input), &input.body)
}

/// The same.
pub(super) fn put_rest_api(_: &ApiGateway, context: &Context, input: &wire::PutRestApi) -> Vec<Access> {
    with_roles_of(context, of_request(context, input), &input.body)
}

/// What cannot be read hands nothing over: it is refused as a whole.
fn with_roles_of(context: &Context, access: Access, body: &[u8]) -> Vec<Access> {
    let roles = Document::read(body, context).map(|document| document.roles()).unwrap_or_default();
    std::iter::once(access).chain(roles.iter().map(String::as_str).map(pass)).collect()
}

/// The same, and the permission to hand over the role that writes the logs.
pub(super) fn update_account(_: &ApiGateway, context: &Context, input: &wire::UpdateAccount) -> Vec<Access> {
    with_role(context, input, patched(input.patch_operations.as_ref(), "/cloudwatchRoleArn"))
}

/// The same, and the permission to hand over the role that calls the authorizer's function.
pub(super) fn create_authorizer(_: &ApiGateway, context: &Context, input: &wire::CreateAuthorizer) -> Vec<Access> {
    with_role(context, input, input.authorizer_credentials.as_deref())
}

/// The same.
pub(super) fn update_authorizer(_: &ApiGateway, context: &Context, input: &wire::UpdateAuthorizer) -> Vec<Access> {
    with_role(context, input, patched(input.patch_operations.as_ref(), "/authorizerCredentials"))
}

/// The role that an update puts in a place.
fn patched<'a>(patches: Option<&'a Vec<wire::PatchOperation>>, path: &str) -> Option<&'a str> {
    let patches = patches.into_iter().flatten().filter(|patch| patch.path.as_deref() == Some(path));
    patches.filter_map(|patch| patch.value.as_deref()).find(|role| !role.is_empty())
}
