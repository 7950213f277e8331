//! The service through the door, as the account's root user calls it.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use slam_cloud_core::{AwsResult, Operation, Principal};
use slam_cloud_testing::{Asked, TestCloud};
use slam_cloud_wire::ssm;
use std::sync::Arc;

fn cloud() -> TestCloud {
    TestCloud::new(slam_cloud_ssm::register).0
}

fn parameter(name: &str, value: &str) -> ssm::PutParameter {
    ssm::PutParameter { name: name.into(), value: value.into(), r#type: Some("String".into()), ..Default::default() }
}

fn overwrite(name: &str, value: &str) -> ssm::PutParameter {
    ssm::PutParameter { name: name.into(), value: value.into(), overwrite: Some(true), ..Default::default() }
}

async fn put(test: &TestCloud, name: &str, value: &str) {
    test.call(parameter(name, value)).await.unwrap();
}

async fn get(test: &TestCloud, name: &str) -> AwsResult<ssm::Parameter> {
    let answer = test.call(ssm::GetParameter { name: name.into(), ..Default::default() }).await?;
    Ok(answer.parameter.unwrap())
}

async fn value(test: &TestCloud, name: &str) -> String {
    get(test, name).await.unwrap().value.unwrap()
}

#[track_caller]
fn check(error: &str, expected: &str) {
    assert!(error.starts_with(expected), "{error}\n{expected}");
}

#[tokio::test]
async fn a_hundred_versions_are_kept_and_a_labelled_one_is_not_lost() {
    let test = cloud();
    put(&test, "p", "1").await;
    for number in 2..=101 {
        let answer = test.call(overwrite("p", &number.to_string())).await.unwrap();
        assert_eq!(answer.version, Some(number));
    }
    assert_eq!(value(&test, "p:2").await, "2");
    check(
        &get(&test, "p:1").await.unwrap_err().to_string(),
        "ParameterVersionNotFound: Systems Manager could not find version 1 of p. Verify the version and try again.",
    );
    let label = |version| ssm::LabelParameterVersion {
        name: "p".into(),
        parameter_version: Some(version),
        labels: vec!["keep".into()],
    };
    test.call(label(2)).await.unwrap();
    check(
        &test.error(overwrite("p", "102")).await,
        "ParameterMaxVersionLimitExceeded: You attempted to create a new version of p by calling the PutParameter API \
         with the overwrite flag. Version 2, the oldest version, can't be deleted because it has a label",
    );
    // The label moves, and the version can go.
    test.call(label(50)).await.unwrap();
    assert_eq!(value(&test, "p:keep").await, "50");
    assert_eq!(test.call(overwrite("p", "102")).await.unwrap().version, Some(102));
}

#[tokio::test]
async fn an_overwrite_keeps_what_it_does_not_say() {
    let test = cloud();
    let first = ssm::PutParameter {
        description: Some("d".into()),
        allowed_pattern: Some(r"\d+".into()),
        tier: Some("Advanced".into()),
        ..parameter("/a/b", "1")
    };
    assert_eq!(test.call(first).await.unwrap().tier.as_deref(), Some("Advanced"));
    check(&test.error(parameter("/a/b", "2")).await, "ParameterAlreadyExists: The parameter already exists.");
    check(
        &test.error(overwrite("/a/b", "x")).await,
        r"ParameterPatternMismatchException: Parameter value, cannot be validated against allowedPattern: \d+",
    );
    check(
        &test.error(ssm::PutParameter { r#type: Some("SecureString".into()), ..overwrite("/a/b", "2") }).await,
        "HierarchyTypeMismatchException: ",
    );
    test.call(overwrite("/a/b", "2")).await.unwrap();
    let described = test.call(ssm::DescribeParameters::default()).await.unwrap().parameters.unwrap();
    let [one] = described.as_slice() else { panic!("{described:?}") };
    assert_eq!(
        (one.version, one.description.as_deref(), one.tier.as_deref(), one.r#type.as_deref()),
        (Some(2), Some("d"), Some("Advanced"), Some("String"))
    );
    assert_eq!(one.last_modified_user.as_deref(), Some("arn:aws:iam::000000000000:root"));
}

#[tokio::test]
async fn what_is_not_here_is_refused_by_name() {
    let test = cloud();
    let base = || parameter("p", "v");
    for (input, expected) in [
        (
            ssm::PutParameter { policies: Some("[]".into()), ..base() },
            "NotImplemented: the parameter Policies of PutParameter",
        ),
        (
            ssm::PutParameter { r#type: Some("SecureString".into()), key_id: Some("alias/mine".into()), ..base() },
            "NotImplemented: the KMS key alias/mine of a parameter",
        ),
        (
            ssm::PutParameter { data_type: Some("aws:ec2:image".into()), ..base() },
            "NotImplemented: the data type aws:ec2:image",
        ),
        (
            ssm::PutParameter { data_type: Some("Text".into()), ..base() },
            "ValidationException: The following data type is not supported: Text",
        ),
        (
            ssm::PutParameter { key_id: Some("alias/aws/ssm".into()), ..base() },
            "ValidationException: KeyId is required for SecureString type parameter only.",
        ),
        (
            ssm::PutParameter { r#type: None, ..base() },
            "ValidationException: A parameter type is required when you create a parameter.",
        ),
    ] {
        check(&test.error(input).await, expected);
    }
    let tags = ssm::ListTagsForResource { resource_type: "Document".into(), resource_id: "d".into() };
    check(&test.error(tags).await, "NotImplemented: the resource type Document of Systems Manager");
    assert_eq!(get(&test, "p").await.unwrap_err().to_string(), "ParameterNotFound: ");
}

#[tokio::test]
async fn a_secure_value_is_told_when_it_is_asked_for() {
    let test = cloud();
    test.call(ssm::PutParameter { r#type: Some("SecureString".into()), ..parameter("s", "secret") }).await.unwrap();
    let opaque = value(&test, "s").await;
    assert!(!opaque.contains("secret") && opaque.len() > 100, "{opaque}");
    assert_eq!(value(&test, "s").await, opaque);
    let decrypted = ssm::GetParameter { name: "s".into(), with_decryption: Some(true) };
    assert_eq!(test.call(decrypted).await.unwrap().parameter.unwrap().value.as_deref(), Some("secret"));
    let history = ssm::GetParameterHistory { name: "s".into(), ..Default::default() };
    let [version] = &test.call(history).await.unwrap().parameters.unwrap()[..] else { panic!() };
    assert_eq!((version.value.as_deref(), version.key_id.as_deref()), (Some(opaque.as_str()), Some("alias/aws/ssm")));
    let by_path = ssm::GetParametersByPath { path: "/".into(), ..Default::default() };
    assert_eq!(test.call(by_path).await.unwrap().parameters.unwrap()[0].value.as_deref(), Some(opaque.as_str()));
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let test = cloud();
    put(&test, "/a/b", "1").await;
    test.call(overwrite("/a/b", "2")).await.unwrap();
    let labels = vec!["one".to_owned(), "2nd".into(), "AWS-x".into()];
    let labelled = ssm::LabelParameterVersion { name: "/a/b".into(), parameter_version: Some(1), labels };
    assert_eq!(test.call(labelled).await.unwrap().invalid_labels.unwrap(), ["2nd", "AWS-x"]);
    let (again, service) = test.again(slam_cloud_ssm::register);
    assert_eq!(value(&again, "/a/b").await, "2");
    assert_eq!(value(&again, "/a/b:one").await, "1");
    slam_cloud_core::Service::reset(&*service).await.unwrap();
    assert_eq!(get(&again, "/a/b").await.unwrap_err().code, "ParameterNotFound");
}

#[tokio::test]
async fn filters_take_what_they_name() {
    let test = cloud();
    for name in ["p", "/a/b", "/a/c/d", "/ab"] {
        put(&test, name, "v").await;
    }
    let tags = vec![ssm::Tag { key: "team".into(), value: "x".into() }];
    let added = ssm::AddTagsToResource { resource_type: "Parameter".into(), resource_id: "/a/b".into(), tags };
    test.call(added).await.unwrap();
    for (key, option, values, expected) in [
        ("Name", None, vec!["/p"], &["p"][..]),
        ("Name", Some("BeginsWith"), vec!["/a"], &["/a/b", "/a/c/d", "/ab"]),
        ("Name", Some("Contains"), vec!["c/d"], &["/a/c/d"]),
        ("Path", None, vec!["/a"], &["/a/b"]),
        ("Path", Some("Recursive"), vec!["/a"], &["/a/b", "/a/c/d"]),
        ("Type", None, vec!["SecureString", "StringList"], &[]),
        ("tag:team", None, vec!["x", "y"], &["/a/b"]),
        ("tag:team", None, vec![], &["/a/b"]),
        ("DataType", None, vec!["text"], &["/a/b", "/a/c/d", "/ab", "p"]),
    ] {
        let values = (!values.is_empty()).then(|| values.iter().map(|value| (*value).to_owned()).collect());
        let filter = ssm::ParameterStringFilter { key: key.into(), option: option.map(str::to_owned), values };
        let input = ssm::DescribeParameters { parameter_filters: Some(vec![filter]), ..Default::default() };
        let found = test.call(input).await.unwrap().parameters.unwrap();
        let names: Vec<_> = found.into_iter().map(|parameter| parameter.name.unwrap()).collect();
        assert_eq!(names, expected, "{key} {option:?}");
    }
    for (key, option, value, expected) in [
        (
            "Label",
            None,
            "x",
            "InvalidFilterKey: The following filter key is not valid: Label. Valid filter keys include: ",
        ),
        ("Type", None, "x", "InvalidFilterOption: The following filter value is not valid: x. Valid values include: "),
        (
            "Type",
            Some("Contains"),
            "String",
            "InvalidFilterOption: The following filter option is not valid: Contains.",
        ),
        ("Path", Some("Equals"), "/a", "InvalidFilterOption: The following filter option is not valid: Equals."),
        ("Path", None, "a", "ValidationException: The parameter doesn't meet the parameter name requirements."),
    ] {
        let values = Some(vec![value.to_owned()]);
        let filter = ssm::ParameterStringFilter { key: key.into(), option: option.map(str::to_owned), values };
        let input = ssm::DescribeParameters { parameter_filters: Some(vec![filter]), ..Default::default() };
        check(&test.error(input).await, expected);
    }
}

#[tokio::test]
async fn permissions_are_on_the_parameter_and_tell_its_tags() {
    let asked = Arc::new(Asked::default());
    let (test, _) = TestCloud::new(|cloud, store, registry| {
        registry.authorizer(asked.clone());
        slam_cloud_ssm::register(cloud, store, registry)
    });
    let user = Principal::User { arn: "arn:aws:iam::000000000000:user/u".into(), id: "AIDA".into() };
    let user = test.context(user);
    async fn ask<O: Operation>(
        test: &TestCloud,
        user: &slam_cloud_core::Context,
        asked: &Asked,
        input: O,
    ) -> Vec<String> {
        assert!(test.cloud.call(user.clone(), input).await.is_err());
        let access = asked.take().into_iter().map(|access| {
            let conditions = access.conditions.iter().map(|(key, values)| format!(" {key}={}", values.join(",")));
            format!("{} {}{}", access.action, access.resource, conditions.collect::<String>())
        });
        access.collect()
    }
    const ARN: &str = "arn:aws:ssm:us-east-1:000000000000:parameter";
    let tags = Some(vec![ssm::Tag { key: "team".into(), value: "x".into() }]);
    let input = ssm::PutParameter { tags, ..parameter("/a/b", "v") };
    assert_eq!(
        ask(&test, &user, &asked, input).await,
        [format!("ssm:PutParameter {ARN}/a/b ssm:Overwrite=false aws:RequestTag/team=x aws:TagKeys=team")]
    );
    let input = ssm::GetParameter { name: "/a/b:3".into(), ..Default::default() };
    assert_eq!(ask(&test, &user, &asked, input).await, [format!("ssm:GetParameter {ARN}/a/b")]);
    let input = ssm::GetParametersByPath { path: "/a/".into(), recursive: Some(true), ..Default::default() };
    assert_eq!(ask(&test, &user, &asked, input).await, [format!("ssm:GetParametersByPath {ARN}/a ssm:Recursive=true")]);
}
