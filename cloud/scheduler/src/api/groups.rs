//! Groups of schedules.

use super::tags;
use crate::error::conflict;
use crate::model::group::{self, Group};
use crate::{SchedulerService, deletion};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::scheduler as wire;
use std::sync::Arc;

/// CreateScheduleGroup.
pub async fn create(
    service: Arc<SchedulerService>,
    context: Context,
    input: wire::CreateScheduleGroup,
) -> AwsResult<wire::CreateScheduleGroupOutput> {
    let mut group = Group::new(&input.name, service.cloud.clock().now());
    group.tags = tags::checked(input.tags.unwrap_or_default())?;
    group.token = input.client_token;
    service.store.add_group(&Scope::regional(&context), group).await?;
    Ok(wire::CreateScheduleGroupOutput { schedule_group_arn: group::arn(&context, &input.name) })
}

/// GetScheduleGroup.
pub async fn get(
    service: Arc<SchedulerService>,
    context: Context,
    input: wire::GetScheduleGroup,
) -> AwsResult<wire::GetScheduleGroupOutput> {
    let group = service.store.group(&Scope::regional(&context), &input.name)?.summary(&context);
    Ok(wire::GetScheduleGroupOutput {
        arn: group.arn,
        name: group.name,
        state: group.state,
        creation_date: group.creation_date,
        last_modification_date: group.last_modification_date,
    })
}

/// DeleteScheduleGroup: its schedules go after the answer.
pub async fn delete(
    service: Arc<SchedulerService>,
    context: Context,
    input: wire::DeleteScheduleGroup,
) -> AwsResult<wire::DeleteScheduleGroupOutput> {
    if input.name == group::DEFAULT {
        return Err(AwsError::validation("The default schedule group cannot be deleted."));
    }
    let scope = Scope::regional(&context);
    if service.store.was_deleted(&scope, &input.name, input.client_token.as_deref()) {
        return Ok(wire::DeleteScheduleGroupOutput {});
    }
    let now = service.cloud.clock().now();
    let change = |group: &mut Group| {
        if group.deleting {
            return Err(conflict(format!("Schedule group {} is being deleted.", group.name)));
        }
        (group.deleting, group.changed) = (true, now);
        Ok(())
    };
    service.store.change_group(&scope, &input.name, change).await?;
    service.store.note_deletion(&scope, input.name.clone(), input.client_token);
    deletion::begin(&service, scope, input.name);
    Ok(wire::DeleteScheduleGroupOutput {})
}
