//! What AWS's control plane was recorded to answer, asked again.

mod support;

use slam_cloud_testing::recorded::check_recorded;
use support::Gateway;

async fn check(test: &str) {
    check_recorded(&Gateway::new().test, &format!("apigateway/{test}")).await;
}

#[tokio::test]
async fn api_key_required_for_methods() {
    check("test_api_key_required_for_methods").await;
}

#[tokio::test]
async fn authorizer_crud_no_api() {
    check("test_authorizer_crud_no_api").await;
}

#[tokio::test]
async fn create_proxy_resource_validation() {
    check("test_create_proxy_resource_validation").await;
}

#[tokio::test]
async fn create_rest_api_with_endpoint_configuration() {
    check("test_create_rest_api_with_endpoint_configuration").await;
}

#[tokio::test]
async fn create_rest_api_with_optional_params() {
    check("test_create_rest_api_with_optional_params").await;
}

#[tokio::test]
async fn create_update_deployments() {
    check("test_create_update_deployments").await;
}

#[tokio::test]
async fn delete_integration_response_errors() {
    check("test_delete_integration_response_errors").await;
}

#[tokio::test]
async fn delete_resource() {
    check("test_delete_resource").await;
}

#[tokio::test]
async fn gateway_response_crud() {
    check("test_gateway_response_crud").await;
}

#[tokio::test]
async fn gateway_response_put() {
    check("test_gateway_response_put").await;
}

#[tokio::test]
async fn gateway_response_validation() {
    check("test_gateway_response_validation").await;
}

#[tokio::test]
async fn documentation_part_lifecycle() {
    check("test_documentation_part_lifecycle").await;
}

#[tokio::test]
async fn documentation_parts_and_versions() {
    check("test_documentation_parts_and_versions").await;
}

#[tokio::test]
async fn get_integration_non_existent() {
    check("test_get_integration_non_existent").await;
}

#[tokio::test]
async fn get_stages_filters_by_deployment_id() {
    check("test_get_stages_filters_by_deployment_id").await;
}

#[tokio::test]
async fn import_api_bad_file() {
    check("test_import_api_bad_file").await;
}

#[tokio::test]
async fn import_documentation_parts() {
    check("test_import_documentation_parts").await;
}

#[tokio::test]
async fn import_documentation_parts_bad_file() {
    check("test_import_documentation_parts_bad_file").await;
}

#[tokio::test]
async fn integration_mock_with_path_param() {
    check("test_integration_mock_with_path_param").await;
}

#[tokio::test]
async fn invalid_delete_documentation_part() {
    check("test_invalid_delete_documentation_part").await;
}

#[tokio::test]
async fn invalid_get_documentation_part() {
    check("test_invalid_get_documentation_part").await;
}

#[tokio::test]
async fn invalid_update_documentation_part() {
    check("test_invalid_update_documentation_part").await;
}

#[tokio::test]
async fn lifecycle_method_response() {
    check("test_lifecycle_method_response").await;
}

#[tokio::test]
async fn method_request_parameters() {
    check("test_method_request_parameters").await;
}

#[tokio::test]
async fn put_integration_validation() {
    check("test_put_integration_validation").await;
}

#[tokio::test]
async fn put_method_model() {
    check("test_put_method_model").await;
}

#[tokio::test]
async fn put_method_validation() {
    check("test_put_method_validation").await;
}

#[tokio::test]
async fn resource_lifecycle() {
    check("test_resource_lifecycle").await;
}

#[tokio::test]
async fn stage_access_log_settings_validation() {
    check("test_stage_access_log_settings_validation").await;
}

#[tokio::test]
async fn update_gateway_response() {
    check("test_update_gateway_response").await;
}

#[tokio::test]
async fn update_method_lack_response_parameters_and_models() {
    check("test_update_method_lack_response_parameters_and_models").await;
}

#[tokio::test]
async fn update_method_response_negative_tests() {
    check("test_update_method_response_negative_tests").await;
}

#[tokio::test]
async fn update_method_validation() {
    check("test_update_method_validation").await;
}

#[tokio::test]
async fn update_method_wrong_param_names() {
    check("test_update_method_wrong_param_names").await;
}

#[tokio::test]
async fn update_model() {
    check("test_update_model").await;
}

#[tokio::test]
async fn update_resource_behaviour() {
    check("test_update_resource_behaviour").await;
}

#[tokio::test]
async fn update_resource_on_root() {
    check("test_update_resource_on_root").await;
}

#[tokio::test]
async fn update_rest_api_behaviour() {
    check("test_update_rest_api_behaviour").await;
}

#[tokio::test]
async fn update_rest_api_compression() {
    check("test_update_rest_api_compression").await;
}

#[tokio::test]
async fn update_rest_api_operation_add_remove() {
    check("test_update_rest_api_operation_add_remove").await;
}

#[tokio::test]
async fn usage_plan_crud() {
    check("test_usage_plan_crud").await;
}
