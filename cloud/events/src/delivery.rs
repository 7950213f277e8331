//! Deliveries to targets: each at least once.
//!
//! A target that fails is called again, after pauses that grow, as often and for as long as its retry policy lets it; one that
//! refuses, or is not there, is not. What is given up goes to the target's dead-letter queue.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html>

use crate::model::delivery::{Delivery, GivenUp};
use crate::model::input::{self, About};
use crate::model::log;
use crate::model::name::BusName;
use crate::model::target::Kind;
use crate::outbound::answer::{CODES, Failure, RetryAfter};
use crate::outbound::invoke;
use crate::taking::{Taken, forward};
use crate::waiting::Row;
use crate::{EventsService, bus_access};
use jiff::SignedDuration;
use slam_cloud_core::observer::{self, Outcome};
use slam_cloud_core::{AwsError, AwsResult, Context, Principal, Timestamp, id};
use slam_cloud_kit::delivery::{self, LONGEST_PAUSE, Next, dead_letter, is_transient};
use slam_cloud_wire::timestamp::iso8601_seconds;
use std::sync::Arc;

/// For how long a dead-letter queue is asked to take what was given up, in seconds: a day.
const LONGEST_TELLING: i64 = 86_400;
/// What stands before an event's id.
const BEFORE_ID: &str = r#"{"version":"0","id":""#;

/// Begins what waits, and what comes, for as long as the service lives.
pub fn start(service: &Arc<EventsService>) {
    let weak = Arc::downgrade(service);
    service.waiting.start(move |mut turn, row| {
        // The service is gone, and the delivery waits for the next process.
        let Some(service) = weak.upgrade() else { return };
        tokio::spawn(async move {
            turn.begin();
            attempt(&service, row).await;
            drop(turn);
        });
    });
}

/// One attempt: at the target, or at the queue that is told that it was given up.
async fn attempt(service: &Arc<EventsService>, row: Row) {
    let mut delivery = row.delivery.clone();
    if delivery.given_up.is_none() {
        let now = service.cloud.clock().now_ms();
        delivery.turn = service.outbound.turn(&delivery, now);
        if let Some(due) = delivery.turn.and_then(|turn| Timestamp::from_millisecond(turn).ok()) {
            return service.waiting.again(&row, &delivery, due).await;
        }
        let tried = tried(service, &delivery, &row.text).await;
        let outcome = match &tried {
            Ok(()) => Outcome::Delivered,
            Err(Failed::Again { why, .. }) => Outcome::Failed { why },
            Err(Failed::GivenUp(why)) => Outcome::GivenUp { why: &why.message },
        };
        tell_observers(service, &delivery, &delivery.target.arn, outcome);
        match tried {
            Ok(()) => return service.waiting.done(&row).await,
            Err(Failed::Again { pause, .. }) => {
                delivery.retries += 1;
                return again(service, &row, &delivery, pause).await;
            }
            Err(Failed::GivenUp(why)) => {
                let Delivery { bus, rule, target, .. } = &delivery;
                let (target, code, message) = (&target.arn, &why.code, &why.message);
                tracing::warn!(bus, rule, target, code, message, "the delivery of an event is given up");
                delivery.given_up = Some(why);
            }
        }
    }
    if let (Some(why), Some(queue)) = (&delivery.given_up, &delivery.target.dead_letters) {
        let told = tell(service, &delivery, why, queue, &row.text).await;
        let told_until = delivery.target.patience().age.saturating_add(LONGEST_TELLING);
        let is_young = age(service, &delivery) < SignedDuration::from_secs(told_until);
        let outcome = match &told {
            Ok(()) => Outcome::Delivered,
            Err(error) if is_transient(error) && is_young => Outcome::Failed { why: &error.message },
            Err(error) => Outcome::GivenUp { why: &error.message },
        };
        tell_observers(service, &delivery, queue, outcome);
        match &told {
            Err(error) if is_transient(error) && is_young => {
                return again(service, &row, &delivery, LONGEST_PAUSE).await;
            }
            Err(error) => tracing::warn!(rule = delivery.rule, %error, "a dead letter is not taken"),
            Ok(()) => {}
        }
    }
    service.waiting.done(&row).await;
}

