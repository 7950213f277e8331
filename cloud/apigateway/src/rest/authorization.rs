//! Who may call a method: IAM for `AWS_IAM`, an authorizer's function for `CUSTOM`, a token for `COGNITO_USER_POOLS` and `JWT`, the API's
//! resource policy where there is one.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html>.

use super::authorized::Authorized;
use super::compiled::{Authorization, CompiledStage};
use super::compiled_authorizer::CompiledAuthorizer;
use super::compiled_token::CompiledToken;
use super::exchange::{Caller, Exchange};
use super::gateway_response::GatewayResponse;
use super::{authorizer, token};
use crate::ApiGateway;
use slam_cloud_core::{Access, AwsError, Context};
use slam_cloud_gateway::verdict::{Judgement, judge};
use std::sync::Arc;

/// Decides about a request.
///
/// # Errors
/// 401 or 403, with IAM's sentence where it is IAM's; 500 where an authorizer cannot decide.
pub async fn check(service: &Arc<ApiGateway>, exchange: &mut Exchange<'_>) -> Result<(), GatewayResponse> {
    let method = exchange.method;
    match &method.authorization {
        Authorization::None if exchange.stage.policy.is_none() => Ok(()),
        Authorization::None => by_policy(service, exchange, &anonymous(exchange.stage, exchange)),
        Authorization::AwsIam => match (&exchange.caller, exchange.refused.take()) {
            (Some(caller), _) => by_policy(service, exchange, &caller.context),
            (None, Some(error)) => Err(refused(error)),
            (None, None) => Err(GatewayResponse::MissingAuthenticationToken),
        },
        Authorization::Custom(authorizer) => by_authorizer(service, exchange, authorizer).await,
        Authorization::Token(authorizer) => by_token(service, exchange, authorizer).await,
        Authorization::Invalid(reason) => Err(GatewayResponse::AuthorizerConfiguration(reason.clone())),
    }
}

/// A resource policy that says nothing.
const SILENT: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

/// IAM's decision, with the caller's own policies and the API's.
fn by_policy(service: &ApiGateway, exchange: &Exchange<'_>, caller: &Context) -> Result<(), GatewayResponse> {
    let home = &exchange.stage.context;
    // Of another account's API nobody may call anything without its policy, the root user neither.
    let is_foreign = caller.account != home.account;
    let policy = exchange.stage.policy.clone().or_else(|| is_foreign.then(|| SILENT.to_owned()));
    let access = Access::new("execute-api:Invoke", exchange.method_arn(&exchange.request.decoded_path()))
        .resource_policy(policy);
    // The region that a request is signed for is the client's word.
    let caller = Context { region: Arc::clone(&home.region), ..caller.clone() };
    service
        .cloud
        .authorize(&caller, &access)
        .map_err(|error| GatewayResponse::AccessDenied(mask(&error.message, &home.account)))
}

/// "The resource policy is evaluated in two phases. Before calling the Lambda authorizer, API Gateway first evaluates the policy and
/// checks for any explicit denials. If found, the caller is denied access immediately. Otherwise, the Lambda authorizer is called,
/// and it returns a policy document, which is evaluated in conjunction with the resource policy."
async fn by_authorizer(
    service: &Arc<ApiGateway>,
    exchange: &mut Exchange<'_>,
    authorizer: &CompiledAuthorizer,
) -> Result<(), GatewayResponse> {
    let caller = anonymous(exchange.stage, exchange);
    let arn = exchange.method_arn(&exchange.request.decoded_path());
    let undecided = |error: AwsError| GatewayResponse::AuthorizerConfiguration(error.to_string());
    let of_api = match &exchange.stage.policy {
        Some(policy) => judge(&service.cloud, &caller, &arn, policy).map_err(undecided)?,
        None => Judgement::Unmentioned,
    };
    if of_api == Judgement::Denied {
        return by_policy(service, exchange, &caller);
    }
    let answer = authorizer::ask(service, exchange, authorizer).await?;
    let judgement = answer.verdict.judge(&service.cloud, &caller, &arn).map_err(undecided)?;
    exchange.authorized = Some(Authorized::Answer(answer));
    match judgement.or(of_api) {
        Judgement::Allowed => Ok(()),
        Judgement::Unmentioned => {
            Err(GatewayResponse::AccessDenied("User is not authorized to access this resource".into()))
        }
        Judgement::Denied => Err(GatewayResponse::AccessDenied(
            "User is not authorized to access this resource with an explicit deny".into(),
        )),
    }
}

/// "API Gateway first attempts to authenticate the caller through Amazon Cognito. … If authentication is successful, the resource policy is
/// evaluated independently, and an explicit allow is required." Of other issuers AWS says nothing else.
async fn by_token(
    service: &Arc<ApiGateway>,
    exchange: &mut Exchange<'_>,
    authorizer: &CompiledToken,
) -> Result<(), GatewayResponse> {
    exchange.authorized = Some(Authorized::Token(token::read(service, exchange, authorizer).await?));
    match exchange.stage.policy {
        Some(_) => by_policy(service, exchange, &anonymous(exchange.stage, exchange)),
        None => Ok(()),
    }
}

/// Why a signature does not count.
fn refused(error: AwsError) -> GatewayResponse {
    match error.code.as_ref() {
        "ExpiredTokenException" => GatewayResponse::ExpiredToken,
        "MissingAuthenticationTokenException" => GatewayResponse::MissingAuthenticationToken,
        _ => GatewayResponse::InvalidSignature(error.code.into_owned(), error.message),
    }
}

fn anonymous(stage: &CompiledStage, exchange: &Exchange<'_>) -> Context {
    let mut context = stage.context.clone();
    context.request_id = exchange.arrival.request_id.as_str().into();
    context.source_ip = exchange.request.source_ip.parse().ok();
    context.user_agent = exchange.request.header("user-agent").map(Into::into);
    context
}

/// AWS hides the API's account in the resource it names, all but the last four digits.
fn mask(message: &str, account: &str) -> String {
    let (hidden, shown) = account.split_at(account.len().saturating_sub(4));
    let stars = "*".repeat(hidden.len());
    match message.split_once("on resource: ") {
        Some((before, after)) => {
            let after = after.replacen(&format!(":{account}:"), &format!(":{stars}{shown}:"), 1);
            format!("{before}on resource: {after}")
        }
        None => message.to_owned(),
    }
}

/// The caller of a signed request, with the access key of its signature.
pub fn caller(context: Context, headers: &http::HeaderMap, query: Option<&str>) -> Caller {
    let authorization = headers.get("authorization").and_then(|value| value.to_str().ok());
    let access_key = slam_cloud_gateway::request::access_key(authorization, query);
    Caller { context, access_key }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_hidden_in_the_resource() {
        let message = "User: arn:aws:iam::123456789012:user/x is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:123456789012:abc/dev/GET/";
        let masked = "User: arn:aws:iam::123456789012:user/x is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********9012:abc/dev/GET/";
        assert_eq!(mask(message, "123456789012"), masked);
    }
}
