//! What AWS was recorded to answer about templates, stacks and change sets, asked again.

mod support;

use slam_cloud_testing::recorded::check_recorded;
use support::World;

async fn check(test: &str) {
    check_recorded(&World::new().test, &format!("cloudformation/{test}")).await;
}

#[tokio::test]
async fn cfn_handle_log_group_resource() {
    check("test_cfn_handle_log_group_resource").await;
}

#[tokio::test]
async fn create_stack_invalid_yaml_template_should_fail() {
    check("test_create_stack_invalid_yaml_template_should_fail").await;
}

#[tokio::test]
async fn empty_changeset() {
    check("test_empty_changeset").await;
}

#[tokio::test]
async fn get_template_summary_no_resources() {
    check("test_get_template_summary_no_resources").await;
}

#[tokio::test]
async fn invalid_parameter_type() {
    check("test_invalid_parameter_type").await;
}

#[tokio::test]
async fn invalid_structure() {
    check("test_invalid_structure").await;
}

#[tokio::test]
async fn missing_condition() {
    check("test_missing_condition").await;
}

#[tokio::test]
async fn no_echo_parameter() {
    check("test_no_echo_parameter").await;
}

#[tokio::test]
async fn useful_error_when_invalid_ref() {
    check("test_useful_error_when_invalid_ref").await;
}

#[tokio::test]
async fn using_pseudoparameters_in_places() {
    check("test_using_pseudoparameters_in_places").await;
}

#[tokio::test]
async fn validate_invalid_json_template_should_fail() {
    check("test_validate_invalid_json_template_should_fail").await;
}
