//! Schedules, one by one.

use crate::SchedulerService;
use crate::error::{no_such_schedule, untrusting_role};
use crate::model::group;
use crate::model::schedule::{self, Schedule};
use crate::model::settings::Settings;
use jiff::SignedDuration;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::scheduler as wire;
use std::sync::Arc;

/// A creation as an update of what is not there yet: it says the same.
fn as_update(input: wire::CreateSchedule) -> wire::UpdateSchedule {
    wire::UpdateSchedule {
        name: input.name,
        group_name: input.group_name,
        schedule_expression: input.schedule_expression,
        start_date: input.start_date,
        end_date: input.end_date,
        description: input.description,
        schedule_expression_timezone: input.schedule_expression_timezone,
        state: input.state,
        kms_key_arn: input.kms_key_arn,
        target: input.target,
        flexible_time_window: input.flexible_time_window,
        client_token: input.client_token,
        action_after_completion: input.action_after_completion,
    }
}

/// The settings, whose role must trust Scheduler.
async fn checked(
    service: &SchedulerService,
    context: &Context,
    group: &str,
    input: wire::UpdateSchedule,
) -> AwsResult<Settings> {
    let settings = Settings::read(&service.cloud, context, input)?;
    let source = group::arn(context, group);
    match service.roles.take_on_for(&service.cloud, context, &settings.target.role, Some(&source)).await {
        Ok(_) => Ok(settings),
        Err(error) if error.is_client_fault() => Err(untrusting_role()),
        Err(error) => Err(error),
    }
}

/// CreateSchedule.
pub async fn create(
    service: Arc<SchedulerService>,
    context: Context,
    input: wire::CreateSchedule,
) -> AwsResult<wire::CreateScheduleOutput> {
    let scope = Scope::regional(&context);
    let group = group::of(input.group_name.as_deref()).to_owned();
    let (name, token) = (input.name.clone(), input.client_token.clone());
    service.store.group(&scope, &group)?;
    let settings = checked(&service, &context, &group, as_update(input)).await?;
    let now = service.cloud.clock().now();
    let schedule_arn = schedule::arn(&context, &group, &name);
    let mut schedule =
        Schedule { group, name, settings, created: now, changed: now, tokens: [token.clone(), token], next: None };
    // Equal steps may begin at once.
    schedule.next = schedule.after(now.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(now));
    service.store.add(&scope, schedule).await?;
    Ok(wire::CreateScheduleOutput { schedule_arn })
}

/// GetSchedule.
pub async fn get(
    service: Arc<SchedulerService>,
    context: Context,
    input: wire::GetSchedule,
) -> AwsResult<wire::GetScheduleOutput> {
    let group = group::of(input.group_name.as_deref());
    let schedule = service.store.schedule(&Scope::regional(&context), group, &input.name)?;
    Ok(schedule.description(&context))
}

/// UpdateSchedule: what is left out has its default again.
pub async fn update(
    service: Arc<SchedulerService>,
    context: Context,
    input: wire::UpdateSchedule,
) -> AwsResult<wire::UpdateScheduleOutput> {
    let scope = Scope::regional(&context);
    let group = group::of(input.group_name.as_deref()).to_owned();
    let (name, token) = (input.name.clone(), input.client_token.clone());
    service.store.schedule(&scope, &group, &name)?;
    let settings = checked(&service, &context, &group, input).await?;
    let now = service.cloud.clock().now();
    let change = |there: Option<&Schedule>| {
        let there = there.ok_or_else(|| no_such_schedule(&name))?;
        if token.is_some() && there.tokens[1] == token {
            return Ok(Some(there.clone()));
        }
        let tokens = [there.tokens[0].clone(), token];
        let mut changed = Schedule { settings, changed: now, tokens, next: None, ..there.clone() };
        changed.next = changed.after(now);
        Ok(Some(changed))
    };
    service.store.change::<AwsError>(&scope, &schedule::id(&group, &name), change).await?;
    Ok(wire::UpdateScheduleOutput { schedule_arn: schedule::arn(&context, &group, &name) })
}

/// DeleteSchedule.
pub async fn delete(
    service: Arc<SchedulerService>,
    context: Context,
    input: wire::DeleteSchedule,
) -> AwsResult<wire::DeleteScheduleOutput> {
    let scope = Scope::regional(&context);
    let id = schedule::id(group::of(input.group_name.as_deref()), &input.name);
    if !service.store.was_deleted(&scope, &id, input.client_token.as_deref()) {
        let there = |there: Option<&Schedule>| there.map(|_| None).ok_or_else(|| no_such_schedule(&input.name));
        service.store.change::<AwsError>(&scope, &id, there).await?;
        service.store.note_deletion(&scope, id, input.client_token);
    }
    Ok(wire::DeleteScheduleOutput {})
}
