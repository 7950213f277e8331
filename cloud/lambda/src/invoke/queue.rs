//! Asynchronous invocations. They are stored before they are acknowledged and removed when they are done, so that a
//! restart loses none.
//!
//! As on AWS an event whose function fails is tried again after one and after two minutes, and one that is throttled
//! or meets an error of ours at growing intervals until it is too old. One that was throttled goes before that when a place
//! is given back: AWS reads more of a queue whose function can keep up, and events that waited in lockstep would starve.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>

use super::event::PendingEvent;
use super::outcome::{self, Condition};
use super::request::{Request, plan};
use crate::model::{EventConfig, FunctionName};
use crate::pool::Pool;
use crate::pool::environment::Execution;
use crate::store::LambdaStore;
use slam_cloud_core::collection::{Collection, Scope};
use slam_cloud_core::{AwsResult, Cloud, Context, Store, StoreError, Timestamp};
use slam_cloud_kit::work::{Attempt, Limits, NotAccepted, Work};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Events that may wait in all functions together, and those that are delivered at the same time.
const LIMITS: Limits = Limits { waiting: 100_000, at_once: 64 };
/// The pauses before the second and third attempt at an event whose function failed, in seconds.
const RETRIES: [u64; 2] = [60, 120];
/// The longest pause before another attempt at an event that was throttled, in seconds.
const LONGEST_PAUSE: u64 = 300;
/// How old an event may become, in seconds, unless the function's settings say otherwise.
const AGE: i64 = 21_600;

/// The queue of all functions.
pub struct EventQueue {
    cloud: Cloud,
    store: Arc<LambdaStore>,
    pool: Arc<Pool>,
    work: Work<PendingEvent>,
}

impl EventQueue {
    /// The queue. Events rest until [`EventQueue::start`].
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open(
        store: &Arc<Store>,
        cloud: Cloud,
        functions: Arc<LambdaStore>,
        pool: Arc<Pool>,
    ) -> Result<Arc<Self>, StoreError> {
        let work = Work::new(Collection::renamed(store, "lambda.events", "lambda_events")?, LIMITS);
        Ok(Arc::new(Self { cloud, store: functions, pool, work }))
    }

    /// Begins to deliver, first what was pending when the last process ended.
    pub fn start(self: &Arc<Self>) {
        let queue = Arc::downgrade(self);
        self.work.start(move |scope, event| {
            let queue = Weak::upgrade(&queue);
            Box::pin(async move {
                match queue {
                    Some(queue) => queue.attempt(&scope, event).await,
                    // The service is gone, and the event waits for the next process.
                    None => std::future::pending().await,
                }
            })
        });
    }

    /// Forgets every event.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.work.clear().await
    }

    /// Accepts an event. It is safe when this returns.
    ///
    /// # Errors
    /// When it cannot be stored, or too many wait.
    pub async fn accept(self: &Arc<Self>, context: &Context, name: &FunctionName, request: Request) -> AwsResult<()> {
        let event = PendingEvent {
            id: request.id,
            function: name.name.clone(),
            qualifier: name.qualifier.clone(),
            payload: String::from_utf8_lossy(&request.payload).into_owned(),
            client_context: request.client_context,
            trace: request.trace,
            accepted: Timestamp::now(),
            attempts: 0,
            throttled: 0,
        };
        self.work.accept(Scope::regional(context), event).await.map_err(|error| match error {
            NotAccepted::Full => crate::error::too_many_requests("CallerRateLimitExceeded"),
            NotAccepted::Store(error) => error.into(),
        })
    }

    /// One attempt.
    async fn attempt(&self, scope: &Scope, event: PendingEvent) -> Attempt<PendingEvent> {
        let context = context(scope, &event);
        // A function that was deleted takes its events with it.
        let Some(function) = self.store.functions.get(scope, &event.function) else { return Attempt::Done };
        let name = FunctionName { name: event.function.clone(), qualifier: event.qualifier.clone() };
        let config = function.event_configs.get(event.qualifier.as_deref().unwrap_or("$LATEST"));
        let Ok(plan) = plan(&context, &function, &name) else { return Attempt::Done };
        let request = Request {
            payload: event.payload.clone().into(),
            client_context: event.client_context.clone(),
            trace: event.trace.clone(),
            id: event.id.clone(),
        };
        let role = plan.version.role.clone();
        let arn = name.qualified_arn(&context);
        let result = self.pool.execute(Arc::new(plan), request.event(arn)).await;
        let mut next = event;
        let condition = match &result {
            Ok(Execution { failed: false, .. }) => {
                next.attempts += 1;
                Condition::Success
            }
            Ok(_) => {
                next.attempts += 1;
                let retries = config.and_then(|config| config.retries).unwrap_or(2);
                if i64::from(next.attempts) <= retries {
                    let pause = RETRIES[usize::try_from(next.attempts - 1).unwrap_or(0).min(RETRIES.len() - 1)];
                    return again(next, pause);
                }
                Condition::RetriesExhausted
            }
            Err(_) if function.reserved_concurrency == Some(0) => Condition::ZeroReservedConcurrency,
            Err(_) => {
                next.throttled += 1;
                let pause = 1_u64.checked_shl(next.throttled - 1).unwrap_or(LONGEST_PAUSE).clamp(1, LONGEST_PAUSE);
                let age = Timestamp::now().as_second() - next.accepted.as_second();
                let oldest = config.and_then(|config| config.age).unwrap_or(AGE);
                if age.saturating_add_unsigned(pause) < oldest {
                    let early = self.pool.freed(scope, &next.function, function.reserved_concurrency.is_some());
                    return Attempt::Again { task: next, pause: Duration::from_secs(pause), early: Some(early) };
                }
                Condition::EventAgeExceeded
            }
        };
        let destination = config.and_then(|config| destination(config, condition));
        if let Some(destination) = destination {
            let execution = result.as_ref().ok();
            outcome::tell(&self.cloud, &context, &role, &next, condition, execution, destination).await;
        }
        Attempt::Done
    }
}

fn again(task: PendingEvent, seconds: u64) -> Attempt<PendingEvent> {
    Attempt::Again { task, pause: Duration::from_secs(seconds), early: None }
}

fn destination(config: &EventConfig, condition: Condition) -> Option<&str> {
    match condition {
        Condition::Success => config.on_success.as_deref(),
        _ => config.on_failure.as_deref(),
    }
}

fn context(scope: &Scope, event: &PendingEvent) -> Context {
    let lambda = slam_cloud_core::Principal::Service { name: "lambda.amazonaws.com".to_owned() };
    let mut context = Context::new(Arc::clone(&scope.account), Arc::clone(&scope.region), lambda);
    context.request_id = event.id.as_str().into();
    context.trace = Some(event.trace.as_str().into());
    context
}
