//! Invocations of real Python functions: answers, errors, logs.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, json};
use slam_cloud_testing::recorded::Recorded;
use slam_cloud_wire::lambda;
use support::{World, zip};

/// Creates a function of `code`, invokes it and compares what is answered; `*` stands for anything.
async fn check(code: &str, payload: &str, error: Option<&str>, expected: Value) {
    let world = World::new().await;
    world.create(code).await;
    let answer = world.invoke(payload).await;
    assert_eq!(answer.error.as_deref(), error, "{answer:?}");
    compare(&answer.payload, &expected);
    assert!(answer.log.starts_with("START RequestId: ") && answer.log.contains("\nREPORT RequestId: "), "{answer:?}");
}

fn compare(found: &Value, expected: &Value) {
    match (found, expected) {
        (_, Value::String(any)) if any == "*" => {}
        (Value::Object(found), Value::Object(expected)) => {
            assert_eq!(found.keys().collect::<Vec<_>>().len(), expected.len(), "{found:?}");
            expected.iter().for_each(|(key, value)| compare(found.get(key).unwrap_or(&Value::Null), value));
        }
        (Value::String(found), Value::String(expected)) => match expected.split_once("<id>") {
            Some((before, after)) => assert!(found.starts_with(before) && found.ends_with(after), "{found}"),
            None => assert_eq!(found, expected),
        },
        (found, expected) => assert_eq!(found, expected),
    }
}

#[tokio::test]
async fn the_handler_gets_the_event_and_its_result_is_answered() {
    check(
        "def handler(event, context): return {'got': event}",
        r#"{"a": [1, "ü"]}"#,
        None,
        json!({"got": {"a": [1, "ü"]}}),
    )
    .await;
}

#[tokio::test]
async fn an_event_without_payload_is_an_empty_object() {
    check("def handler(event, context): return event", "", None, json!({})).await;
}

#[tokio::test]
async fn the_context_is_lambdas() {
    let code = "def handler(event, context):\n    return [context.function_name, context.function_version, \
                context.memory_limit_in_mb, context.invoked_function_arn, context.log_group_name,\n            \
                0 < context.get_remaining_time_in_millis() <= 30000, context.identity.cognito_identity_id]";
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    check(code, "{}", None, json!(["f", "$LATEST", "128", arn, "/aws/lambda/f", true, null])).await;
}

#[tokio::test]
async fn nothing_of_the_hosts_environment_is_there() {
    let code = "import os\ndef handler(event, context): return sorted(os.environ)";
    let world = World::new().await;
    world.create(code).await;
    let variables = world.invoke("{}").await.payload;
    let variables: Vec<&str> = variables.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let expected = [
        "AWS_ACCESS_KEY_ID",
        "AWS_CONFIG_FILE",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_XRAY_CONTEXT_MISSING",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
        "LANG",
        "LC_CTYPE",
        "LD_LIBRARY_PATH",
        "PATH",
        "TMPDIR",
        "TZ",
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
    ];
    // Python adds LC_CTYPE where the host has no en_US.UTF-8.
    assert!(variables.iter().all(|name| expected.contains(name)), "{variables:?}");
    assert!(expected.iter().filter(|name| **name != "LC_CTYPE").all(|name| variables.contains(name)), "{variables:?}");
}

