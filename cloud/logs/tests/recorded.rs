//! What AWS was recorded to answer about log groups, streams and events, asked again.

use slam_cloud_testing::TestCloud;
use slam_cloud_testing::recorded::check_recorded;

async fn check(test: &str) {
    let (cloud, _) = TestCloud::new(slam_cloud_logs::register);
    check_recorded(&cloud, &format!("logs/{test}")).await;
}

#[tokio::test]
async fn create_log_group_duplicate_error() {
    check("test_create_log_group_duplicate_error").await;
}

#[tokio::test]
async fn create_log_stream_duplicate_error() {
    check("test_create_log_stream_duplicate_error").await;
}

#[tokio::test]
async fn describe_log_groups_with_pattern() {
    check("test_describe_log_groups_with_pattern").await;
}

#[tokio::test]
async fn describe_log_streams_with_log_group_identifier() {
    check("test_describe_log_streams_with_log_group_identifier").await;
}

#[tokio::test]
async fn get_log_events_invalid_token() {
    check("test_get_log_events_invalid_token").await;
}

#[tokio::test]
async fn put_log_events_to_invalid_stream() {
    check("test_put_log_events_to_invalid_stream").await;
}

#[tokio::test]
async fn resource_does_not_exist() {
    check("test_resource_does_not_exist").await;
}

#[tokio::test]
async fn tag_resource_api() {
    check("test_tag_resource_api").await;
}

#[tokio::test]
async fn delete_resource_policy_not_found() {
    check("test_delete_resource_policy_not_found").await;
}

#[tokio::test]
async fn describe_resource_policies() {
    check("test_describe_resource_policies").await;
}

#[tokio::test]
async fn put_resource_policy() {
    check("test_put_resource_policy").await;
}

#[tokio::test]
async fn put_resource_policy_limit_exceeded() {
    check("test_put_resource_policy_limit_exceeded").await;
}
