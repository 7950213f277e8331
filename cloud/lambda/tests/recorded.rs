//! What AWS was recorded to answer about functions and layers, asked again.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use slam_cloud_testing::recorded::check_recorded_with;
use support::{ROLE, World, zip};

async fn check(test: &str) {
    let world = World::new().await;
    // As the role that they were recorded with may do.
    world.allow(r#""logs:*","lambda:InvokeFunction""#).await;
    let archive = |code: &str| BASE64.encode(zip(&[("handler.py", code)]));
    let (first, second) = (archive("def handler(event, context): return event"), archive("def handler(*_): pass"));
    let given = [("<role>", ROLE), ("<zip>", &first), ("<zip2>", &second)];
    check_recorded_with(&world.test, &format!("lambda/{test}"), &given).await;
}

#[tokio::test]
async fn add_lambda_permission_aws() {
    check("test_add_lambda_permission_aws").await;
}

#[tokio::test]
async fn add_lambda_permission_fields() {
    check("test_add_lambda_permission_fields").await;
}

#[tokio::test]
async fn alias_lifecycle() {
    check("test_alias_lifecycle").await;
}

#[tokio::test]
async fn create_lambda_exceptions() {
    check("test_create_lambda_exceptions").await;
}

#[tokio::test]
async fn create_event_source_validation() {
    check("test_create_event_source_validation").await;
}

#[tokio::test]
async fn event_source_mapping_exceptions() {
    check("test_event_source_mapping_exceptions").await;
}

#[tokio::test]
async fn function_arns() {
    check("test_function_arns").await;
}

#[tokio::test]
async fn function_lifecycle() {
    check("test_function_lifecycle").await;
}

#[tokio::test]
async fn function_revisions_basic() {
    check("test_function_revisions_basic").await;
}

#[tokio::test]
async fn function_revisions_version_and_alias() {
    check("test_function_revisions_version_and_alias").await;
}

#[tokio::test]
async fn lambda_eventinvokeconfig_exceptions() {
    check("test_lambda_eventinvokeconfig_exceptions").await;
}

#[tokio::test]
async fn put_function_recursion_config_allow() {
    check("test_put_function_recursion_config_allow").await;
}

#[tokio::test]
async fn put_function_recursion_config_invalid_value() {
    check("test_put_function_recursion_config_invalid_value").await;
}

#[tokio::test]
async fn lambda_permission_fn_versioning() {
    check("test_lambda_permission_fn_versioning").await;
}

#[tokio::test]
async fn layer_compatibilities() {
    check("test_layer_compatibilities").await;
}

#[tokio::test]
async fn layer_exceptions() {
    check("test_layer_exceptions").await;
}

#[tokio::test]
async fn layer_function_exceptions() {
    check("test_layer_function_exceptions").await;
}

#[tokio::test]
async fn layer_function_quota_exception() {
    check("test_layer_function_quota_exception").await;
}

#[tokio::test]
async fn layer_lifecycle() {
    check("test_layer_lifecycle").await;
}

#[tokio::test]
async fn layer_policy_exceptions() {
    check("test_layer_policy_exceptions").await;
}

#[tokio::test]
async fn notfound_and_invalid_routingconfigs() {
    check("test_notfound_and_invalid_routingconfigs").await;
}

#[tokio::test]
async fn ops_with_arn_qualifier_mismatch() {
    check("test_ops_with_arn_qualifier_mismatch").await;
}

#[tokio::test]
async fn permission_exceptions() {
    check("test_permission_exceptions").await;
}

#[tokio::test]
async fn publish_with_wrong_sha256() {
    check("test_publish_with_wrong_sha256").await;
}

#[tokio::test]
async fn remove_multi_permissions() {
    check("test_remove_multi_permissions").await;
}

#[tokio::test]
async fn tag_lifecycle() {
    check("test_tag_lifecycle").await;
}

#[tokio::test]
async fn function_name_and_qualifier_validation() {
    check("test_function_name_and_qualifier_validation").await;
}

#[tokio::test]
async fn url_config_exceptions() {
    check("test_url_config_exceptions").await;
}

#[tokio::test]
async fn url_config_list_paging() {
    check("test_url_config_list_paging").await;
}

#[tokio::test]
async fn url_config_lifecycle() {
    check("test_url_config_lifecycle").await;
}

#[tokio::test]
async fn url_config_deletion_without_qualifier() {
    check("test_url_config_deletion_without_qualifier").await;
}

#[tokio::test]
async fn lambda_update_function_url_config() {
    check("test_lambda_update_function_url_config").await;
}

#[tokio::test]
async fn lambda_url_invalid_invoke_mode() {
    check("test_lambda_url_invalid_invoke_mode").await;
}