async fn again(service: &EventsService, row: &Row, delivery: &Delivery, pause: u64) {
    let now = service.cloud.clock().now();
    let due = now.checked_add(std::time::Duration::from_secs(pause)).unwrap_or(now);
    service.waiting.again(row, delivery, due).await;
}

/// What becomes of a delivery that failed.
enum Failed {
    Again { pause: u64, why: String },
    GivenUp(GivenUp),
}

/// Has whoever watches told what the target answered, or the dead-letter queue.
fn tell_observers(service: &EventsService, delivery: &Delivery, target: &str, outcome: Outcome<'_>) {
    let source = delivery.bus().rule_arn(&delivery.rule);
    let told = observer::Delivery { source: &source, target, events: 1, id: None, outcome };
    service.cloud.delivered(&delivery.context(), &told);
}

async fn tried(service: &Arc<EventsService>, delivery: &Delivery, event: &Arc<str>) -> Result<(), Failed> {
    let patience = delivery.target.patience();
    let was_late = age(service, delivery) > SignedDuration::from_secs(patience.age);
    let result = match was_late {
        true => Err(AwsError::internal("it was not delivered in time").into()),
        false => call(service, delivery, event).await,
    };
    let Err(Failure { error, next }) = result else { return Ok(()) };
    let age = age(service, delivery);
    let next = match (patience.after(&error, delivery.retries, age, was_late), next) {
        (Next::Again(pause), Some(RetryAfter::Seconds(wanted))) => match patience.lasts(age, wanted) {
            true => Next::Again(with_jitter(pause).max(wanted)),
            false => Next::GivenUp(Some("MaximumEventAgeInSeconds")),
        },
        (Next::Again(_), Some(RetryAfter::Never)) => Next::GivenUp(None),
        (Next::Again(pause), None) => Next::Again(with_jitter(pause)),
        (given_up, _) => given_up,
    };
    match next {
        Next::Again(pause) => Err(Failed::Again { pause, why: error.message }),
        Next::GivenUp(exhausted) => Err(Failed::GivenUp(GivenUp {
            code: code(&error).to_owned(),
            message: error.message,
            exhausted: exhausted.map(str::to_owned),
        })),
    }
}

/// A pause that is up to half as long, so that what failed together is not tried again together.
fn with_jitter(pause: u64) -> u64 {
    let less = usize::try_from(pause / 2).ok().and_then(|half| id::below(half + 1).ok()).unwrap_or(0);
    pause - less as u64
}

/// EventBridge's code of an error, as dead letters that people have shown have them.
fn code(error: &AwsError) -> &'static str {
    match &*error.code {
        _ if error.is_access_denied() => "NO_PERMISSIONS",
        "ResourceNotFoundException" | "QueueDoesNotExist" | "NotFound" | "NotFoundException" => "NO_RESOURCE",
        code if error.status == 429 || code.contains("Throttl") => "THROTTLING",
        input::INVALID => "INVALID_PARAMETER",
        code if let Some(own) = CODES.iter().find(|own| **own == code) => own,
        _ if error.status >= 500 => "ERROR_FROM_TARGET",
        _ => "SDK_CLIENT_ERROR",
    }
}

fn age(service: &EventsService, delivery: &Delivery) -> SignedDuration {
    service.cloud.clock().now().duration_since(delivery.taken)
}

/// As whom a target is called: as the role that it was put with, or as EventBridge on behalf of the rule.
async fn acting(service: &EventsService, delivery: &Delivery) -> AwsResult<Context> {
    let context = delivery.context();
    match &delivery.target.role {
        Some(role) => {
            let source = context.source_arn.clone();
            let mut acting = service.roles.take_on_for(&service.cloud, &context, role, source.as_deref()).await?;
            acting.source_arn = source;
            Ok(acting)
        }
        None => Ok(context),
    }
}

