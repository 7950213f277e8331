//! The operations.
//!
//! - [`access`]: which permission each needs.
//! - [`buses`], [`permissions`]: buses and their policies. [`rules`], [`targets`]: rules and their targets.
//! - [`connections`], [`api_destinations`]: servers outside that are targets.
//! - [`put`]: events. [`tags`]: tags of buses and rules. [`archives`], [`replays`]: events that are kept, and that come again.

pub mod access;
pub mod api_destinations;
pub mod archives;
pub mod buses;
pub mod connections;
pub mod permissions;
pub mod put;
pub mod replays;
pub mod rules;
pub mod tags;
pub mod targets;

use crate::EventsService;
use crate::error::invalid_token;
use slam_cloud_core::{AwsResult, Registry};
use slam_cloud_kit::paging;
use slam_cloud_wire::events as wire;
use std::sync::Arc;

/// Hangs every operation on the door: its shape, the permission it needs, what it does.
pub(crate) fn register(service: &Arc<EventsService>, registry: &mut Registry) {
    registry
        .service(service)
        .add::<wire::CreateEventBus>(access::create_event_bus, buses::create)
        .add::<wire::UpdateEventBus>(access::update_event_bus, buses::update)
        .add::<wire::DescribeEventBus>(access::describe_event_bus, buses::describe)
        .add::<wire::ListEventBuses>(access::list_event_buses, buses::list)
        .add::<wire::DeleteEventBus>(access::delete_event_bus, buses::delete)
        .add::<wire::PutPermission>(access::put_permission, permissions::put)
        .add::<wire::RemovePermission>(access::remove_permission, permissions::remove)
        .add::<wire::PutRule>(access::put_rule, rules::put)
        .add::<wire::DescribeRule>(access::describe_rule, rules::describe)
        .add::<wire::ListRules>(access::list_rules, rules::list)
        .add::<wire::EnableRule>(access::enable_rule, rules::enable)
        .add::<wire::DisableRule>(access::disable_rule, rules::disable)
        .add::<wire::DeleteRule>(access::delete_rule, rules::delete)
        .add::<wire::PutTargets>(access::put_targets, targets::put)
        .add::<wire::RemoveTargets>(access::remove_targets, targets::remove)
        .add::<wire::ListTargetsByRule>(access::list_targets_by_rule, targets::list)
        .add::<wire::ListRuleNamesByTarget>(access::list_rule_names_by_target, targets::rule_names)
        .add::<wire::PutEvents>(access::put_events, put::events)
        .add::<wire::TestEventPattern>(access::test_event_pattern, put::test)
        .add::<wire::CreateArchive>(access::create_archive, archives::create)
        .add::<wire::UpdateArchive>(access::update_archive, archives::update)
        .add::<wire::DescribeArchive>(access::describe_archive, archives::describe)
        .add::<wire::ListArchives>(access::list_archives, archives::list)
        .add::<wire::DeleteArchive>(access::delete_archive, archives::delete)
        .add::<wire::StartReplay>(access::start_replay, replays::start)
        .add::<wire::CancelReplay>(access::cancel_replay, replays::cancel)
        .add::<wire::DescribeReplay>(access::describe_replay, replays::describe)
        .add::<wire::ListReplays>(access::list_replays, replays::list)
        .add::<wire::CreateConnection>(access::create_connection, connections::create)
        .add::<wire::UpdateConnection>(access::update_connection, connections::update)
        .add::<wire::DescribeConnection>(access::describe_connection, connections::describe)
        .add::<wire::ListConnections>(access::list_connections, connections::list)
        .add::<wire::DeauthorizeConnection>(access::deauthorize_connection, connections::deauthorize)
        .add::<wire::DeleteConnection>(access::delete_connection, connections::delete)
        .add::<wire::CreateApiDestination>(access::create_api_destination, api_destinations::create)
        .add::<wire::UpdateApiDestination>(access::update_api_destination, api_destinations::update)
        .add::<wire::DescribeApiDestination>(access::describe_api_destination, api_destinations::describe)
        .add::<wire::ListApiDestinations>(access::list_api_destinations, api_destinations::list)
        .add::<wire::DeleteApiDestination>(access::delete_api_destination, api_destinations::delete)
        .add::<wire::TagResource>(access::tag_resource, tags::tag)
        .add::<wire::UntagResource>(access::untag_resource, tags::untag)
        .add::<wire::ListTagsForResource>(access::list_tags_for_resource, tags::list);
}

/// The most of a page.
const PAGE: usize = 100;

/// A page of things by their names, and the token of the next.
///
/// # Errors
/// For a token that no earlier page gave.
fn page<T>(
    items: impl IntoIterator<Item = (String, T)>,
    token: Option<&str>,
    limit: Option<i64>,
) -> AwsResult<(Vec<T>, Option<String>)> {
    let after = token.map(|token| paging::key_of(token).ok_or_else(invalid_token)).transpose()?;
    let page = paging::by_key(items, after.as_deref(), paging::size(limit, PAGE, PAGE));
    Ok((page.items, page.next.as_deref().map(paging::token)))
}
