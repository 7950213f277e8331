//! Deployed APIs that need no other service: templates, HTTP backends, validation, compression.

#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod support;

use slam_cloud_wire::apigateway as wire;
use std::io::Read as _;
use support::{Gateway, patch};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

async fn started() -> (Gateway, String, String) {
    let gateway = Gateway::new();
    let api = gateway.api().await;
    (gateway, api.id.unwrap(), api.root_resource_id.unwrap())
}

/// Recorded: TestApigatewayRouting::test_routing_not_found.
#[tokio::test]
async fn the_unknown_is_forbidden_or_without_a_token() {
    let (gateway, id, root) = started().await;
    let path = gateway.resource(&id, &root, "existing").await;
    gateway.mock(&id, &path, "GET", "{\"statusCode\": 200}", "{\"message\": \"exists\"}").await;
    gateway.deploy(&id, "dev").await;
    assert_eq!(gateway.get(&id, "/dev/existing").await, (200, "{\"message\": \"exists\"}".into()));
    let missing = (403, r#"{"message":"Missing Authentication Token"}"#.to_owned());
    assert_eq!(gateway.get(&id, "/dev/random-path").await, missing);
    assert_eq!(gateway.get(&id, "/dev").await, missing);
    let forbidden = (403, r#"{"message":"Forbidden"}"#.to_owned());
    assert_eq!(gateway.get(&id, "/prod/existing").await, forbidden);
    assert_eq!(gateway.get("nosuchapi0", "/dev/existing").await, forbidden);
    let post = http::Request::post("/dev/existing").body(&b""[..]).unwrap();
    let response = gateway.send(&id, post).await;
    assert_eq!(response.status(), 403);
    assert_eq!(response.headers()["x-amzn-errortype"], "MissingAuthenticationTokenException");
    assert!(response.headers().contains_key("x-amz-apigw-id"));
}

/// Asserted on AWS: TestApigatewayRouting::test_proxy_routing_with_hardcoded_resource_sibling.
#[tokio::test]
async fn a_verb_that_a_resource_lacks_is_answered_by_its_sibling() {
    let (gateway, id, root) = started().await;
    let test = gateway.resource(&id, &root, "test").await;
    gateway.mock(&id, &test, "POST", "{\"statusCode\": 200}", "test").await;
    let proxy = gateway.resource(&id, &root, "{proxy+}").await;
    gateway.mock(&id, &proxy, "OPTIONS", "{\"statusCode\": 200}", "proxy").await;
    gateway.deploy(&id, "dev").await;
    for (verb, status, expected) in [
        ("POST", 200, "test"),
        ("OPTIONS", 200, "proxy"),
        ("GET", 403, r#"{"message":"Missing Authentication Token"}"#),
    ] {
        let request = http::Request::builder().method(verb).uri("/dev/test").body(&b""[..]).unwrap();
        let response = gateway.send(&id, request).await;
        assert_eq!((response.status().as_u16(), &response.body()[..]), (status, expected.as_bytes()), "{verb}");
    }
}

/// A stage serves what was deployed until the next deployment.
#[tokio::test]
async fn a_change_is_on_the_air_with_the_next_deployment() {
    let (gateway, id, root) = started().await;
    gateway.mock(&id, &root, "GET", "{\"statusCode\": 200}", "one").await;
    gateway.deploy(&id, "dev").await;
    assert_eq!(gateway.get(&id, "/dev").await, (200, "one".into()));
    let update = wire::UpdateIntegrationResponse {
        rest_api_id: id.clone(),
        resource_id: root,
        http_method: "GET".into(),
        status_code: "200".into(),
        patch_operations: patch("replace", "/responseTemplates/application~1json", Some("two")),
    };
    gateway.call(update).await.unwrap();
    assert_eq!(gateway.get(&id, "/dev").await, (200, "one".into()));
    gateway.deploy(&id, "dev").await;
    assert_eq!(gateway.get(&id, "/dev").await, (200, "two".into()));
}

/// Recorded: test_integration_mock_with_request_overrides_in_response_template,
/// test_integration_mock_with_response_override_in_request_template, test_integration_mock_with_vtl_map_assignation.
#[tokio::test]
async fn mocks_answer_through_templates() {
    let (gateway, id, root) = started().await;
    let path = gateway.resource(&id, &root, "{name}").await;
    let request = "#set($context.responseOverride.status = 444)\
                   #set($context.responseOverride.header.fooHeader = \"bar\")\
                   #set($context.responseOverride.custom = \"passed\"){\"statusCode\": 200}";
    let response = "{\"name\": \"$input.params('name')\", \"custom\": \"$context.responseOverride.custom\", \
                    \"stage\": \"$context.stage\", \"colour\": \"$stageVariables.colour\"}";
    gateway.mock(&id, &path, "GET", request, response).await;
    gateway.deploy(&id, "dev").await;
    let variable = wire::UpdateStage {
        rest_api_id: id.clone(),
        stage_name: "dev".into(),
        patch_operations: patch("replace", "/variables/colour", Some("red")),
    };
    gateway.call(variable).await.unwrap();
    let response = gateway.send(&id, http::Request::get("/dev/Ada%20L").body(&b""[..]).unwrap()).await;
    assert_eq!(response.status(), 444);
    assert_eq!(response.headers()["fooheader"], "bar");
    let body = br#"{"name": "Ada L", "custom": "passed", "stage": "dev", "colour": "red"}"#;
    assert_eq!(response.body(), &body[..]);
}

#[tokio::test]
async fn a_template_that_fails_is_a_configuration_error_and_not_a_crash() {
    let (gateway, id, root) = started().await;
    gateway.mock(&id, &root, "GET", "#set($l = [1])$l.get(7)", "x").await;
    gateway.mock(&id, &root, "PUT", "{\"statusCode\": 200}", "$input.nothing()").await;
    gateway.deploy(&id, "dev").await;
    let internal = r#"{"message": "Internal server error"}"#;
    assert_eq!(gateway.get(&id, "/dev").await, (500, internal.into()));
    let response = gateway.send(&id, http::Request::put("/dev").body(&b""[..]).unwrap()).await;
    assert_eq!((response.status().as_u16(), &response.body()[..]), (500, internal.as_bytes()));
}

/// Recorded: test_api_gateway_request_validator, test_api_gateway_request_validator_with_ref_models.
#[tokio::test]
async fn validators_check_parameters_and_bodies() {
    let (gateway, id, root) = started().await;
    let model = |name: &str, schema: String| wire::CreateModel {
        rest_api_id: id.clone(),
        name: name.into(),
        schema: Some(schema),
        content_type: "application/json".into(),
        ..Default::default()
    };
    let item = r#"{"$schema": "http://json-schema.org/draft-04/schema#", "type": "object", "properties": {"a": {"type": "number"}}, "required": ["a"]}"#;
    gateway.call(model("Item", item.into())).await.unwrap();
    let reference = format!("https://apigateway.amazonaws.com/restapis/{id}/models/Item");
    let list = format!("{{\"type\": \"array\", \"items\": {{\"$ref\": \"{reference}\"}}}}");
    gateway.call(model("List", list)).await.unwrap();
    let validator = wire::CreateRequestValidator {
        rest_api_id: id.clone(),
        name: Some("v".into()),
        validate_request_body: Some(true),
        validate_request_parameters: Some(true),
    };
    let validator = gateway.call(validator).await.unwrap().id;
    gateway.mock(&id, &root, "POST", "{\"statusCode\": 200}", "ok").await;
    for (path, value) in [
        ("/requestParameters/method.request.header.x-header-param", "true".to_owned()),
        ("/requestParameters/method.request.querystring.qs1", "true".to_owned()),
        ("/requestModels/application~1json", "List".to_owned()),
        ("/requestValidatorId", validator.unwrap()),
    ] {
        let op = if path == "/requestValidatorId" { "replace" } else { "add" };
        let update = wire::UpdateMethod {
            rest_api_id: id.clone(),
            resource_id: root.clone(),
            http_method: "POST".into(),
            patch_operations: patch(op, path, Some(&value)),
        };
        gateway.call(update).await.unwrap();
    }
    gateway.deploy(&id, "dev").await;
    let invalid = r#"{"message": "Invalid request body"}"#;
    for (uri, header, body, status, expected) in [
        ("/dev", None, "[]", 400, r#"{"message": "Missing required request parameters: [x-header-param, qs1]"}"#),
        ("/dev?qs1=a", None, "[]", 400, r#"{"message": "Missing required request parameters: [x-header-param]"}"#),
        ("/dev?qs1=a", Some("h"), r#"[{"a": 1}]"#, 200, "ok"),
        ("/dev?qs1=a", Some("h"), r#"[{"b": 1}]"#, 400, invalid),
        ("/dev?qs1=a", Some("h"), "no json", 400, invalid),
    ] {
        let mut request = http::Request::post(uri).header("content-type", "application/json");
        if let Some(header) = header {
            request = request.header("X-Header-Param", header);
        }
        let response = gateway.send(&id, request.body(body.as_bytes()).unwrap()).await;
        let found = String::from_utf8_lossy(response.body()).into_owned();
        assert_eq!((response.status().as_u16(), found.as_str()), (status, expected), "{uri} {body}");
    }
}

#[tokio::test]
async fn responses_are_compressed_when_the_api_says_so() {
    let (gateway, id, root) = started().await;
    gateway.mock(&id, &root, "GET", "{\"statusCode\": 200}", "a long answer ").await;
    let update = wire::UpdateRestApi {
        rest_api_id: id.clone(),
        patch_operations: patch("replace", "/minimumCompressionSize", Some("0")),
    };
    gateway.call(update).await.unwrap();
    gateway.deploy(&id, "dev").await;
    let request = http::Request::get("/dev").header("accept-encoding", "gzip, deflate").body(&b""[..]).unwrap();
    let response = gateway.send(&id, request).await;
    assert_eq!(response.headers()["content-encoding"], "gzip");
    let mut text = String::new();
    flate2::read::GzDecoder::new(&response.body()[..]).read_to_string(&mut text).unwrap();
    assert_eq!(text, "a long answer ");
    assert_eq!(gateway.get(&id, "/dev").await, (200, "a long answer ".into()));
}

#[tokio::test]
async fn throttled_methods_refuse_what_is_too_much() {
    let (gateway, id, root) = started().await;
    gateway.mock(&id, &root, "GET", "{\"statusCode\": 200}", "ok").await;
    gateway.deploy(&id, "dev").await;
    for (path, value) in [("/*/*/throttling/rateLimit", "0"), ("/*/*/throttling/burstLimit", "2")] {
        let update = wire::UpdateStage {
            rest_api_id: id.clone(),
            stage_name: "dev".into(),
            patch_operations: patch("replace", path, Some(value)),
        };
        gateway.call(update).await.unwrap();
    }
    let statuses =
        [gateway.get(&id, "/dev").await.0, gateway.get(&id, "/dev").await.0, gateway.get(&id, "/dev").await.0];
    assert_eq!(statuses, [200, 200, 429]);
    assert_eq!(gateway.get(&id, "/dev").await.1, r#"{"message":"Too Many Requests"}"#);
}

#[tokio::test]
async fn a_body_may_have_ten_megabytes() {
    let (gateway, id, root) = started().await;
    gateway.mock(&id, &root, "POST", "{\"statusCode\": 200}", "ok").await;
    gateway.deploy(&id, "dev").await;
    let body = vec![b'a'; slam_cloud_gateway::BODY + 1];
    let request = |body| http::Request::post("/dev").body(body).unwrap();
    assert_eq!(gateway.send(&id, request(&body[1..])).await.status(), 200);
    assert_eq!(gateway.send(&id, request(&body)).await.status(), 413);
}

/// A server that answers one request with what it was sent.
async fn echo() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut received = vec![0; 16 * 1024];
            let length = connection.read(&mut received).await.unwrap();
            let body = &received[..length];
            let head = format!(
                "HTTP/1.1 418 Teapot\r\nServer: echo\r\nX-Own: yes\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            connection.write_all(head.as_bytes()).await.unwrap();
            connection.write_all(body).await.unwrap();
        }
    });
    address
}

/// Recorded: test_http_proxy_integration_request_data_mappings, test_apigateway_header_remapping_http[HTTP_PROXY].
#[tokio::test]
async fn an_http_proxy_passes_requests_and_answers() {
    let (gateway, id, root) = started().await;
    let address = echo().await;
    let path = gateway.resource(&id, &root, "{proxy+}").await;
    let method = wire::PutMethod {
        rest_api_id: id.clone(),
        resource_id: path.clone(),
        http_method: "ANY".into(),
        authorization_type: "NONE".into(),
        request_parameters: Some([("method.request.path.proxy".to_owned(), true)].into()),
        ..Default::default()
    };
    gateway.call(method).await.unwrap();
    let mappings = [
        ("integration.request.path.proxy".to_owned(), "method.request.path.proxy".to_owned()),
        ("integration.request.header.foobar".to_owned(), "'mapped-value'".to_owned()),
        ("integration.request.querystring.stage".to_owned(), "context.stage".to_owned()),
    ];
    let integration = wire::PutIntegration {
        rest_api_id: id.clone(),
        resource_id: path,
        http_method: "ANY".into(),
        r#type: "HTTP_PROXY".into(),
        integration_http_method: Some("ANY".into()),
        uri: Some(format!("http://{address}/base/{{proxy}}")),
        request_parameters: Some(mappings.into()),
        ..Default::default()
    };
    gateway.call(integration).await.unwrap();
    gateway.deploy(&id, "dev").await;
    let request = http::Request::post("/dev/a/b%20c?q=1&q=2").header("X-Mine", "m").body(&b"payload"[..]).unwrap();
    let response = gateway.send(&id, request).await;
    assert_eq!(response.status(), 418);
    assert_eq!(response.headers()["x-amzn-remapped-server"], "echo");
    assert_eq!(response.headers()["x-own"], "yes");
    let sent = String::from_utf8_lossy(response.body()).to_lowercase();
    assert!(sent.starts_with("post /base/a/b%20c?q=1&q=2&stage=dev http/1.1"), "{sent}");
    for expected in ["foobar: mapped-value", "x-mine: m", &format!("host: {address}"), "payload"] {
        assert!(sent.contains(expected), "{expected} in {sent}");
    }
}

#[tokio::test]
async fn a_backend_that_is_away_is_an_integration_failure() {
    let (gateway, id, root) = started().await;
    gateway.method(&id, &root, "GET").await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let integration = wire::PutIntegration {
        rest_api_id: id.clone(),
        resource_id: root,
        http_method: "GET".into(),
        r#type: "HTTP_PROXY".into(),
        integration_http_method: Some("GET".into()),
        uri: Some(format!("http://{address}/")),
        ..Default::default()
    };
    gateway.call(integration).await.unwrap();
    gateway.deploy(&id, "dev").await;
    assert_eq!(gateway.get(&id, "/dev").await, (504, r#"{"message": "Internal server error"}"#.into()));
}

#[tokio::test]
async fn a_method_with_iam_wants_a_signature() {
    let (gateway, id, root) = started().await;
    gateway.mock(&id, &root, "GET", "{\"statusCode\": 200}", "$context.identity.userArn").await;
    let update = wire::UpdateMethod {
        rest_api_id: id.clone(),
        resource_id: root,
        http_method: "GET".into(),
        patch_operations: patch("replace", "/authorizationType", Some("AWS_IAM")),
    };
    gateway.call(update).await.unwrap();
    gateway.deploy(&id, "dev").await;
    let missing = (403, r#"{"message":"Missing Authentication Token"}"#.to_owned());
    assert_eq!(gateway.get(&id, "/dev").await, missing);
    let response = gateway.send_as_root(&id, http::Request::get("/dev").body(&b""[..]).unwrap()).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.body(), &b"arn:aws:iam::111111111111:root"[..]);
}
