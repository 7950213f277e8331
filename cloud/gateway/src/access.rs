//! What operations of API Gateway need, of both versions: the HTTP verb as the action, the path as the resource.
//!
//! `apigateway:GET|POST|PUT|PATCH|DELETE` on `arn:aws:apigateway:REGION::PATH`, the path without the `/v2` of the second version:
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html>,
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagementv2.html>.

use crate::SERVICE;
use slam_cloud_core::schema::Location;
use slam_cloud_core::{Access, Context, Operation, Value};

/// The verb and path of an operation's request.
pub fn of_request<O: Operation + Clone>(context: &Context, input: &O) -> Access {
    let resource = format!("arn:{}:apigateway:{}::{}", context.partition(), context.region, path(input));
    Access::new(format!("apigateway:{}", O::MODEL.method), resource)
}

/// The same, and the permission to hand over each role that there is: whatever stands in a role's place, stage variables in it or
/// not.
pub fn with_roles<'a, O: Operation + Clone>(
    context: &Context,
    input: &O,
    roles: impl IntoIterator<Item = &'a str>,
) -> Vec<Access> {
    let roles = roles.into_iter().filter(|role| !role.is_empty());
    std::iter::once(of_request(context, input)).chain(roles.map(pass)).collect()
}

/// The permission to hand over a role.
fn pass(role: &str) -> Access {
    Access::new("iam:PassRole", role).condition("iam:PassedToService", SERVICE)
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

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_core::Principal;
    use slam_cloud_wire::{apigateway, apigatewayv2};

    fn check<O: Operation + Clone>(input: &O, role: Option<&str>, expected: &[(&str, &str)]) {
        let context = Context::new("000000000000", "us-east-1", Principal::Anonymous);
        let needed = with_roles(&context, input, role);
        let needed: Vec<(&str, &str)> = needed.iter().map(|one| (&*one.action, &*one.resource)).collect();
        assert_eq!(needed, expected);
    }

    #[test]
    fn both_versions_ask_for_verbs_on_paths() {
        let stage = apigateway::GetStage { rest_api_id: "a".into(), stage_name: "dev".into() };
        check(&stage, None, &[("apigateway:GET", "arn:aws:apigateway:us-east-1::/restapis/a/stages/dev")]);
        let stage = apigatewayv2::DeleteStage { api_id: "a".into(), stage_name: "$default".into() };
        check(&stage, Some(""), &[("apigateway:DELETE", "arn:aws:apigateway:us-east-1::/apis/a/stages/$default")]);
        let role = "arn:aws:iam::000000000000:role/r";
        let apis = apigatewayv2::GetApis::default();
        for role in [role, "arn:aws:iam::000000000000:${stageVariables.r}"] {
            let read = ("apigateway:GET", "arn:aws:apigateway:us-east-1::/apis");
            check(&apis, Some(role), &[read, ("iam:PassRole", role)]);
        }
    }
}
