//! Events, built from the requests that AWS's samples tell of. Where the samples disagree with AWS's documents (which
//! of several query values the single map holds, a slash before a greedy parameter), the documents count.

use super::{compiled, event, receive};
use crate::model::{
    AuthorizationType, Deployment, Integration, IntegrationType, Method, PassthroughBehavior, Resource, RestApi, Stage,
    Texts,
};
use bytes::Bytes;
use serde_json::{Value, json};
use slam_cloud_core::collection::Scope;
use slam_cloud_gateway::arrival::Arrival;
use slam_cloud_gateway::request::{DataPlaneRequest, Form};
use std::collections::BTreeMap;
use std::sync::Arc;

fn resource(path: &str) -> Resource {
    let integration = Integration {
        kind: IntegrationType::AwsProxy,
        http_method: Some("POST".into()),
        uri: Some("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:f/invocations".into()),
        credentials: None,
        request_parameters: None,
        request_templates: None,
        passthrough_behavior: PassthroughBehavior::default(),
        content_handling: None,
        timeout_in_millis: 29_000,
        response_transfer_mode: crate::model::ResponseTransferMode::default(),
        cache_namespace: "r".into(),
        cache_key_parameters: Vec::new(),
        responses: BTreeMap::new(),
    };
    let method = Method {
        http_method: "ANY".into(),
        authorization_type: AuthorizationType::None,
        authorizer_id: None,
        authorization_scopes: Vec::new(),
        api_key_required: false,
        operation_name: None,
        request_parameters: None,
        request_models: None,
        request_validator_id: None,
        integration: Some(integration),
        responses: BTreeMap::new(),
    };
    let methods = BTreeMap::from([("ANY".to_owned(), method)]);
    Resource { id: "res123".into(), parent_id: None, path_part: None, path: path.to_owned(), methods }
}

fn stage(path: &str, variables: Texts, binary: &[&str]) -> Arc<compiled::CompiledStage> {
    let api = RestApi {
        id: "api1234567".into(),
        name: "n".into(),
        description: None,
        version: None,
        created: 0,
        order: 0,
        endpoint_type: "REGIONAL".into(),
        ip_address_type: "ipv4".into(),
        binary_media_types: binary.iter().map(|kind| (*kind).to_owned()).collect(),
        minimum_compression_size: None,
        policy: None,
        disable_execute_api_endpoint: false,
        api_key_source: "HEADER".into(),
        tags: Texts::new(),
        root_resource_id: "root".into(),
        resources: BTreeMap::from([("res123".to_owned(), resource(path))]),
        models: BTreeMap::new(),
        request_validators: BTreeMap::new(),
        authorizers: BTreeMap::new(),
        gateway_responses: BTreeMap::new(),
        documentation_parts: Vec::new(),
        port: None,
    };
    let stage = Stage {
        api_id: api.id.clone(),
        name: "prod".into(),
        deployment_id: "dep123".into(),
        description: None,
        documentation_version: None,
        cache_cluster_size: None,
        variables,
        method_settings: BTreeMap::new(),
        access_log: None,
        tracing_enabled: false,
        tags: Texts::new(),
        created: 0,
        last_updated: 0,
    };
    let deployment = Deployment { id: "dep123".into(), description: None, created: 0, api };
    let scope = Scope { account: "123456789012".into(), region: "us-east-1".into() };
    Arc::new(compiled::compile(&scope, &stage, &deployment, None))
}

struct Sent<'a> {
    form: Form,
    method: &'a str,
    uri: &'a str,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn event_of(stage: &Arc<compiled::CompiledStage>, sent: Sent<'_>) -> Value {
    let mut request = http::Request::builder().method(sent.method).uri(sent.uri);
    for (name, value) in &sent.headers {
        request = request.header(name, value);
    }
    let path = request.uri_ref().unwrap().path().to_owned();
    let rest = slam_cloud_gateway::request::split(sent.form, &path).unwrap().rest.to_owned();
    let request = DataPlaneRequest {
        api_id: stage.api_id.clone(),
        form: sent.form,
        parts: request.body(()).unwrap().into_parts().0,
        body: Some(Bytes::from(sent.body)),
        client: "127.0.0.1".parse().unwrap(),
        port: 4600,
        caller: None,
        refused: None,
    };
    let arrival = Arrival::new(None);
    let exchange = receive(stage, &rest, request, &arrival).map_err(|unrouted| unrouted.failure.parts()).unwrap();
    serde_json::from_slice(&event::event(&exchange)).unwrap()
}