/// As recorded on AWS: `test_uncaught_exception_invoke[python3.14]`.
#[tokio::test]
async fn an_exception_is_an_unhandled_error() {
    let world = World::new().await;
    world.create("def handler(event, context):\n    raise Exception('Failed: ' + event['error_msg'])").await;
    let answer = world.invoke(r#"{"error_msg": "some_error_msg"}"#).await;
    assert_eq!(answer.error.as_deref(), Some("Unhandled"));
    let mut recorded = Recorded::of("lambda/test_uncaught_exception_invoke[python3.14]");
    recorded.check("error_result.Payload", &answer.payload);
}

#[tokio::test]
async fn a_stack_trace_begins_in_the_handler() {
    let world = World::new().await;
    world.create("def handler(event, context):\n    inner()\ndef inner():\n    return {}['k']").await;
    let answer = world.invoke("{}").await;
    let trace = answer.payload["stackTrace"].as_array().unwrap();
    assert_eq!(trace.len(), 2);
    assert!(trace[0].as_str().unwrap().ends_with("app.py\", line 2, in handler\n    inner()\n"), "{trace:?}");
    assert!(answer.log.contains("[ERROR] KeyError: 'k'\nTraceback (most recent call last):\n"), "{}", answer.log);
}

#[tokio::test]
async fn a_missing_module_is_an_import_error() {
    let expected = json!({
        "errorMessage": "Unable to import module 'app': No module named 'nowhere'",
        "errorType": "Runtime.ImportModuleError", "requestId": "*", "stackTrace": [],
    });
    check("import nowhere", "{}", Some("Unhandled"), expected).await;
}

#[tokio::test]
async fn a_missing_handler_is_told() {
    let expected = json!({
        "errorMessage": "Handler 'handler' missing on module 'app'",
        "errorType": "Runtime.HandlerNotFound", "requestId": "*", "stackTrace": [],
    });
    check("x = 1", "{}", Some("Unhandled"), expected).await;
}

#[tokio::test]
async fn a_syntax_error_is_told() {
    let world = World::new().await;
    world.create("def handler(event, context:\n").await;
    let answer = world.invoke("{}").await;
    assert_eq!(answer.payload["errorType"], "Runtime.UserCodeSyntaxError");
    let message = answer.payload["errorMessage"].as_str().unwrap();
    assert!(message.starts_with("Syntax error in module 'app': "), "{message}");
}

#[tokio::test]
async fn an_exception_at_import_is_told_with_its_own_type() {
    let world = World::new().await;
    world.create("import os\nTABLE = os.environ['TABLE']").await;
    let answer = world.invoke("{}").await;
    assert_eq!(
        (&answer.payload["errorType"], &answer.payload["errorMessage"]),
        (&json!("KeyError"), &json!("'TABLE'"))
    );
    // The next one starts an environment anew, and says the same.
    assert_eq!(world.invoke("{}").await.payload["errorType"], "KeyError");
}

#[tokio::test]
async fn what_is_no_json_is_a_marshal_error() {
    let expected = json!({
        "errorMessage": "Unable to marshal response: Object of type set is not JSON serializable",
        "errorType": "Runtime.MarshalError", "requestId": "*", "stackTrace": [],
    });
    check("def handler(event, context): return {1}", "{}", Some("Unhandled"), expected).await;
}

/// As recorded on AWS: `test_lambda_invoke_with_timeout`.
#[tokio::test]
async fn a_function_that_takes_too_long_is_ended() {
    let world = World::new().await;
    let function = world.function("import time\ndef handler(event, context): time.sleep(event)");
    world.call(lambda::CreateFunction { timeout: Some(1), ..function }).await.unwrap();
    let answer = world.invoke("60").await;
    Recorded::of("lambda/test_lambda_invoke_with_timeout").check("invoke-result.Payload", &answer.payload);
    assert!(answer.log.contains(" Task timed out after 1.00 seconds\n"), "{}", answer.log);
    assert!(answer.log.ends_with("\tStatus: timeout\n"), "{}", answer.log);
    assert_eq!(world.invoke("0").await.payload, Value::Null);
}

#[tokio::test]
async fn a_process_that_exits_is_told() {
    let code = "import os, sys\ndef handler(event, context): sys.exit(event)";
    let expected = json!({
        "errorType": "Runtime.ExitError", "errorMessage": "RequestId: <id> Error: Runtime exited with error: exit status 3",
    });
    check(code, "3", Some("Unhandled"), expected).await;
    let expected = json!({
        "errorType": "Runtime.ExitError", "errorMessage": "RequestId: <id> Error: Runtime exited without providing a reason",
    });
    check(code, "0", Some("Unhandled"), expected).await;
}

#[tokio::test]
async fn a_process_that_exits_while_it_starts_is_told() {
    let expected = json!({
        "errorType": "Runtime.ExitError", "errorMessage": "RequestId: <id> Error: Runtime exited with error: exit status 4",
    });
    check("import os\nos._exit(4)", "{}", Some("Unhandled"), expected).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_function_that_uses_too_much_memory_is_killed() {
    let code = "def handler(event, context):\n    return len(b'x' * (200 << 20))";
    let expected = json!({
        "errorType": "Runtime.ExitError", "errorMessage": "RequestId: <id> Error: Runtime exited with error: signal: killed",
    });
    check(code, "{}", Some("Unhandled"), expected).await;
}

/// As recorded on AWS: `test_lambda_too_large_response`. The environment goes on.
#[tokio::test]
async fn an_answer_that_is_too_large_is_an_error() {
    let world = World::new().await;
    world.create("count = 0\ndef handler(event, context):\n    global count; count += 1\n    return 'x' * event + str(count)").await;
    let answer = world.invoke("7000000").await;
    Recorded::of("lambda/test_lambda_too_large_response").check("invoke_result.Payload", &answer.payload);
    assert_eq!(world.invoke("0").await.payload, "2");
}

#[tokio::test]
async fn an_environment_is_kept_and_reused() {
    let world = World::new().await;
    world.create("count = 0\ndef handler(event, context):\n    global count; count += 1; return count").await;
    let first = world.invoke("{}").await;
    assert!(first.log.contains("Init Duration: "), "{}", first.log);
    for expected in 2..20 {
        let answer = world.invoke("{}").await;
        assert_eq!(answer.payload, expected);
        assert!(!answer.log.contains("Init Duration: "), "{}", answer.log);
    }
}

#[tokio::test]
async fn concurrent_invocations_have_environments_of_their_own() {
    let world = World::new().await;
    world.create("import time, uuid\nmine = str(uuid.uuid4())\ndef handler(event, context):\n    time.sleep(0.5); return mine").await;
    let (one, two) = tokio::join!(world.invoke("{}"), world.invoke("{}"));
    assert_ne!(one.payload, two.payload);
}

#[tokio::test]
async fn new_code_runs_at_once_and_old_versions_go_on() {
    let world = World::new().await;
    world.create("def handler(event, context): return 'old'").await;
    world.invoke("{}").await;
    world.call(lambda::PublishVersion { function_name: "f".into(), ..Default::default() }).await.unwrap();
    let code = zip(&[("app.py", "def handler(event, context): return 'new'")]);
    let update = lambda::UpdateFunctionCode { function_name: "f".into(), zip_file: Some(code), ..Default::default() };
    world.call(update).await.unwrap();
    assert_eq!(world.invoke("{}").await.payload, "new");
    let old = world.invoke_as("f:1", "{}").await.unwrap();
    assert_eq!((old.payload, old.version.as_str()), (json!("old"), "1"));
}

#[tokio::test]
async fn what_is_printed_and_logged_is_in_the_log_in_order() {
    let world = World::new().await;
    world
        .create(
            "import logging, sys\ndef handler(event, context):\n    print('one'); print('two', file=sys.stderr)\n    \
             logging.getLogger().warning('three\\nfour'); print('five', end='')",
        )
        .await;
    world.invoke("{}").await;
    let events = world.log("/aws/lambda/f", "REPORT").await;
    assert!(events[0].starts_with("INIT_START Runtime Version: python:"), "{events:?}");
    assert!(events[1].starts_with("START RequestId: "), "{events:?}");
    assert_eq!(&events[2..4], ["one\n", "two\n"]);
    let record: Vec<&str> = events[4].split('\t').collect();
    assert_eq!((record[0], record[3]), ("[WARNING]", "three\nfour\n"));
    assert_eq!(events[5], "five\n");
    assert!(events[6].starts_with("END RequestId: ") && events[7].starts_with("REPORT RequestId: "), "{events:?}");
}

#[tokio::test]
async fn a_role_that_may_not_write_logs_has_none() {
    let world = World::new().await;
    world.allow(r#""s3:GetObject""#).await;
    world.create("def handler(event, context): print('x')").await;
    assert!(world.invoke("{}").await.log.contains("\nx\n"));
    use slam_cloud_core::Service;
    world.lambda.shutdown().await;
    let groups = world.call(slam_cloud_wire::logs::DescribeLogGroups::default()).await.unwrap();
    assert_eq!(groups.log_groups.unwrap_or_default(), []);
}

#[tokio::test]
async fn json_logs_are_json() {
    let world = World::new().await;
    let function = world.function("import logging\ndef handler(event, context): logging.info('hello')");
    let logging = lambda::LoggingConfig { log_format: Some("JSON".into()), ..Default::default() };
    world.call(lambda::CreateFunction { logging_config: Some(logging), ..function }).await.unwrap();
    world.invoke_as("f", "{}").await.unwrap();
    let events = world.log("/aws/lambda/f", "platform.report").await;
    let events: Vec<Value> = events.iter().map(|event| serde_json::from_str(event).unwrap()).collect();
    let kinds: Vec<&Value> = events.iter().map(|event| &event["type"]).collect();
    assert_eq!(
        kinds,
        [&json!("platform.initStart"), &json!("platform.start"), &Value::Null, &json!("platform.report")]
    );
    assert_eq!((&events[2]["level"], &events[2]["message"]), (&json!("INFO"), &json!("hello")));
}

#[tokio::test]
async fn events_are_invoked_behind_the_callers_back() {
    let world = World::new().await;
    world.create("def handler(event, context): print('got', event)").await;
    let input = lambda::Invoke {
        function_name: "f".into(),
        invocation_type: Some("Event".into()),
        payload: Some("7".into()),
        ..Default::default()
    };
    assert_eq!(world.call(input).await.unwrap().status_code, Some(202));
    assert!(world.log("/aws/lambda/f", "END").await.contains(&"got 7\n".to_owned()));
}

#[tokio::test]
async fn a_dry_run_runs_nothing() {
    let world = World::new().await;
    world.create("import nowhere").await;
    let input =
        lambda::Invoke { function_name: "f".into(), invocation_type: Some("DryRun".into()), ..Default::default() };
    assert_eq!(world.call(input).await.unwrap().status_code, Some(204));
}

#[tokio::test]
async fn handlers_may_be_in_folders() {
    let world = World::new().await;
    let function = world.function("");
    let code = zip(&[("lib/sub/mod.py", "def f(event, context): return 'here'"), ("lib/__init__.py", "")]);
    let code = lambda::FunctionCode { zip_file: Some(code), ..Default::default() };
    world.call(lambda::CreateFunction { handler: Some("lib/sub/mod.f".into()), code, ..function }).await.unwrap();
    assert_eq!(world.invoke("{}").await.payload, "here");
}

/// As recorded on AWS: `test_lambda_concurrency_block`.
#[tokio::test]
async fn a_reservation_of_zero_throttles() {
    let world = World::new().await;
    world.create("def handler(event, context): pass").await;
    let reserve =
        |number| lambda::PutFunctionConcurrency { function_name: "f".into(), reserved_concurrent_executions: number };
    world.call(reserve(0)).await.unwrap();
    let error = world.invoke_as("f", "{}").await.unwrap_err();
    Recorded::of("lambda/test_lambda_concurrency_block").check_error("invoke_latest_first_exc", &error);
    world.call(reserve(1)).await.unwrap();
    world.invoke("{}").await;
}

#[tokio::test]
async fn requests_that_are_none_are_refused() {
    let world = World::new().await;
    world.create("def handler(event, context): pass").await;
    for (name, payload, expected) in [
        ("f", "{", "InvalidRequestContentException: Could not parse request body into json: "),
        ("g", "{}", "ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:000000000000:function:g"),
        (
            "f:x",
            "{}",
            "ResourceNotFoundException: Function not found: arn:aws:lambda:us-east-1:000000000000:function:f:x",
        ),
    ] {
        let error = world.invoke_as(name, payload).await.unwrap_err().to_string();
        assert!(error.starts_with(expected), "{error}");
    }
    let large = format!("\"{}\"", "x".repeat(6_291_455));
    assert_eq!(world.invoke_as("f", &large).await.unwrap_err().status, 413);
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let world = World::new().await;
    world.create("def handler(event, context): return 'still here'").await;
    world.invoke("{}").await;
    let world = world.restart().await;
    assert_eq!(world.invoke("{}").await.payload, "still here");
}

#[tokio::test]
async fn every_python_of_this_machine_runs_functions() {
    let world = World::new().await;
    let interpreters = slam_cloud_lambda::runtime::python::Interpreters::default();
    for version in ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14"] {
        if interpreters.find(version).is_none() {
            let function = lambda::CreateFunction { runtime: Some(format!("python{version}")), ..world.function("") };
            let error = world.call(function).await.unwrap_err().to_string();
            assert!(error.contains(&format!("needs Python {version}, which is not on this machine: install it")));
            continue;
        }
        let name = format!("on-{}", version.replace('.', "-"));
        let code = "import sys, logging\ndef handler(event, context):\n    logging.warning('hi'); print('ü')\n    \
                    return '%d.%d' % sys.version_info[:2]";
        let function = lambda::CreateFunction {
            function_name: name.clone(),
            runtime: Some(format!("python{version}")),
            ..world.function(code)
        };
        world.call(function).await.unwrap();
        let answer = world.invoke_as(&name, "{}").await.unwrap();
        assert_eq!(answer.payload, version);
        assert!(answer.log.contains("[WARNING]\t") && answer.log.contains("\nü\n"), "{}", answer.log);
    }
}
