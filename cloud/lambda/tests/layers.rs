//! Layers: publishing them, giving them to functions, and what functions see of them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, json};
use slam_cloud_core::{AwsError, Operation, Principal};
use slam_cloud_wire::{iam, lambda};
use std::sync::Arc;
use support::{World, zip};

type Files<'a> = &'a [(&'a str, &'a str)];

fn arn(name: &str) -> String {
    format!("arn:aws:lambda:us-east-1:000000000000:layer:{name}")
}

/// Creates a function of `code` with these layers, the first one first, and invokes it.
async fn run(world: &World, code: &str, layers: &[Files<'_>]) -> Value {
    let mut function = world.function(code);
    let mut arns = Vec::new();
    for (index, files) in layers.iter().enumerate() {
        arns.push(world.publish(&format!("l{index}"), files).await);
    }
    function.layers = Some(arns);
    world.call(function).await.unwrap();
    let answer = world.invoke("{}").await;
    assert_eq!(answer.error, None, "{answer:?}");
    answer.payload
}

async fn check(code: &str, layers: &[Files<'_>], expected: Value) {
    assert_eq!(run(&World::new().await, code, layers).await, expected);
}

#[tokio::test]
async fn a_layers_modules_are_found() {
    let code = "import tool\ndef handler(event, context): return tool.NAME";
    check(code, &[&[("python/tool.py", "NAME = 'the layer'")]], json!("the layer")).await;
}

/// AWS's order: the package, the layers' site-packages, the layers' `python`, then Python's own.
#[tokio::test]
async fn the_package_wins_over_the_layers_and_they_over_pythons_own() {
    let version = World::new().await.runtime.strip_prefix("python").unwrap().to_owned();
    let site = |name: &str| format!("python/lib/python{version}/site-packages/{name}.py");
    let code = "import importlib, sys\ndef handler(event, context):\n    \
                return [importlib.import_module(name).FROM for name in ('app', 'one', 'two', 'this')]\nFROM = 'package'";
    let layer = [
        ("python/app.py", "FROM = 'python'"),
        ("python/one.py", "FROM = 'python'"),
        (&site("one"), "FROM = 'site-packages'"),
        ("python/two.py", "FROM = 'python'"),
        ("python/this.py", "FROM = 'python'"),
    ];
    check(code, &[&layer], json!(["package", "site-packages", "python", "python"])).await;
}

#[tokio::test]
async fn later_layers_lie_over_earlier_ones() {
    let code = "import one, two\ndef handler(event, context): return [one.FROM, two.FROM]";
    let first: Files = &[("python/one.py", "FROM = 1"), ("python/two.py", "FROM = 1")];
    check(code, &[first, &[("python/two.py", "FROM = 2")]], json!([1, 2])).await;
}

#[tokio::test]
async fn programs_and_libraries_of_layers_are_found() {
    let code = "import os, subprocess\ndef handler(event, context):\n    \
                lib = os.environ['LD_LIBRARY_PATH'].split(':')[-1]\n    \
                return [subprocess.check_output(['tool']).decode(), open(lib + '/data').read()]";
    let layers: [Files; 2] = [&[("bin/tool", "#!/bin/sh\nprintf tool")], &[("lib/data", "data")]];
    check(code, &layers, json!(["tool", "data"])).await;
}

#[tokio::test]
async fn path_files_of_layers_are_read() {
    let code = "import hidden\ndef handler(event, context): return hidden.FROM";
    check(code, &[&[("python/x.pth", "more"), ("python/more/hidden.py", "FROM = 'pth'")]], json!("pth")).await;
}

/// A function with this PYTHONPATH and a layer imports `python/tool.py`.
async fn with_python_path(path: &str, expected: &str) {
    let world = World::new().await;
    let code = "try:\n    from tool import NAME\nexcept ImportError as error:\n    NAME = str(error)\n\
                def handler(event, context): return NAME";
    let mut function = world.function(code);
    function.layers = Some(vec![world.publish("l", &[("python/tool.py", "NAME = 'found'")]).await]);
    let variables = [("PYTHONPATH".to_owned(), path.to_owned())].into();
    function.environment = Some(lambda::Environment { variables: Some(variables) });
    world.call(function).await.unwrap();
    assert_eq!(world.invoke("{}").await.payload, json!(expected));
}

#[tokio::test]
async fn a_pythonpath_of_the_functions_own_replaces_the_layers() {
    with_python_path("/nowhere", "No module named 'tool'").await;
    with_python_path("/var/runtime:/opt/python", "found").await;
}

#[tokio::test]
async fn a_wrapper_may_be_in_a_layer() {
    let world = World::new().await;
    let mut function = world.function("import os\ndef handler(event, context): return os.environ['ADDED']");
    let wrapper = "#!/bin/sh\nexport ADDED=by-the-layer\nexec \"$@\"\n";
    function.layers = Some(vec![world.publish("l", &[("wrapper", wrapper)]).await]);
    let variables = [("AWS_LAMBDA_EXEC_WRAPPER".to_owned(), "/opt/wrapper".to_owned())].into();
    function.environment = Some(lambda::Environment { variables: Some(variables) });
    world.call(function).await.unwrap();
    assert_eq!(world.invoke("{}").await.payload, json!("by-the-layer"));
}

#[tokio::test]
async fn a_deleted_layer_goes_on_to_work_where_it_is_used() {
    let world = World::new().await;
    let code = "import tool\ndef handler(event, context): return tool.NAME";
    let layers: [Files; 2] = [&[("python/tool.py", "NAME = 'first'")], &[("python/tool.py", "NAME = 'second'")]];
    assert_eq!(run(&world, code, &layers).await, json!("second"));
    for layer in ["l0", "l1"] {
        world.call(lambda::DeleteLayerVersion { layer_name: layer.into(), version_number: 1 }).await.unwrap();
    }
    // Another start sweeps, and has nothing but the disk.
    let world = world.restart().await;
    assert_eq!(world.invoke("{}").await.payload, json!("second"));
    let again = lambda::UpdateFunctionConfiguration {
        function_name: "f".into(),
        layers: Some(vec![format!("{}:1", arn("l0"))]),
        ..Default::default()
    };
    let error = world.call(again).await.unwrap_err();
    assert_eq!(error.message, format!("Layer version {}:1 does not exist.", arn("l0")));
}

#[tokio::test]
async fn a_change_of_layers_reaches_the_next_invocation() {
    let world = World::new().await;
    let code = "try:\n    import tool\nexcept ImportError:\n    tool = None\n\
                def handler(event, context): return tool and tool.NAME";
    assert_eq!(run(&world, code, &[&[("python/tool.py", "NAME = 1")]]).await, json!(1));
    let second = world.publish("l0", &[("python/tool.py", "NAME = 2")]).await;
    for (layers, expected) in [(vec![second], json!(2)), (Vec::new(), json!(null))] {
        let count = layers.len();
        let update = lambda::UpdateFunctionConfiguration {
            function_name: "f".into(),
            layers: Some(layers),
            ..Default::default()
        };
        let shown = world.call(update).await.unwrap().layers;
        assert_eq!(shown.unwrap_or_default().len(), count);
        assert_eq!(world.invoke("{}").await.payload, expected);
    }
}

#[tokio::test]
async fn published_versions_keep_their_layers() {
    let world = World::new().await;
    let code = "import tool\ndef handler(event, context): return tool.NAME";
    run(&world, code, &[&[("python/tool.py", "NAME = 1")]]).await;
    world.call(lambda::PublishVersion { function_name: "f".into(), ..Default::default() }).await.unwrap();
    let second = world.publish("l0", &[("python/tool.py", "NAME = 2")]).await;
    let update = lambda::UpdateFunctionConfiguration {
        function_name: "f".into(),
        layers: Some(vec![second]),
        ..Default::default()
    };
    world.call(update).await.unwrap();
    assert_eq!(world.invoke_as("f:1", "{}").await.unwrap().payload, json!(1));
    assert_eq!(world.invoke("{}").await.payload, json!(2));
}

/// Asks for something and compares AWS's error.
async fn refuse<O: Operation>(world: &World, input: O, code: &str, message: &str)
where
    O::Output: std::fmt::Debug,
{
    let error: AwsError = world.call(input).await.unwrap_err();
    assert_eq!((&*error.code, error.message.as_str()), (code, message));
}

/// As recorded: `test_layer_function_exceptions`, `test_layer_function_quota_exception`.
#[tokio::test]
async fn layers_that_lambda_does_not_allow_are_refused() {
    let world = World::new().await;
    let invalid = "InvalidParameterValueException";
    for _ in 0..2 {
        world.publish("l", &[("a", "b")]).await;
    }
    let with = |layers: &[String]| {
        let mut function = world.function("");
        function.layers = Some(layers.to_vec());
        function
    };
    let version = |number: u64| format!("{}:{number}", arn("l"));
    let six: Vec<String> = (0..6).map(|number| arn(&format!("l{number}:1"))).collect();
    refuse(&world, with(&six), invalid, "Cannot reference more than 5 layers.").await;
    for (first, second) in [(1, 2), (1, 1)] {
        let message = format!(
            "Two different versions of the same layer are not allowed to be referenced in the same function. {} and \
             {} are versions of the same layer.",
            version(first),
            version(second)
        );
        refuse(&world, with(&[version(first), version(second)]), invalid, &message).await;
    }
    let missing = format!("Layer version {} does not exist.", version(9));
    refuse(&world, with(&[version(9)]), invalid, &missing).await;
    let far = "arn:aws:lambda:eu-west-1:000000000000:layer:l:1".to_owned();
    let message = "Layers are not in the same region as the function. Layers are expected to be in region us-east-1.";
    refuse(&world, with(&[far]), invalid, message).await;
    let foreign = "arn:aws:lambda:us-east-1:017000801446:layer:AWSLambdaPowertoolsPythonV3:1".to_owned();
    let message = format!(
        "the layer {foreign}, which belongs to another account and is not here (publish its content as a layer of \
         your own), is not supported by the embedded cloud"
    );
    refuse(&world, with(&[foreign]), "NotImplemented", &message).await;
}

/// Lambda would start it beside the runtime: a function without it is not the function that was asked for.
#[tokio::test]
async fn a_layer_with_an_extension_is_refused_by_name() {
    let world = World::new().await;
    let arn = world.publish("l", &[("extensions/watcher", "#!/bin/sh\n"), ("python/tool.py", "")]).await;
    let mut function = world.function("");
    function.layers = Some(vec![arn.clone()]);
    let message = format!("the extension extensions/watcher of the layer {arn} is not supported by the embedded cloud");
    refuse(&world, function, "NotImplemented", &message).await;
}

#[tokio::test]
async fn layers_and_package_share_one_limit() {
    let world = World::new().await;
    let large = " ".repeat(140_000_000);
    let function = |layers: Vec<String>, code: &str| {
        let mut function = world.function(code);
        function.layers = Some(layers);
        function
    };
    let (one, two) = (world.publish("one", &[("x", &large)]).await, world.publish("two", &[("y", &large)]).await);
    let invalid = "InvalidParameterValueException";
    let message = "Layers consume more than the available size of 262144000 bytes";
    refuse(&world, function(vec![one.clone(), two], ""), invalid, message).await;
    let message = "Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual \
                   size is 280000000 bytes.";
    refuse(&world, function(vec![one.clone()], &large), invalid, message).await;
    world.call(function(vec![one], "")).await.unwrap();
}

#[tokio::test]
async fn layers_are_listed_by_what_they_are_compatible_with() {
    let world = World::new().await;
    for (name, runtimes) in [("a", vec!["python3.12"]), ("b", vec!["nodejs22.x", "python3.12"]), ("b", vec![])] {
        let content = lambda::LayerVersionContentInput { zip_file: Some(zip(&[("x", "y")])), ..Default::default() };
        let compatible_runtimes = Some(runtimes.into_iter().map(str::to_owned).collect());
        let input =
            lambda::PublishLayerVersion { layer_name: name.into(), content, compatible_runtimes, ..Default::default() };
        world.call(input).await.unwrap();
    }
    let list = async |runtime: Option<&str>| -> Vec<(String, i64)> {
        let input = lambda::ListLayers { compatible_runtime: runtime.map(str::to_owned), ..Default::default() };
        let layers = world.call(input).await.unwrap().layers.unwrap();
        let found = layers
            .into_iter()
            .map(|layer| (layer.layer_name.unwrap(), layer.latest_matching_version.unwrap().version.unwrap()));
        found.collect()
    };
    assert_eq!(list(None).await, [("a".to_owned(), 1), ("b".to_owned(), 2)]);
    assert_eq!(list(Some("python3.12")).await, [("a".to_owned(), 1), ("b".to_owned(), 1)]);
    assert_eq!(list(Some("nodejs22.x")).await, [("b".to_owned(), 1)]);
    let versions = async |marker: Option<String>| {
        let input =
            lambda::ListLayerVersions { layer_name: "b".into(), max_items: Some(1), marker, ..Default::default() };
        let page = world.call(input).await.unwrap();
        (page.layer_versions.unwrap()[0].version.unwrap(), page.next_marker)
    };
    let (newest, marker) = versions(None).await;
    let (oldest, end) = versions(marker).await;
    assert_eq!((newest, oldest, end), (2, 1, None));
}

/// A user with this policy creates a function with the layer `l`.
async fn as_user(statements: &str) -> Result<(), AwsError> {
    let world = World::new().await;
    let mut function = world.function("");
    function.layers = Some(vec![world.publish("l", &[("x", "y")]).await]);
    let user = iam::CreateUser { user_name: "u".into(), ..Default::default() };
    let user = world.call(user).await.unwrap().user.unwrap();
    let policy = iam::PutUserPolicy {
        user_name: "u".into(),
        policy_name: "p".into(),
        policy_document: format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#),
    };
    world.call(policy).await.unwrap();
    let mut context = world.context.clone();
    context.principal = Arc::new(Principal::User { arn: user.arn, id: user.user_id });
    world.cloud.call(context, function).await.map(drop)
}

fn allow(actions: &str, condition: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":[{actions}],"Resource":"*"{condition}}}"#)
}

#[tokio::test]
async fn whoever_creates_a_function_must_be_able_to_read_its_layers() {
    let create = r#""lambda:CreateFunction","iam:PassRole""#;
    let error = as_user(&allow(create, "")).await.unwrap_err();
    assert!(error.is_access_denied(), "{error}");
    assert!(error.message.contains("is not authorized to perform: lambda:GetLayerVersion on resource: arn:aws:lambda"));
    as_user(&allow(&format!(r#"{create},"lambda:GetLayerVersion""#), "")).await.unwrap();
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/permissions-user-layer.html>
#[tokio::test]
async fn a_policy_may_name_the_layers_that_functions_may_have() {
    for (layer, allowed) in [("l", true), ("other", false)] {
        let condition = format!(
            r#","Condition":{{"ForAllValues:StringLike":{{"lambda:Layer":["arn:aws:lambda:*:*:layer:{layer}:*"]}}}}"#
        );
        let create = allow(r#""lambda:CreateFunction""#, &condition);
        let rest = allow(r#""lambda:GetLayerVersion","iam:PassRole""#, "");
        let result = as_user(&format!("{create},{rest}")).await;
        assert_eq!(result.is_ok(), allowed, "{result:?}");
    }
}

#[tokio::test]
async fn another_account_needs_the_layers_permission() {
    let world = World::new().await;
    let arn = world.publish("l", &[("x", "y")]).await;
    let mut context = world.context.clone();
    context.account = "000000000002".into();
    context.principal = Arc::new(Principal::Root { account: "000000000002".into() });
    let read = || world.cloud.call(context.clone(), lambda::GetLayerVersionByArn { arn: arn.clone() });
    let error = read().await.unwrap_err();
    assert!(error.message.ends_with("because no resource-based policy allows the lambda:GetLayerVersion action"));
    let permission = lambda::AddLayerVersionPermission {
        layer_name: "l".into(),
        version_number: 1,
        statement_id: "s".into(),
        action: "lambda:GetLayerVersion".into(),
        principal: "000000000002".into(),
        ..Default::default()
    };
    world.call(permission).await.unwrap();
    assert_eq!(read().await.unwrap().layer_version_arn, Some(arn.clone()));
    let change = lambda::DeleteLayerVersion { layer_name: arn.trim_end_matches(":1").into(), version_number: 1 };
    assert!(world.cloud.call(context.clone(), change).await.unwrap_err().is_access_denied());
}
