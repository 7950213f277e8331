//! Answers in pieces: a runtime that streams, started through a wrapper, and who invokes it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use slam_cloud_wire::lambda;
use support::{World, zip};

const START: &str = "#!/bin/sh\nexec \"$1\" -S stream.py\n";

/// As AWS's guide describes a custom runtime that streams. The event says what it does after the first piece: go on
/// once a file is there, fail, break the connection, exit, or sleep.
const RUNTIME: &str = r#"
import base64, json, os, socket, time

api = os.environ["AWS_LAMBDA_RUNTIME_API"]
host, port = api.split(":")


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
        "Transfer-Encoding: chunked",
        "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
        "Connection: close",
    ]) as connection:
        chunk(connection, b"first")
        trailers = b""
        if "wait" in event:
            while not os.path.exists(event["wait"]):
                time.sleep(0.01)
        if event.get("then") == "fail":
            details = base64.b64encode(b'{"errorMessage": "boom"}').decode()
            trailers = f"Lambda-Runtime-Function-Error-Type: App.Boom\r\n" \
                       f"Lambda-Runtime-Function-Error-Body: {details}\r\n".encode()
        elif event.get("then") == "break":
            continue
        elif event.get("then") == "exit":
            os._exit(3)
        elif event.get("then") == "sleep":
            time.sleep(60)
        if not trailers:
            chunk(connection, b"last" * event.get("times", 1))
        connection.sendall(b"0\r\n" + trailers + b"\r\n")
        while connection.recv(65536):
            pass
"#;

async fn world(timeout: i64) -> World {
    let world = World::new().await;
    let mut function = world.function("");
    function.code.zip_file = Some(zip(&[("start", START), ("stream.py", RUNTIME)]));
    function.timeout = Some(timeout);
    let variables = [("AWS_LAMBDA_EXEC_WRAPPER".to_owned(), "/var/task/start".to_owned())].into();
    function.environment = Some(lambda::Environment { variables: Some(variables) });
    world.call(function).await.unwrap();
    world
}

/// A file that a function waits for, in a folder that lasts as long as this.
fn signal() -> (tempfile::TempDir, std::path::PathBuf) {
    // Functions do not see what is below /tmp.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let go = folder.path().join("go");
    (folder, go)
}

type Events = BoxStream<'static, lambda::InvokeWithResponseStreamResponseEvent>;

async fn stream(world: &World, payload: &str) -> Events {
    let input = lambda::InvokeWithResponseStream {
        function_name: "f".into(),
        payload: Some(Bytes::copy_from_slice(payload.as_bytes())),
        log_type: Some("Tail".into()),
        ..Default::default()
    };
    let answer = world.call(input).await.unwrap();
    assert_eq!(answer.executed_version.as_deref(), Some("$LATEST"));
    answer.event_stream.unwrap().take()
}

async fn piece(events: &mut Events) -> Bytes {
    events.next().await.unwrap().payload_chunk.unwrap().payload.unwrap()
}

/// What is left of a stream: its payload, the error's type and its details. The log comes with the last event.
async fn rest(events: Events) -> (String, Option<String>, String) {
    let mut events: Vec<_> = events.collect().await;
    let complete = events.pop().unwrap().invoke_complete.unwrap();
    use base64::Engine as _;
    let log = base64::engine::general_purpose::STANDARD.decode(complete.log_result.unwrap()).unwrap();
    assert!(String::from_utf8_lossy(&log).contains("REPORT RequestId: "));
    let payload: Vec<u8> = events.into_iter().flat_map(|event| event.payload_chunk.unwrap().payload.unwrap()).collect();
    (String::from_utf8(payload).unwrap(), complete.error_code, complete.error_details.unwrap_or_default())
}

#[tokio::test]
async fn a_piece_arrives_before_the_next_is_made() {
    let world = world(30).await;
    let (_folder, go) = signal();
    let mut events = stream(&world, &serde_json::json!({ "wait": go }).to_string()).await;
    assert_eq!(piece(&mut events).await, "first");
    std::fs::write(&go, "").unwrap();
    assert_eq!(rest(events).await, ("last".into(), None, String::new()));
}

