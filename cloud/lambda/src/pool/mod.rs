//! Execution environments: started when a function is invoked and none is free, kept warm, reused last in first out.
//!
//! - [`plan`]: what an environment is made of.
//! - [`environment`]: one environment, from its start to its end.
//! - [`role`]: the execution role and its credentials.
//! - [`apart`]: what keeps an environment apart from others and from the machine.
//! - [`capacity`]: how many invocations may run, and how many environments this machine bears.

mod apart;
pub mod capacity;
pub mod environment;
mod lanes;
pub mod plan;
mod process;
pub mod role;
mod variables;

pub use apart::launcher;

use crate::code::CodeStore;
use crate::error::too_many_requests;
use crate::log::Journal;
use crate::runtime::Runtimes;
use crate::runtime::api::Event;
use crate::runtime::streamed::Pieces;
use crate::store::LambdaStore;
use capacity::{Capacity, Permits};
use environment::{Environment, Execution};
use lanes::Lanes;
use plan::{Key, Plan};
use process::Invoker;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Cloud};
use slam_cloud_sandbox::{Group, Launcher};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, oneshot};

/// How long an environment may be idle.
const IDLE: Duration = Duration::from_secs(600);
/// How often idle environments are looked after.
const SWEEP: Duration = Duration::from_secs(30);
/// How long an invocation waits for a free environment or the means to start one.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long an environment must be idle to be frozen: one that is busy is not stopped and continued at each invocation.
const FREEZE: Duration = Duration::from_millis(100);
/// How long the log may take to be written at the end.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// What the pool stands on.
pub struct Parts {
    /// The way to IAM, STS and CloudWatch Logs.
    pub cloud: Cloud,
    /// The functions.
    pub store: Arc<LambdaStore>,
    /// Their packages.
    pub code: Arc<CodeStore>,
    /// The runtimes of this machine.
    pub runtimes: Runtimes,
    /// Starts processes.
    pub launcher: Launcher,
    /// The service's folder, which environments find where it is.
    pub folder: PathBuf,
    /// Where environments have their temporary folders, if they have no `/tmp` of their own.
    pub temporary: PathBuf,
}

/// All execution environments.
pub struct Pool {
    pub(crate) parts: Parts,
    capacity: Capacity,
    lanes: Mutex<Lanes>,
    live: Mutex<HashMap<String, Arc<Live>>>,
    /// Whether idle environments are about to be frozen.
    freezing: AtomicBool,
    closed: AtomicBool,
    answered: Arc<Notify>,
}

/// What others need to know of an environment that lives.
#[derive(Debug)]
pub struct Live {
    /// Its function.
    pub scope: Scope,
    /// The function's name, which is the session's too.
    pub function: String,
    /// Its role.
    pub role: String,
    /// Its log.
    pub journal: Arc<Journal>,
    /// Its processes, once started.
    pub(crate) group: Mutex<Option<Group>>,
    /// The trace of the invocation that runs, if one does.
    pub(crate) trace: Mutex<Option<String>>,
    /// Set when the log is written to its end.
    pub(crate) written: tokio::sync::watch::Receiver<bool>,
}

/// What comes of an invocation in the end.
pub type End = oneshot::Receiver<AwsResult<Execution>>;

/// What an invocation answers to whoever takes its answer piece by piece.
pub enum Reply {
    /// The function does not stream: all of it.
    Whole(Execution),
    /// The pieces, and what the invocation came to after the last one.
    Streamed {
        /// The pieces.
        pieces: Pieces,
        /// The end.
        end: End,
    },
}

impl Live {
    pub(crate) fn kill(&self) {
        if let Some(group) = &*self.group.lock().unwrap_or_else(PoisonError::into_inner) {
            group.kill();
        }
    }
}

