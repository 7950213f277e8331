//! Which permission each operation needs, on which resource.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html>

use crate::EventsService;
use crate::bus_access::{on_bus, with_tags};
use crate::model::archive::{archive_arn, replay_arn};
use crate::model::name::{BusName, rule_of_arn};
use crate::model::{api_destination, connection};
use serde_json::Value;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Access, Context, Principal};
use slam_cloud_wire::events as wire;

fn with_request_tags(access: Access, tags: &[wire::Tag]) -> Access {
    access.request_tags(tags.iter().map(|tag| (&*tag.key, &*tag.value)))
}

/// Those on a bus of the caller's.
macro_rules! on_buses {
    ($($function:ident: $operation:ident by $member:ident;)*) => {$(
        pub fn $function(service: &EventsService, context: &Context, input: &wire::$operation) -> Vec<Access> {
            let bus = BusName::of(context, input.$member.as_deref());
            vec![on_bus(service, context, concat!("events:", stringify!($operation)), &bus)]
        }
    )*};
}

on_buses! {
    describe_event_bus: DescribeEventBus by name;
    update_event_bus: UpdateEventBus by name;
    put_permission: PutPermission by event_bus_name;
    remove_permission: RemovePermission by event_bus_name;
}

pub fn create_event_bus(_: &EventsService, context: &Context, input: &wire::CreateEventBus) -> Vec<Access> {
    let (arn, tags) = (BusName::here(context, &input.name).arn(), input.tags.as_deref().unwrap_or_default());
    let creation = with_request_tags(Access::new("events:CreateEventBus", arn.clone()), tags);
    let tagging = (!tags.is_empty()).then(|| with_request_tags(Access::new("events:TagResource", arn), tags));
    std::iter::once(creation).chain(tagging).collect()
}

pub fn delete_event_bus(service: &EventsService, context: &Context, input: &wire::DeleteEventBus) -> Vec<Access> {
    vec![on_bus(service, context, "events:DeleteEventBus", &BusName::of(context, Some(&input.name)))]
}

/// AWS knows no resource for it.
pub fn list_event_buses(_: &EventsService, _: &Context, _: &wire::ListEventBuses) -> Vec<Access> {
    vec![Access::new("events:ListEventBuses", "*")]
}

/// An action on a rule, which the account that it is in has made.
fn on_rule(service: &EventsService, action: &'static str, bus: &BusName, rule: &str) -> Access {
    let there = service.store.find_rule(bus, rule);
    let mut access = Access::new(action, bus.rule_arn(rule));
    if let Some(there) = &there {
        access = with_tags(access, &there.tags).condition("events:creatorAccount", &*bus.scope.account);
    }
    access
}

/// Those on a rule.
macro_rules! on_rules {
    ($($function:ident: $operation:ident by $member:ident;)*) => {$(
        pub fn $function(service: &EventsService, context: &Context, input: &wire::$operation) -> Vec<Access> {
            let bus = BusName::of(context, input.event_bus_name.as_deref());
            vec![on_rule(service, concat!("events:", stringify!($operation)), &bus, &input.$member)]
        }
    )*};
}

on_rules! {
    describe_rule: DescribeRule by name;
    enable_rule: EnableRule by name;
    disable_rule: DisableRule by name;
    delete_rule: DeleteRule by name;
    remove_targets: RemoveTargets by rule;
    list_targets_by_rule: ListTargetsByRule by rule;
}

/// What is written of a field of a pattern, where it is written as texts.
fn texts(pattern: &Value, field: &str) -> Vec<String> {
    let values = pattern.get(field).and_then(Value::as_array).into_iter().flatten();
    values.filter_map(Value::as_str).map(str::to_owned).collect()
}

fn passing(role: &str) -> Access {
    Access::new("iam:PassRole", role).condition("iam:PassedToService", crate::PRINCIPAL)
}

