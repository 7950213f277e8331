//! Functions, versions, aliases, permissions and settings: what is answered and what is refused. Messages are those
//! recorded on AWS.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, json};
use slam_cloud_core::{AwsError, Context, Principal, Service};
use slam_cloud_wire::{iam, lambda};
use support::{ACCOUNT, World, zip};

const CODE: &str = "def handler(event, context): return context.function_version";
const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";

fn name() -> String {
    "f".into()
}

/// A world with the function `f`, its version 1 and its alias `prod` of it.
async fn published() -> World {
    let world = World::new().await;
    world.create(CODE).await;
    world.call(lambda::PublishVersion { function_name: name(), ..Default::default() }).await.unwrap();
    let alias = lambda::CreateAlias {
        function_name: name(),
        name: "prod".into(),
        function_version: "1".into(),
        ..Default::default()
    };
    world.call(alias).await.unwrap();
    world
}

/// An error as `code: message`.
fn said<T: std::fmt::Debug>(result: Result<T, AwsError>) -> String {
    result.unwrap_err().to_string()
}

/// As recorded on AWS: `test_function_lifecycle`. The end of a creation or update is another revision than its begin.
#[tokio::test]
async fn a_function_is_pending_then_active() {
    let world = World::new().await;
    let created = world.call(world.function(CODE)).await.unwrap();
    assert_eq!((created.state.as_deref(), created.state_reason_code.as_deref()), (Some("Pending"), Some("Creating")));
    assert_eq!((created.function_arn.as_deref(), created.version.as_deref()), (Some(ARN), Some("$LATEST")));
    let get = || lambda::GetFunctionConfiguration { function_name: name(), ..Default::default() };
    let active = world.call(get()).await.unwrap();
    assert_eq!((active.state.as_deref(), active.last_update_status.as_deref()), (Some("Active"), Some("Successful")));
    assert_ne!(created.revision_id, active.revision_id);
    let update =
        lambda::UpdateFunctionConfiguration { function_name: name(), memory_size: Some(256), ..Default::default() };
    let updated = world.call(update).await.unwrap();
    assert_eq!(updated.last_update_status.as_deref(), Some("InProgress"));
    assert_eq!(world.call(get()).await.unwrap().memory_size, Some(256));
}

#[tokio::test]
async fn a_function_is_created_once() {
    let world = World::new().await;
    world.create(CODE).await;
    assert_eq!(said(world.call(world.function(CODE)).await), "ResourceConflictException: Function already exist: f");
}

