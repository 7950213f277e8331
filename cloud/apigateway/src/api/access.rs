//! What API Gateway's own operations need: the HTTP verb as the action, the path as the resource.

use crate::ApiGateway;
use crate::openapi::Document;
use slam_cloud_core::{Access, Context, Operation};
use slam_cloud_gateway::access::{of_request, with_roles};
use slam_cloud_wire::apigateway as wire;
use std::collections::BTreeSet;

/// The verb and path of an operation's request.
pub(super) fn request<O: Operation + Clone>(_: &ApiGateway, context: &Context, input: &O) -> Vec<Access> {
    vec![of_request(context, input)]
}

/// The same, and the permission to hand over the role that the integration takes on.
pub(super) fn put_integration(_: &ApiGateway, context: &Context, input: &wire::PutIntegration) -> Vec<Access> {
    with_roles(context, input, input.credentials.as_deref())
}

/// The same.
pub(super) fn update_integration(_: &ApiGateway, context: &Context, input: &wire::UpdateIntegration) -> Vec<Access> {
    with_roles(context, input, patched(input.patch_operations.as_ref(), "/credentials"))
}

/// The same, and the permission to hand over the roles that the document names.
pub(super) fn import_rest_api(_: &ApiGateway, context: &Context, input: &wire::ImportRestApi) -> Vec<Access> {
    with_roles(context, input, roles_of(context, &input.body).iter().map(String::as_str))
}

/// The same.
pub(super) fn put_rest_api(_: &ApiGateway, context: &Context, input: &wire::PutRestApi) -> Vec<Access> {
    with_roles(context, input, roles_of(context, &input.body).iter().map(String::as_str))
}

/// What cannot be read hands nothing over: it is refused as a whole.
fn roles_of(context: &Context, body: &[u8]) -> BTreeSet<String> {
    Document::read(body, context).map(|document| document.roles()).unwrap_or_default()
}

/// The same, and the permission to hand over the role that writes the logs.
pub(super) fn update_account(_: &ApiGateway, context: &Context, input: &wire::UpdateAccount) -> Vec<Access> {
    with_roles(context, input, patched(input.patch_operations.as_ref(), "/cloudwatchRoleArn"))
}

/// The same, and the permission to hand over the role that calls the authorizer's function.
pub(super) fn create_authorizer(_: &ApiGateway, context: &Context, input: &wire::CreateAuthorizer) -> Vec<Access> {
    with_roles(context, input, input.authorizer_credentials.as_deref())
}

/// The same.
pub(super) fn update_authorizer(_: &ApiGateway, context: &Context, input: &wire::UpdateAuthorizer) -> Vec<Access> {
    with_roles(context, input, patched(input.patch_operations.as_ref(), "/authorizerCredentials"))
}

/// The roles that an update puts in a place, one after the other: the last one stays.
fn patched<'a>(patches: Option<&'a Vec<wire::PatchOperation>>, path: &str) -> impl Iterator<Item = &'a str> {
    let patches = patches.into_iter().flatten().filter(move |patch| patch.path.as_deref() == Some(path));
    patches.filter_map(|patch| patch.value.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_that_an_update_names_is_asked_for() {
        let patch = |path: &str, value: Option<&str>| wire::PatchOperation {
            op: Some("replace".into()),
            path: Some(path.into()),
            value: value.map(str::to_owned),
            from: None,
        };
        let (first, last) = ("arn:aws:iam::000000000000:role/a", "arn:aws:iam::000000000000:role/b");
        let patches = vec![
            patch("/uri", Some("arn:aws:iam::000000000000:role/c")),
            patch("/credentials", Some(first)),
            patch("/credentials", None),
            patch("/credentials", Some(last)),
        ];
        let roles: Vec<&str> = patched(Some(&patches), "/credentials").collect();
        assert_eq!(roles, [first, last]);
        assert_eq!(patched(None, "/credentials").count(), 0);
    }
}
