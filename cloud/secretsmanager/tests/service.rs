//! The service through the door.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use slam_cloud_core::{AwsResult, Context, Operation, Principal};
use slam_cloud_testing::{Asked, TestCloud};
use slam_cloud_wire::secretsmanager as wire;
use std::sync::Arc;

const ARN: &str = "arn:aws:secretsmanager:us-east-1:000000000000:secret";

fn cloud() -> TestCloud {
    TestCloud::new(slam_cloud_secretsmanager::register).0
}

fn token(number: u32) -> Option<String> {
    Some(format!("00000000-0000-4000-8000-{number:012}"))
}

fn secret(name: &str, value: &str) -> wire::CreateSecret {
    wire::CreateSecret {
        name: name.into(),
        secret_string: Some(value.into()),
        client_request_token: token(1),
        ..Default::default()
    }
}

fn put(id: &str, number: u32, value: &str) -> wire::PutSecretValue {
    wire::PutSecretValue {
        secret_id: id.into(),
        secret_string: Some(value.into()),
        client_request_token: token(number),
        ..Default::default()
    }
}

async fn create(test: &TestCloud, name: &str, value: &str) -> String {
    test.call(secret(name, value)).await.unwrap().arn.unwrap()
}

async fn get(test: &TestCloud, id: &str) -> AwsResult<String> {
    let answer = test.call(wire::GetSecretValue { secret_id: id.into(), ..Default::default() }).await?;
    Ok(answer.secret_string.unwrap())
}

#[track_caller]
fn check(error: &str, expected: &str) {
    assert!(error.starts_with(expected), "{error}\n{expected}");
}

#[tokio::test]
async fn a_secret_is_found_by_name_and_by_whole_and_partial_arn() {
    let test = cloud();
    let arn = create(&test, "a/b", "one").await;
    create(&test, "a/b-c1c2c3", "two").await;
    assert_eq!((&arn[..ARN.len() + 5], arn.len()), (&*format!("{ARN}:a/b-"), ARN.len() + 11));
    for (id, expected) in [
        ("a/b", Ok("one")),
        (&*arn, Ok("one")),
        (&*format!("{ARN}:a/b"), Ok("one")),
        (&*format!("{ARN}:a/b-c1c2c3"), Ok("two")),
        (&*format!("{ARN}:a/b-XXXXXX"), Err("ResourceNotFoundException")),
        ("a", Err("ResourceNotFoundException")),
        (&*arn.replace("us-east-1", "eu-west-1"), Err("ResourceNotFoundException")),
        ("a b", Err("ValidationException")),
    ] {
        let found = get(&test, id).await.map_err(|error| error.code);
        assert_eq!(found.as_deref().map_err(|code| &**code), expected, "{id}");
    }
}

#[tokio::test]
async fn a_token_makes_one_version() {
    let test = cloud();
    let arn = create(&test, "s", "one").await;
    // The same again is the same secret.
    assert_eq!(create(&test, "s", "one").await, arn);
    let in_use = format!(
        "ResourceExistsException: You can't use ClientRequestToken {} because that value is already in use for a \
         version of secret {arn}.",
        token(1).unwrap()
    );
    check(&test.error(secret("s", "two")).await, &in_use);
    let other = wire::CreateSecret { client_request_token: token(2), ..secret("s", "one") };
    check(
        &test.error(other).await,
        "ResourceExistsException: The operation failed because the secret s already exists.",
    );
    check(&test.error(put("s", 1, "two")).await, &in_use);
    assert_eq!(test.call(put("s", 1, "one")).await.unwrap().version_stages.unwrap(), ["AWSCURRENT"]);
    test.call(put("s", 2, "two")).await.unwrap();
    // Repeating an older one moves no label.
    assert_eq!(test.call(put("s", 1, "one")).await.unwrap().version_stages.unwrap(), ["AWSPREVIOUS"]);
    assert_eq!(get(&test, "s").await.unwrap(), "two");
    let none = wire::PutSecretValue { client_request_token: None, ..put("s", 3, "x") };
    check(&test.error(none).await, "InvalidRequestException: You must provide a ClientRequestToken value.");
}

#[tokio::test]
async fn a_value_is_a_text_or_bytes() {
    let test = cloud();
    let both = wire::CreateSecret { secret_binary: Some("b".into()), ..secret("s", "text") };
    check(
        &test.error(both).await,
        "InvalidParameterException: You can't specify both a binary secret value and a string secret value in the same",
    );
    let bytes = wire::CreateSecret { secret_string: None, secret_binary: Some("\u{0}b".into()), ..secret("s", "") };
    test.call(bytes).await.unwrap();
    let told = test.call(wire::GetSecretValue { secret_id: "s".into(), ..Default::default() }).await.unwrap();
    assert_eq!((told.secret_string, told.secret_binary.unwrap()), (None, "\u{0}b".into()));
    let nothing = wire::PutSecretValue { secret_string: None, ..put("s", 2, "") };
    check(&test.error(nothing).await, "InvalidRequestException: You must provide either SecretString or SecretBinary.");
}

