//! The operations.

mod access;
pub mod filter_events;
pub mod get_events;
pub mod groups;
pub mod put_events;
pub mod resource_policies;
pub mod streams;
pub mod tags;

use crate::LogsService;
use slam_cloud_core::Registry;
use slam_cloud_wire::logs as wire;
use std::sync::Arc;

/// Hangs every operation on the door: its shape, the permission it needs, what it does.
pub(crate) fn register(service: &Arc<LogsService>, registry: &mut Registry) {
    registry
        .service(service)
        .add::<wire::CreateLogGroup>(access::create_log_group, groups::create)
        .add::<wire::DeleteLogGroup>(access::delete_log_group, groups::delete)
        .add::<wire::DescribeLogGroups>(access::describe_log_groups, groups::describe)
        .add::<wire::PutRetentionPolicy>(access::put_retention_policy, groups::put_retention_policy)
        .add::<wire::DeleteRetentionPolicy>(access::delete_retention_policy, groups::delete_retention_policy)
        .add::<wire::CreateLogStream>(access::create_log_stream, streams::create)
        .add::<wire::DeleteLogStream>(access::delete_log_stream, streams::delete)
        .add::<wire::DescribeLogStreams>(access::describe_log_streams, streams::describe)
        .add::<wire::PutLogEvents>(access::put_log_events, put_events::put)
        .add::<wire::GetLogEvents>(access::get_log_events, get_events::get)
        .add::<wire::FilterLogEvents>(access::filter_log_events, filter_events::filter)
        .add::<wire::PutResourcePolicy>(access::put_resource_policy, resource_policies::put)
        .add::<wire::DescribeResourcePolicies>(access::describe_resource_policies, resource_policies::describe)
        .add::<wire::DeleteResourcePolicy>(access::delete_resource_policy, resource_policies::delete)
        .add::<wire::TagResource>(access::tag_resource, tags::tag_resource)
        .add::<wire::UntagResource>(access::untag_resource, tags::untag_resource)
        .add::<wire::ListTagsForResource>(access::list_tags_for_resource, tags::list_tags_for_resource)
        .add::<wire::TagLogGroup>(access::tag_log_group, tags::tag_log_group)
        .add::<wire::UntagLogGroup>(access::untag_log_group, tags::untag_log_group)
        .add::<wire::ListTagsLogGroup>(access::list_tags_log_group, tags::list_tags_log_group);
}

/// The bytes of text after which a page of events ends.
const PAGE_BYTES: usize = 1_048_576;
/// The events after which a page ends.
const PAGE_EVENTS: i64 = 10_000;
/// What the Describe operations answer at once when nothing else is asked for.
const PAGE_DESCRIPTIONS: i64 = 50;
