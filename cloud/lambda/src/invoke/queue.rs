//! Asynchronous invocations. They are stored before they are acknowledged and removed when they are done, so that a
//! restart loses none.
//!
//! As on AWS an event whose function fails is tried again after one and after two minutes, by the cloud's clock. Where the
//! function is not let run, or the cloud is in trouble, its events wait at growing intervals until they are too old, and go on as
//! soon as a place is given back.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>
//!
//! What became of an event is told at once; whoever cannot be told for now keeps the event here, with its end.

use super::destination;
use super::event::{Condition, Ended, PendingEvent, Receiver};
use super::request::{Request, plan};
use crate::error::RECURSIVE;
use crate::model::{EventConfig, Function, FunctionName, lineage};
use crate::pool::{Pool, role};
use crate::store::LambdaStore;
use jiff::SignedDuration;
use slam_cloud_core::collection::{Collection, Scope};
use slam_cloud_core::observer::{self, Delivery};
use slam_cloud_core::{AwsError, AwsResult, Cloud, Context, Store, StoreError};
use slam_cloud_kit::backlog::{Attempt, Backlog, Lane, Limits, NotAccepted};
use slam_cloud_kit::delivery::is_transient;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Events that may wait in all functions together, and those that are with functions at the same time.
const LIMITS: Limits = Limits { waiting: 10_000_000, at_once: 128, in_a_lane: 64 };
/// The pauses before the second and third attempt at an event whose function failed, in seconds.
const RETRIES: [u64; 2] = [60, 120];
/// How old an event may become, in seconds, unless the function's settings say otherwise.
const AGE: i64 = 21_600;
/// The longest pause before somebody is told again who could not be, in seconds.
const LONGEST_PAUSE: u64 = 300;

/// What whoever watches is told of a function that failed.
const FAILED: &str = "the function failed";

/// The queue of all functions.
pub struct EventQueue {
    cloud: Cloud,
    store: Arc<LambdaStore>,
    pool: Arc<Pool>,
    events: Backlog<PendingEvent>,
    /// What formats before this table kept.
    former: Collection<PendingEvent>,
}