pub fn put_rule(service: &EventsService, context: &Context, input: &wire::PutRule) -> Vec<Access> {
    let bus = BusName::of(context, input.event_bus_name.as_deref());
    let mut access = on_rule(service, "events:PutRule", &bus, &input.name);
    if service.store.find_rule(&bus, &input.name).is_none() {
        access = access.condition("events:creatorAccount", &*context.account);
    }
    let pattern: Value =
        input.event_pattern.as_deref().and_then(|pattern| serde_json::from_str(pattern).ok()).unwrap_or_default();
    let detail = pattern.get("detail").cloned().unwrap_or_default();
    let identity = detail.get("userIdentity").cloned().unwrap_or_default();
    for (key, values) in [
        ("events:source", texts(&pattern, "source")),
        ("events:detail-type", texts(&pattern, "detail-type")),
        ("events:detail.service", texts(&detail, "service")),
        ("events:detail.eventTypeCode", texts(&detail, "eventTypeCode")),
        ("events:detail.userIdentity.principalId", texts(&identity, "principalId")),
    ] {
        if !values.is_empty() {
            access.conditions.push((key.into(), values));
        }
    }
    let tags = input.tags.as_deref().unwrap_or_default();
    let mut all = vec![with_request_tags(access, tags)];
    if !tags.is_empty() {
        all.push(with_request_tags(on_rule(service, "events:TagResource", &bus, &input.name), tags));
    }
    all.extend(input.role_arn.as_deref().map(passing));
    all
}

pub fn put_targets(service: &EventsService, context: &Context, input: &wire::PutTargets) -> Vec<Access> {
    let bus = BusName::of(context, input.event_bus_name.as_deref());
    let mut access = on_rule(service, "events:PutTargets", &bus, &input.rule);
    access
        .conditions
        .push(("events:TargetArn".into(), input.targets.iter().map(|target| target.arn.clone()).collect()));
    let roles = input.targets.iter().filter_map(|target| target.role_arn.as_deref());
    std::iter::once(access).chain(roles.map(passing)).collect()
}

pub fn list_rules(service: &EventsService, context: &Context, input: &wire::ListRules) -> Vec<Access> {
    let bus = BusName::of(context, input.event_bus_name.as_deref());
    vec![on_rule(service, "events:ListRules", &bus, "*")]
}

pub fn list_rule_names_by_target(
    service: &EventsService,
    context: &Context,
    input: &wire::ListRuleNamesByTarget,
) -> Vec<Access> {
    let bus = BusName::of(context, input.event_bus_name.as_deref());
    vec![on_rule(service, "events:ListRuleNamesByTarget", &bus, "*")]
}

/// AWS knows no resource for it.
pub fn test_event_pattern(_: &EventsService, _: &Context, _: &wire::TestEventPattern) -> Vec<Access> {
    vec![Access::new("events:TestEventPattern", "*")]
}

/// Each event by itself. The cloud's own services need no permission to tell what happened on an account's default bus.
pub fn put_events(service: &EventsService, context: &Context, input: &wire::PutEvents) -> Vec<Access> {
    let of_entry = |entry: &wire::PutEventsRequestEntry| {
        let bus = BusName::of(context, entry.event_bus_name.as_deref());
        let is_own = matches!(&*context.principal, Principal::Service { .. });
        (!(is_own && bus.is_default() && bus.scope.account == context.account)).then(|| {
            let mut access = on_bus(service, context, "events:PutEvents", &bus);
            for (key, value) in [("events:source", &entry.source), ("events:detail-type", &entry.detail_type)] {
                if let Some(value) = value {
                    access = access.condition(key, value);
                }
            }
            access.condition("events:eventBusInvocation", "false")
        })
    };
    input.entries.iter().filter_map(of_entry).collect()
}

/// Those on an archive or a replay, and those on all of them, by the name that has what they are on.
macro_rules! on_archives {
    ($($function:ident: $operation:ident on $arn:ident $(by $member:ident)?;)*) => {$(
        pub fn $function(_: &EventsService, context: &Context, _input: &wire::$operation) -> Vec<Access> {
            let name = ["*" $(, &_input.$member)?];
            let arn = $arn(&Scope::regional(context), name[name.len() - 1]);
            vec![Access::new(concat!("events:", stringify!($operation)), arn)]
        }
    )*};
}

