//! Answers recorded on AWS, asked again.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use slam_cloud_testing::TestCloud;
use slam_cloud_testing::recorded::{Recorded, check_recorded};
use slam_cloud_wire::secretsmanager as wire;

async fn check(test: &str) {
    let (cloud, _) = TestCloud::new(slam_cloud_secretsmanager::register);
    check_recorded(&cloud, &format!("secretsmanager/{test}")).await;
}

#[tokio::test]
async fn what_was_recorded_is_answered() {
    for test in [
        "test_can_recreate_delete_secret",
        "test_create_secret_version_from_empty_secret",
        "test_deprecated_secret_version_stage",
        "test_exp_raised_on_creation_of_secret_scheduled_for_deletion",
        "test_force_delete_deleted_secret",
        "test_get_secret_value_errors",
        "test_invalid_secret_name",
        "test_non_versioning_version_stages_no_replacement",
        "test_non_versioning_version_stages_replacement",
        "test_put_secret_value_with_version_stages",
        "test_secret_exists_snapshots",
        "test_secret_not_found",
        "test_secret_restore",
        "test_secret_tags",
        "test_update_secret_description",
        "test_update_secret_version_stages_current_pending_cycle_custom_stages_1",
        "test_update_secret_version_stages_current_pending_cycle_custom_stages_2",
        "test_update_secret_version_stages_current_pending_cycle_custom_stages_3",
    ] {
        check(test).await;
    }
}

/// These were recorded without boto3, which makes a token for whoever has none.
#[tokio::test]
async fn test_no_client_request_token() {
    let (cloud, _) = TestCloud::new(slam_cloud_secretsmanager::register);
    let (name, value) = ("s".to_owned(), Some("v".to_owned()));
    let create = wire::CreateSecret { name: name.clone(), secret_string: value.clone(), ..Default::default() };
    let put = wire::PutSecretValue { secret_id: name.clone(), secret_string: value.clone(), ..Default::default() };
    let update = wire::UpdateSecret { secret_id: name, secret_string: value, ..Default::default() };
    for (operation, error) in [
        ("CreateSecret", cloud.error(create).await),
        ("PutSecretValue", cloud.error(put).await),
        ("UpdateSecret", cloud.error(update).await),
    ] {
        let recorded = Recorded::of(&format!("secretsmanager/test_no_client_request_token[{operation}]"));
        let told = |member: &str| recorded.text(&format!("no-client-request-exc.Error.{member}"));
        assert_eq!(error, format!("{}: {}", told("__type"), told("Message")));
    }
}

/// Of these, only the texts were recorded.
#[tokio::test]
async fn test_secret_version_not_found() {
    let (cloud, _) = TestCloud::new(slam_cloud_secretsmanager::register);
    let id = "00000000-0000-4000-8000-000000000000";
    let create = wire::CreateSecret { name: "s".into(), client_request_token: Some(id.into()), ..Default::default() };
    cloud.call(create).await.unwrap();
    let recorded = Recorded::of("secretsmanager/test_secret_version_not_found").with("<version-id>", id);
    for (step, version, stage) in [
        ("get_secret_value_no_version_ex", None, None),
        ("get_secret_value_version_not_found_ex", Some(id), None),
        ("get_secret_value_stage_not_found_ex", None, Some("AWSPENDING")),
    ] {
        let version_id = version.map(str::to_owned);
        let version_stage = stage.map(str::to_owned);
        let error = cloud.error(wire::GetSecretValue { secret_id: "s".into(), version_id, version_stage }).await;
        let (code, message) = error.split_once(": ").unwrap();
        let text = format!("An error occurred ({code}) when calling the GetSecretValue operation: {message}");
        assert_eq!(recorded.text(step), text);
    }
}