fn sample(text: &str, binary: &[&str]) -> (Value, Value) {
    use base64::Engine as _;
    let sample: Value = serde_json::from_str(text).unwrap();
    let strings = |value: &Value| serde_json::from_value::<Vec<String>>(value.clone()).unwrap();
    let headers = sample["multiValueHeaders"].as_object().unwrap();
    let headers =
        headers.iter().flat_map(|(name, values)| strings(values).into_iter().map(move |value| (name.clone(), value)));
    let query = sample["multiValueQueryStringParameters"].as_object().unwrap();
    let query: Vec<String> = query
        .iter()
        .flat_map(|(name, values)| strings(values).into_iter().map(move |value| format!("{name}={value}")))
        .collect();
    let body = sample["body"].as_str().unwrap();
    let body = match sample["isBase64Encoded"] == json!(true) {
        true => base64::engine::general_purpose::STANDARD.decode(body).unwrap(),
        false => body.as_bytes().to_vec(),
    };
    let variables = serde_json::from_value(sample["stageVariables"].clone()).unwrap();
    let uri = format!("/prod{}?{}", sample["path"].as_str().unwrap(), query.join("&"));
    let stage = stage(sample["resource"].as_str().unwrap(), variables, binary);
    let method = sample["httpMethod"].as_str().unwrap();
    let sent = Sent { form: Form::Host, method, uri: &uri, headers: headers.collect(), body };
    let event = event_of(&stage, sent);
    (sample, event)
}

#[test]
fn events_are_those_of_the_samples() {
    for (text, binary) in [
        (include_str!("../../tests/fixtures/events/proxy-post.json"), &[][..]),
        (include_str!("../../tests/fixtures/events/proxy-multi-value.json"), &[]),
        (include_str!("../../tests/fixtures/events/proxy-catch-all.json"), &[]),
        (include_str!("../../tests/fixtures/events/proxy-base64-body.json"), &["*/*"]),
    ] {
        let (sample, event) = sample(text, binary);
        for member in ["resource", "path", "httpMethod", "multiValueQueryStringParameters", "stageVariables", "body"] {
            assert_eq!(event[member], sample[member], "{member} of {text}");
        }
        assert_eq!(event["isBase64Encoded"], sample.get("isBase64Encoded").cloned().unwrap_or(json!(false)));
        let greedy = sample["pathParameters"]["proxy"].as_str().unwrap().trim_start_matches('/');
        assert_eq!(event["pathParameters"], json!({ "proxy": greedy }));
        let context = event["requestContext"].as_object().unwrap();
        for member in sample["requestContext"].as_object().unwrap().keys().filter(|member| *member != "authorizer") {
            assert!(context.contains_key(member), "{member} of {text}");
        }
    }
}

#[test]
fn headers_come_in_both_maps_with_those_of_the_gateway() {
    let (sample, event) = sample(include_str!("../../tests/fixtures/events/proxy-multi-value.json"), &[]);
    assert_eq!(event["multiValueHeaders"]["Headername"], sample["multiValueHeaders"]["headerName"]);
    assert_eq!(event["headers"]["Headername"], "headerValue2");
    assert_eq!(event["queryStringParameters"], json!({"name": "me2"}));
    assert_eq!(event["headers"]["Content-Type"], "application/json");
    assert_eq!(event["headers"]["X-Forwarded-For"], "54.240.196.186, 54.182.214.83, 127.0.0.1");
    assert_eq!(event["headers"]["X-Forwarded-Port"], "4600");
    assert_eq!(event["headers"]["X-Forwarded-Proto"], "http");
    assert!(event["headers"]["X-Amzn-Trace-Id"].as_str().unwrap().starts_with("Root=1-"));
    assert_eq!(event["requestContext"]["domainName"], sample["headers"]["Host"]);
}