#[tokio::test]
async fn what_is_marked_for_deletion_tells_nothing_and_can_be_restored() {
    let test = cloud();
    create(&test, "s", "one").await;
    let delete = |days, force| wire::DeleteSecret {
        secret_id: "s".into(),
        recovery_window_in_days: days,
        force_delete_without_recovery: force,
    };
    for days in [6, 31] {
        check(
            &test.error(delete(Some(days), None)).await,
            "InvalidParameterException: The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
        );
    }
    check(
        &test.error(delete(Some(7), Some(true))).await,
        "InvalidParameterException: You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    );
    test.call(delete(Some(7), None)).await.unwrap();
    let marked = "InvalidRequestException: You can't perform this operation on the secret because it was marked for \
                  deletion.";
    check(&get(&test, "s").await.unwrap_err().to_string(), marked);
    check(&test.error(put("s", 2, "two")).await, marked);
    let update = wire::UpdateSecret {
        secret_id: "s".into(),
        client_request_token: token(2),
        description: Some("d".into()),
        ..Default::default()
    };
    check(&test.error(update).await, marked);
    check(&test.error(wire::TagResource { secret_id: "s".into(), tags: vec![] }).await, marked);
    check(
        &test.error(delete(None, None)).await,
        "InvalidRequestException: You tried to perform the operation on a secret that's currently marked deleted.",
    );
    let list = |planned| wire::ListSecrets { include_planned_deletion: planned, ..Default::default() };
    assert!(test.call(list(None)).await.unwrap().secret_list.unwrap().is_empty());
    assert!(test.call(list(Some(true))).await.unwrap().secret_list.unwrap()[0].deleted_date.is_some());
    test.call(wire::RestoreSecret { secret_id: "s".into() }).await.unwrap();
    assert_eq!(get(&test, "s").await.unwrap(), "one");
    test.call(delete(None, Some(true))).await.unwrap();
    check(&get(&test, "s").await.unwrap_err().to_string(), "ResourceNotFoundException: ");
    // What is not there is not missed.
    test.call(delete(None, Some(true))).await.unwrap();
}

#[tokio::test]
async fn what_is_not_here_is_refused_by_name() {
    let test = cloud();
    for (input, expected) in [
        (
            wire::CreateSecret { kms_key_id: Some("alias/mine".into()), ..secret("s", "v") },
            "NotImplemented: the KMS key alias/mine of a secret",
        ),
        (
            wire::CreateSecret { r#type: Some("SalesforceClientSecret".into()), ..secret("s", "v") },
            "NotImplemented: the parameter Type of CreateSecret",
        ),
        (
            wire::CreateSecret { add_replica_regions: Some(vec![Default::default()]), ..secret("s", "v") },
            "NotImplemented: the parameter AddReplicaRegions of CreateSecret",
        ),
    ] {
        check(&test.error(input).await, expected);
    }
    check(&get(&test, "s").await.unwrap_err().to_string(), "ResourceNotFoundException: ");
    let own = wire::CreateSecret { kms_key_id: Some("alias/aws/secretsmanager".into()), ..secret("s", "v") };
    test.call(own).await.unwrap();
}

#[tokio::test]
async fn lists_are_filtered_sorted_and_paged() {
    let test = cloud();
    for (name, description, tag) in [
        ("prod/db", "The Main database", "blue"),
        ("prod/api", "Keys of others", "green"),
        ("Dev", "main things", "blue"),
    ] {
        let tag = wire::Tag { key: Some("team".into()), value: Some(tag.into()) };
        let description = Some(description.into());
        test.call(wire::CreateSecret { description, tags: Some(vec![tag]), ..secret(name, "v") }).await.unwrap();
    }
    let filter = |key: &str, values: &[&str]| wire::Filter {
        key: Some(key.into()),
        values: Some(values.iter().map(|value| (*value).to_owned()).collect()),
    };
    let names = |answer: wire::ListSecretsResponse| {
        answer.secret_list.unwrap().into_iter().map(|secret| secret.name.unwrap()).collect::<Vec<_>>()
    };
    for (key, values, expected) in [
        ("name", &["prod"][..], &["prod/db", "prod/api"][..]),
        ("name", &["Prod"], &[]),
        ("name", &["!prod"], &["Dev"]),
        ("description", &["MAIN"], &["prod/db", "Dev"]),
        ("tag-value", &["blue"], &["prod/db", "Dev"]),
        ("tag-key", &["te"], &["prod/db", "prod/api", "Dev"]),
        ("all", &["keys", "dev"], &["prod/api", "Dev"]),
        ("owning-service", &["rds"], &[]),
    ] {
        let filters = Some(vec![filter(key, values)]);
        let found = test.call(wire::ListSecrets { filters, ..Default::default() }).await.unwrap();
        assert_eq!(names(found), expected, "{key} {values:?}");
    }
    let page = |next_token| wire::ListSecrets {
        max_results: Some(2),
        sort_by: Some("name".into()),
        sort_order: Some("desc".into()),
        next_token,
        ..Default::default()
    };
    let first = test.call(page(None)).await.unwrap();
    let next = first.next_token.clone();
    assert_eq!(names(first), ["prod/db", "prod/api"]);
    let last = test.call(page(next)).await.unwrap();
    assert_eq!((last.next_token.clone(), names(last)), (None, vec!["Dev".to_owned()]));
    check(&test.error(page(Some("no token!".into()))).await, "InvalidNextTokenException: ");
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let test = cloud();
    let arn = create(&test, "s", "one").await;
    test.call(put("s", 2, "two")).await.unwrap();
    get(&test, "s").await.unwrap();
    let (again, service) = test.again(slam_cloud_secretsmanager::register);
    assert_eq!(get(&again, &arn).await.unwrap(), "two");
    let versions = wire::ListSecretVersionIds { secret_id: "s".into(), ..Default::default() };
    let versions = again.call(versions).await.unwrap().versions.unwrap();
    let read: Vec<_> = versions.iter().map(|version| version.last_accessed_date.is_some()).collect();
    assert_eq!(read, [false, true]);
    slam_cloud_core::Service::reset(&*service).await.unwrap();
    assert_eq!(get(&again, "s").await.unwrap_err().code, "ResourceNotFoundException");
}

#[tokio::test]
async fn permissions_are_on_the_secret_and_tell_what_is_asked() {
    let asked = Arc::new(Asked::default());
    let (test, _) = TestCloud::new(|cloud, store, registry| {
        registry.authorizer(asked.clone());
        slam_cloud_secretsmanager::register(cloud, store, registry)
    });
    let user = test.context(Principal::User { arn: "arn:aws:iam::000000000000:user/u".into(), id: "AIDA".into() });
    async fn ask<O: Operation>(test: &TestCloud, user: &Context, asked: &Asked, input: O) -> Vec<String> {
        assert!(test.cloud.call(user.clone(), input).await.is_err());
        let access = asked.take().into_iter().map(|access| {
            let conditions = access.conditions.iter().map(|(key, values)| format!(" {key}={}", values.join(",")));
            format!("{} {}{}", access.action, access.resource, conditions.collect::<String>())
        });
        access.collect()
    }
    let tags = Some(vec![wire::Tag { key: Some("team".into()), value: Some("x".into()) }]);
    let input = wire::CreateSecret { tags: tags.clone(), description: Some("d".into()), ..secret("a/b", "v") };
    assert_eq!(
        ask(&test, &user, &asked, input).await,
        [format!(
            "secretsmanager:CreateSecret {ARN}:a/b secretsmanager:Name=a/b secretsmanager:Description=d \
             aws:RequestTag/team=x aws:TagKeys=team secretsmanager:ResourceTag/team=x"
        )]
    );
    let arn = test.call(wire::CreateSecret { tags, ..secret("a/b", "v") }).await.unwrap().arn.unwrap();
    asked.take();
    let of_it = format!(
        "{arn} secretsmanager:SecretId={arn} secretsmanager:SecretPrimaryRegion=us-east-1 aws:ResourceTag/team=x \
         secretsmanager:ResourceTag/team=x"
    );
    let input = wire::GetSecretValue { secret_id: "a/b".into(), ..Default::default() };
    assert_eq!(
        ask(&test, &user, &asked, input).await,
        [format!("secretsmanager:GetSecretValue {of_it} secretsmanager:VersionStage=AWSCURRENT")]
    );
    let input = wire::DeleteSecret {
        secret_id: format!("{ARN}:a/b"),
        recovery_window_in_days: Some(8),
        force_delete_without_recovery: None,
    };
    assert_eq!(
        ask(&test, &user, &asked, input).await,
        [format!("secretsmanager:DeleteSecret {of_it} secretsmanager:RecoveryWindowInDays=8")]
    );
}
