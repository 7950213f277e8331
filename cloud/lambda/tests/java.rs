//! Java functions, as far as this machine has a JDK: methods of plain classes. What needs AWS's interfaces is tested
//! end to end, with AWS's own library.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use bytes::Bytes;
use serde_json::{Value, json};
use slam_cloud_lambda::runtime::java::{Jdk, Jdks};
use slam_cloud_wire::lambda;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use support::{Answer, World};

/// The name of a compiled class's file, and the file.
type Class = (String, Vec<u8>);

/// A JDK of this machine that AWS has a runtime of, and the classes of `tests/java` as it compiles them.
fn java() -> Option<&'static (Jdk, Vec<Class>)> {
    static JAVA: OnceLock<Option<(Jdk, Vec<Class>)>> = OnceLock::new();
    let find = || {
        let jdks = Jdks::default();
        let jdk = [17, 21, 25, 11].into_iter().filter_map(|major| jdks.find(major)).find_map(|jdk| {
            jdk.compiler()?;
            Some(jdk)
        })?;
        let folder = tempfile::tempdir().unwrap();
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/java/example");
        let done = Command::new(jdk.compiler().unwrap())
            .args(["--release", "11", "-d"])
            .arg(folder.path())
            .args(["Plain.java", "Others.java"])
            .current_dir(sources)
            .status();
        assert!(done.unwrap().success());
        let read = |entry: std::io::Result<std::fs::DirEntry>| {
            let path = entry.unwrap().path();
            (format!("example/{}", path.file_name().unwrap().display()), std::fs::read(path).unwrap())
        };
        let classes = std::fs::read_dir(folder.path().join("example")).unwrap().map(read).collect();
        Some((jdk, classes))
    };
    JAVA.get_or_init(find).as_ref()
}

fn archive<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Bytes {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner().into()
}

/// The request for a function `f` of the compiled classes; `None` where there is no JDK.
fn function(world: &World, handler: &str) -> Option<lambda::CreateFunction> {
    let (jdk, classes) = java()?;
    let files = classes.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    let zip_file = Some(archive(files.chain([("greeting.txt", b"hi".as_slice())])));
    let code = lambda::FunctionCode { zip_file, ..Default::default() };
    Some(lambda::CreateFunction { code, ..world.function_on(&format!("java{}", jdk.major), handler, &[]) })
}

/// Invokes handlers of a world's functions.
async fn run(cases: &[(&str, &str)], check: impl Fn(usize, Answer)) {
    if java().is_none() {
        return;
    }
    let world = World::new().await;
    for (index, (handler, event)) in cases.iter().enumerate() {
        let Some(function) = function(&world, handler) else { return };
        let name = format!("f{index}");
        world.call(lambda::CreateFunction { function_name: name.clone(), ..function }).await.unwrap();
        check(index, world.invoke_as(&name, event).await.unwrap());
    }
}

async fn answers(cases: &[(&str, &str, Value)]) {
    let handlers: Vec<_> = cases.iter().map(|(handler, event, _)| (*handler, *event)).collect();
    run(&handlers, |index, answer| {
        let (handler, _, expected) = &cases[index];
        assert_eq!((answer.error.as_deref(), &answer.payload), (None, expected), "{handler}: {answer:?}");
    })
    .await;
}

