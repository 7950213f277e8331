//! Execution roles: whether Lambda may take one on, and the credentials it gets.

use crate::error::invalid_parameter;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Cloud, Context, Timestamp};
use slam_cloud_kit::role::RoleSession;
use std::sync::Arc;

/// The name that roles trust.
const PRINCIPAL: &str = "lambda.amazonaws.com";

/// Lambda's own context in an account and region.
pub fn of_lambda(scope: &Scope) -> Context {
    Context::of_service(Arc::clone(&scope.account), Arc::clone(&scope.region), PRINCIPAL)
}

/// The same account and region, as Lambda acting for a function.
pub fn as_lambda(context: &Context, arn: &str) -> Context {
    let mut context = context.as_service(PRINCIPAL, Some(arn));
    context.called_via = None;
    context.source_ip = None;
    context.user_agent = None;
    context.request_id = slam_cloud_core::id::request_id().into();
    context
}

/// Takes on the role of a function.
///
/// # Errors
/// Whatever STS answers.
pub async fn assume(cloud: &Cloud, as_lambda: Context, role: &str, function: &str) -> AwsResult<RoleSession> {
    slam_cloud_kit::role::assume(cloud, as_lambda, role, &session_name(function)).await
}

/// Makes sure that Lambda may take on a role, as it does when a function gets one.
///
/// # Errors
/// AWS's, when the role's trust policy does not let it or there is no such role.
pub async fn check(cloud: &Cloud, context: &Context, arn: &str, role: &str, function: &str) -> AwsResult<()> {
    match assume(cloud, as_lambda(context, arn), role, function).await {
        Ok(_) => Ok(()),
        Err(error) if error.is_client_fault() => {
            Err(invalid_parameter("The role defined for the function cannot be assumed by Lambda."))
        }
        Err(error) => Err(error),
    }
}

/// The function's name; STS takes no names of one character, for which AWS uses another form (recorded:
/// `test_assume_role`).
pub fn session_name(function: &str) -> String {
    if function.len() == 1 { format!("{function}@lambda_function") } else { function.to_owned() }
}

/// Whether credentials that expire then are still good for an invocation of that many seconds.
pub fn lasts(expiration: Timestamp, timeout: i64) -> bool {
    expiration.as_second() - Timestamp::now().as_second() > timeout + 60
}