#[tokio::test]
async fn a_role_must_be_one_that_lambda_can_assume() {
    let world = World::new().await;
    let sorry = "InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda.";
    let role = |role: &str| lambda::CreateFunction { role: role.into(), ..world.function(CODE) };
    assert_eq!(said(world.call(role("arn:aws:iam::000000000000:role/none")).await), sorry);
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":
        {"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let other =
        iam::CreateRole { role_name: "ec2".into(), assume_role_policy_document: trust.into(), ..Default::default() };
    world.call(other).await.unwrap();
    assert_eq!(said(world.call(role("arn:aws:iam::000000000000:role/ec2")).await), sorry);
}

#[tokio::test]
async fn what_is_not_supported_is_refused_by_name() {
    let world = World::new().await;
    let check = async |change: fn(&mut lambda::CreateFunction), expected: &str| {
        let mut input = world.function(CODE);
        change(&mut input);
        let error = said(world.call(input).await);
        assert!(error.starts_with("NotImplemented: ") && error.contains(expected), "{error}");
    };
    check(|input| input.package_type = Some("Image".into()), "PackageType Image").await;
    check(|input| input.runtime = Some("java8.al2".into()), "the runtime java8.al2 (functions run on Python").await;
    check(
        |input| input.layers = Some(vec!["arn:aws:lambda:::awslayer:AmazonLinux1803".into()]),
        "the layer arn:aws:lambda:::awslayer",
    )
    .await;
    check(|input| input.kms_key_arn = Some("arn".into()), "KMSKeyArn").await;
    check(|input| input.image_config = Some(lambda::ImageConfig::default()), "ImageConfig").await;
    check(
        |input| input.snap_start = Some(lambda::SnapStart { apply_on: Some("PublishedVersions".into()) }),
        "SnapStart",
    )
    .await;
    check(
        |input| {
            input.vpc_config =
                Some(lambda::VpcConfig { subnet_ids: Some(vec!["subnet-1".into()]), ..Default::default() });
        },
        "VpcConfig",
    )
    .await;
    // What is empty asks for nothing.
    let empty = lambda::VpcConfig { subnet_ids: Some(vec![]), security_group_ids: Some(vec![]), ..Default::default() };
    world.call(lambda::CreateFunction { vpc_config: Some(empty), ..world.function(CODE) }).await.unwrap();
}

#[tokio::test]
async fn settings_are_checked_as_lambda_checks_them() {
    let world = World::new().await;
    let check = async |change: fn(&mut lambda::CreateFunction), expected: &str| {
        let mut input = world.function(CODE);
        change(&mut input);
        let error = said(world.call(input).await);
        assert!(error.contains(expected), "{error}");
    };
    check(|input| input.memory_size = Some(10_241), "Member must have value less than or equal to 10240").await;
    check(|input| input.timeout = Some(901), "Member must have value less than or equal to 900").await;
    check(|input| input.runtime = None, "Runtime is mandatory for functions created with deployment packages.").await;
    check(|input| input.handler = None, "Handler is mandatory for functions created with deployment packages.").await;
    check(|input| input.code = lambda::FunctionCode::default(), "Please provide a source for function code.").await;
    check(
        |input| input.code.zip_file = Some("no zip".into()),
        "Could not unzip uploaded file. Please check your file, then try to upload again.",
    )
    .await;
    check(
        |input| input.tags = Some((0..51).map(|number| (number.to_string(), String::new())).collect()),
        "Number of tags exceeds resource tag limit.",
    )
    .await;
}

/// As recorded on AWS: `test_function_revisions_basic`, `test_publish_with_wrong_sha256`.
#[tokio::test]
async fn changes_can_be_made_to_depend_on_what_is_there() {
    let world = World::new().await;
    world.create(CODE).await;
    let wrong = Some("wrong".to_owned());
    let mismatch = "PreconditionFailedException: The Revision Id provided does not match the latest Revision Id. Call \
                    the GetFunction/GetAlias API to retrieve the latest Revision Id";
    let publish = lambda::PublishVersion { function_name: name(), ..Default::default() };
    let result = world.call(lambda::PublishVersion { revision_id: wrong.clone(), ..publish.clone() }).await;
    assert_eq!(said(result), mismatch);
    let update =
        lambda::UpdateFunctionConfiguration { function_name: name(), revision_id: wrong.clone(), ..Default::default() };
    assert_eq!(said(world.call(update).await), mismatch);
    let error = said(world.call(lambda::PublishVersion { code_sha256: wrong, ..publish }).await);
    assert!(error.contains("CodeSHA256 (wrong) is different from current CodeSHA256 in $LATEST ("), "{error}");
}

#[tokio::test]
async fn versions_are_published_once_for_each_change() {
    let world = published().await;
    let publish = || lambda::PublishVersion { function_name: name(), ..Default::default() };
    assert_eq!(world.call(publish()).await.unwrap().version.as_deref(), Some("1"));
    let same = lambda::UpdateFunctionCode {
        function_name: name(),
        zip_file: Some(zip(&[("app.py", CODE)])),
        publish: Some(true),
        ..Default::default()
    };
    assert_eq!(world.call(same).await.unwrap().version.as_deref(), Some("1"));
    let other = lambda::UpdateFunctionCode {
        function_name: name(),
        zip_file: Some(zip(&[("app.py", "def handler(event, context): return 'other'")])),
        publish: Some(true),
        ..Default::default()
    };
    let second = world.call(other).await.unwrap();
    assert_eq!((second.version.as_deref(), second.function_arn), (Some("2"), Some(format!("{ARN}:2"))));
    let list = lambda::ListVersionsByFunction { function_name: name(), ..Default::default() };
    let versions = world.call(list).await.unwrap().versions.unwrap();
    let labels: Vec<_> = versions.iter().filter_map(|version| version.version.as_deref()).collect();
    assert_eq!(labels, ["$LATEST", "1", "2"]);
}

/// As recorded on AWS: `test_notfound_and_invalid_routingconfigs`, `test_alias_lifecycle`.
#[tokio::test]
async fn aliases_are_checked_as_lambda_checks_them() {
    let world = published().await;
    let check = async |version: &str, weights: &[(&str, f64)], expected: &str| {
        let weights = weights.iter().map(|(version, weight)| ((*version).to_owned(), *weight)).collect();
        let alias = lambda::CreateAlias {
            function_name: name(),
            name: "other".into(),
            function_version: version.into(),
            routing_config: Some(lambda::AliasRoutingConfiguration { additional_version_weights: Some(weights) }),
            ..Default::default()
        };
        assert_eq!(said(world.call(alias).await), expected);
    };
    let invalid = |message: &str| format!("InvalidParameterValueException: {message}");
    let missing = |version: &str| format!("ResourceNotFoundException: Function not found: {ARN}:{version}");
    let many = "Number of items in AdditionalVersionWeights cannot be greater than 1";
    check("1", &[("2", 0.1), ("3", 0.1)], &invalid(many)).await;
    let included = "Invalid function version 1. Function version 1 is already included in routing configuration.";
    check("1", &[("1", 0.5)], &invalid(included)).await;
    let latest = "$LATEST is not supported for an alias pointing to more than 1 version";
    check("$LATEST", &[("1", 0.5)], &invalid(latest)).await;
    check("10", &[], &missing("10")).await;
    check("1", &[("10", 0.5)], &missing("10")).await;
    let again = lambda::CreateAlias {
        function_name: name(),
        name: "prod".into(),
        function_version: "1".into(),
        ..Default::default()
    };
    let exists = format!("ResourceConflictException: Alias already exists: {ARN}:prod");
    assert_eq!(said(world.call(again).await), exists);
    let get = lambda::GetAlias { function_name: name(), name: "none".into() };
    let cannot = format!("ResourceNotFoundException: Cannot find alias arn: {ARN}:none");
    assert_eq!(said(world.call(get).await), cannot);
}

#[tokio::test]
async fn an_alias_leads_to_its_version_and_keeps_its_arn() {
    let world = published().await;
    let code = "def handler(event, context): return [context.function_version, context.invoked_function_arn]";
    let update = lambda::UpdateFunctionCode {
        function_name: name(),
        zip_file: Some(zip(&[("app.py", code)])),
        publish: Some(true),
        ..Default::default()
    };
    world.call(update).await.unwrap();
    assert_eq!(world.invoke_as("f:prod", "{}").await.unwrap().payload, "1");
    let routing = lambda::AliasRoutingConfiguration { additional_version_weights: Some([("1".into(), 0.0)].into()) };
    let moved = lambda::UpdateAlias {
        function_name: name(),
        name: "prod".into(),
        function_version: Some("2".into()),
        routing_config: Some(routing),
        ..Default::default()
    };
    world.call(moved).await.unwrap();
    let answer = world.invoke_as("f:prod", "{}").await.unwrap();
    assert_eq!((answer.payload, answer.version.as_str()), (json!(["2", format!("{ARN}:prod")]), "2"));
}

/// As recorded on AWS: `test_permission_exceptions`, `test_remove_multi_permissions`.
#[tokio::test]
async fn permissions_are_checked_as_lambda_checks_them() {
    let world = published().await;
    let add = |function: &str, principal: &str| lambda::AddPermission {
        function_name: function.into(),
        statement_id: "s".into(),
        action: "lambda:InvokeFunction".into(),
        principal: principal.into(),
        ..Default::default()
    };
    let remove = |function: &str| lambda::RemovePermission {
        function_name: function.into(),
        statement_id: "s".into(),
        ..Default::default()
    };
    let get = |function: &str| lambda::GetPolicy { function_name: function.into(), ..Default::default() };
    let s3 = "s3.amazonaws.com";
    let other = ARN.replace("function:f", "function:g");
    for (result, expected) in [
        (
            said(world.call(add("f:$LATEST", s3)).await),
            "We currently do not support adding policies for $LATEST.".into(),
        ),
        (
            said(world.call(add("f", "invalid.nonaws.com")).await),
            "The provided principal was invalid. Please check the principal and try again.".into(),
        ),
        (said(world.call(add("g", s3)).await), format!("Function not found: {other}")),
        (said(world.call(add("f:none", s3)).await), format!("Cannot find alias arn: {ARN}:none")),
        (said(world.call(add("f:42", s3)).await), format!("Function not found: {ARN}:42")),
        (said(world.call(remove("f")).await), "No policy is associated with the given resource.".into()),
        (said(world.call(remove("g")).await), format!("No policy found for: {other}")),
        (said(world.call(get("f")).await), "The resource you requested does not exist.".into()),
    ] {
        assert!(result.ends_with(&expected), "{result}");
    }
    let added = world.call(add("f:prod", s3)).await.unwrap().statement.unwrap();
    let statement = json!({
        "Sid": "s", "Effect": "Allow", "Principal": { "Service": s3 }, "Action": "lambda:InvokeFunction",
        "Resource": format!("{ARN}:prod"),
    });
    assert_eq!(serde_json::from_str::<Value>(&added).unwrap(), statement);
    let policy = world.call(get("f:prod")).await.unwrap().policy.unwrap();
    let whole = json!({ "Version": "2012-10-17", "Id": "default", "Statement": [statement] });
    assert_eq!(serde_json::from_str::<Value>(&policy).unwrap(), whole);
    assert!(said(world.call(add("f:prod", s3)).await).contains("The statement id (s) provided already exists."));
    world.call(remove("f:prod")).await.unwrap();
    assert!(world.call(get("f:prod")).await.is_err());
}

#[tokio::test]
async fn a_service_invokes_only_what_lets_it() {
    let world = published().await;
    let gateway = "apigateway.amazonaws.com";
    let api = "arn:aws:execute-api:us-east-1:000000000000:abc/prod/GET/";
    let invoke = async || {
        let input = lambda::Invoke { function_name: "f:prod".into(), ..Default::default() };
        world.cloud.call(world.context.as_service(gateway, Some(api)), input).await
    };
    assert_eq!(invoke().await.unwrap_err().status, 403);
    let add = lambda::AddPermission {
        function_name: name(),
        qualifier: Some("prod".into()),
        statement_id: "s".into(),
        action: "lambda:InvokeFunction".into(),
        principal: gateway.into(),
        source_arn: Some("arn:aws:execute-api:us-east-1:000000000000:abc/*".into()),
        ..Default::default()
    };
    world.call(add).await.unwrap();
    assert_eq!(invoke().await.unwrap().executed_version.as_deref(), Some("1"));
}

/// As recorded on AWS: `test_lambda_eventinvokeconfig_exceptions`.
#[tokio::test]
async fn event_settings_are_checked_as_lambda_checks_them() {
    let world = published().await;
    let put = |function: &str, retries: Option<i64>, destination: Option<&str>| lambda::PutFunctionEventInvokeConfig {
        function_name: function.into(),
        maximum_retry_attempts: retries,
        destination_config: destination.map(|destination| lambda::DestinationConfig {
            on_success: Some(lambda::OnSuccess { destination: Some(destination.into()) }),
            on_failure: None,
        }),
        ..Default::default()
    };
    let elsewhere = "arn:aws:lambda:us-east-1:000000000000:function:none";
    for (input, expected) in [
        (put("none", Some(1), None), "ResourceNotFoundException: The function doesn't exist.".to_owned()),
        (put("f:none", Some(1), None), "ResourceNotFoundException: The function doesn't exist.".to_owned()),
        (
            put("f", None, None),
            "InvalidParameterValueException: You must specify at least one of error handling or destination setting."
                .to_owned(),
        ),
        (
            put("f", None, Some(elsewhere)),
            format!("InvalidParameterValueException: The destination ARN {elsewhere} is invalid."),
        ),
        (
            put("f", None, Some(ARN)),
            "InvalidParameterValueException: You can't specify the function as a destination for itself.".to_owned(),
        ),
    ] {
        assert_eq!(said(world.call(input).await), expected);
    }
    let config = world.call(put("f:prod", Some(1), None)).await.unwrap();
    assert_eq!((config.function_arn, config.maximum_retry_attempts), (Some(format!("{ARN}:prod")), Some(1)));
    let get = lambda::GetFunctionEventInvokeConfig { function_name: name(), ..Default::default() };
    let none = format!("ResourceNotFoundException: The function {ARN}:$LATEST doesn't have an EventInvokeConfig");
    assert_eq!(said(world.call(get).await), none);
}

#[tokio::test]
async fn a_destination_is_told_how_an_event_ended() {
    let world = World::new().await;
    world.allow(r#""logs:*","lambda:InvokeFunction""#).await;
    world.create("def handler(event, context): raise ValueError(event)").await;
    let listener = lambda::CreateFunction {
        function_name: "listener".into(),
        ..world.function("import json\ndef handler(event, context): print(json.dumps(event))")
    };
    world.call(listener).await.unwrap();
    let config = lambda::PutFunctionEventInvokeConfig {
        function_name: name(),
        maximum_retry_attempts: Some(0),
        destination_config: Some(lambda::DestinationConfig {
            on_success: None,
            on_failure: Some(lambda::OnFailure { destination: Some(ARN.replace("function:f", "function:listener")) }),
        }),
        ..Default::default()
    };
    world.call(config).await.unwrap();
    let event = lambda::Invoke {
        function_name: name(),
        invocation_type: Some("Event".into()),
        payload: Some("7".into()),
        ..Default::default()
    };
    world.call(event).await.unwrap();
    let log = world.log("/aws/lambda/listener", "END").await;
    let record = log.iter().find(|event| event.starts_with('{')).unwrap();
    let record: Value = serde_json::from_str(record).unwrap();
    assert_eq!(record["requestContext"]["condition"], "RetriesExhausted");
    assert_eq!((&record["requestPayload"], &record["responsePayload"]["errorType"]), (&json!(7), &json!("ValueError")));
    assert_eq!(record["responseContext"]["functionError"], "Unhandled");
}

#[tokio::test]
async fn functions_are_listed_in_pages() {
    let world = published().await;
    let second = lambda::CreateFunction { function_name: "g".into(), ..world.function(CODE) };
    world.call(second).await.unwrap();
    let list = |all: bool, marker: Option<String>| lambda::ListFunctions {
        function_version: all.then(|| "ALL".into()),
        max_items: Some(2),
        marker,
        ..Default::default()
    };
    let arns = |page: &lambda::ListFunctionsResponse| -> Vec<String> {
        page.functions.iter().flatten().filter_map(|function| function.function_arn.clone()).collect()
    };
    let latest = world.call(list(false, None)).await.unwrap();
    assert_eq!(
        (arns(&latest), latest.next_marker),
        (vec![ARN.to_owned(), ARN.replace("function:f", "function:g")], None)
    );
    let first = world.call(list(true, None)).await.unwrap();
    assert_eq!(arns(&first), [format!("{ARN}:$LATEST"), format!("{ARN}:1")]);
    let rest = world.call(list(true, first.next_marker)).await.unwrap();
    assert_eq!((arns(&rest).len(), rest.next_marker), (1, None));
}

#[tokio::test]
async fn a_version_that_an_alias_needs_is_kept() {
    let world = published().await;
    let delete = |qualifier: Option<&str>| lambda::DeleteFunction {
        function_name: name(),
        qualifier: qualifier.map(str::to_owned),
    };
    assert!(said(world.call(delete(Some("1"))).await).starts_with("ResourceConflictException: "));
    let latest = "InvalidParameterValueException: $LATEST version cannot be deleted without deleting the function.";
    assert_eq!(said(world.call(delete(Some("$LATEST"))).await), latest);
    world.call(lambda::DeleteAlias { function_name: name(), name: "prod".into() }).await.unwrap();
    world.call(delete(Some("1"))).await.unwrap();
    assert!(world.invoke_as("f:1", "{}").await.is_err());
    world.call(delete(None)).await.unwrap();
    let missing = format!("ResourceNotFoundException: Function not found: {ARN}");
    assert_eq!(said(world.call(delete(None)).await), missing);
}

#[tokio::test]
async fn packages_go_when_nothing_needs_them_and_another_was_answered() {
    let world = World::new().await;
    world.create(CODE).await;
    let mut other = world.function("def handler(event, context): pass");
    other.function_name = "g".into();
    world.call(other).await.unwrap();
    let packages = || {
        let folder = world.cloud.settings().data.join("lambda");
        let count = |name: &str| std::fs::read_dir(folder.join(name)).unwrap().count();
        (count("code"), count("unpacked"))
    };
    world.invoke("{}").await;
    world.call(lambda::DeleteFunction { function_name: name(), ..Default::default() }).await.unwrap();
    assert_eq!(packages(), (2, 2));
    // Its environment ends behind our back, and keeps the package until then.
    while packages() != (1, 1) {
        world.invoke_as("g", "{}").await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    world.invoke_as("g", "{}").await.unwrap();
}

#[tokio::test]
async fn get_function_links_to_the_package() {
    let world = World::new().await;
    world.create(CODE).await;
    let get = lambda::GetFunction { function_name: name(), ..Default::default() };
    let link = world.call(get).await.unwrap().code.unwrap().location.unwrap();
    let (hash, query) =
        link.strip_prefix("http://127.0.0.1:4566/_slam/lambda/code/").unwrap().split_once("?Expires=").unwrap();
    let (expires, signature) = query.split_once("&Signature=").unwrap();
    let package = world.lambda.package(hash, expires, signature).unwrap();
    assert_eq!(std::fs::read(package).unwrap(), zip(&[("app.py", CODE)]));
    assert_eq!(world.lambda.package(hash, expires, "forged"), None);
}

#[tokio::test]
async fn tags_are_a_functions_alone() {
    let world = published().await;
    let tag = |arn: &str, tags: &[(&str, &str)]| lambda::TagResource {
        resource: arn.into(),
        tags: tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
    };
    world.call(tag(ARN, &[("a", "1"), ("b", "2")])).await.unwrap();
    world.call(lambda::UntagResource { resource: ARN.into(), tag_keys: vec!["a".into()] }).await.unwrap();
    let tags = world.call(lambda::ListTags { resource: ARN.into() }).await.unwrap().tags.unwrap();
    assert_eq!(tags, [("b".to_owned(), "2".to_owned())].into());
    let error = said(world.call(tag(&format!("{ARN}:prod"), &[("a", "1")])).await);
    assert!(error.ends_with("Tags on function aliases and versions are not supported. Please specify a function ARN."));
}

#[tokio::test]
async fn a_missing_permission_is_shown_in_the_functions_log() {
    let world = World::new().await;
    world.create("import time\ndef handler(event, context): print('begin'); time.sleep(1)").await;
    let role = world.call(iam::GetRole { role_name: "r".into() }).await.unwrap().role;
    let principal = Principal::AssumedRole {
        role_arn: role.arn,
        role_id: role.role_id,
        // What STS allows for a name of one character.
        session_name: "f@lambda_function".into(),
        session_policy: None,
    };
    let mut session = Context::new(ACCOUNT, "us-east-1", principal);
    session.source_ip = Some("127.0.0.1".parse().unwrap());
    let (answer, ()) = tokio::join!(world.invoke("{}"), async {
        world.log("/aws/lambda/f", "begin").await;
        assert_eq!(world.cloud.call(session, lambda::ListFunctions::default()).await.unwrap_err().status, 403);
    });
    let line =
        "[slam] AccessDenied: lambda:ListFunctions on * – the role lacks: {allow: [lambda:ListFunctions], on: \"*\"}\n";
    assert!(answer.log.contains(line), "{}", answer.log);
}

#[tokio::test]
async fn a_reset_forgets_everything() {
    let world = published().await;
    world.invoke("{}").await;
    world.lambda.reset().await.unwrap();
    assert!(world.invoke_as("f", "{}").await.is_err());
    world.create(CODE).await;
    world.invoke("{}").await;
}

/// As recorded on AWS: `TestLambdaTags::test_tag_lifecycle`.
#[tokio::test]
async fn a_change_of_tags_is_a_new_revision() {
    let world = World::new().await;
    world.create(CODE).await;
    let revision = async || {
        let get = lambda::GetFunctionConfiguration { function_name: name(), ..Default::default() };
        world.call(get).await.unwrap().revision_id
    };
    let first = revision().await;
    let tags = [("a".to_owned(), "b".to_owned())].into();
    world.call(lambda::TagResource { resource: ARN.into(), tags }).await.unwrap();
    let second = revision().await;
    world.call(lambda::UntagResource { resource: ARN.into(), tag_keys: vec!["a".into()] }).await.unwrap();
    let third = revision().await;
    assert!(first != second && second != third);
}

/// As recorded on AWS: `test_lambda_permission_fn_versioning`.
#[tokio::test]
async fn the_first_permission_of_an_alias_is_checked_against_the_alias() {
    let world = published().await;
    let alias = lambda::GetAlias { function_name: name(), name: "prod".into() };
    let revision = world.call(alias).await.unwrap().revision_id;
    let add = |revision_id| lambda::AddPermission {
        function_name: name(),
        qualifier: Some("prod".into()),
        statement_id: "s3".into(),
        action: "lambda:InvokeFunction".into(),
        principal: "s3.amazonaws.com".into(),
        revision_id,
        ..Default::default()
    };
    let wrong = said(world.call(add(Some("wrong".into()))).await);
    assert!(wrong.starts_with("PreconditionFailedException"), "{wrong}");
    world.call(add(revision)).await.unwrap();
}

/// As recorded on AWS: `test_function_name_and_qualifier_validation`.
#[tokio::test]
async fn a_name_that_is_too_long_is_refused_to_a_new_function_only() {
    let world = World::new().await;
    let long = "a".repeat(65);
    let new = lambda::CreateFunction { function_name: long.clone(), ..world.function(CODE) };
    assert!(said(world.call(new).await).contains("Member must have length less than or equal to 64"));
    let get = lambda::GetFunction { function_name: long, ..Default::default() };
    assert!(said(world.call(get).await).starts_with("ResourceNotFoundException: Function not found: "));
}
