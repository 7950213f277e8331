//! Invocations of targets: at least one for each time of a schedule.
//!
//! A target that fails is called again, after pauses that double, as often and for as long as the schedule's retry policy lets
//! it; one that refuses is not. <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html>

use crate::model::attributes::filled;
use crate::model::invocation::{GivenUp, Invocation};
use crate::model::schedule::{self, Schedule};
use crate::model::target::{Called, Operation, Target};
use crate::model::{group, parameters};
use crate::{SchedulerService, dead_letter};
use jiff::SignedDuration;
use serde_json::json;
use slam_cloud_core::collection::{Collection, Scope};
use slam_cloud_core::observer::{Delivery, Outcome};
use slam_cloud_core::registry::WireEntry;
use slam_cloud_core::{AwsError, AwsResult, Cloud, Context, Store, StoreError};
use slam_cloud_kit::delivery::{self, LONGEST_PAUSE, Next, Patience, deliver, is_transient};
use slam_cloud_kit::work::{Attempt, Limits, Work};
use slam_cloud_wire::events::PutEventsRequestEntry;
use slam_cloud_wire::protocol::Voice;
use slam_cloud_wire::timestamp::iso8601_seconds;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Invocations under way.
pub type Deliveries = Work<Invocation>;

/// Invocations that may wait, and those that are made at the same time.
const LIMITS: Limits = Limits { waiting: 100_000, at_once: 64 };
/// A day, in seconds.
const DAY: i64 = 86_400;

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

/// One attempt: at the target, or at the queue that is told that it was given up.
async fn attempt(service: &SchedulerService, scope: &Scope, mut invocation: Invocation) -> Attempt<Invocation> {
    if invocation.given_up.is_none() {
        let result = call(service, scope, &invocation).await;
        let verdict = verdict(service, &invocation, result);
        tell_observers(service, scope, &invocation, &invocation.target.arn, verdict.outcome());
        match verdict {
            Verdict::Done => {}
            Verdict::Again(pause, _) => {
                return again(Invocation { retries: invocation.retries + 1, ..invocation }, pause);
            }
            Verdict::GivenUp(why) => invocation.given_up = Some(why),
        }
    }
    if let Some(why) = &invocation.given_up {
        let Invocation { group, name, due, .. } = &invocation;
        tracing::warn!(group, schedule = name, time = %due.time, code = why.code, why.message, "an invocation is given up");
        let told = tell(service, scope, &invocation, why).await;
        // Whoever does not take it after another day does not want it.
        let is_again = |error: &AwsError| is_transient(error) && !is_older(service, &invocation, 2 * DAY);
        let outcome = match &told {
            Ok(()) => Outcome::Delivered,
            Err(error) if is_again(error) => Outcome::Failed { why: &error.message },
            Err(error) => Outcome::GivenUp { why: &error.message },
        };
        if let Some(queue) = &invocation.target.dead_letters {
            tell_observers(service, scope, &invocation, queue, outcome);
        }
        match &told {
            Err(error) if is_again(error) => return again(invocation, LONGEST_PAUSE),
            Err(error) => tracing::warn!(group, schedule = name, %error, "a dead letter is not taken"),
            Ok(()) => {}
        }
    }
    match complete(service, scope, &invocation).await {
        // On a full disk it is done again when there is room.
        Err(error) if !matches!(error, StoreError::Closed) => {
            tracing::warn!(%error, "a completed schedule cannot be deleted; it is tried again");
            again(invocation, LONGEST_PAUSE)
        }
        _ => Attempt::Done,
    }
}

fn again(task: Invocation, seconds: u64) -> Attempt<Invocation> {
    Attempt::Again { task, pause: Duration::from_secs(seconds), early: None }
}

/// What becomes of an invocation after an attempt.
enum Verdict {
    Done,
    /// After a pause in seconds, because of what was answered.
    Again(u64, String),
    GivenUp(GivenUp),
}

impl Verdict {
    fn outcome(&self) -> Outcome<'_> {
        match self {
            Self::Done => Outcome::Delivered,
            Self::Again(_, why) => Outcome::Failed { why },
            Self::GivenUp(why) => Outcome::GivenUp { why: &why.message },
        }
    }
}

fn verdict(service: &SchedulerService, invocation: &Invocation, result: Option<AwsResult<()>>) -> Verdict {
    let (error, was_late) = match result {
        Some(Ok(())) => return Verdict::Done,
        Some(Err(error)) => (error, false),
        None => (AwsError::internal("it was not called in time"), true),
    };
    let patience = Patience { retries: invocation.target.retries, age: invocation.target.age };
    let exhausted = match patience.after(&error, invocation.retries, age(service, invocation), was_late) {
        Next::Again(pause) => return Verdict::Again(pause, error.message),
        Next::GivenUp(exhausted) => exhausted,
    };
    // AWS's words for what is nobody's fault outside.
    let (code, message) = match error.status {
        500.. if error.status != 501 => (
            "AWS.Scheduler.InternalServerError".into(),
            "Unexpected error occurred while processing the request".into(),
        ),
        _ => (error.code.into_owned(), error.message),
    };
    Verdict::GivenUp(GivenUp { code, message, exhausted: exhausted.map(str::to_owned) })
}

/// Has whoever watches told what the target answered, or the dead-letter queue.
fn tell_observers(
    service: &SchedulerService,
    scope: &Scope,
    invocation: &Invocation,
    target: &str,
    outcome: Outcome<'_>,
) {
    let context = as_scheduler(scope);
    let source = schedule::arn(&context, &invocation.group, &invocation.name);
    let delivery = Delivery { source: &source, target, events: 1, id: None, outcome };
    service.cloud.delivered(&context, &delivery);
}

