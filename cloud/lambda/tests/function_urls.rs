//! Function URLs whose answers stream, from a runtime that streams.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::Response;
use slam_cloud_core::plane::{Arrival, Claim, Sender};
use slam_cloud_core::request_body::RequestBody;
use slam_cloud_core::{Body, Service as _};
use slam_cloud_wire::lambda;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use support::{World, zip};

const START: &str = "#!/bin/sh\nexec \"$1\" -S stream.py\n";

/// A runtime that streams what variables tell, and the last piece once a file is there. A path tells it to fail then.
const RUNTIME: &str = r#"
import json, os, socket, time

api = os.environ["AWS_LAMBDA_RUNTIME_API"]
host, port = api.split(":")
begin = os.environ["BEGIN"].encode().decode("unicode_escape").encode()


def request(method, path, headers=()):
    connection = socket.create_connection((host, int(port)))
    lines = [f"{method} /2018-06-01/runtime/invocation/{path} HTTP/1.1", f"Host: {api}", *headers]
    connection.sendall("\r\n".join([*lines, "", ""]).encode())
    return connection


def chunk(connection, data):
    connection.sendall(b"%x\r\n%s\r\n" % (len(data), data))


while True:
    with request("GET", "next", ["Connection: close"]) as connection:
        head, _, body = b"".join(iter(lambda: connection.recv(65536), b"")).partition(b"\r\n\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:])
    event = json.loads(body)
    with request("POST", headers["lambda-runtime-aws-request-id"] + "/response", [
        "Lambda-Runtime-Function-Response-Mode: streaming",
        "Content-Type: " + os.environ["TYPE"],
        "Transfer-Encoding: chunked",
        "Trailer: Lambda-Runtime-Function-Error-Type",
        "Connection: close",
    ]) as connection:
        chunk(connection, begin + b"first")
        while not os.path.exists(os.environ["WAIT"]):
            time.sleep(0.01)
        if event["rawPath"] == "/fail":
            connection.sendall(b"0\r\nLambda-Runtime-Function-Error-Type: App.Boom\r\n\r\n")
        else:
            chunk(connection, b"last")
            connection.sendall(b"0\r\n\r\n")
        while connection.recv(65536):
            pass
"#;

/// A streaming URL, and the file that its function waits for.
struct Streaming {
    world: World,
    host: String,
    go: tempfile::TempDir,
}

impl Streaming {
    async fn new(content_type: &str, begin: &str) -> Self {
        let world = World::new().await;
        // Functions do not see what is below /tmp.
        let go = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let wait = go.path().join("go");
        let variables = [
            ("AWS_LAMBDA_EXEC_WRAPPER", "/var/task/start"),
            ("TYPE", content_type),
            ("BEGIN", begin),
            ("WAIT", wait.to_str().unwrap()),
        ];
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut function = world.function("");
        function.code.zip_file = Some(zip(&[("start", START), ("stream.py", RUNTIME)]));
        function.environment = Some(lambda::Environment { variables: Some(variables) });
        world.call(function).await.unwrap();
        let url = lambda::CreateFunctionUrlConfig {
            function_name: "f".into(),
            auth_type: "NONE".into(),
            invoke_mode: Some("RESPONSE_STREAM".into()),
            ..Default::default()
        };
        let url = world.call(url).await.unwrap().function_url;
        for action in ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"] {
            let permission = lambda::AddPermission {
                function_name: "f".into(),
                statement_id: action.replace(':', "-"),
                action: action.into(),
                principal: "*".into(),
                ..Default::default()
            };
            world.call(permission).await.unwrap();
        }
        // Without ports of its own the cloud tells a host.
        let host = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Self { world, host, go }
    }

    async fn get(&self, path: &str) -> Response<Body> {
        let (head, ()) = http::Request::get(path).header("host", &self.host).body(()).unwrap().into_parts();
        let arrival = Arrival {
            head,
            body: RequestBody::new(http_body_util::Empty::new()),
            peer: IpAddr::from([127, 0, 0, 1]),
            port: 4566,
            owner: None,
            sender: Sender::Direct,
            signed_for: None,
        };
        let planes = Arc::clone(&self.world.lambda).planes();
        let plane = planes.into_iter().find(|plane| plane.claim(&arrival) == Claim::Mine).unwrap();
        plane.answer(arrival).await
    }

    fn go(&self) -> &Path {
        self.go.path()
    }
}

fn header<'r>(response: &'r Response<Body>, name: &str) -> Option<&'r str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

/// The first piece before the last one is made, and how it ends.
async fn check(streaming: &Streaming, response: Response<Body>, expected: Option<&[&str]>) {
    let Body::Stream(mut pieces) = response.into_body() else { panic!("it does not stream") };
    assert_eq!(pieces.next().await.unwrap().unwrap(), "first");
    std::fs::write(streaming.go().join("go"), "").unwrap();
    let rest: Result<Vec<Bytes>, _> = pieces.collect::<Vec<_>>().await.into_iter().collect();
    assert_eq!(rest.ok(), expected.map(|pieces| pieces.iter().map(|piece| piece.as_bytes().to_vec().into()).collect()));
    std::fs::remove_file(streaming.go().join("go")).unwrap();
}

#[tokio::test]
async fn metadata_come_first_where_the_content_type_says_so() {
    let begin = r#"{"statusCode": 201, "headers": {"x-a": "b"}, "cookies": ["c=1", "d=2"]}\0\0\0\0\0\0\0\0"#;
    let streaming = Streaming::new("application/vnd.awslambda.http-integration-response", begin).await;
    let response = streaming.get("/").await;
    assert_eq!(response.status(), 201);
    assert_eq!((header(&response, "x-a"), header(&response, "content-type")), (Some("b"), Some("application/json")));
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
    check(&streaming, response, Some(&["last"])).await;
    // A function that fails when its status is sent already breaks the answer off.
    check(&streaming, streaming.get("/fail").await, None).await;
}

#[tokio::test]
async fn everything_else_is_the_body() {
    let streaming = Streaming::new("text/event-stream", "").await;
    let response = streaming.get("/").await;
    assert_eq!((response.status().as_u16(), header(&response, "content-type")), (200, Some("text/event-stream")));
    check(&streaming, response, Some(&["last"])).await;
}

#[tokio::test]
async fn metadata_that_are_none_are_a_bad_gateway() {
    let streaming = Streaming::new("application/vnd.awslambda.http-integration-response", r"[]\0\0\0\0\0\0\0\0").await;
    let response = streaming.get("/").await;
    assert_eq!((response.status().as_u16(), response.into_body().at_hand()), (502, &b"Internal Server Error"[..]));
}
