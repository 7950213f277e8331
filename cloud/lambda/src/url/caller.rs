//! Who may call a URL.
//!
//! "Starting in October 2025, new function URLs will require both lambda:InvokeFunctionUrl and lambda:InvokeFunction permissions."
//! Those that are older, and other URLs of accounts that had one, were let off with the first until November 2026; here both are
//! asked for. <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>

use super::Found;
use super::failure::Failure;
use super::request::Request;
use crate::LambdaService;
use crate::model::Policy;
use crate::model::policy::INVOKE_BY_URL;
use slam_cloud_core::{Access, Context, Principal};
use slam_cloud_gateway::arrival::Arrival;
use slam_cloud_wire::auth;
use slam_cloud_wire::sigv4::{Failure as Unverified, Presented, hex_sha256};
use std::sync::Arc;

/// The service that requests are signed for.
const SIGNING_NAME: &str = "lambda";

/// Lets a request in. Answers who sent it, where the URL asks; otherwise whatever is in its Authorization header is the function's.
///
/// # Errors
/// 403 for a signature that is missing or wrong, and for whom the policies do not let in.
pub fn authorize(
    service: &LambdaService,
    found: &Found,
    request: &Request,
    arrival: &Arrival,
) -> Result<Option<Context>, Failure> {
    let signer = if found.url.asks_iam() { Some(signer(service, found, request)?) } else { None };
    let mut context = signer.clone().unwrap_or_else(|| nobody(found, request));
    context.region = Arc::clone(&found.scope.region);
    context.request_id = arrival.request_id.as_str().into();
    let home = at_home(found);
    let (function, named) = (found.name.arn(&home), found.name.qualified_arn(&home));
    let qualifier = found.name.qualifier.as_deref().unwrap_or_default();
    let policy = found.function.policies.get(qualifier).map(Policy::document);
    // Of another account's functions nobody may do anything without their policy, the root user neither.
    let is_foreign = context.account != found.scope.account;
    let policy = policy.or_else(|| is_foreign.then(|| Policy::default().document()));
    let by_url = Access::new(INVOKE_BY_URL, named.clone())
        .condition("lambda:FunctionUrlAuthType", found.url.auth_type.clone())
        .condition("lambda:FunctionArn", function);
    let invoked = Access::new("lambda:InvokeFunction", named).condition("lambda:InvokedViaFunctionUrl", "true");
    for access in [by_url, invoked] {
        service.cloud.authorize(&context, &access.resource_policy(policy.clone())).map_err(|error| {
            tracing::debug!(%error, "a request was not let in");
            Failure::Forbidden
        })?;
    }
    Ok(signer)
}

/// Nobody, at the client's address.
pub fn nobody(found: &Found, request: &Request) -> Context {
    let mut context = at_home(found);
    context.source_ip = Some(request.peer);
    context.user_agent = request.header("user-agent").map(Into::into);
    context.referer = request.header("referer").map(Into::into);
    context
}

fn at_home(found: &Found) -> Context {
    Context::new(Arc::clone(&found.scope.account), Arc::clone(&found.scope.region), Principal::Anonymous)
}

fn signer(service: &LambdaService, found: &Found, request: &Request) -> Result<Context, Failure> {
    let presented = Presented::of(&request.head)?.ok_or(Failure::Forbidden)?;
    if presented.service != SIGNING_NAME {
        let message = format!("Credential should be scoped to correct service: '{SIGNING_NAME}'.");
        return Err(Unverified::Scope(message).into());
    }
    if *presented.region != *found.scope.region {
        let message = format!("Credential should be scoped to a valid region, not '{}'.", presented.region);
        return Err(Unverified::Scope(message).into());
    }
    let caller = auth::verify(&service.cloud, &presented, &request.head, &hex_sha256(&request.body))?;
    Ok(caller.context(&service.cloud, &request.head.headers, request.peer))
}
