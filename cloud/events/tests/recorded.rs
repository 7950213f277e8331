//! Answers recorded on AWS, asked again.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use slam_cloud_testing::TestCloud;
use slam_cloud_testing::recorded::check_recorded;

#[tokio::test]
async fn what_was_recorded_is_answered() {
    // The secrets of connections stand there.
    let (cloud, _) = TestCloud::new(|cloud, store, registry| {
        slam_cloud_secretsmanager::register(cloud, store, registry)?;
        slam_cloud_events::register(cloud, store, registry)
    });
    for test in [
        "test_add_exceed_fife_targets_per_rule",
        "test_api_destinations",
        "test_connection_secrets",
        "test_create_api_destination_invalid_parameters",
        "test_create_api_destination_name_validation",
        "test_create_archive_error_duplicate",
        "test_create_archive_error_unknown_event_bus",
        "test_create_connection",
        "test_create_connection_invalid_parameters",
        "test_create_connection_name_validation",
        "test_create_connection_validations",
        "test_create_connection_with_auth",
        "test_create_list_describe_update_delete_archive",
        "test_delete_connection",
        "test_delete_default_event_bus",
        "test_delete_rule_with_targets",
        "test_describe_archive_error_unknown_archive",
        "test_describe_delete_not_existing_event_bus",
        "test_describe_nonexistent_rule",
        "test_describe_replay_error_unknown_replay",
        "test_list_archive_error_unknown_source_arn",
        "test_list_connections",
        "test_put_event_malformed_detail",
        "test_put_event_without_detail",
        "test_put_event_without_detail_type",
        "test_put_events_without_source",
        "test_put_list_with_prefix_describe_delete_rule",
        "test_remove_permission_non_existing_sid",
        "test_start_replay_error_duplicate_name_same_archive",
        "test_start_replay_error_invalid_end_time",
        "test_start_replay_error_unknown_archive",
        "test_start_replay_error_unknown_event_bus",
        "test_update_archive_error_unknown_archive",
        "test_update_connection",
    ] {
        check_recorded(&cloud, &format!("events/{test}")).await;
    }
}
