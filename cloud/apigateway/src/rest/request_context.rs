//! `requestContext`: what events for functions and for authorizers tell of a request.

use super::authorized::Authorized;
use super::exchange::{Caller, Exchange};
use serde::Serialize;
use serde_json::{Map, Value};

/// What API Gateway knows of a request.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestContext<'a> {
    resource_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authorizer: Option<Map<String, Value>>,
    resource_path: &'a str,
    http_method: &'a str,
    extended_request_id: &'a str,
    request_time: String,
    path: &'a str,
    account_id: &'a str,
    protocol: &'a str,
    stage: &'a str,
    domain_prefix: &'a str,
    request_time_epoch: i64,
    request_id: &'a str,
    identity: Identity<'a>,
    domain_name: &'a str,
    deployment_id: &'a str,
    api_id: &'a str,
}

/// AWS has all of these in every event, but for those of API keys; those of Cognito are always null here.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    cognito_identity_pool_id: (),
    account_id: Option<&'a str>,
    cognito_identity_id: (),
    caller: Option<String>,
    source_ip: &'a str,
    principal_org_id: (),
    access_key: Option<&'a str>,
    cognito_authentication_type: (),
    cognito_authentication_provider: (),
    user_arn: Option<String>,
    user_agent: Option<&'a str>,
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key_id: Option<&'a str>,
}

/// What is known of a request now.
pub fn request_context<'a>(exchange: &'a Exchange<'_>) -> RequestContext<'a> {
    let Exchange { stage, resource, request, arrival, caller, .. } = exchange;
    let of_caller = |text: fn(&Caller) -> String| caller.as_ref().map(text);
    let api_key = exchange.api_key.as_ref();
    RequestContext {
        resource_id: &resource.id,
        authorizer: exchange.authorized.as_ref().map(Authorized::of_event),
        resource_path: &resource.path,
        http_method: request.method.as_str(),
        extended_request_id: &arrival.extended_request_id,
        request_time: arrival.common_log_time(),
        path: &request.full_path,
        account_id: &stage.context.account,
        protocol: request.protocol,
        stage: &stage.name,
        domain_prefix: exchange.domain_prefix(),
        request_time_epoch: arrival.time.as_millisecond(),
        request_id: &arrival.request_id,
        identity: Identity {
            cognito_identity_pool_id: (),
            account_id: caller.as_ref().map(|caller| &*caller.context.account),
            cognito_identity_id: (),
            caller: of_caller(|caller| caller.context.principal.user_id()),
            source_ip: &request.source_ip,
            principal_org_id: (),
            access_key: caller.as_ref().and_then(|caller| caller.access_key.as_deref()),
            cognito_authentication_type: (),
            cognito_authentication_provider: (),
            user_arn: of_caller(|caller| caller.context.principal.arn()),
            user_agent: request.header("user-agent"),
            user: of_caller(|caller| caller.context.principal.user_id()),
            api_key: api_key.map(|key| key.value.as_str()),
            api_key_id: api_key.map(|key| key.id.as_str()),
        },
        domain_name: exchange.domain_name(),
        deployment_id: &stage.deployment_id,
        api_id: &stage.api_id,
    }
}
