//! The operations.
//!
//! - [`access`]: which permission each needs.
//! - [`schedules`]: schedules, one by one. [`groups`]: their groups.
//! - [`list`]: lists of both. [`tags`]: tags of groups.

mod access;
pub mod groups;
pub mod list;
pub mod schedules;
pub mod tags;

use crate::SchedulerService;
use slam_cloud_core::Registry;
use slam_cloud_wire::scheduler as wire;
use std::sync::Arc;

/// Hangs every operation on the door: its shape, the permission it needs, what it does.
pub(crate) fn register(service: &Arc<SchedulerService>, registry: &mut Registry) {
    registry
        .service(service)
        .add::<wire::CreateSchedule>(access::create_schedule, schedules::create)
        .add::<wire::GetSchedule>(access::get_schedule, schedules::get)
        .add::<wire::UpdateSchedule>(access::update_schedule, schedules::update)
        .add::<wire::DeleteSchedule>(access::delete_schedule, schedules::delete)
        .add::<wire::ListSchedules>(access::list_schedules, list::schedules)
        .add::<wire::CreateScheduleGroup>(access::create_schedule_group, groups::create)
        .add::<wire::GetScheduleGroup>(access::get_schedule_group, groups::get)
        .add::<wire::DeleteScheduleGroup>(access::delete_schedule_group, groups::delete)
        .add::<wire::ListScheduleGroups>(access::list_schedule_groups, list::groups)
        .add::<wire::TagResource>(access::tag_resource, tags::tag)
        .add::<wire::UntagResource>(access::untag_resource, tags::untag)
        .add::<wire::ListTagsForResource>(access::list_tags_for_resource, tags::list);
}
