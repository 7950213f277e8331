//! Which permission each operation needs, on which resource.
//!
//! CloudWatch Logs authorizes an action on a group against the ARN `…:log-group:NAME:log-stream:`, which is why
//! policies name groups as `…:log-group:NAME:*`. Tagging by ARN is the exception: there the group's own ARN counts.

use crate::LogsService;
use crate::model::identifier::group_name;
use slam_cloud_core::{Access, Context};
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

pub fn create_log_stream(_: &LogsService, context: &Context, input: &logs::CreateLogStream) -> Vec<Access> {
    of_stream(context, "logs:CreateLogStream", &input.log_group_name, &input.log_stream_name)
}

pub fn delete_log_stream(_: &LogsService, context: &Context, input: &logs::DeleteLogStream) -> Vec<Access> {
    of_stream(context, "logs:DeleteLogStream", &input.log_group_name, &input.log_stream_name)
}

pub fn describe_log_streams(_: &LogsService, context: &Context, input: &logs::DescribeLogStreams) -> Vec<Access> {
    let (name, identifier) = (input.log_group_name.as_ref(), input.log_group_identifier.as_ref());
    of_identified(context, "logs:DescribeLogStreams", name, identifier)
}

pub fn put_log_events(_: &LogsService, context: &Context, input: &logs::PutLogEvents) -> Vec<Access> {
    of_stream(context, "logs:PutLogEvents", &input.log_group_name, &input.log_stream_name)
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
