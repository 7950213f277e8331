//! `AWS_IAM`: "API Gateway invokes your API route only if the client has execute-api permission for the route."
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control-iam.html>

use crate::ApiGatewayV2;
use crate::http::exchange::Exchange;
use crate::http::failure::Failure;
use crate::http::identity::{Caller, Identity};
use slam_cloud_core::{Access, Context};
use slam_cloud_gateway::request::access_key;
use std::sync::Arc;

/// Decides about a signed request.
///
/// # Errors
/// 403 for a signature that is missing or wrong, and for whom IAM does not allow it.
pub fn check(service: &ApiGatewayV2, exchange: &Exchange<'_>, caller: Option<Context>) -> Result<Identity, Failure> {
    let mut caller = caller.ok_or(Failure::Forbidden(None))?;
    let home = &exchange.stage.context;
    // Only a resource policy could let another account in, and HTTP APIs have none.
    if caller.account != home.account {
        return Err(Failure::Forbidden(None));
    }
    // The region that a request is signed for is the client's word.
    caller.region = Arc::clone(&home.region);
    let access = Access::new("execute-api:Invoke", exchange.request_arn());
    service.cloud.authorize(&caller, &access).map_err(|error| {
        tracing::debug!(%error, "a request was not let in");
        Failure::Forbidden(None)
    })?;
    let request = &exchange.request;
    let key = access_key(request.header("authorization").as_deref(), Some(&request.query_text));
    Ok(Identity::Iam(Caller { account: caller.account, principal: caller.principal, access_key: key }))
}
