//! EventBridge Scheduler.

mod schedule;
mod schedule_group;

use super::types::Service;
use schedule::Schedule;
use schedule_group::ScheduleGroup;

/// What can be deployed of it.
pub(super) const SERVICE: Service = Service {
    gone: &["ResourceNotFoundException"],
    types: &[
        (include_str!("../../../schemas/AWS-Scheduler-Schedule.json"), &Schedule),
        (include_str!("../../../schemas/AWS-Scheduler-ScheduleGroup.json"), &ScheduleGroup),
    ],
};
