//! What API Gateway's own operations need: the HTTP verb as the action, the path as the resource.
//!
//! AWS: "Control access to a REST API with IAM permissions", actions `apigateway:GET|POST|PUT|PATCH|DELETE` on
//! `arn:aws:apigateway:REGION::PATH`.

use slam_cloud_core::{Access, Context};

/// The permission for a verb on a path of the control plane.
pub fn on(context: &Context, verb: &'static str, path: impl AsRef<str>) -> Access {
    Access::new(verb, format!("arn:{}:apigateway:{}::{}", context.partition(), context.region, path.as_ref()))
}

/// The permission to hand a role to API Gateway.
pub fn pass_role(role: &str) -> Access {
    Access::new("iam:PassRole", role).condition("iam:PassedToService", "apigateway.amazonaws.com")
}
