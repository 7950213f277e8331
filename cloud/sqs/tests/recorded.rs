//! Answers recorded on AWS, asked again.

use slam_cloud_core::{Access, Authorizer, Context, Denial};
use slam_cloud_testing::TestCloud;
use slam_cloud_testing::recorded::check_recorded;
use std::sync::Arc;

/// Lets everybody do everything: what is recorded is about policies, not about who may.
struct Everybody;

impl Authorizer for Everybody {
    fn authorize(&self, _: &Context, _: &Access) -> Result<(), Denial> {
        Ok(())
    }
}

async fn check(test: &str) {
    let (cloud, _) = TestCloud::new(|cloud, store, registry| {
        registry.authorizer(Arc::new(Everybody));
        slam_cloud_sqs::register(cloud, store, registry)
    });
    check_recorded(&cloud, &format!("sqs/{test}")).await;
}

#[tokio::test]
async fn what_was_recorded_is_answered() {
    for test in [
        "test_basic_move_task_workflow",
        "test_cancel_with_invalid_source_arn_in_task_handle",
        "test_cancel_with_invalid_task_handle",
        "test_cancel_with_invalid_task_id_in_task_handle",
        "test_change_message_visibility_after_visibility_timeout_expiration",
        "test_change_message_visibility_batch_with_too_large_batch",
        "test_create_and_update_queue_attributes",
        "test_create_fifo_queue_with_different_attributes_raises_error",
        "test_create_queue_with_different_attributes_raises_exception",
        "test_create_standard_queue_with_fifo_attribute_raises_error",
        "test_delete_message_batch_invalid_msg_id",
        "test_delete_message_batch_with_too_large_batch",
        "test_destination_needs_to_exist",
        "test_fair_queue_with_message_group_id",
        "test_fifo_change_to_high_throughput_after_creation",
        "test_fifo_change_to_regular_throughput_after_creation",
        "test_fifo_deduplication_arrives_once_after_delete",
        "test_fifo_deduplication_not_on_message_group_id",
        "test_fifo_empty_message_groups_added_back_to_queue",
        "test_fifo_high_throughput_ordering",
        "test_fifo_message_attributes",
        "test_fifo_queue_send_message_with_delay_seconds_fails",
        "test_fifo_queue_send_message_with_zero_delay_defaults_to_queue_delay",
        "test_fifo_set_content_based_deduplication_strategy",
        "test_invalid_batch_id",
        "test_message_deduplication_id_invalid",
        "test_message_system_attribute_names_with_attribute_names",
        "test_move_task_delete_destination_queue_while_running",
        "test_move_task_workflow_with_default_destination",
        "test_non_existent_queue",
        "test_posting_to_fifo_requires_deduplicationid_group_id",
        "test_receive_empty_queue",
        "test_receive_message_attribute_names_filters",
        "test_receive_message_message_attribute_names_filters",
        "test_receive_message_message_system_attribute_names_filters",
        "test_send_batch_message_size",
        "test_send_batch_missing_deduplication_id_for_fifo_queue",
        "test_send_batch_missing_message_group_id_for_fifo_queue",
        "test_send_empty_message",
        "test_send_message_to_standard_queue_with_invalid_message_group_id",
        "test_send_message_with_empty_string_attribute",
        "test_send_message_with_updated_maximum_message_size",
        "test_send_receive_max_number_of_messages",
        "test_send_receive_wait_time_seconds",
        "test_set_queue_attributes_default_values",
        "test_set_unsupported_attribute_fifo",
        "test_set_unsupported_attribute_standard",
        "test_source_needs_redrive_policy",
        "test_sqs_fifo_message_group_scope_no_throughput_setting",
        "test_sqs_fifo_same_dedup_id_different_message_groups",
        "test_sqs_permission_lifecycle",
        "test_start_multiple_move_tasks",
        "test_successive_purge_calls_fail",
        "test_tag_untag_queue",
        "test_too_many_entries_in_batch_request",
    ] {
        check(test).await;
    }
}
