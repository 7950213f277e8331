//! The event of a Lambda proxy integration.
//!
//! AWS: "Lambda proxy integrations in API Gateway", input format; samples in `tests/fixtures/events`.
//!
//! Beside AWS's, `requestContext.path` holds the whole path that the client sees, in every URL form. An adapter that
//! takes the event's `path` off its end has the prefix under which the application is mounted (`SCRIPT_NAME`), and the
//! links the application makes lead back. At the API's own host and port that prefix is `/STAGE`, as on AWS.

use super::exchange::{Caller, Exchange};
use crate::model::Texts;
use bytes::Bytes;
use indexmap::IndexMap;
use serde::Serialize;
use slam_cloud_gateway::media::event_body;
use std::borrow::Cow;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    resource: &'a str,
    path: &'a str,
    http_method: &'a str,
    headers: Option<LastValues<'a>>,
    multi_value_headers: Option<AllValues<'a>>,
    query_string_parameters: Option<LastValues<'a>>,
    multi_value_query_string_parameters: Option<AllValues<'a>>,
    path_parameters: Option<LastValues<'a>>,
    stage_variables: Option<&'a Texts>,
    request_context: RequestContext<'a>,
    body: Option<Cow<'a, str>>,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    resource_id: &'a str,
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

/// AWS has all of these in every event; those of Cognito are always null here.
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
}

type AllValues<'a> = IndexMap<&'a str, Vec<&'a str>>;

/// The last value of each name.
struct LastValues<'a>(IndexMap<&'a str, &'a str>);

impl Serialize for LastValues<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

fn last_values(pairs: &[(String, String)]) -> Option<LastValues<'_>> {
    (!pairs.is_empty()).then(|| LastValues(pairs.iter().map(|(name, value)| (&**name, &**value)).collect()))
}

fn all_values(pairs: &[(String, String)]) -> Option<AllValues<'_>> {
    if pairs.is_empty() {
        return None;
    }
    let mut values = AllValues::with_capacity(pairs.len());
    for (name, value) in pairs {
        values.entry(name).or_default().push(value);
    }
    Some(values)
}

/// The event of a request, as JSON.
pub fn event(exchange: &Exchange<'_>) -> Bytes {
    let Exchange { stage, resource, request, arrival, caller, .. } = exchange;
    let binary = stage.binary.contain(request.header("content-type").unwrap_or_default());
    let body = event_body(&request.body, binary);
    let of_caller = |text: fn(&Caller) -> String| caller.as_ref().map(text);
    let event = Event {
        resource: &resource.path,
        path: &request.path,
        http_method: request.method.as_str(),
        headers: last_values(&request.headers),
        multi_value_headers: all_values(&request.headers),
        query_string_parameters: last_values(&request.query),
        multi_value_query_string_parameters: all_values(&request.query),
        path_parameters: last_values(&request.path_parameters),
        stage_variables: (!stage.variables.is_empty()).then_some(&stage.variables),
        request_context: RequestContext {
            resource_id: &resource.id,
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
            },
            domain_name: exchange.domain_name(),
            deployment_id: &stage.deployment_id,
            api_id: &stage.api_id,
        },
        is_base64_encoded: binary && body.is_some(),
        body,
    };
    // Strings, numbers and maps with string keys: there is nothing in it that JSON cannot hold.
    serde_json::to_vec(&event).map(Bytes::from).unwrap_or_default()
}