/// What came of an attempt.
enum Outcome {
    /// The function is gone, and takes its events with it.
    Gone,
    Again(u64),
    Later(Option<Arc<tokio::sync::Notify>>),
    Ended(Ended),
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
        let events = Backlog::open(store, "lambda_events", LIMITS, cloud.clock())?;
        let former = Collection::renamed(store, "lambda.events", "lambda_events")?;
        Ok(Arc::new(Self { cloud, store: functions, pool, events, former }))
    }

    /// Begins to deliver, first what was pending when the last process ended.
    pub fn start(self: &Arc<Self>) {
        let queue = Arc::downgrade(self);
        self.events.start(move |scope, event| {
            let queue = Weak::upgrade(&queue);
            Box::pin(async move {
                match queue {
                    Some(queue) => queue.attempt(&scope, event).await,
                    // The service is gone, and the event waits for the next process.
                    None => std::future::pending().await,
                }
            })
        });
        tokio::spawn(Arc::clone(self).take_over());
    }

    /// Takes over what an earlier version kept. After a crash an event may be there twice, as AWS may deliver it twice.
    async fn take_over(self: Arc<Self>) {
        for (scope, id, event) in self.former.all() {
            let moved = async {
                self.events.accept(lane(&scope, &event), &event).await?;
                self.former.remove(&scope, &id).await?;
                Ok::<_, NotAccepted>(())
            };
            if let Err(error) = moved.await {
                tracing::warn!(%error, function = event.function, "an event of an earlier version waits for the next start");
            }
        }
    }

    /// Forgets every event.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.former.clear().await?;
        self.events.clear().await
    }

    /// Accepts an event. It is safe when this returns.
    ///
    /// # Errors
    /// When it cannot be stored, or too many wait.
    pub async fn accept(&self, context: &Context, name: &FunctionName, request: Request) -> AwsResult<()> {
        let event = PendingEvent {
            id: request.id,
            function: name.name.clone(),
            qualifier: name.qualifier.clone(),
            payload: String::from_utf8_lossy(&request.payload).into_owned(),
            client_context: request.client_context,
            trace: request.trace,
            accepted: self.cloud.clock().now(),
            attempts: 0,
            ended: None,
        };
        let lane = lane(&Scope::regional(context), &event);
        self.events.accept(lane, &event).await.map_err(|error| match error {
            NotAccepted::Full => crate::error::too_many_requests("CallerRateLimitExceeded"),
            NotAccepted::Store(error) => error.into(),
        })
    }

    /// One attempt: at the function, or at those who are to be told.
    async fn attempt(&self, scope: &Scope, mut event: PendingEvent) -> Attempt<PendingEvent> {
        let context = context(scope, &event);
        let Some(function) = self.store.functions.get(scope, &event.function) else { return Attempt::Done };
        if event.ended.is_none() {
            let outcome = self.run(scope, &context, &function, &mut event).await;
            self.tell_observers(&context, &event, &outcome);
            match outcome {
                Outcome::Gone => return Attempt::Done,
                Outcome::Again(pause) => return again(event, pause),
                Outcome::Later(early) => return Attempt::Later { early },
                Outcome::Ended(ended) => event.ended = Some(ended),
            }
        }
        self.tell(&context, &function, event).await
    }

    /// Invokes the function.
    async fn run(&self, scope: &Scope, context: &Context, function: &Function, event: &mut PendingEvent) -> Outcome {
        let name = FunctionName { name: event.function.clone(), qualifier: event.qualifier.clone() };
        let Ok(plan) = plan(context, function, &name) else { return Outcome::Gone };
        let config = config(function, event);
        if self.is_older(event, config, 0) {
            return self.refused(function, event, Condition::EventAgeExceeded, 429, "Rate Exceeded.");
        }
        if function.reserved_concurrency == Some(0) {
            return self.refused(function, event, Condition::ZeroReservedConcurrency, 429, "Rate Exceeded.");
        }
        let request = Request {
            payload: event.payload.clone().into(),
            client_context: event.client_context.clone(),
            trace: event.trace.clone(),
            id: event.id.clone(),
        };
        let result = match request.event(context, function, &name) {
            Ok(request) => self.pool.execute(Arc::new(plan), request).await,
            Err(error) => Err(error),
        };
        let execution = match result {
            Ok(execution) => execution,
            Err(error) if error.code == RECURSIVE => {
                tracing::warn!(function = event.function, "an event of a recursive loop was stopped");
                return self.refused(function, event, Condition::RecursiveInvocation, error.status, &error.message);
            }
            Err(error) => return Outcome::Later(self.freed(scope, function, &error)),
        };
        event.attempts += 1;
        if !execution.failed {
            return self.ended(function, event, Condition::Success, Some((&execution).into()), None);
        }
        let retries = config.and_then(|config| config.retries).unwrap_or(2);
        if i64::from(event.attempts) > retries {
            return self.ended(function, event, Condition::RetriesExhausted, Some((&execution).into()), None);
        }
        let pause = RETRIES[usize::try_from(event.attempts - 1).unwrap_or(0).min(RETRIES.len() - 1)];
        // One that will be too old is not tried again (recorded: `test_maxeventage`).
        if self.is_older(event, config, pause) {
            return self.ended(function, event, Condition::EventAgeExceeded, Some((&execution).into()), None);
        }
        Outcome::Again(pause)
    }

    /// What came of an attempt, for whoever watches: from the function's events to what of it ran. Where it was not let run, it was
    /// none.
    fn tell_observers(&self, context: &Context, event: &PendingEvent, outcome: &Outcome) {
        let outcome = match outcome {
            Outcome::Gone | Outcome::Later(_) => return,
            Outcome::Again(_) => observer::Outcome::Failed { why: FAILED },
            Outcome::Ended(Ended { condition: Condition::Success, .. }) => observer::Outcome::Delivered,
            Outcome::Ended(Ended { refusal: Some((_, why)), .. }) => observer::Outcome::GivenUp { why },
            Outcome::Ended(_) => observer::Outcome::GivenUp { why: FAILED },
        };
        let name = FunctionName { name: event.function.clone(), qualifier: event.qualifier.clone() };
        let (source, target) = (name.arn(context), name.qualified_arn(context));
        let delivery = Delivery { source: &source, target: &target, events: 1, id: Some(&event.id), outcome };
        self.cloud.delivered(context, &delivery);
    }

    /// What rings when the function may run again, if it was only not let.
    fn freed(&self, scope: &Scope, function: &Function, error: &AwsError) -> Option<Arc<tokio::sync::Notify>> {
        let is_throttled = error.status == 429;
        if !is_throttled {
            tracing::warn!(function = function.name, %error, "an event waits for its function");
        }
        let reserved = function.reserved_concurrency.is_some();
        is_throttled.then(|| self.pool.freed(scope, &function.name, reserved))
    }

    /// Whether an event will be too old in so many seconds.
    fn is_older(&self, event: &PendingEvent, config: Option<&EventConfig>, seconds: u64) -> bool {
        let age = self.cloud.clock().now().duration_since(event.accepted);
        let oldest = config.and_then(|config| config.age).unwrap_or(AGE);
        age.saturating_add(SignedDuration::from_secs(seconds.try_into().unwrap_or(i64::MAX)))
            > SignedDuration::from_secs(oldest)
    }

    fn refused(
        &self,
        function: &Function,
        event: &PendingEvent,
        condition: Condition,
        status: u16,
        why: &str,
    ) -> Outcome {
        self.ended(function, event, condition, None, Some((status, why.to_owned())))
    }

    fn ended(
        &self,
        function: &Function,
        event: &PendingEvent,
        condition: Condition,
        response: Option<super::event::Response>,
        refusal: Option<(u16, String)>,
    ) -> Outcome {
        let at = self.cloud.clock().now();
        let receivers = receivers(function, event, condition);
        Outcome::Ended(Ended { at, condition, response, refusal, receivers, troubles: 0 })
    }

    /// Tells whoever is still to be told. Who refuses is not asked again; on AWS a metric counts that.
    async fn tell(&self, context: &Context, function: &Function, mut event: PendingEvent) -> Attempt<PendingEvent> {
        let Some(mut ended) = event.ended.take() else { return Attempt::Done };
        if ended.receivers.is_empty() {
            return Attempt::Done;
        }
        let name = FunctionName { name: event.function.clone(), qualifier: event.qualifier.clone() };
        let Ok(target) = function.version(context, name.qualifier.as_deref()) else { return Attempt::Done };
        let as_role = destination::as_role(&self.cloud, context, &event.function, &target.version.role).await;
        let mut left = Vec::new();
        for receiver in &ended.receivers {
            let told = match &as_role {
                Ok(as_role) => {
                    let mut as_role = as_role.clone();
                    as_role.trace = Some(lineage::invoked(&event.trace, &name.arn(context)).0.into());
                    destination::tell(&self.cloud, &as_role, receiver, &event, &ended).await
                }
                Err(error) => Err(error.clone()),
            };
            let age = self.cloud.clock().now().duration_since(ended.at);
            let may_again = |error: &AwsError| is_transient(error) && age < SignedDuration::from_secs(AGE);
            let outcome = match &told {
                Ok(()) => observer::Outcome::Delivered,
                Err(error) if may_again(error) => observer::Outcome::Failed { why: &error.message },
                Err(error) => observer::Outcome::GivenUp { why: &error.message },
            };
            let (Receiver::Destination(target) | Receiver::DeadLetters(target)) = receiver;
            let source = name.arn(context);
            let delivery = Delivery { source: &source, target, events: 1, id: Some(&event.id), outcome };
            self.cloud.delivered(context, &delivery);
            let Err(error) = &told else { continue };
            tracing::warn!(function = event.function, ?receiver, %error, "an invocation's end could not be told");
            if may_again(error) {
                left.push(receiver.clone());
            }
        }
        if left.is_empty() {
            return Attempt::Done;
        }
        let pause = 1_u64.checked_shl(ended.troubles).unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE);
        ended.receivers = left;
        ended.troubles += 1;
        event.ended = Some(ended);
        again(event, pause)
    }
}