on_archives! {
    create_archive: CreateArchive on archive_arn by archive_name;
    update_archive: UpdateArchive on archive_arn by archive_name;
    describe_archive: DescribeArchive on archive_arn by archive_name;
    delete_archive: DeleteArchive on archive_arn by archive_name;
    list_archives: ListArchives on archive_arn;
    cancel_replay: CancelReplay on replay_arn by replay_name;
    describe_replay: DescribeReplay on replay_arn by replay_name;
    list_replays: ListReplays on replay_arn;
}

/// On the archive that is replayed.
pub fn start_replay(_: &EventsService, _: &Context, input: &wire::StartReplay) -> Vec<Access> {
    vec![Access::new("events:StartReplay", &*input.event_source_arn)]
}

/// Those on a connection, and on an API destination, both without the ids that their ARNs end with.
macro_rules! on_outbound {
    ($($function:ident: $operation:ident on $module:ident;)*) => {$(
        pub fn $function(_: &EventsService, context: &Context, input: &wire::$operation) -> Vec<Access> {
            let arn = $module::arn_for_policy(&Scope::regional(context), &input.name);
            vec![Access::new(concat!("events:", stringify!($operation)), arn)]
        }
    )*};
}

on_outbound! {
    create_connection: CreateConnection on connection;
    update_connection: UpdateConnection on connection;
    describe_connection: DescribeConnection on connection;
    deauthorize_connection: DeauthorizeConnection on connection;
    delete_connection: DeleteConnection on connection;
    update_api_destination: UpdateApiDestination on api_destination;
    delete_api_destination: DeleteApiDestination on api_destination;
}

/// An action on an API destination and on its connection, if it has one.
fn on_both(context: &Context, action: &'static str, name: &str, connection: Option<&str>) -> Vec<Access> {
    let destination = api_destination::arn_for_policy(&Scope::regional(context), name);
    let connection = connection.and_then(connection::of_arn);
    let connection = connection.map(|(scope, name, _)| connection::arn_for_policy(&scope, &name));
    std::iter::once(destination).chain(connection).map(|arn| Access::new(action, arn)).collect()
}

pub fn create_api_destination(_: &EventsService, context: &Context, input: &wire::CreateApiDestination) -> Vec<Access> {
    on_both(context, "events:CreateApiDestination", &input.name, Some(&input.connection_arn))
}

pub fn describe_api_destination(
    service: &EventsService,
    context: &Context,
    input: &wire::DescribeApiDestination,
) -> Vec<Access> {
    let there = service.outbound.store.find_destination(&Scope::regional(context), &input.name);
    let connection = there.as_ref().map(|destination| destination.connection.as_str());
    on_both(context, "events:DescribeApiDestination", &input.name, connection)
}

/// AWS knows no resource for it.
pub fn list_connections(_: &EventsService, _: &Context, _: &wire::ListConnections) -> Vec<Access> {
    vec![Access::new("events:ListConnections", "*")]
}

/// AWS knows no resource for it.
pub fn list_api_destinations(_: &EventsService, _: &Context, _: &wire::ListApiDestinations) -> Vec<Access> {
    vec![Access::new("events:ListApiDestinations", "*")]
}

/// An action on what an ARN names, with the tags that it has.
fn on_arn(service: &EventsService, context: &Context, action: &'static str, arn: &str) -> Access {
    match (BusName::of_arn(arn), rule_of_arn(arn)) {
        (Some(bus), _) => on_bus(service, context, action, &bus),
        (None, Some((bus, rule))) => on_rule(service, action, &bus, &rule),
        (None, None) => Access::new(action, arn),
    }
}

pub fn tag_resource(service: &EventsService, context: &Context, input: &wire::TagResource) -> Vec<Access> {
    vec![with_request_tags(on_arn(service, context, "events:TagResource", &input.resource_arn), &input.tags)]
}

pub fn untag_resource(service: &EventsService, context: &Context, input: &wire::UntagResource) -> Vec<Access> {
    vec![on_arn(service, context, "events:UntagResource", &input.resource_arn).tag_keys(input.tag_keys.clone())]
}

pub fn list_tags_for_resource(
    service: &EventsService,
    context: &Context,
    input: &wire::ListTagsForResource,
) -> Vec<Access> {
    vec![on_arn(service, context, "events:ListTagsForResource", &input.resource_arn)]
}
