//! Which permission each operation needs, on which resource.
//!
//! CloudWatch Logs authorizes an action on a group against the ARN `…:log-group:NAME:log-stream:`, which is why
//! policies name groups as `…:log-group:NAME:*`. Tagging by ARN is the exception: there the group's own ARN counts.
//!
//! Services write by the account's resource policies and the group's own; whoever else writes needs policies of its own (API
//! reference, PutResourcePolicy: those of others "will not be enforced").

use super::resource_policies;
use crate::LogsService;
use crate::model::identifier::{group_name, name_of_arn};
use slam_cloud_core::{Access, Context, Principal};
use slam_cloud_wire::logs;

fn of_group(context: &Context, action: &'static str, group: &str) -> Vec<Access> {
    of_stream(context, action, group, "")
}

fn of_stream(context: &Context, action: &'static str, group: &str, stream: &str) -> Vec<Access> {
    vec![Access::new(action, context.arn("logs", format!("log-group:{group}:log-stream:{stream}")))]
}

/// For the operations that take a name or an identifier. One that makes no sense is refused by the operation itself;
/// until then it stands for a group of no name.
fn of_identified(
    context: &Context,
    action: &'static str,
    name: Option<&String>,
    identifier: Option<&String>,
) -> Vec<Access> {
    let name = group_name(context, name.map(String::as_str), identifier.map(String::as_str)).unwrap_or_default();
    of_group(context, action, &name)
}

fn of_arn(action: &'static str, arn: &str) -> Vec<Access> {
    vec![Access::new(action, arn.strip_suffix(":*").unwrap_or(arn))]
}

/// Those that name a group and nothing else that matters here.
macro_rules! on_group {
    ($($function:ident: $operation:ident;)*) => {$(
        pub fn $function(_: &LogsService, context: &Context, input: &logs::$operation) -> Vec<Access> {
            of_group(context, concat!("logs:", stringify!($operation)), &input.log_group_name)
        }
    )*};
}

on_group! {
    delete_log_group: DeleteLogGroup;
    put_retention_policy: PutRetentionPolicy;
    delete_retention_policy: DeleteRetentionPolicy;
    tag_log_group: TagLogGroup;
    untag_log_group: UntagLogGroup;
    list_tags_log_group: ListTagsLogGroup;
}

pub fn create_log_group(_: &LogsService, context: &Context, input: &logs::CreateLogGroup) -> Vec<Access> {
    let mut accesses = of_group(context, "logs:CreateLogGroup", &input.log_group_name);
    if input.tags.as_ref().is_some_and(|tags| !tags.is_empty()) {
        accesses.extend(of_group(context, "logs:TagResource", &input.log_group_name));
    }
    accesses
}

pub fn describe_log_groups(_: &LogsService, context: &Context, input: &logs::DescribeLogGroups) -> Vec<Access> {
    of_group(context, "logs:DescribeLogGroups", input.log_group_name_prefix.as_deref().unwrap_or_default())
}

/// The same as a service may do it.
fn by_policies(service: &LogsService, context: &Context, group: &str, mut accesses: Vec<Access>) -> Vec<Access> {
    if matches!(&*context.principal, Principal::Service { .. }) {
        let policy = resource_policies::in_force(service, context, group);
        accesses.iter_mut().for_each(|access| access.resource_policy = Some(policy.clone()));
    }
    accesses
}

pub fn create_log_stream(service: &LogsService, context: &Context, input: &logs::CreateLogStream) -> Vec<Access> {
    let group = &input.log_group_name;
    by_policies(service, context, group, of_stream(context, "logs:CreateLogStream", group, &input.log_stream_name))
}

pub fn delete_log_stream(_: &LogsService, context: &Context, input: &logs::DeleteLogStream) -> Vec<Access> {
    of_stream(context, "logs:DeleteLogStream", &input.log_group_name, &input.log_stream_name)
}

pub fn describe_log_streams(_: &LogsService, context: &Context, input: &logs::DescribeLogStreams) -> Vec<Access> {
    let (name, identifier) = (input.log_group_name.as_ref(), input.log_group_identifier.as_ref());
    of_identified(context, "logs:DescribeLogStreams", name, identifier)
}

pub fn put_log_events(service: &LogsService, context: &Context, input: &logs::PutLogEvents) -> Vec<Access> {
    let group = &input.log_group_name;
    by_policies(service, context, group, of_stream(context, "logs:PutLogEvents", group, &input.log_stream_name))
}

/// Those on policies: on the group that one is attached to, or on none (User Guide, "Logs sent to CloudWatch Logs": for these, "set the
/// ARN of its `Resource` line to use a `*` wildcard").
macro_rules! on_policies {
    ($($function:ident: $operation:ident;)*) => {$(
        pub fn $function(_: &LogsService, context: &Context, input: &logs::$operation) -> Vec<Access> {
            let arn = input.resource_arn.as_deref().unwrap_or_default();
            let group = name_of_arn(context, arn).unwrap_or_default();
            of_group(context, concat!("logs:", stringify!($operation)), &group)
        }
    )*};
}

on_policies! {
    put_resource_policy: PutResourcePolicy;
    describe_resource_policies: DescribeResourcePolicies;
    delete_resource_policy: DeleteResourcePolicy;
}

pub fn get_log_events(_: &LogsService, context: &Context, input: &logs::GetLogEvents) -> Vec<Access> {
    let (name, identifier) = (input.log_group_name.as_deref(), input.log_group_identifier.as_deref());
    let group = group_name(context, name, identifier).unwrap_or_default();
    let mut accesses = of_stream(context, "logs:GetLogEvents", &group, &input.log_stream_name);
    if input.unmask == Some(true) {
        accesses.extend(of_stream(context, "logs:Unmask", &group, &input.log_stream_name));
    }
    accesses
}

pub fn filter_log_events(_: &LogsService, context: &Context, input: &logs::FilterLogEvents) -> Vec<Access> {
    let (name, identifier) = (input.log_group_name.as_ref(), input.log_group_identifier.as_ref());
    let mut accesses = of_identified(context, "logs:FilterLogEvents", name, identifier);
    if input.unmask == Some(true) {
        accesses.extend(of_identified(context, "logs:Unmask", name, identifier));
    }
    accesses
}

pub fn tag_resource(_: &LogsService, _: &Context, input: &logs::TagResource) -> Vec<Access> {
    of_arn("logs:TagResource", &input.resource_arn)
}

pub fn untag_resource(_: &LogsService, _: &Context, input: &logs::UntagResource) -> Vec<Access> {
    of_arn("logs:UntagResource", &input.resource_arn)
}

pub fn list_tags_for_resource(_: &LogsService, _: &Context, input: &logs::ListTagsForResource) -> Vec<Access> {
    of_arn("logs:ListTagsForResource", &input.resource_arn)
}