/// The events of a function's version or alias wait for each other alone.
fn lane(scope: &Scope, event: &PendingEvent) -> Lane {
    let name = match &event.qualifier {
        Some(qualifier) => format!("{}:{qualifier}", event.function),
        None => event.function.clone(),
    };
    Lane { scope: scope.clone(), name }
}

fn again(task: PendingEvent, seconds: u64) -> Attempt<PendingEvent> {
    Attempt::Again { task, pause: Duration::from_secs(seconds) }
}

fn config<'f>(function: &'f Function, event: &PendingEvent) -> Option<&'f EventConfig> {
    function.event_configs.get(event.qualifier.as_deref().unwrap_or("$LATEST"))
}

/// "Function versions use the same dead-letter queue settings as the unpublished version ($LATEST)."
fn receivers(function: &Function, event: &PendingEvent, condition: Condition) -> Vec<Receiver> {
    let config = config(function, event);
    if condition == Condition::Success {
        let on_success = config.and_then(|config| config.on_success.clone());
        return on_success.map(Receiver::Destination).into_iter().collect();
    }
    let on_failure = config.and_then(|config| config.on_failure.clone()).map(Receiver::Destination);
    let dead_letters = function.latest.dead_letters.clone().map(Receiver::DeadLetters);
    on_failure.into_iter().chain(dead_letters).collect()
}

fn context(scope: &Scope, event: &PendingEvent) -> Context {
    let mut context = role::of_lambda(scope);
    context.request_id = event.id.as_str().into();
    context.trace = Some(event.trace.as_str().into());
    context
}