/// Calls the target.
async fn call(service: &Arc<EventsService>, delivery: &Delivery, event: &Arc<str>) -> Result<(), Failure> {
    let target = &delivery.target;
    let acting = acting(service, delivery).await?;
    let called = match target.kind(&acting)? {
        // A topic's message is the event, without attributes (recorded: `test_put_events_with_target_sns`).
        Kind::Function | Kind::Topic => {
            delivery::deliver(&service.cloud, acting, &target.arn, given(delivery, event)?.into()).await
        }
        Kind::Queue => {
            let group = target.message_group.clone();
            delivery::send(&service.cloud, acting, &target.arn, given(delivery, event)?.into(), group).await
        }
        Kind::LogGroup(group) => {
            let line = log::line(target.input.as_ref(), given(delivery, event)?)?;
            delivery::log(&service.cloud, acting, group, stream(event), line.timestamp, line.message).await
        }
        Kind::Bus(bus) => hand_over(service, delivery, acting, bus, event).await,
        // What it said of the next attempt counts, too.
        Kind::ApiDestination => return invoke(service, &acting, delivery, (event, given(delivery, event)?)).await,
    };
    Ok(called?)
}

/// The log stream of an event: one for each, so that an event which is delivered again goes to the same. AWS names it by an id, too.
fn stream(event: &str) -> String {
    let id = event.strip_prefix(BEFORE_ID).and_then(|rest| rest.split_once('"'));
    id.map_or_else(id::request_id, |(id, _)| id.to_owned())
}

/// What the target is given.
fn given(delivery: &Delivery, event: &str) -> AwsResult<String> {
    let Some(input) = &delivery.target.input else { return Ok(event.to_owned()) };
    let rule_arn = delivery.bus().rule_arn(&delivery.rule);
    let ingestion = iso8601_seconds(delivery.taken);
    input.of(event, About { rule_arn: &rule_arn, rule_name: &delivery.rule, ingestion: &ingestion })
}

/// Hands an event to another bus, where it keeps its id, account and region (recorded:
/// `test_event_bus_to_event_bus_cross_account_region`). One that came from another bus already goes to no third one:
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-bus-to-bus.html>.
async fn hand_over(
    service: &Arc<EventsService>,
    delivery: &Delivery,
    mut acting: Context,
    bus: BusName,
    event: &Arc<str>,
) -> AwsResult<()> {
    if delivery.forwarded {
        return Ok(());
    }
    // Without a role it is the rule's account that puts events, which is what buses' policies name.
    if delivery.target.role.is_none() {
        acting.principal = Arc::new(Principal::Root { account: delivery.account.clone() });
    }
    acting.region = Arc::clone(&bus.scope.region);
    let access = bus_access::putting(service, &acting, &bus, event)?;
    service.cloud.authorize(&acting, &access)?;
    // In another region it is an event of its own (recorded there, too).
    let event = match *bus.scope.region == delivery.region {
        true => Arc::clone(event),
        false => with_new_id(event),
    };
    let taken =
        Taken { bus, trace: delivery.trace.clone(), forwarded: true, time: delivery.taken, size: event.len(), event };
    forward(service, taken).await
}

/// An event under another id.
fn with_new_id(event: &str) -> Arc<str> {
    let rest = event.strip_prefix(BEFORE_ID).and_then(|rest| rest.split_once('"'));
    rest.map_or_else(|| event.into(), |(_, rest)| format!("{BEFORE_ID}{}\"{rest}", id::request_id()).into())
}

/// Tells the dead-letter queue of the target of an event that is given up.
async fn tell(service: &EventsService, delivery: &Delivery, why: &GivenUp, queue: &str, event: &str) -> AwsResult<()> {
    let told = [
        ("RULE_ARN", Some(delivery.bus().rule_arn(&delivery.rule))),
        ("TARGET_ARN", Some(delivery.target.arn.clone())),
        ("ERROR_CODE", Some(why.code.clone())),
        ("ERROR_MESSAGE", Some(why.message.clone())),
        ("EXHAUSTED_RETRY_CONDITION", why.exhausted.clone()),
        ("RETRY_ATTEMPTS", Some(delivery.retries.to_string())),
    ];
    let message = dead_letter(queue, event.to_owned(), told);
    service.cloud.call(delivery.context(), message).await.map(drop)
}
