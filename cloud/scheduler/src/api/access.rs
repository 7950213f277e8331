//! Which permission each operation needs, on which resource.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html>

use crate::SchedulerService;
use crate::model::{group, schedule};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Access, Context};
use slam_cloud_wire::scheduler as wire;

/// Those on a schedule.
macro_rules! on_schedule {
    ($($function:ident: $operation:ident;)*) => {$(
        pub fn $function(_: &SchedulerService, context: &Context, input: &wire::$operation) -> Vec<Access> {
            let arn = schedule::arn(context, group::of(input.group_name.as_deref()), &input.name);
            vec![Access::new(concat!("scheduler:", stringify!($operation)), arn)]
        }
    )*};
}

on_schedule! {
    get_schedule: GetSchedule;
    delete_schedule: DeleteSchedule;
}

/// Those that give a schedule a role, which the caller must be allowed to pass.
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/security_iam_id-based-policies.html>
macro_rules! passing_a_role {
    ($($function:ident: $operation:ident;)*) => {$(
        pub fn $function(_: &SchedulerService, context: &Context, input: &wire::$operation) -> Vec<Access> {
            let arn = schedule::arn(context, group::of(input.group_name.as_deref()), &input.name);
            let role = Access::new("iam:PassRole", &*input.target.role_arn);
            vec![
                Access::new(concat!("scheduler:", stringify!($operation)), arn),
                role.condition("iam:PassedToService", crate::PRINCIPAL),
            ]
        }
    )*};
}

passing_a_role! {
    create_schedule: CreateSchedule;
    update_schedule: UpdateSchedule;
}

/// An action on a group, with the tags that it has.
fn on_group(service: &SchedulerService, context: &Context, action: &'static str, arn: &str) -> Access {
    let mut access = Access::new(action, arn);
    let name = super::tags::name_of(context, arn);
    let group = name.and_then(|name| service.store.group(&Scope::regional(context), name).ok());
    for (tag, value) in group.iter().flat_map(|group| &group.tags) {
        access = access.condition(format!("aws:ResourceTag/{tag}"), value);
    }
    access
}

fn with_request_tags(access: Access, tags: &[wire::Tag]) -> Access {
    access.request_tags(tags.iter().map(|tag| (&*tag.key, &*tag.value)))
}

pub fn create_schedule_group(
    _: &SchedulerService,
    context: &Context,
    input: &wire::CreateScheduleGroup,
) -> Vec<Access> {
    let (arn, tags) = (group::arn(context, &input.name), input.tags.as_deref().unwrap_or_default());
    let creation = with_request_tags(Access::new("scheduler:CreateScheduleGroup", arn.clone()), tags);
    // As CloudFormation's permissions for the type have it.
    let tagging = (!tags.is_empty()).then(|| with_request_tags(Access::new("scheduler:TagResource", arn), tags));
    std::iter::once(creation).chain(tagging).collect()
}

pub fn get_schedule_group(
    service: &SchedulerService,
    context: &Context,
    input: &wire::GetScheduleGroup,
) -> Vec<Access> {
    vec![on_group(service, context, "scheduler:GetScheduleGroup", &group::arn(context, &input.name))]
}

pub fn delete_schedule_group(
    service: &SchedulerService,
    context: &Context,
    input: &wire::DeleteScheduleGroup,
) -> Vec<Access> {
    vec![on_group(service, context, "scheduler:DeleteScheduleGroup", &group::arn(context, &input.name))]
}

/// AWS knows no resource for lists.
pub fn list_schedules(_: &SchedulerService, _: &Context, _: &wire::ListSchedules) -> Vec<Access> {
    vec![Access::new("scheduler:ListSchedules", "*")]
}

pub fn list_schedule_groups(_: &SchedulerService, _: &Context, _: &wire::ListScheduleGroups) -> Vec<Access> {
    vec![Access::new("scheduler:ListScheduleGroups", "*")]
}

pub fn list_tags_for_resource(
    service: &SchedulerService,
    context: &Context,
    input: &wire::ListTagsForResource,
) -> Vec<Access> {
    vec![on_group(service, context, "scheduler:ListTagsForResource", &input.resource_arn)]
}

pub fn tag_resource(service: &SchedulerService, context: &Context, input: &wire::TagResource) -> Vec<Access> {
    vec![with_request_tags(on_group(service, context, "scheduler:TagResource", &input.resource_arn), &input.tags)]
}

pub fn untag_resource(service: &SchedulerService, context: &Context, input: &wire::UntagResource) -> Vec<Access> {
    let access = on_group(service, context, "scheduler:UntagResource", &input.resource_arn);
    vec![access.tag_keys(input.tag_keys.clone())]
}
