//! Asynchronous invocations. They are stored before they are acknowledged and removed when they are done, so that a
//! restart loses none.
//!
//! As on AWS an event whose function fails is tried again after one and after two minutes, and one that is throttled
//! or meets an error of ours at growing intervals until it is too old.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>

use super::outcome::{self, Condition};
use super::request::{Request, plan};
use crate::model::{EventConfig, FunctionName};
use crate::pool::Pool;
use crate::pool::environment::Execution;
use crate::store::LambdaStore;
use serde::{Deserialize, Serialize};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Cloud, Context, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Events that may wait in all functions together.
const WAITING: usize = 100_000;
/// Events that are delivered at the same time.
const DELIVERED: usize = 64;
/// The pauses before the second and third attempt at an event whose function failed, in seconds.
const RETRIES: [i64; 2] = [60, 120];
/// The longest pause before another attempt at an event that was throttled, in seconds.
const LONGEST_PAUSE: i64 = 300;
/// How old an event may become, in seconds, unless the function's settings say otherwise.
const AGE: i64 = 21_600;

/// An asynchronous invocation that is not done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PendingEvent {
    /// The request id, the same for each attempt.
    pub id: String,
    /// The function's name.
    pub function: String,
    /// As it was named.
    pub qualifier: Option<String>,
    /// The event: JSON.
    pub payload: String,
    /// The client context: JSON.
    pub client_context: Option<String>,
    /// The X-Ray trace header.
    pub trace: String,
    /// When it was accepted.
    pub accepted: Timestamp,
    /// When it is to be tried next.
    pub due: Timestamp,
    /// Attempts in which the function ran.
    pub attempts: u32,
    /// Attempts in which it was not let run.
    pub throttled: u32,
}

/// The queue of all functions.
pub struct EventQueue {
    cloud: Cloud,
    store: Arc<LambdaStore>,
    pool: Arc<Pool>,
    deliveries: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl EventQueue {
    /// The queue.
    pub fn new(cloud: Cloud, store: Arc<LambdaStore>, pool: Arc<Pool>) -> Arc<Self> {
        Arc::new(Self {
            cloud,
            store,
            pool,
            deliveries: Arc::new(Semaphore::new(DELIVERED)),
            waiting: Arc::new(Semaphore::new(WAITING)),
        })
    }

    /// Takes up the events that were pending when the last process ended.
    pub fn resume(self: &Arc<Self>) {
        self.store.events.all().into_iter().for_each(|(scope, id, _)| self.drive(scope, id));
    }

    /// Accepts an event. It is safe when this returns.
    ///
    /// # Errors
    /// When it cannot be stored, or too many wait.
    pub async fn accept(self: &Arc<Self>, context: &Context, name: &FunctionName, request: Request) -> AwsResult<()> {
        if self.waiting.available_permits() == 0 {
            return Err(crate::model::errors::too_many_requests("CallerRateLimitExceeded"));
        }
        let now = Timestamp::now();
        let event = PendingEvent {
            id: request.id,
            function: name.name.clone(),
            qualifier: name.qualifier.clone(),
            payload: String::from_utf8_lossy(&request.payload).into_owned(),
            client_context: request.client_context,
            trace: request.trace,
            accepted: now,
            due: now,
            attempts: 0,
            throttled: 0,
        };
        let scope = Scope::regional(context);
        let key = slam_cloud_core::id::request_id();
        self.store.events.put(&scope, &key, event).await?;
        self.drive(scope, key);
        Ok(())
    }

    /// Tries an event until it is done.
    fn drive(self: &Arc<Self>, scope: Scope, key: String) {
        let queue = Arc::clone(self);
        tokio::spawn(async move {
            let _place = Arc::clone(&queue.waiting).acquire_owned().await;
            while let Some(event) = queue.store.events.get(&scope, &key) {
                if let Ok(pause) = Duration::try_from(event.due.duration_since(Timestamp::now())) {
                    tokio::time::sleep(pause).await;
                }
                let next = queue.attempt(&scope, &event).await;
                let written = queue.store.events.update::<AwsError>(&scope, &key, |_| Ok(next)).await;
                if let Err(error) = written {
                    tracing::warn!(%error, function = event.function, "an event cannot be stored");
                    return;
                }
            }
        });
    }

    /// One attempt; returns the event as it waits for the next one, or nothing when it is done.
    async fn attempt(&self, scope: &Scope, event: &PendingEvent) -> Option<PendingEvent> {
        let _delivery = self.deliveries.acquire().await.ok()?;
        let context = context(scope, event);
        // A function that was deleted takes its events with it.
        let function = self.store.functions.get(scope, &event.function)?;
        let name = FunctionName { name: event.function.clone(), qualifier: event.qualifier.clone() };
        let config = function.event_configs.get(event.qualifier.as_deref().unwrap_or("$LATEST"));
        let plan = plan(&context, &function, &name).ok()?;
        let request = Request {
            payload: event.payload.clone().into(),
            client_context: event.client_context.clone(),
            trace: event.trace.clone(),
            id: event.id.clone(),
        };
        let role = plan.version.role.clone();
        let arn = name.qualified_arn(&context);
        let result = self.pool.execute(Arc::new(plan), request.event(arn)).await;
        let mut next = event.clone();
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
                    return Some(due(next, pause));
                }
                Condition::RetriesExhausted
            }
            Err(_) if function.reserved_concurrency == Some(0) => Condition::ZeroReservedConcurrency,
            Err(_) => {
                next.throttled += 1;
                let pause = 1_i64.checked_shl(next.throttled - 1).unwrap_or(LONGEST_PAUSE).clamp(1, LONGEST_PAUSE);
                let age = Timestamp::now().as_second() - event.accepted.as_second() + pause;
                if age < config.and_then(|config| config.age).unwrap_or(AGE) {
                    return Some(due(next, pause));
                }
                Condition::EventAgeExceeded
            }
        };
        let destination = config.and_then(|config| destination(config, condition));
        if let Some(destination) = destination {
            let execution = result.as_ref().ok();
            outcome::tell(&self.cloud, &context, &role, &next, condition, execution, destination).await;
        }
        None
    }
}

fn destination(config: &EventConfig, condition: Condition) -> Option<&str> {
    match condition {
        Condition::Success => config.on_success.as_deref(),
        _ => config.on_failure.as_deref(),
    }
}

fn due(mut event: PendingEvent, pause: i64) -> PendingEvent {
    let now = Timestamp::now();
    event.due = Timestamp::from_second(now.as_second() + pause).unwrap_or(now);
    event
}

fn context(scope: &Scope, event: &PendingEvent) -> Context {
    let lambda = slam_cloud_core::Principal::Service { name: "lambda.amazonaws.com".to_owned() };
    let mut context = Context::new(Arc::clone(&scope.account), Arc::clone(&scope.region), lambda);
    context.request_id = event.id.as_str().into();
    context.trace = Some(event.trace.as_str().into());
    context
}
