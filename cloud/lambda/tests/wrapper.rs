//! Functions whose runtime is started through a script of their own.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, json};
use slam_cloud_wire::lambda;
use support::{World, zip};

/// Invokes a function whose package has this file `wrapper`, named so in its environment.
async fn check(wrapper: &str, named: &str, error: Option<&str>, expected: Value, log: &str) {
    let world = World::new().await;
    let code = "import os, sys, _slam_runtime\ndef handler(event, context):\n    \
                return [os.environ.get('ADDED'), sys._xoptions.get('tested'), sys.argv[1:]]";
    let mut function = world.function("");
    function.code.zip_file = Some(zip(&[("app.py", code), ("wrapper", wrapper)]));
    let variables = [("AWS_LAMBDA_EXEC_WRAPPER".to_owned(), named.to_owned())].into();
    function.environment = Some(lambda::Environment { variables: Some(variables) });
    world.call(function).await.unwrap();
    let answer = world.invoke("{}").await;
    assert_eq!(answer.error.as_deref(), error, "{answer:?}");
    match answer.payload {
        Value::Object(document) => {
            assert!(document["errorMessage"].as_str().unwrap().ends_with(expected.as_str().unwrap()), "{document:?}")
        }
        answer => assert_eq!(answer, expected),
    }
    // What is printed before the first invocation is not in its tail.
    if !log.is_empty() {
        world.log("/aws/lambda/f", log).await;
    }
}

#[tokio::test]
async fn a_wrapper_starts_the_runtime() {
    let wrapper = "#!/bin/sh\nexport ADDED=by-the-wrapper\nexec \"$@\"\n";
    check(wrapper, "/var/task/wrapper", None, json!(["by-the-wrapper", null, []]), "").await;
}

/// The example of <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper-example>: its
/// options go before the last argument.
#[tokio::test]
async fn a_wrapper_adds_options_for_the_interpreter() {
    let wrapper = "#!/bin/bash\nargs=(\"$@\")\nextra_args=(\"-X\" \"tested\")\n\
                   args=(\"${args[@]:0:$#-1}\" \"${extra_args[@]}\" \"${args[@]: -1}\")\nexec \"${args[@]}\"\n";
    check(wrapper, "/var/task/wrapper", None, json!([null, true, []]), "").await;
}

#[tokio::test]
async fn an_empty_name_is_no_wrapper() {
    check("", "", None, json!([null, null, []]), "").await;
}

#[tokio::test]
async fn a_wrapper_that_cannot_be_started_is_told() {
    let exit = |code: u8| json!(format!("Runtime exited with error: exit status {code}"));
    let missing = "/var/task/missing: does not exist";
    check("", "/var/task/missing", Some("Unhandled"), exit(127), missing).await;
    let no_program = "/var/task/wrapper: is not an executable";
    check("no script", "/var/task/wrapper", Some("Unhandled"), exit(126), no_program).await;
}