fn age(service: &SchedulerService, invocation: &Invocation) -> SignedDuration {
    service.cloud.clock().now().duration_since(invocation.due.at)
}

/// Whether an invocation is older than so many seconds.
fn is_older(service: &SchedulerService, invocation: &Invocation, seconds: i64) -> bool {
    age(service, invocation) > SignedDuration::from_secs(seconds)
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

/// A context that acts as the schedule's role.
async fn acting(service: &SchedulerService, scope: &Scope, invocation: &Invocation) -> AwsResult<Context> {
    let context = as_scheduler(scope);
    let source = group::arn(&context, &invocation.group);
    service.roles.take_on_for(&service.cloud, &context, &invocation.target.role, Some(&source)).await
}

fn as_scheduler(scope: &Scope) -> Context {
    Context::of_service(Arc::clone(&scope.account), Arc::clone(&scope.region), crate::PRINCIPAL)
}

/// What the target is given.
fn input(context: &Context, schedule_arn: &str, invocation: &Invocation) -> String {
    match &invocation.target.input {
        Some(input) => filled(input, schedule_arn, &invocation.due, invocation.retries + 1),
        None => scheduled_event(context, schedule_arn, invocation),
    }
}

/// Calls the target; `None` when it is too late for that.
async fn call(service: &SchedulerService, scope: &Scope, invocation: &Invocation) -> Option<AwsResult<()>> {
    let target = &invocation.target;
    if is_older(service, invocation, target.age) {
        return None;
    }
    let (cloud, context) = (&service.cloud, as_scheduler(scope));
    let input = input(&context, &schedule::arn(&context, &invocation.group, &invocation.name), invocation);
    let answer = async {
        let called = target.called(cloud, &context)?;
        let acting = acting(service, scope, invocation).await?;
        match called {
            Called::Function | Called::Topic => deliver(cloud, acting, &target.arn, input.into()).await,
            Called::Queue => {
                delivery::send(cloud, acting, &target.arn, input.into(), target.message_group.clone()).await
            }
            Called::Bus => delivery::put(cloud, acting, event(target, input)).await,
            Called::Operation(operation) => send(cloud, acting, &operation, input).await,
        }
    };
    Some(answer.await)
}

/// Tells the dead-letter queue of the schedule, if it has one, that an invocation is given up.
async fn tell(service: &SchedulerService, scope: &Scope, invocation: &Invocation, why: &GivenUp) -> AwsResult<()> {
    let target = &invocation.target;
    let Some(queue) = &target.dead_letters else { return Ok(()) };
    let context = as_scheduler(scope);
    let schedule_arn = schedule::arn(&context, &invocation.group, &invocation.name);
    let input = input(&context, &schedule_arn, invocation);
    // The request that was made of it, by the operation's name for every target.
    let named = |operation: &str| format!("arn:{}:scheduler:::aws-sdk:{operation}", context.partition());
    let request = match target.called(&service.cloud, &context)? {
        Called::Function => {
            let request = json!({"FunctionName": target.arn, "InvocationType": "Event", "Payload": input});
            (named("lambda:invoke"), request.to_string())
        }
        Called::Queue => {
            let mut request = json!({"MessageBody": input, "QueueUrl": queue_url(&service.cloud, &target.arn)});
            if let Some(group) = &target.message_group {
                request["MessageGroupId"] = json!(group);
            }
            (named("sqs:sendMessage"), request.to_string())
        }
        Called::Topic => {
            let request = json!({"Message": input, "TopicArn": target.arn});
            (named("sns:publish"), request.to_string())
        }
        Called::Bus => {
            let entry = event(target, input);
            let entry = json!({
                "Detail": entry.detail,
                "DetailType": entry.detail_type,
                "EventBusName": entry.event_bus_name,
                "Source": entry.source,
            });
            (named("eventbridge:putEvents"), json!({"Entries": [entry]}).to_string())
        }
        Called::Operation(_) => (target.arn.clone(), input),
    };
    let message = dead_letter::message(queue, invocation, why, &schedule_arn, request);
    service.cloud.call(acting(service, scope, invocation).await?, message).await.map(drop)
}

/// The event that is put on a bus.
fn event(target: &Target, input: String) -> PutEventsRequestEntry {
    let told = target.event.clone();
    PutEventsRequestEntry {
        source: told.as_ref().map(|told| told.source.clone()),
        detail_type: told.map(|told| told.detail_type),
        detail: Some(input),
        event_bus_name: Some(target.arn.clone()),
        ..PutEventsRequestEntry::default()
    }
}

/// A queue's URL as SQS tells it.
fn queue_url(cloud: &Cloud, arn: &str) -> String {
    format!("http://{}{}", cloud.settings().url_suffix(), delivery::queue_url(arn))
}

/// What a target gets whose schedule has no input. (Seen in an event that somebody caught on AWS; `detail` is a text.)
fn scheduled_event(context: &Context, schedule_arn: &str, invocation: &Invocation) -> String {
    let id = slam_cloud_core::id::request_for(&invocation.due.execution);
    json!({
        "version": "0",
        "id": id,
        "detail-type": "Scheduled Event",
        "source": "aws.scheduler",
        "account": &*context.account,
        "time": iso8601_seconds(invocation.due.time),
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
