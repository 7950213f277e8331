//! Integrations whose answers stream: which there may be, and an HTTP server behind one. Functions that stream are
//! tested end to end, in `tests/test_streaming.py`.
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod support;

use futures_util::StreamExt as _;
use slam_cloud_core::Body;
use slam_cloud_wire::apigateway as wire;
use support::{Gateway, patch};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const LAMBDA: &str = "arn:aws:apigateway:us-east-1:lambda:path/";
const FUNCTION: &str = "functions/arn:aws:lambda:us-east-1:111111111111:function:f/";

fn buffered() -> String {
    format!("{LAMBDA}2015-03-31/{FUNCTION}invocations")
}

fn streamed() -> String {
    format!("{LAMBDA}2021-11-15/{FUNCTION}response-streaming-invocations")
}

async fn started() -> (Gateway, wire::PutIntegration) {
    let gateway = Gateway::new();
    let api = gateway.api().await;
    let (rest_api_id, resource_id) = (api.id.unwrap(), api.root_resource_id.unwrap());
    gateway.method(&rest_api_id, &resource_id, "GET").await;
    let put = wire::PutIntegration {
        rest_api_id,
        resource_id,
        http_method: "GET".into(),
        integration_http_method: Some("POST".into()),
        response_transfer_mode: Some("STREAM".into()),
        ..Default::default()
    };
    (gateway, put)
}

async fn check(kind: &str, mode: Option<&str>, uri: &str, timeout: Option<i64>, expected: &str) {
    let (gateway, put) = started().await;
    let put = wire::PutIntegration {
        r#type: kind.into(),
        response_transfer_mode: mode.map(str::to_owned),
        uri: Some(uri.into()),
        timeout_in_millis: timeout,
        ..put
    };
    if expected.is_empty() {
        let answer = gateway.call(put).await.unwrap();
        assert_eq!(answer.response_transfer_mode.as_deref(), mode.filter(|mode| *mode == "STREAM"));
    } else {
        let error = gateway.error(put).await;
        assert!(
            error.starts_with("BadRequestException: ") && error.contains(expected),
            "{kind} {mode:?} {uri}: {error}"
        );
    }
}

#[tokio::test]
async fn the_mode_must_fit_type_uri_and_timeout() {
    let stream = Some("STREAM");
    check("AWS_PROXY", stream, &streamed(), None, "").await;
    check("AWS_PROXY", stream, &streamed(), Some(900_000), "").await;
    check("HTTP_PROXY", stream, "http://example.com", Some(900_000), "").await;
    check("AWS_PROXY", Some("BUFFERED"), &buffered(), None, "").await;
    check("AWS_PROXY", stream, &streamed(), Some(900_001), "between 50 ms and 900000 ms").await;
    check("AWS_PROXY", None, &buffered(), Some(29_001), "between 50 ms and 29000 ms").await;
    check("AWS_PROXY", stream, &buffered(), None, "transfer mode of BUFFERED").await;
    check("AWS_PROXY", None, &streamed(), None, "transfer mode of STREAM").await;
    check("AWS", None, &streamed(), None, "transfer mode of STREAM").await;
    for (kind, uri) in [("AWS", buffered()), ("HTTP", "http://example.com".into()), ("MOCK", String::new())] {
        check(kind, stream, &uri, None, "only supported for integrations of type HTTP_PROXY and AWS_PROXY").await;
    }
}

#[tokio::test]
async fn the_mode_is_patched_together_with_the_uri() {
    let (gateway, put) = started().await;
    let (api, resource) = (put.rest_api_id.clone(), put.resource_id.clone());
    gateway.call(wire::PutIntegration { r#type: "AWS_PROXY".into(), uri: Some(streamed()), ..put }).await.unwrap();
    let mode = patch("replace", "/responseTransferMode", Some("BUFFERED")).unwrap();
    let uri = patch("replace", "/uri", Some(&buffered())).unwrap();
    let update = |operations| wire::UpdateIntegration {
        rest_api_id: api.clone(),
        resource_id: resource.clone(),
        http_method: "GET".into(),
        patch_operations: Some(operations),
    };
    assert!(gateway.error(update(mode.clone())).await.contains("does not match"));
    let get =
        wire::GetIntegration { rest_api_id: api.clone(), resource_id: resource.clone(), http_method: "GET".into() };
    let found = gateway.call(get.clone()).await.unwrap();
    assert_eq!(found.response_transfer_mode.as_deref(), Some("STREAM"));
    gateway.call(update([mode, uri].concat())).await.unwrap();
    assert_eq!(gateway.call(get).await.unwrap().response_transfer_mode, None);
    let wrong = patch("replace", "/responseTransferMode", Some("STREAMED")).unwrap();
    assert!(gateway.error(update(wrong)).await.contains("Valid options are BUFFERED,STREAM"));
}

/// An API in front of a server that has accepted its request, and the answer's head.
async fn proxied(head: &str) -> (TcpStream, http::Response<Body>) {
    let (gateway, put) = started().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/", listener.local_addr().unwrap());
    let api = put.rest_api_id.clone();
    gateway.call(wire::PutIntegration { r#type: "HTTP_PROXY".into(), uri: Some(uri), ..put }).await.unwrap();
    gateway.deploy(&api, "dev").await;
    let server = async {
        let (mut connection, _) = listener.accept().await.unwrap();
        let read = connection.read(&mut vec![0; 16 * 1024]).await.unwrap();
        assert!(read > 0);
        connection.write_all(head.as_bytes()).await.unwrap();
        connection
    };
    tokio::join!(server, gateway.begin(None, &api, http::Request::get("/dev").body(&b""[..]).unwrap()))
}

#[tokio::test]
async fn an_endpoints_answer_goes_on_as_it_comes() {
    let head = "HTTP/1.1 201 Created\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 10\r\n\r\n";
    let (mut connection, response) = proxied(head).await;
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    assert_eq!(response.headers()["content-length"], "10");
    let Body::Stream(mut pieces) = response.into_body() else { panic!("it does not stream") };
    connection.write_all(b"first").await.unwrap();
    assert_eq!(pieces.next().await.unwrap().unwrap(), "first");
    connection.write_all(b"after").await.unwrap();
    assert_eq!(pieces.next().await.unwrap().unwrap(), "after");
    assert!(pieces.next().await.is_none());
}

#[tokio::test]
async fn an_endpoint_that_breaks_off_breaks_the_answer_off() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n";
    let (connection, response) = proxied(head).await;
    assert!(!response.headers().contains_key("transfer-encoding"));
    drop(connection);
    assert!(response.into_body().collect().await.is_err());
}
