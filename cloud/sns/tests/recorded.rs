//! Answers recorded on AWS, asked again.

use slam_cloud_core::{Access, Authorizer, Context, Denial};
use slam_cloud_testing::TestCloud;
use slam_cloud_testing::recorded::check_recorded;
use std::sync::Arc;

/// Lets everybody do everything: what is recorded is about topics, not about who may.
struct Everybody;

impl Authorizer for Everybody {
    fn authorize(&self, _: &Context, _: &Access) -> Result<(), Denial> {
        Ok(())
    }
}

async fn check(test: &str) {
    let (cloud, _service) = TestCloud::new(|cloud, store, registry| {
        registry.authorizer(Arc::new(Everybody));
        slam_cloud_sns::register(cloud, store, registry)
    });
    check_recorded(&cloud, &format!("sns/{test}")).await;
}

#[tokio::test]
async fn what_was_recorded_is_answered() {
    for test in [
        "test_add_permission_errors",
        "test_create_duplicate_topic_with_more_tags",
        "test_create_platform_application_invalid_attributes",
        "test_create_platform_application_invalid_name",
        "test_create_platform_application_invalid_platform",
        "test_create_platform_endpoint_non_existent_app",
        "test_create_topic_different_attrs",
        "test_create_topic_name_constraints",
        "test_create_topic_test_arn",
        "test_creating_subscription_with_attributes",
        "test_cross_region_access",
        "test_delete_non_existent_topic",
        "test_delete_subscriptions_on_delete_topic",
        "test_delete_topic_idempotency",
        "test_empty_or_wrong_message_attributes",
        "test_empty_sns_message",
        "test_get_platform_application_attributes_invalid_arn",
        "test_get_platform_application_attributes_non_existing_app",
        "test_get_platform_endpoint_attributes_non_existent_endpoint",
        "test_get_sms_attributes_from_unmodified_region",
        "test_getting_subscriptions_by_topic",
        "test_http_subscription_response",
        "test_message_attributes_prefixes",
        "test_message_structure_json_exc",
        "test_not_found_error_on_set_subscription_attributes",
        "test_publish_batch_invalid_entry_id",
        "test_publish_with_empty_subject",
        "test_publish_wrong_arn_format",
        "test_set_get_sms_attributes",
        "test_set_invalid_sms_attributes",
        "test_set_platform_application_attributes_non_existing_app",
        "test_set_platform_endpoint_attributes_invalid_arn",
        "test_set_platform_endpoint_attributes_non_existent_endpoint",
        "test_set_subscription_filter_policy_scope",
        "test_sub_filter_policy_nested_property",
        "test_subscribe_idempotency",
        "test_subscribe_invalid_sms",
        "test_subscribe_sms_endpoint",
        "test_subscribe_sms_obscure_phone_number",
        "test_subscribe_sqs_queue_url",
        "test_subscribe_unknown_sqs_queue",
        "test_tags_removed_after_deletion",
        "test_topic_delivery_policy_crud",
        "test_topic_get_attributes_with_fifo_false",
        "test_unsubscribe_from_deleted_topic",
        "test_unsubscribe_from_non_existing_subscription",
        "test_unsubscribe_idempotency",
        "test_validate_set_sub_attributes",
        "test_validations_for_fifo",
    ] {
        check(test).await;
    }
}
