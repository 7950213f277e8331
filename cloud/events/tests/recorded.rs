//! Answers recorded on AWS, asked again.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use slam_cloud_testing::TestCloud;
use slam_cloud_testing::recorded::check_recorded;

#[tokio::test]
async fn what_was_recorded_is_answered() {
    let (cloud, _) = TestCloud::new(slam_cloud_events::register);
    for test in [
        "test_add_exceed_fife_targets_per_rule",
        "test_create_archive_error_duplicate",
        "test_create_archive_error_unknown_event_bus",
        "test_create_list_describe_update_delete_archive",
        "test_delete_default_event_bus",
        "test_delete_rule_with_targets",
        "test_describe_archive_error_unknown_archive",
        "test_describe_delete_not_existing_event_bus",
        "test_describe_nonexistent_rule",
        "test_describe_replay_error_unknown_replay",
        "test_list_archive_error_unknown_source_arn",
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
    ] {
        check_recorded(&cloud, &format!("events/{test}")).await;
    }
}