impl Pool {
    /// A pool without environments, and the task that looks after the idle ones.
    pub fn new(parts: Parts) -> Arc<Self> {
        let pool = Arc::new(Self {
            parts,
            capacity: Capacity::of_this_machine(),
            lanes: Mutex::default(),
            live: Mutex::default(),
            freezing: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            answered: Arc::default(),
        });
        let weak = Arc::downgrade(&pool);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(SWEEP).await;
                let Some(pool) = weak.upgrade() else { return };
                let stale = pool.lanes().take_idle_if(|environment| environment.is_spent(IDLE));
                pool.end_all(stale);
            }
        });
        pool
    }

    /// Told when an invocation is answered; only who waits already hears of it.
    pub fn answered(&self) -> Arc<Notify> {
        Arc::clone(&self.answered)
    }

    /// Runs one invocation to its answer. The environment goes on to its next rest by itself, so dropping the future
    /// stops nothing, as a client that goes away stops no invocation.
    ///
    /// # Errors
    /// When no environment is to be had: throttled, or the function's role or runtime cannot be used.
    pub async fn execute(self: &Arc<Self>, plan: Arc<Plan>, event: Event) -> AwsResult<Execution> {
        self.start(plan, event, None)?.await.map_err(AwsError::internal)?
    }

    /// Runs one invocation until it is answered, or until the first pieces of its answer are to be had.
    ///
    /// # Errors
    /// As [`Pool::execute`].
    pub async fn stream(self: &Arc<Self>, plan: Arc<Plan>, event: Event) -> AwsResult<Reply> {
        let (invoker, begins) = oneshot::channel();
        let end = self.start(plan, event, Some(invoker))?;
        match begins.await {
            Ok(pieces) => Ok(Reply::Streamed { pieces, end }),
            // Nobody streams any more: it has been answered whole.
            Err(_) => end.await.map_err(AwsError::internal)?.map(Reply::Whole),
        }
    }

    /// Tells one who waits whenever an invocation has ended whose place this function could have had.
    pub fn freed(&self, scope: &Scope, function: &str, is_reserved: bool) -> Arc<Notify> {
        self.capacity.freed(scope, function, is_reserved)
    }

    fn start(self: &Arc<Self>, plan: Arc<Plan>, event: Event, invoker: Option<Invoker>) -> AwsResult<End> {
        if self.closed.load(Ordering::Acquire) {
            return Err(AwsError::new("ServiceException", 500, "the embedded cloud is shutting down"));
        }
        let slot = self.capacity.enter(&plan, &self.parts.store)?;
        let (answer, waiting) = oneshot::channel();
        let pool = Arc::clone(self);
        tokio::spawn(async move {
            let mut environment = match pool.acquire(&plan).await {
                Ok(environment) => environment,
                Err(error) => {
                    drop(slot);
                    let _ = answer.send(Err(error));
                    return;
                }
            };
            let execution = environment.invoke(event, &pool, invoker).await;
            if environment.is_settled() {
                // Released before it is answered, so that whoever invokes again at once meets it warm.
                pool.release(environment);
                drop(slot);
                let _ = answer.send(Ok(execution));
                pool.answered.notify_waiters();
            } else {
                let _ = answer.send(Ok(execution));
                pool.answered.notify_waiters();
                environment.settle().await;
                pool.release(environment);
                drop(slot);
            }
        });
        Ok(waiting)
    }

    async fn acquire(self: &Arc<Self>, plan: &Arc<Plan>) -> AwsResult<Environment> {
        let mut handed = {
            let (stale, found) = self.lanes().take_or_wait(&plan.key, |environment| environment.is_expiring());
            self.end_all(stale);
            match found {
                Ok(mut environment) => {
                    environment.wake();
                    return Ok(environment);
                }
                Err(handed) => handed,
            }
        };
        let turn = tokio::time::timeout(PATIENCE, self.turn_to_start());
        let permits = tokio::select! {
            biased;
            Ok(environment) = &mut handed => return Ok(woken(environment)),
            turn = turn => match turn {
                Ok(permits) => permits,
                Err(_) => {
                    return match close(&mut handed) {
                        Some(environment) => Ok(woken(environment)),
                        None => Err(too_many_requests("ConcurrentInvocationLimitExceeded")),
                    };
                }
            },
        };
        let (pool, plan) = (Arc::clone(self), Arc::clone(plan));
        let mut starting = tokio::spawn(async move { Environment::start(&pool, plan, permits).await });
        tokio::select! {
            started = &mut starting => {
                if let Some(environment) = close(&mut handed) {
                    self.release(environment);
                }
                started.map_err(AwsError::internal)?
            }
            Ok(environment) = &mut handed => {
                // Another invocation ended first. What has been started serves the next one.
                let pool = Arc::clone(self);
                tokio::spawn(async move {
                    if let Ok(Ok(environment)) = starting.await {
                        pool.release(environment);
                    }
                });
                Ok(woken(environment))
            }
        }
    }

    /// Waits for the means to start one more environment, for which an idle one of another version must make way.
    async fn turn_to_start(self: &Arc<Self>) -> Permits {
        let start = self.capacity.turn().await;
        if let Some(environment) = self.capacity.try_room() {
            return Permits { environment, start };
        }
        let oldest = self.lanes().take_oldest();
        self.end_all(oldest);
        Permits { environment: self.capacity.room().await, start }
    }

    /// Hands an environment to whoever waits for one, or lets it rest. Ends it when it is of no more use.
    fn release(self: &Arc<Self>, mut environment: Environment) {
        if !environment.is_usable() || self.closed.load(Ordering::Acquire) || !self.is_current(&environment.plan.key) {
            self.end_all([environment]);
            return;
        }
        environment.rest();
        let mut lanes = self.lanes();
        if self.capacity.is_crowded() && !lanes.is_awaited(&environment.plan.key) {
            drop(lanes);
            self.end_all([environment]);
        } else {
            lanes.put(environment);
            drop(lanes);
            self.freeze_soon();
        }
    }

    /// Has idle environments frozen, all by one task, which ends when none is left to freeze.
    fn freeze_soon(self: &Arc<Self>) {
        if self.freezing.swap(true, Ordering::AcqRel) {
            return;
        }
        let weak = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(FREEZE).await;
                let Some(pool) = weak.upgrade() else { return };
                // First, so that an environment that comes to rest meanwhile is seen here or starts a task of its own.
                pool.freezing.store(false, Ordering::Release);
                let others = pool.lanes().freeze(FREEZE);
                if !others || pool.freezing.swap(true, Ordering::AcqRel) {
                    return;
                }
            }
        });
    }

    /// Whether a function still has this version, made of the same code and configuration.
    fn is_current(&self, key: &Key) -> bool {
        let function = self.parts.store.functions.get(&key.scope, &key.function);
        function.is_some_and(|function| {
            function.labelled(&key.version).is_some_and(|version| version.generation == key.generation)
        })
    }

    /// Ends the idle environments of a function that has changed. Busy ones end when they are done.
    pub fn retire(self: &Arc<Self>, scope: &Scope, function: &str) {
        let stale = self.lanes().take_idle_if(|environment| {
            let key = &environment.plan.key;
            key.function == function && key.scope == *scope && !self.is_current(key)
        });
        self.end_all(stale);
    }

    /// Ends everything and waits until all logs are written.
    pub async fn shutdown(self: &Arc<Self>) {
        self.closed.store(true, Ordering::Release);
        self.stop().await;
    }

    /// Ends everything that runs now and waits until all logs are written; the pool goes on.
    pub async fn stop(self: &Arc<Self>) {
        let idle = self.lanes().take_idle_if(|_| true);
        let live: Vec<Arc<Live>> = self.live().values().cloned().collect();
        self.end_all(idle);
        live.iter().for_each(|live| live.kill());
        let written = live.iter().map(|live| {
            live.journal.close();
            let mut written = live.written.clone();
            async move {
                let _ = written.wait_for(|written| *written).await;
            }
        });
        let _ = tokio::time::timeout(LAST_WORDS, futures_util::future::join_all(written)).await;
    }

    /// The environments that live, for whoever has something to tell them.
    pub fn living(&self) -> Vec<Arc<Live>> {
        self.live().values().cloned().collect()
    }

    fn end_all(self: &Arc<Self>, environments: impl IntoIterator<Item = Environment>) {
        for environment in environments {
            let pool = Arc::clone(self);
            tokio::spawn(async move { environment.end(&pool).await });
        }
    }

    pub(crate) fn live(&self) -> MutexGuard<'_, HashMap<String, Arc<Live>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn woken(mut environment: Environment) -> Environment {
    environment.wake();
    environment
}

/// Stops waiting to be handed an environment; returns the one that was handed over at the same moment.
fn close(handed: &mut oneshot::Receiver<Environment>) -> Option<Environment> {
    handed.close();
    handed.try_recv().ok()
}