/// Recorded: test_apigateway_header_remapping_aws[AWS_PROXY], full-integration.
#[test]
fn headers_of_the_connection_do_not_reach_the_function() {
    let names = [
        "Accept",
        "Authorization",
        "Connection",
        "Content-Encoding",
        "Content-Length",
        "Content-MD5",
        "Expect",
        "Max-Forwards",
        "Pragma",
        "Proxy-Authenticate",
        "Range",
        "Server",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "User-Agent",
        "Via",
        "Warn",
        "WWW-Authenticate",
    ];
    let headers = names.iter().map(|name| ((*name).to_owned(), "v".to_owned())).collect();
    let sent = Sent { form: Form::Port, method: "GET", uri: "/prod/x", headers, body: Vec::new() };
    let event = event_of(&stage("/{proxy+}", Texts::new(), &[]), sent);
    let passed: Vec<&str> = event["headers"].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "Accept",
        "Authorization",
        "Content-Encoding",
        "Pragma",
        "Range",
        "User-Agent",
        "Via",
        "Warn",
        "X-Amzn-Trace-Id",
        "X-Forwarded-For",
        "X-Forwarded-Port",
        "X-Forwarded-Proto",
    ];
    assert_eq!(passed, expected);
}

#[test]
fn what_is_not_there_is_null() {
    let sent = Sent { form: Form::Host, method: "GET", uri: "/prod", headers: Vec::new(), body: Vec::new() };
    let event = event_of(&stage("/", Texts::new(), &["*/*"]), sent);
    let absent =
        ["queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables", "body"];
    for member in absent {
        assert_eq!(event[member], Value::Null, "{member}");
    }
    assert_eq!((&event["path"], &event["isBase64Encoded"]), (&json!("/"), &json!(false)));
    assert_eq!(event["requestContext"]["identity"]["userArn"], Value::Null);
}

/// Asserted on AWS: test_lambda_aws_proxy_integration (`%2B`, `+`, slashes); aws-sam-cli issues 771 and 3524 (`%2F`).
#[test]
fn paths_are_as_they_were_sent_and_the_same_in_every_url_form() {
    for (sent, path, greedy) in [
        ("/a", "/a", "a"),
        ("/a%20b/c", "/a%20b/c", "a%20b/c"),
        ("/a/", "/a/", "a"),
        ("/a//b", "/a//b", "a//b"),
        ("//a", "/a", "a"),
        (
            "/user/test%2Balias/plus/test+alias",
            "/user/test%2Balias/plus/test+alias",
            "user/test%2Balias/plus/test+alias",
        ),
        ("/item/my-id%2F100/50%2525", "/item/my-id%2F100/50%2525", "item/my-id%2F100/50%2525"),
    ] {
        for (form, before) in [
            (Form::Host, "/prod"),
            (Form::Port, "/prod"),
            (Form::ExecuteApi, "/_aws/execute-api/api1234567/prod"),
            (Form::UserRequest, "/restapis/api1234567/prod/_user_request_"),
        ] {
            let uri = format!("{before}{sent}");
            let sent_here = Sent { form, method: "GET", uri: &uri, headers: Vec::new(), body: Vec::new() };
            let event = event_of(&stage("/{proxy+}", Texts::new(), &[]), sent_here);
            assert_eq!(event["path"], path, "{uri}");
            assert_eq!(event["pathParameters"], json!({ "proxy": greedy }), "{uri}");
            assert_eq!(event["requestContext"]["path"], format!("/prod{sent}"), "{uri}");
        }
    }
}

#[test]
fn a_path_that_names_the_api_leads_to_its_own_host() {
    let stage = stage("/{proxy+}", Texts::new(), &[]);
    let request = http::Request::get("/_aws/execute-api/api1234567/prod/a").header("host", "127.0.0.1:4566");
    let mut request = DataPlaneRequest {
        api_id: stage.api_id.clone(),
        form: Form::ExecuteApi,
        parts: request.body(()).unwrap().into_parts().0,
        body: Some(Bytes::new()),
        client: "127.0.0.1".parse().unwrap(),
        port: 4566,
        caller: None,
        refused: None,
    };
    request.at_own_host("us-east-1", None);
    assert_eq!(request.parts.headers["host"], "api1234567.execute-api.us-east-1.localhost:4566");
    request.at_own_host("us-east-1", Some(4600));
    assert_eq!(request.parts.headers["host"], "api1234567.execute-api.us-east-1.localhost:4600");
    assert_eq!(request.port, 4600);
}
