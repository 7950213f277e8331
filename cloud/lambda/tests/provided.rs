//! Functions that bring their own runtime: scripts that speak with the Runtime API through curl.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::json;
use slam_cloud_wire::lambda;
use support::World;

/// AWS's own example, shortened: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-walkthrough.html>.
const BOOTSTRAP: &str = r#"#!/bin/sh
set -eu
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
. "$LAMBDA_TASK_ROOT/$(echo "$_HANDLER" | cut -d. -f1).sh"
while true; do
  headers="$(mktemp)"
  event="$(curl -sS -D "$headers" "$api/invocation/next")"
  id="$(grep -Fi Lambda-Runtime-Aws-Request-Id "$headers" | tr -d '[:space:]' | cut -d: -f2)"
  if answer="$("$(echo "$_HANDLER" | cut -d. -f2)" "$event")"; then
    curl -sS -o /dev/null "$api/invocation/$id/response" -d "$answer"
  else
    curl -sS -o /dev/null "$api/invocation/$id/error" -H 'Lambda-Runtime-Function-Error-Type: Script.Failed' \
      -d '{"errorType": "Script.Failed", "errorMessage": "the handler failed"}'
  fi
done
"#;

async fn create(world: &World, files: &[(&str, &str)], layers: Vec<String>) {
    for runtime in ["provided.al2", "provided.al2023"] {
        let function = world.function_on(runtime, "function.handler", files);
        let name = if runtime == "provided.al2" { "g" } else { "f" };
        let layers = Some(layers.clone());
        world.call(lambda::CreateFunction { function_name: name.into(), layers, ..function }).await.unwrap();
    }
}

#[tokio::test]
async fn a_function_brings_its_own_runtime() {
    let world = World::new().await;
    let handler = "handler() { echo \"got $1\" >&2; [ \"$1\" != '\"fail\"' ] || return 1; echo \"[$1, \\\"${AWS_EXECUTION_ENV:-none}\\\"]\"; }\n";
    create(&world, &[("bootstrap", BOOTSTRAP), ("function.sh", handler)], Vec::new()).await;
    let answer = world.invoke(r#"{"a": 1}"#).await;
    assert_eq!((answer.error.as_deref(), &answer.payload), (None, &json!([{ "a": 1 }, "none"])), "{answer:?}");
    assert!(answer.log.contains("got {\"a\": 1}\n"), "{answer:?}");
    let answer = world.invoke(r#""fail""#).await;
    assert_eq!(answer.error.as_deref(), Some("Unhandled"));
    assert_eq!(answer.payload, json!({ "errorType": "Script.Failed", "errorMessage": "the handler failed" }));
    assert_eq!(world.invoke_as("g", "2").await.unwrap().payload, json!([2, "none"]));
}

#[tokio::test]
async fn the_runtime_may_be_in_a_layer_but_the_packages_wins() {
    let world = World::new().await;
    let handler = "handler() { echo '\"handled\"'; }\n";
    let arn = world.publish("runtime", &[("bootstrap", BOOTSTRAP)]).await;
    create(&world, &[("function.sh", handler)], vec![arn]).await;
    assert_eq!(world.invoke("{}").await.payload, json!("handled"));
    let world = World::new().await;
    let broken = world.publish("runtime", &[("bootstrap", "#!/bin/sh\nexit 3\n")]).await;
    create(&world, &[("bootstrap", BOOTSTRAP), ("function.sh", handler)], vec![broken]).await;
    assert_eq!(world.invoke("{}").await.payload, json!("handled"));
}

/// Whatever the wrapper is, the function's own runtime is not started through it.
#[tokio::test]
async fn there_are_no_wrappers() {
    let world = World::new().await;
    let files = [("bootstrap", BOOTSTRAP), ("function.sh", "handler() { echo 1; }\n")];
    let mut function = world.function_on("provided.al2023", "function.handler", &files);
    let variables = [("AWS_LAMBDA_EXEC_WRAPPER".to_owned(), "/var/task/missing".to_owned())].into();
    function.environment = Some(lambda::Environment { variables: Some(variables) });
    world.call(function).await.unwrap();
    assert_eq!(world.invoke("{}").await.payload, json!(1));
}

async fn fails(files: &[(&str, &str)], kind: &str, message: &str) {
    let world = World::new().await;
    create(&world, files, Vec::new()).await;
    let answer = world.invoke("{}").await;
    assert_eq!(answer.error.as_deref(), Some("Unhandled"), "{answer:?}");
    assert_eq!(answer.payload["errorType"], kind, "{answer:?}");
    let found = answer.payload["errorMessage"].as_str().unwrap();
    assert!(found.starts_with("RequestId: ") && found.ends_with(message), "{found}");
    if kind == "Runtime.InvalidEntrypoint" {
        assert!(answer.log.contains(&format!("{message}\nRuntime.InvalidEntrypoint\n")), "{answer:?}");
    }
}

#[tokio::test]
async fn a_runtime_that_cannot_be_started_is_told() {
    let invalid = "Runtime.InvalidEntrypoint";
    let missing = "Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]";
    fails(&[("x", "")], invalid, missing).await;
    let no_right = "Error: fork/exec /var/task/bootstrap: permission denied";
    fails(&[("bootstrap", "not executable")], invalid, no_right).await;
    let no_interpreter = "Error: fork/exec /var/task/bootstrap: no such file or directory";
    fails(&[("bootstrap", "#!/nowhere\n")], invalid, no_interpreter).await;
    let exits = "Error: Runtime exited with error: exit status 3";
    fails(&[("bootstrap", "#!/bin/sh\nexit 3\n")], "Runtime.ExitError", exits).await;
    fails(&[("bootstrap", "#!/usr/bin/env sh\nexit 3\n")], "Runtime.ExitError", exits).await;
}
