//! Node.js functions, as far as this machine has a Node.js.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, json};
use slam_cloud_lambda::runtime::nodejs::Nodes;
use slam_cloud_wire::lambda;
use support::{Answer, World};

/// The major versions that this machine has of those that AWS offers.
fn majors() -> impl Iterator<Item = u64> {
    static MAJORS: std::sync::OnceLock<Vec<u64>> = std::sync::OnceLock::new();
    let find = || {
        let nodes = Nodes::default();
        [20, 22, 24].into_iter().filter(|major| nodes.find(*major).is_some()).collect()
    };
    MAJORS.get_or_init(find).iter().copied()
}

/// Invokes a function of these files with an event on each Node.js of this machine from `least` to `most`.
async fn run(least: u64, most: u64, handler: &str, files: &[(&str, &str)], check: impl Fn(Answer)) {
    for major in majors().filter(|major| (least..=most).contains(major)) {
        let world = World::new().await;
        world.call(world.function_on(&format!("nodejs{major}.x"), handler, files)).await.unwrap();
        check(world.invoke(r#"{"name": "ü"}"#).await);
    }
}

async fn answers(handler: &str, files: &[(&str, &str)], expected: Value) {
    run(20, 24, handler, files, |answer| {
        assert_eq!((answer.error.as_deref(), &answer.payload), (None, &expected), "{answer:?}");
    })
    .await;
}

/// The module of a function on a Node.js that has callbacks answers so.
async fn calls_back(code: &str, expected: Value) {
    run(20, 22, "index.handler", &[("index.js", code)], |answer| {
        assert_eq!((answer.error.as_deref(), &answer.payload), (None, &expected), "{answer:?}");
    })
    .await;
}

async fn fails(handler: &str, files: &[(&str, &str)], kind: &str, message: &str) {
    run(20, 24, handler, files, |answer| {
        assert_eq!(answer.error.as_deref(), Some("Unhandled"), "{answer:?}");
        assert_eq!(answer.payload["errorType"], kind, "{answer:?}");
        let found = answer.payload["errorMessage"].as_str().unwrap();
        assert!(found.starts_with(message), "{found}");
    })
    .await;
}

#[tokio::test]
async fn an_async_handlers_result_is_answered() {
    let code = "exports.handler = async (event) => ({ hello: event.name });";
    answers("index.handler", &[("index.js", code)], json!({ "hello": "ü" })).await;
    answers("index.handler", &[("index.js", "exports.handler = async () => {};")], json!(null)).await;
}

/// Larger than what arrives at once.
#[tokio::test]
async fn large_events_and_answers_arrive_whole() {
    for major in majors() {
        let world = World::new().await;
        let code = "exports.handler = async (event) => event + event;";
        let mut function = world.function_on(&format!("nodejs{major}.x"), "index.handler", &[("index.js", code)]);
        function.memory_size = Some(512);
        world.call(function).await.unwrap();
        let event = "ü".repeat(1_000_000);
        for _ in 0..2 {
            assert!(world.invoke(&json!(event).to_string()).await.payload == json!(event.repeat(2)));
        }
    }
}

#[tokio::test]
async fn modules_are_found_in_every_form() {
    let esm = "export const handler = async () => import.meta.url.split('/').pop();";
    answers("index.handler", &[("index.mjs", esm)], json!("index.mjs")).await;
    answers("index.handler", &[("index.js", esm), ("package.json", r#"{"type": "module"}"#)], json!("index.js")).await;
    let cjs = "exports.deep = { handler: async () => __filename.split('/').pop() };";
    answers("index.deep.handler", &[("index.cjs", cjs)], json!("index.cjs")).await;
    answers("src/app.deep.handler", &[("src/app.js", cjs)], json!("app.js")).await;
    answers("src.deep.handler", &[("src/index.js", cjs)], json!("index.js")).await;
    let awaits = "await Promise.resolve(); export const handler = async () => 'awaited';";
    answers("index.handler", &[("index.mjs", awaits)], json!("awaited")).await;
}

#[tokio::test]
async fn the_context_is_lambdas() {
    let code = "exports.handler = async (event, context) => [context.functionName, context.functionVersion, \
                context.memoryLimitInMB, context.invokedFunctionArn, context.logGroupName, \
                context.getRemainingTimeInMillis() > 0, context.awsRequestId.length, \
                process.env.AWS_EXECUTION_ENV.startsWith('AWS_Lambda_nodejs'), process.env._HANDLER];";
    let arn = "arn:aws:lambda:us-east-1:000000000000:function:f";
    let expected = json!(["f", "$LATEST", "128", arn, "/aws/lambda/f", true, 36, true, "index.handler"]);
    answers("index.handler", &[("index.js", code)], expected).await;
}

#[tokio::test]
async fn callbacks_answer_once_the_event_loop_is_empty() {
    let waits = "let done = 'no'; exports.handler = (event, context, callback) => {\n\
                 setTimeout(() => { done = 'yes'; }, 20); callback(null, { toJSON: () => done }); };";
    calls_back(waits, json!("yes")).await;
    let at_once = waits.replace("setTimeout", "context.callbackWaitsForEmptyEventLoop = false; setTimeout");
    calls_back(&at_once, json!("no")).await;
    calls_back("exports.handler = (event, context) => { context.succeed(1); context.succeed(2); };", json!(1)).await;
    calls_back("exports.handler = (event, context) => { context.done(null, 'd'); };", json!("d")).await;
    // Nobody calls it.
    calls_back("exports.handler = (event, context, callback) => 'ignored';", json!(null)).await;
}

#[tokio::test]
async fn errors_are_told_as_awss_runtimes_tell_them() {
    let throws = "exports.handler = async () => { class Odd extends RangeError {}; Odd.prototype.name = 'Odd'; \
                  throw new Odd('boom'); };";
    fails("index.handler", &[("index.js", throws)], "Odd", "boom").await;
    fails("index.handler", &[("index.js", "exports.handler = async () => { throw 'text'; };")], "string", "text").await;
    let circular = "exports.handler = async () => { const a = {}; a.a = a; return a; };";
    fails("index.handler", &[("index.js", circular)], "Error", "Unable to stringify response body").await;
    let never = "exports.handler = async () => new Promise(() => {});";
    let message = "The Lambda runtime client detected an unexpected Node.js exit code.";
    fails("index.handler", &[("index.js", never)], "Runtime.NodeJsExit", message).await;
    let unhandled = "exports.handler = () => new Promise(() => { Promise.reject(new Error('lost')); setTimeout(() => {}, 9999); });";
    fails("index.handler", &[("index.js", unhandled)], "Runtime.UnhandledPromiseRejection", "Error: lost").await;
    let uncaught =
        "exports.handler = () => new Promise(() => { setImmediate(() => { throw new TypeError('late'); }); });";
    fails("index.handler", &[("index.js", uncaught)], "TypeError", "late").await;
    let back = "exports.handler = (event, context, callback) => callback(new Error('called'));";
    run(20, 22, "index.handler", &[("index.js", back)], |answer| {
        assert_eq!(answer.payload["errorMessage"], "called", "{answer:?}");
        assert!(answer.payload["trace"][0].as_str().unwrap().starts_with("Error: called"), "{answer:?}");
    })
    .await;
}

#[tokio::test]
async fn a_function_that_cannot_be_loaded_is_told() {
    let missing = "Error: Cannot find module 'nowhere'\nRequire stack:";
    fails("index.handler", &[("index.js", "require('nowhere')")], "Runtime.ImportModuleError", missing).await;
    fails("index.handler", &[("other.js", "")], "Runtime.ImportModuleError", "Error: Cannot find module 'index'").await;
    fails("index.handler", &[("index.js", "exports = {{")], "Runtime.UserCodeSyntaxError", "SyntaxError: ").await;
    let absent = "index.handler is undefined or not exported";
    fails("index.handler", &[("index.js", "")], "Runtime.HandlerNotFound", absent).await;
    let no_function = "index.handler is not a function";
    fails("index.handler", &[("index.js", "exports.handler = 1")], "Runtime.HandlerNotFound", no_function).await;
    fails("index", &[("index.js", "")], "Runtime.MalformedHandlerName", "Bad handler").await;
    fails("../x.handler", &[("index.js", "")], "Runtime.MalformedHandlerName", "'../x.handler' is not a valid").await;
    fails("index.handler", &[("index.js", "throw new RangeError('at load')")], "RangeError", "at load").await;
    let streams = "exports.handler = awslambda.streamifyResponse(async () => {});";
    let refusal = "awslambda.streamifyResponse is not supported by the embedded cloud";
    fails("index.handler", &[("index.js", streams)], "Error", refusal).await;
}

#[tokio::test]
async fn nodejs24_has_no_callbacks() {
    let code = "exports.handler = (event, context, callback) => callback(null, 1);";
    run(24, 24, "index.handler", &[("index.js", code)], |answer| {
        assert_eq!(answer.payload["errorType"], "Runtime.CallbackHandlerDeprecated", "{answer:?}");
    })
    .await;
    run(24, 24, "index.handler", &[("index.js", "exports.handler = () => 'sync';")], |answer| {
        assert_eq!(answer.payload, json!("sync"), "{answer:?}");
    })
    .await;
}

#[tokio::test]
async fn the_console_logs_in_lambdas_format() {
    let code = "exports.handler = async (event) => { console.log('got %s', event.name, { a: 1 }); console.error('two\\nlines'); \
                console.debug(1); process.stdout.write('plain\\n'); throw new Error('boom'); };";
    run(20, 24, "index.handler", &[("index.js", code)], |answer| {
        let lines = [
            "\tINFO\tgot ü { a: 1 }\n",
            "\tERROR\ttwo\nlines\n",
            "\tDEBUG\t1\n",
            "plain\n",
            "\tERROR\tInvoke Error \t{\"errorType\":\"Error\",\"errorMessage\":\"boom\",\"stack\":[\"Error: boom\",",
        ];
        for line in lines {
            assert!(answer.log.contains(line), "{line:?} is not in {:?}", answer.log);
        }
    })
    .await;
}

#[tokio::test]
async fn the_console_logs_in_json() {
    for major in majors() {
        let world = World::new().await;
        let code = "exports.handler = async () => { console.debug('hidden'); console.info({ a: 1 }); console.warn('x', new TypeError('t')); };";
        let mut function = world.function_on(&format!("nodejs{major}.x"), "index.handler", &[("index.js", code)]);
        function.logging_config = Some(lambda::LoggingConfig { log_format: Some("JSON".into()), ..Default::default() });
        world.call(function).await.unwrap();
        let answer = world.invoke("{}").await;
        let entries: Vec<Value> = answer.log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let levels: Vec<&str> = entries.iter().filter_map(|entry| entry["level"].as_str()).collect();
        assert_eq!(levels, ["INFO", "WARN"], "{answer:?}");
        let find = |level: &str| entries.iter().find(|entry| entry["level"] == level).unwrap();
        assert_eq!(find("INFO")["message"], json!({ "a": 1 }));
        assert_eq!((&find("WARN")["errorType"], &find("WARN")["errorMessage"]), (&json!("TypeError"), &json!("t")));
    }
}

#[tokio::test]
async fn an_environment_is_used_again_and_keeps_its_state() {
    for major in majors() {
        let world = World::new().await;
        let code = "let count = 0; exports.handler = async (event) => { if (event.fail) throw new Error('x'); return ++count; };";
        let files = [("index.js", code)];
        world.call(world.function_on(&format!("nodejs{major}.x"), "index.handler", &files)).await.unwrap();
        assert_eq!(world.invoke("{}").await.payload, json!(1));
        assert_eq!(world.invoke(r#"{"fail": 1}"#).await.error.as_deref(), Some("Unhandled"));
        assert_eq!(world.invoke("{}").await.payload, json!(2));
    }
}

#[tokio::test]
async fn modules_of_layers_are_found() {
    for major in majors() {
        let common = "module.exports = 'common'";
        let own = "module.exports = 'own'";
        let versioned = format!("nodejs/node{major}/node_modules/two/index.js");
        let files = [
            ("nodejs/node_modules/one/index.js", common),
            ("nodejs/node_modules/two/index.js", common),
            (versioned.as_str(), own),
            ("nodejs/node_modules/@scope/three/index.mjs", "export default 'module'"),
            ("nodejs/node_modules/@scope/three/package.json", r#"{"exports": {"import": "./index.mjs"}}"#),
        ];
        let world = World::new().await;
        let layers = Some(vec![world.publish("l", &files).await]);
        let create = async |name: &str, files: &[(&str, &str)]| {
            let function = world.function_on(&format!("nodejs{major}.x"), "index.handler", files);
            let function = lambda::CreateFunction { function_name: name.into(), layers: layers.clone(), ..function };
            world.call(function).await.unwrap();
            world.invoke_as(name, "{}").await.unwrap().payload
        };
        let code = "exports.handler = async () => [require('one'), require('two')];";
        assert_eq!(create("cjs", &[("index.js", code)]).await, json!(["common", "own"]));
        let code = "import one from 'one'; import two from 'two'; import three from '@scope/three';\n\
                    export const handler = async () => [one, two, three];";
        assert_eq!(create("esm", &[("index.mjs", code)]).await, json!(["common", "own", "module"]));
        let code = "import 'nowhere'; export const handler = 1;";
        let error = create("missing", &[("index.mjs", code)]).await;
        assert!(error["errorMessage"].as_str().unwrap().starts_with("Cannot find package 'nowhere' imported from"));
    }
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html>, "Experimental features".
#[tokio::test]
async fn what_aws_switches_off_is_off_until_the_function_wants_it() {
    let files = [
        ("index.js", "exports.handler = async () => require('./module.mjs').name;"),
        ("module.mjs", "export const name = 'module';"),
    ];
    run(20, 22, "index.handler", &files, |answer| {
        assert!(answer.payload["errorMessage"].as_str().unwrap().starts_with("require() of ES Module"), "{answer:?}");
    })
    .await;
    for major in majors().filter(|major| *major < 24) {
        let world = World::new().await;
        let mut function = world.function_on(&format!("nodejs{major}.x"), "index.handler", &files);
        let variables = [("NODE_OPTIONS".to_owned(), "--experimental-require-module".to_owned())].into();
        function.environment = Some(lambda::Environment { variables: Some(variables) });
        world.call(function).await.unwrap();
        assert_eq!(world.invoke("{}").await.payload, json!("module"));
    }
}

/// A machine without a version refuses the function, and says what to do.
#[tokio::test]
async fn a_version_that_is_not_here_is_refused() {
    let nodes = Nodes::default();
    let Some(absent) = [16, 18, 20, 22, 24].into_iter().find(|major| nodes.find(*major).is_none()) else { return };
    let world = World::new().await;
    let function = world.function_on(&format!("nodejs{absent}.x"), "index.handler", &[("index.js", "")]);
    let error = world.call(function).await.unwrap_err();
    assert_eq!(error.code, "InvalidParameterValueException");
    let expected = format!("The runtime nodejs{absent}.x needs Node.js {absent}, which is not on this machine");
    assert!(error.message.starts_with(&expected), "{error}");
}

#[tokio::test]
async fn a_wrapper_adds_options_for_node() {
    for major in majors() {
        let world = World::new().await;
        let wrapper = "#!/bin/bash\nargs=(\"$@\")\nexec \"${args[@]:0:$#-1}\" --no-deprecation \"${args[@]: -1}\"\n";
        let code = "exports.handler = async () => [process.execArgv.includes('--no-deprecation'), typeof gc];";
        let files = [("index.js", code), ("wrapper", wrapper)];
        let mut function = world.function_on(&format!("nodejs{major}.x"), "index.handler", &files);
        let variables = [("AWS_LAMBDA_EXEC_WRAPPER".to_owned(), "/var/task/wrapper".to_owned())].into();
        function.environment = Some(lambda::Environment { variables: Some(variables) });
        world.call(function).await.unwrap();
        assert_eq!(world.invoke("{}").await.payload, json!([true, "function"]));
    }
}
