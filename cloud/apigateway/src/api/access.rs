//! What API Gateway's own operations need: the HTTP verb as the action, the path as the resource.
//!
//! AWS: "Control access to a REST API with IAM permissions", actions `apigateway:GET|POST|PUT|PATCH|DELETE` on
//! `arn:aws:apigateway:REGION::PATH`.

use crate::ApiGateway;
use slam_cloud_core::schema::Location;
use slam_cloud_core::{Access, Context, Operation, Value};
use slam_cloud_wire::apigateway as wire;

/// The verb and path of an operation's request.
pub(super) fn request<O: Operation + Clone>(_: &ApiGateway, context: &Context, input: &O) -> Vec<Access> {
    vec![verb_on_path(context, input)]
}

/// The same, and the permission to hand over the role that the integration takes on.
pub(super) fn put_integration(_: &ApiGateway, context: &Context, input: &wire::PutIntegration) -> Vec<Access> {
    let role = input.credentials.as_deref().filter(|credentials| credentials.contains(":role/"));
    with_role(verb_on_path(context, input), role)
}

/// The same, and the permission to hand over the role that writes the logs.
pub(super) fn update_account(_: &ApiGateway, context: &Context, input: &wire::UpdateAccount) -> Vec<Access> {
    with_role(verb_on_path(context, input), patched(input.patch_operations.as_ref(), "/cloudwatchRoleArn"))
}

/// The same, and the permission to hand over the role that calls the authorizer's function.
pub(super) fn create_authorizer(_: &ApiGateway, context: &Context, input: &wire::CreateAuthorizer) -> Vec<Access> {
    let role = input.authorizer_credentials.as_deref().filter(|role| !role.is_empty());
    with_role(verb_on_path(context, input), role)
}

/// The same.
pub(super) fn update_authorizer(_: &ApiGateway, context: &Context, input: &wire::UpdateAuthorizer) -> Vec<Access> {
    with_role(verb_on_path(context, input), patched(input.patch_operations.as_ref(), "/authorizerCredentials"))
}

/// The role that an update puts in a place.
fn patched<'a>(patches: Option<&'a Vec<wire::PatchOperation>>, path: &str) -> Option<&'a str> {
    let patches = patches.into_iter().flatten().filter(|patch| patch.path.as_deref() == Some(path));
    patches.filter_map(|patch| patch.value.as_deref()).find(|role| !role.is_empty())
}

fn verb_on_path<O: Operation + Clone>(context: &Context, input: &O) -> Access {
    let resource = format!("arn:{}:apigateway:{}::{}", context.partition(), context.region, path(input));
    Access::new(format!("apigateway:{}", O::MODEL.method), resource)
}

/// The operation's URI with the input's values for its labels, not encoded, without a query string.
fn path<O: Operation + Clone>(input: &O) -> String {
    let pattern = O::MODEL.uri.split('?').next().unwrap_or_default();
    let (Some(structure), Value::Structure(values)) = (O::MODEL.input.structure(), input.clone().into_value()) else {
        return pattern.to_owned();
    };
    let labels = structure.members.iter().zip(values).filter(|(member, _)| member.location == Location::Uri);
    labels.fold(pattern.to_owned(), |path, (member, value)| match value {
        Some(Value::String(value)) => path.replace(&format!("{{{}}}", member.wire_name), &value),
        _ => path,
    })
}

/// Whoever hands a role over must be allowed to.
fn with_role(access: Access, role: Option<&str>) -> Vec<Access> {
    let pass = |role| Access::new("iam:PassRole", role).condition("iam:PassedToService", "apigateway.amazonaws.com");
    std::iter::once(access).chain(role.map(pass)).collect()
}
