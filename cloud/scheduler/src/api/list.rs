//! Lists of schedules and of their groups.

use crate::SchedulerService;
use crate::error::invalid_token;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_kit::paging;
use slam_cloud_wire::scheduler as wire;
use std::sync::Arc;

/// The most of a page.
const PAGE: usize = 100;

fn after(token: Option<&str>) -> AwsResult<Option<String>> {
    token.map(|token| paging::key_of(token).ok_or_else(invalid_token)).transpose()
}

/// ListSchedules.
pub async fn schedules(
    service: Arc<SchedulerService>,
    context: Context,
    input: wire::ListSchedules,
) -> AwsResult<wire::ListSchedulesOutput> {
    let after = after(input.next_token.as_deref())?;
    let mut schedules = service.store.schedules(&Scope::regional(&context), input.group_name.as_deref())?;
    let prefix = input.name_prefix.as_deref().unwrap_or_default();
    let state = input.state.as_deref();
    schedules.retain(|(_, schedule)| {
        schedule.name.starts_with(prefix) && state.is_none_or(|state| state == schedule.settings.state())
    });
    let page = paging::by_key(schedules, after.as_deref(), paging::size(input.max_results, PAGE, PAGE));
    Ok(wire::ListSchedulesOutput {
        next_token: page.next.as_deref().map(paging::token),
        schedules: page.items.iter().map(|schedule| schedule.summary(&context)).collect(),
    })
}

/// ListScheduleGroups.
pub async fn groups(
    service: Arc<SchedulerService>,
    context: Context,
    input: wire::ListScheduleGroups,
) -> AwsResult<wire::ListScheduleGroupsOutput> {
    let after = after(input.next_token.as_deref())?;
    let prefix = input.name_prefix.as_deref().unwrap_or_default();
    let mut groups = service.store.groups(&Scope::regional(&context));
    groups.retain(|(name, _)| name.starts_with(prefix));
    let page = paging::by_key(groups, after.as_deref(), paging::size(input.max_results, PAGE, PAGE));
    Ok(wire::ListScheduleGroupsOutput {
        next_token: page.next.as_deref().map(paging::token),
        schedule_groups: page.items.iter().map(|group| group.summary(&context)).collect(),
    })
}
