//! Invocations of targets: at least one for each time of a schedule.
//!
//! A target that fails is called again, after pauses that double, as often and for as long as the schedule's retry policy lets
//! it; one that refuses is not. <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html>

use crate::SchedulerService;
use crate::model::attributes::{filled, written};
use crate::model::invocation::Invocation;
use crate::model::schedule::{self, Schedule};
use crate::model::target::{Called, Operation};
use crate::model::{group, parameters};
use jiff::SignedDuration;
use serde_json::json;
use slam_cloud_core::collection::{Collection, Scope};
use slam_cloud_core::registry::WireEntry;
use slam_cloud_core::{AwsError, AwsResult, Cloud, Context, Principal, Store, StoreError};
use slam_cloud_kit::delivery::deliver;
use slam_cloud_kit::work::{Attempt, Limits, Work};
use slam_cloud_wire::protocol::Voice;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Invocations under way.
pub type Deliveries = Work<Invocation>;

/// Invocations that may wait, and those that are made at the same time.
const LIMITS: Limits = Limits { waiting: 100_000, at_once: 64 };
/// The longest pause in seconds: with it, the most retries just fill the longest age. AWS says of its pauses that they grow.
const LONGEST_PAUSE: u64 = 480;

/// The invocations that are stored. They rest until [`start`].
///
/// # Errors
/// When the store cannot be read.
pub fn open(cloud: &Cloud, store: &Arc<Store>) -> Result<Deliveries, StoreError> {
    Ok(Work::timed(Collection::open(store, "scheduler.invocations")?, LIMITS, cloud.clock()))
}

/// Begins to call targets, first what was pending when the last process ended.
pub fn start(service: &Arc<SchedulerService>) {
    let weak = Arc::downgrade(service);
    service.deliveries.start(move |scope, invocation| {
        let service = Weak::upgrade(&weak);
        Box::pin(async move {
            match service {
                Some(service) => attempt(&service, &scope, invocation).await,
                // The service is gone, and the invocation waits for the next process.
                None => std::future::pending().await,
            }
        })
    });
}

/// One attempt.
async fn attempt(service: &SchedulerService, scope: &Scope, invocation: Invocation) -> Attempt<Invocation> {
    let clock = service.cloud.clock();
    let oldest = invocation.due.at.checked_add(SignedDuration::from_secs(invocation.target.age));
    let is_too_old = |pause: u64| {
        let then = clock.now().checked_add(Duration::from_secs(pause));
        matches!((then, &oldest), (Ok(then), Ok(oldest)) if then > *oldest)
    };
    let given_up = if is_too_old(0) {
        Some("it is older than its MaximumEventAgeInSeconds".to_owned())
    } else {
        match call(service, scope, &invocation).await {
            Ok(()) => None,
            Err(error) => {
                let pause =
                    1_u64.checked_shl(invocation.retries).map_or(LONGEST_PAUSE, |pause| pause.min(LONGEST_PAUSE));
                let may = is_transient(&error) && i64::from(invocation.retries) < invocation.target.retries;
                if may && !is_too_old(pause) {
                    let task = Invocation { retries: invocation.retries + 1, ..invocation };
                    return Attempt::Again { task, pause: Duration::from_secs(pause), early: None };
                }
                Some(error.to_string())
            }
        }
    };
    if let Some(reason) = given_up {
        let Invocation { group, name, due, .. } = &invocation;
        tracing::warn!(group, schedule = name, time = %due.time, reason, "an invocation of a schedule is given up");
    }
    match complete(service, scope, &invocation).await {
        // On a full disk it is done again when there is room.
        Err(error) if !matches!(error, StoreError::Closed) => {
            tracing::warn!(%error, "a completed schedule cannot be deleted; it is tried again");
            Attempt::Again { task: invocation, pause: Duration::from_secs(LONGEST_PAUSE), early: None }
        }
        _ => Attempt::Done,
    }
}

/// Whether the same may go well later: AWS does not call again who refused.
fn is_transient(error: &AwsError) -> bool {
    (error.status >= 500 && error.status != 501) || error.status == 429 || error.code.contains("Throttl")
}

/// Deletes a schedule that wants it, after the last of its invocations.
async fn complete(service: &SchedulerService, scope: &Scope, invocation: &Invocation) -> Result<(), StoreError> {
    let last = invocation.due.time;
    let is_completed = |there: &Schedule| {
        // The target may be quicker than what sets the schedule to its next time.
        let is_done = there.next.as_ref().is_none_or(|next| next.time <= last && there.after(last).is_none());
        there.created == invocation.created && there.settings.delete && there.settings.enabled && is_done
    };
    let id = schedule::id(&invocation.group, &invocation.name);
    if service.store.find(scope, &id).is_some_and(|there| is_completed(&there)) {
        let change = |there: Option<&Schedule>| Ok(there.filter(|there| !is_completed(there)).cloned());
        service.store.change::<StoreError>(scope, &id, change).await?;
    }
    Ok(())
}

/// Calls the target as the schedule's role.
async fn call(service: &SchedulerService, scope: &Scope, invocation: &Invocation) -> AwsResult<()> {
    let cloud = &service.cloud;
    let scheduler = Principal::Service { name: crate::PRINCIPAL.to_owned() };
    let context = Context::new(Arc::clone(&scope.account), Arc::clone(&scope.region), scheduler);
    let target = &invocation.target;
    let called = target.called(cloud, &context)?;
    let source = group::arn(&context, &invocation.group);
    let acting = service.roles.take_on_for(cloud, &context, &target.role, Some(&source)).await?;
    let schedule_arn = schedule::arn(&context, &invocation.group, &invocation.name);
    let attempt = invocation.retries + 1;
    let input = target.input.as_deref().map(|input| filled(input, &schedule_arn, &invocation.due, attempt));
    match called {
        Called::Function => {
            let event = input.unwrap_or_else(|| scheduled_event(&context, &schedule_arn, invocation));
            deliver(cloud, acting, &target.arn, event.into()).await
        }
        Called::Operation(operation) => send(cloud, acting, &operation, input.unwrap_or_default()).await,
    }
}

/// What a function gets whose schedule has no input. (Seen in an event that somebody caught on AWS; `detail` is a text.)
fn scheduled_event(context: &Context, schedule_arn: &str, invocation: &Invocation) -> String {
    let id = slam_cloud_core::id::request_for(&invocation.due.execution);
    json!({
        "version": "0",
        "id": id,
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": &*context.account,
        "time": written(invocation.due.time),
        "region": &*context.region,
        "resources": [schedule_arn],
        "detail": "{}",
    })
    .to_string()
}

/// Calls an operation with what was written for it, through the door.
async fn send(cloud: &Cloud, context: Context, operation: &Operation, input: String) -> AwsResult<()> {
    let Operation { service, table, model } = operation;
    match cloud.wire_entry(table.name, model.name) {
        Some(WireEntry::Typed(entry)) => {
            let input = parameters::read(model, &input)?;
            slam_cloud_wire::validate(&Voice::preferred(table, service.dialect()), model, &input)?;
            cloud.call_typed(entry, context, input).await.map(drop)
        }
        Some(WireEntry::Json(entry)) => {
            cloud.call_json(context, (model.service, model.name), &**entry, input.into()).await.map(drop)
        }
        None => Err(AwsError::unsupported(format_args!("the operation {} of {}", model.name, table.name))),
    }
}