#[tokio::test]
async fn events_and_answers_are_java_values() {
    answers(&[
        ("example.Plain::hello", r#"{"name": "ü"}"#, json!("hello ü")),
        ("example.Plain::sum", r#"[1, "2", 3.9]"#, json!(6)),
        (
            "example.Plain::item",
            r#"{"name": "n", "count": 2, "color": "RED", "unknown": []}"#,
            // No null, and the names of beans.
            json!({"name": "n", "count": 3, "color": "RED", "URL": "/n"}),
        ),
        ("example.Plain::items", r#"{"a": {"name": "x"}}"#, json!({"GREEN": [{"name": "x", "count": 0, "URL": "/x"}]})),
        ("example.Plain::bytes", r#"{"a":1}"#, json!([{"a": 1}])),
        ("example.Plain::nothing", "1", Value::Null),
        ("example.Plain::overloaded", r#""e""#, json!("with e")),
        ("example.Others$Shouts::answer", r#"["loud"]"#, json!("LOUD")),
    ])
    .await;
}

#[tokio::test]
async fn a_function_sees_lambdas_environment_and_its_own_files() {
    let Some((jdk, _)) = java() else { return };
    let environment = format!("AWS_Lambda_java{} example.Plain::environment Root=", jdk.major);
    answers(&[
        ("example.Plain::environment", "{}", json!(environment)),
        ("example.Plain::resource", "{}", json!("hi")),
        ("example.Plain::seesTheClient", "{}", json!(false)),
    ])
    .await;
}

#[tokio::test]
async fn what_is_printed_is_logged_line_by_line() {
    run(&[("example.Plain::nothing", r#"{"a": [1]}"#)], |_, answer| {
        assert!(answer.log.contains("\ngot {a=[1]}\ntwo\nlines\n"), "{answer:?}");
    })
    .await;
}

/// Documents and words of AWS's own client: aws-lambda-java-libs, `UserFault` and `LambdaErrorConverter`.
#[tokio::test]
async fn errors_are_told_as_awss_runtimes_tell_them() {
    let at = |frame: &str| format!("example.Plain.{frame}(Plain.java:");
    run(&[("example.Plain::fail", r#""boom""#)], |_, answer| {
        assert_eq!(answer.error.as_deref(), Some("Unhandled"));
        assert_eq!(answer.payload["errorMessage"], "boom");
        assert_eq!(answer.payload["errorType"], "java.lang.IllegalStateException");
        let stack = answer.payload["stackTrace"].as_array().unwrap();
        assert!(stack[0].as_str().unwrap().starts_with(&at("fail")), "{answer:?}");
        assert!(!answer.payload.to_string().contains("slam.lambda"), "{answer:?}");
        assert!(answer.log.contains("boom: java.lang.IllegalStateException\njava.lang.IllegalStateException: boom\n"));
        assert!(answer.log.contains("Caused by: java.lang.RuntimeException: the cause"), "{answer:?}");
    })
    .await;
    let cases = [
        ("example.Plain::overflow", "1", "java.lang.StackOverflowError", "java.lang.StackOverflowError"),
        ("example.Plain::exhaust", "1", "java.lang.OutOfMemoryError", "Java heap space"),
        ("example.Plain::sum", "{}", "java.lang.RuntimeException", "An error occurred during JSON parsing"),
        ("example.Nowhere::handle", "1", "java.lang.ClassNotFoundException", "Class not found: example.Nowhere"),
        (
            "example.Plain::wrongParameters",
            "1",
            "",
            "No public method named wrongParameters with appropriate method signature found on class example.Plain",
        ),
        ("example.Plain", "1", "", "Class does not implement an appropriate handler interface: example.Plain"),
        ("::handle", "1", "", "Invalid handler: `::handle'"),
        (
            "example.Others$Hidden::handle",
            "1",
            "java.lang.Exception",
            "Class example.Others$Hidden has no public zero-argument constructor",
        ),
        ("example.Others$FailsToBeMade::handle", "1", "java.lang.IllegalArgumentException", "no configuration"),
        (
            "example.Others$FailsToLoad::handle",
            "1",
            "java.lang.ExceptionInInitializerError",
            "Error loading class example.Others$FailsToLoad",
        ),
    ];
    let handlers = cases.map(|(handler, event, _, _)| (handler, event));
    run(&handlers, |index, answer| {
        let (handler, _, kind, message) = cases[index];
        assert_eq!(answer.error.as_deref(), Some("Unhandled"), "{handler}: {answer:?}");
        assert_eq!(answer.payload["errorType"].as_str().unwrap_or_default(), kind, "{handler}: {answer:?}");
        assert_eq!(answer.payload["errorMessage"], message, "{handler}: {answer:?}");
    })
    .await;
}

#[tokio::test]
async fn a_process_that_ends_is_told() {
    run(&[("example.Plain::exit", "1")], |_, answer| {
        assert_eq!(answer.payload["errorType"], "Runtime.ExitError", "{answer:?}");
        let message = answer.payload["errorMessage"].as_str().unwrap();
        assert!(message.ends_with("Runtime exited with error: exit status 3"), "{message}");
    })
    .await;
}

#[tokio::test]
async fn types_with_rules_of_their_own_are_refused_by_name() {
    run(&[("example.Plain::instant", "1")], |_, answer| {
        assert_eq!(answer.payload["errorType"], "java.lang.UnsupportedOperationException", "{answer:?}");
        let message = answer.payload["errorMessage"].as_str().unwrap();
        assert!(message.starts_with("java.time.Instant as JSON is not supported by the embedded cloud"), "{message}");
    })
    .await;
}

#[tokio::test]
async fn an_environment_is_used_again_and_keeps_its_state() {
    let world = World::new().await;
    let Some(function) = function(&world, "example.Plain::count") else { return };
    world.call(function).await.unwrap();
    assert_eq!(world.invoke("{}").await.payload, json!(1));
    assert_eq!(world.invoke("{}").await.payload, json!(2));
}

/// As with AWS's client, which leaves its loop after a `VirtualMachineError`.
#[tokio::test]
async fn a_jvm_that_overflowed_is_not_used_again() {
    let world = World::new().await;
    let Some(function) = function(&world, "example.Plain::countOrOverflow") else { return };
    world.call(function).await.unwrap();
    assert_eq!(world.invoke("false").await.payload, json!(1));
    assert_eq!(world.invoke("false").await.payload, json!(2));
    assert_eq!(world.invoke("true").await.payload["errorType"], "java.lang.StackOverflowError");
    assert_eq!(world.invoke("false").await.payload, json!(1));
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/java-package.html>: the package, its lib, the layers' java/lib.
#[tokio::test]
async fn jars_are_found_in_the_package_and_in_layers() {
    let world = World::new().await;
    let Some((jdk, classes)) = java() else { return };
    let files = || classes.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    let jar = archive(files().chain([("greeting.txt", b"from the jar".as_slice())]));
    let create = async |name: &str, zip: Bytes, layers: Option<Vec<String>>| {
        let code = lambda::FunctionCode { zip_file: Some(zip), ..Default::default() };
        let function = world.function_on(&format!("java{}", jdk.major), "example.Plain::resource", &[]);
        let function = lambda::CreateFunction { function_name: name.into(), code, layers, ..function };
        world.call(function).await.unwrap();
        world.invoke_as(name, "{}").await.unwrap().payload
    };
    assert_eq!(create("lib", archive([("lib/app.jar", &*jar)]), None).await, json!("from the jar"));
    let content = lambda::LayerVersionContentInput {
        zip_file: Some(archive([("java/lib/app.jar", &*jar)])),
        ..Default::default()
    };
    let layer = lambda::PublishLayerVersion { layer_name: "l".into(), content, ..Default::default() };
    let layer = world.call(layer).await.unwrap().layer_version_arn.unwrap();
    let own = archive([("greeting.txt", b"from the package".as_slice())]);
    assert_eq!(create("layer", own, Some(vec![layer])).await, json!("from the package"));
}

#[tokio::test]
async fn the_jvms_options_are_awss_or_the_functions() {
    let world = World::new().await;
    let Some(function) = function(&world, "example.Plain::options") else { return };
    let variables = [("JAVA_TOOL_OPTIONS".to_owned(), "-Xmx50m -Dmine=1".to_owned())].into();
    let environment = Some(lambda::Environment { variables: Some(variables) });
    world.call(lambda::CreateFunction { environment, ..function }).await.unwrap();
    let options = world.invoke("{}").await.payload;
    let options: Vec<&str> = options.as_str().unwrap().split(' ').collect();
    for option in ["-Xmx50m", "-Dmine=1", "-XX:+UseSerialGC", "-XX:MaxMetaspaceSize=13107k"] {
        assert!(options.contains(&option), "{option} is not in {options:?}");
    }
    assert!(!options.iter().any(|option| option.starts_with("-XX:MaxHeapSize")), "{options:?}");
}

#[tokio::test]
async fn a_wrapper_starts_the_jvm() {
    let world = World::new().await;
    let Some(mut function) = function(&world, "example.Plain::options") else { return };
    let (_, classes) = java().unwrap();
    let files = classes.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    let mut writer = zip::ZipWriter::new_append(std::io::Cursor::new(archive(files).to_vec())).unwrap();
    writer.start_file("wrapper", zip::write::SimpleFileOptions::default().unix_permissions(0o755)).unwrap();
    writer.write_all(b"#!/bin/sh\njava=\"$1\"; shift\nexec \"$java\" -Dwrapped=1 \"$@\"\n").unwrap();
    function.code.zip_file = Some(writer.finish().unwrap().into_inner().into());
    let variables = [("AWS_LAMBDA_EXEC_WRAPPER".to_owned(), "/var/task/wrapper".to_owned())].into();
    function.environment = Some(lambda::Environment { variables: Some(variables) });
    world.call(function).await.unwrap();
    let answer = world.invoke("{}").await;
    assert!(answer.payload.as_str().is_some_and(|options| options.starts_with("-Dwrapped=1 ")), "{answer:?}");
}

/// A machine without a version refuses the function, and says what to do.
#[tokio::test]
async fn a_version_that_is_not_here_is_refused() {
    let jdks = Jdks::default();
    let Some(absent) = [11, 17, 21, 25].into_iter().find(|major| jdks.find(*major).is_none()) else { return };
    let world = World::new().await;
    let function = world.function_on(&format!("java{absent}"), "example.Plain::hello", &[("x", "")]);
    let error = world.call(function).await.unwrap_err();
    assert_eq!(error.code, "InvalidParameterValueException");
    let expected = format!("The runtime java{absent} needs a JDK {absent}, which is not on this machine");
    assert!(error.message.starts_with(&expected), "{error}");
}