/// What happens after the first piece, and how the stream ends.
async fn check(timeout: i64, then: &str, code: &str, details: &str) {
    let world = world(timeout).await;
    // Who ends before the Runtime API has looked at its connection is nobody there.
    let (_folder, go) = signal();
    let mut events = stream(&world, &serde_json::json!({ "then": then, "wait": go }).to_string()).await;
    assert_eq!(piece(&mut events).await, "first");
    std::fs::write(&go, "").unwrap();
    let (payload, found, told) = rest(events).await;
    assert_eq!((payload.as_str(), found.as_deref()), ("", Some(code)), "{told}");
    assert!(told.contains(details), "{told}");
    // The function is there for others.
    let (payload, found, _) = rest(stream(&world, "{}").await).await;
    assert_eq!((payload.as_str(), found), ("firstlast", None));
}

#[tokio::test]
async fn an_error_in_the_middle_travels_in_the_trailers() {
    check(30, "fail", "App.Boom", r#"{"errorMessage": "boom"}"#).await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_an_error() {
    check(30, "break", "Unhandled", "Runtime.TruncatedResponse").await;
}

#[tokio::test]
async fn a_process_that_ends_in_the_middle_is_an_error() {
    check(30, "exit", "Unhandled", "Runtime exited with error: exit status 3").await;
}

#[tokio::test]
async fn the_time_may_be_up_in_the_middle() {
    check(1, "sleep", "Unhandled", "Task timed out after 1.00 seconds").await;
}

#[tokio::test]
async fn an_invoker_that_goes_stops_nothing() {
    let world = world(30).await;
    let (_folder, go) = signal();
    let mut events = stream(&world, &serde_json::json!({ "wait": go }).to_string()).await;
    assert_eq!(piece(&mut events).await, "first");
    drop(events);
    std::fs::write(&go, "").unwrap();
    assert!(world.log("/aws/lambda/f", "REPORT RequestId: ").await.iter().all(|line| !line.contains("error")));
}

#[tokio::test]
async fn whoever_waits_for_the_whole_answer_gets_it() {
    let world = world(30).await;
    let invoke = |payload: &str| lambda::Invoke {
        function_name: "f".into(),
        payload: Some(Bytes::copy_from_slice(payload.as_bytes())),
        ..Default::default()
    };
    let answer = world.call(invoke("{}")).await.unwrap();
    assert_eq!((answer.payload.unwrap(), answer.function_error), (Bytes::from_static(b"firstlast"), None));
    let answer = world.call(invoke(r#"{"then": "fail"}"#)).await.unwrap();
    assert_eq!(answer.function_error.as_deref(), Some("Unhandled"));
    assert_eq!(answer.payload.unwrap(), r#"{"errorMessage": "boom"}"#);
    // 4 bytes each: more than the six megabytes of a buffered answer.
    let answer = world.call(invoke(r#"{"times": 1600000}"#)).await.unwrap();
    assert!(String::from_utf8_lossy(&answer.payload.unwrap()).contains("Function.ResponseSizeTooLarge"));
    let (payload, error, _) = rest(stream(&world, r#"{"times": 1600000}"#).await).await;
    assert_eq!((payload.len(), error), (5 + 6_400_000, None));
}

#[tokio::test]
async fn a_function_that_does_not_stream_answers_in_one_piece() {
    let world = World::new().await;
    world.create("def handler(event, context): return 1 / event['by']").await;
    let mut events = stream(&world, r#"{"by": 2}"#).await;
    assert_eq!(piece(&mut events).await, "0.5");
    assert_eq!(rest(events).await, (String::new(), None, String::new()));
    let (payload, code, details) = rest(stream(&world, r#"{"by": 0}"#).await).await;
    assert_eq!((payload.as_str(), code.as_deref()), ("", Some("Unhandled")));
    assert!(details.contains(r#""errorType": "ZeroDivisionError""#), "{details}");
}

#[tokio::test]
async fn a_dry_run_runs_nothing() {
    let world = world(30).await;
    let input = lambda::InvokeWithResponseStream {
        function_name: "f".into(),
        invocation_type: Some("DryRun".into()),
        ..Default::default()
    };
    let answer = world.call(input).await.unwrap();
    assert_eq!((answer.status_code, answer.event_stream), (Some(204), None));
}
