//! What the operations need: the HTTP verb as the action, the path as the resource.
//!
//! "Actions, resources, and condition keys for Amazon API Gateway Management V2": `apigateway:GET|POST|PUT|PATCH|DELETE` on
//! `arn:aws:apigateway:REGION::/apis/…`, the path without `/v2`.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagementv2.html>

use crate::ApiGatewayV2;
use slam_cloud_core::schema::Location;
use slam_cloud_core::{Access, Context, Operation, Value};
use slam_cloud_wire::apigatewayv2 as wire;

/// The verb and path of an operation's request.
pub(super) fn request<O: Operation + Clone>(_: &ApiGatewayV2, context: &Context, input: &O) -> Vec<Access> {
    vec![verb_on_path(context, input)]
}

/// The same, and the permission to hand over the role of quick create's integration.
pub(super) fn create_api(_: &ApiGatewayV2, context: &Context, input: &wire::CreateApi) -> Vec<Access> {
    with_role(verb_on_path(context, input), input.credentials_arn.as_deref())
}

/// The same.
pub(super) fn update_api(_: &ApiGatewayV2, context: &Context, input: &wire::UpdateApi) -> Vec<Access> {
    with_role(verb_on_path(context, input), input.credentials_arn.as_deref())
}

/// The same, and the permission to hand over the role that the integration takes on.
pub(super) fn create_integration(_: &ApiGatewayV2, context: &Context, input: &wire::CreateIntegration) -> Vec<Access> {
    with_role(verb_on_path(context, input), input.credentials_arn.as_deref())
}

/// The same.
pub(super) fn update_integration(_: &ApiGatewayV2, context: &Context, input: &wire::UpdateIntegration) -> Vec<Access> {
    with_role(verb_on_path(context, input), input.credentials_arn.as_deref())
}

/// The same, and the permission to hand over the role as which an authorizer's function is called.
pub(super) fn create_authorizer(_: &ApiGatewayV2, context: &Context, input: &wire::CreateAuthorizer) -> Vec<Access> {
    with_role(verb_on_path(context, input), input.authorizer_credentials_arn.as_deref())
}

/// The same.
pub(super) fn update_authorizer(_: &ApiGatewayV2, context: &Context, input: &wire::UpdateAuthorizer) -> Vec<Access> {
    with_role(verb_on_path(context, input), input.authorizer_credentials_arn.as_deref())
}

fn verb_on_path<O: Operation + Clone>(context: &Context, input: &O) -> Access {
    let resource = format!("arn:{}:apigateway:{}::{}", context.partition(), context.region, path(input));
    Access::new(format!("apigateway:{}", O::MODEL.method), resource)
}

/// The operation's URI with the input's values for its labels, not encoded, without a query string.
fn path<O: Operation + Clone>(input: &O) -> String {
    let pattern = O::MODEL.uri.split('?').next().unwrap_or_default();
    let pattern = pattern.strip_prefix("/v2").unwrap_or(pattern);
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
    let pass = |role| Access::new("iam:PassRole", role).condition("iam:PassedToService", crate::SERVICE);
    let role = role.filter(|role| role.contains(":role/"));
    std::iter::once(access).chain(role.map(pass)).collect()
}
