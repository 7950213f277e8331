//! How many invocations may run: by Lambda's rules, and by what this machine bears.

use super::plan::Plan;
use crate::error::too_many_requests;
use crate::model::limits::CONCURRENCY;
use crate::store::LambdaStore;
use slam_cloud_core::AwsResult;
use slam_cloud_core::collection::Scope;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// Environments for each processor of this machine, and the least there may be.
const PER_PROCESSOR: usize = 32;
const LEAST: usize = 64;

/// Counts what runs.
pub struct Capacity {
    running: Arc<Mutex<Running>>,
    environments: Arc<Semaphore>,
    starts: Arc<Semaphore>,
    /// How many wait for room.
    crowd: AtomicUsize,
}

#[derive(Default)]
struct Running {
    functions: HashMap<(Scope, String), i64>,
    /// Invocations of functions without a reservation.
    unreserved: HashMap<Scope, i64>,
    /// Who waits for a place to be given back: one of a function's own, or (without a name) one of the account's.
    awaited: HashMap<(Scope, Option<String>), Arc<Notify>>,
}

/// The place of one invocation; given back when dropped.
pub struct Slot {
    running: Arc<Mutex<Running>>,
    scope: Scope,
    function: String,
    reserved: bool,
}

/// The right to start an environment. The first is kept for its life, the second until it has started.
pub struct Permits {
    /// To exist.
    pub environment: OwnedSemaphorePermit,
    /// To use the processors for a start.
    #[expect(dead_code, reason = "it is held, not read")]
    pub start: OwnedSemaphorePermit,
}

impl Capacity {
    /// The capacity of this machine. Starts are few at a time: more of them would only make each other slower, and
    /// meanwhile an invocation may end and hand over its environment.
    pub fn of_this_machine() -> Self {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            running: Arc::default(),
            environments: Arc::new(Semaphore::new((processors * PER_PROCESSOR).max(LEAST))),
            starts: Arc::new(Semaphore::new(processors.max(2))),
            crowd: AtomicUsize::new(0),
        }
    }

    /// A place for one invocation.
    ///
    /// # Errors
    /// 429, when the function or the account has none left.
    pub fn enter(&self, plan: &Plan, store: &LambdaStore) -> AwsResult<Slot> {
        let (scope, function) = (plan.key.scope.clone(), plan.key.function.clone());
        let mut running = lock(&self.running);
        let reserved = plan.reserved.is_some();
        let of_function = running.functions.get(&(scope.clone(), function.clone())).copied().unwrap_or(0);
        if let Some(reservation) = plan.reserved {
            if of_function >= reservation {
                return Err(too_many_requests("ReservedFunctionConcurrentInvocationLimitExceeded"));
            }
        } else {
            let of_account = running.unreserved.get(&scope).copied().unwrap_or(0);
            // Summing up the reservations is left out as long as no sum of them could matter.
            if of_account >= crate::model::limits::UNRESERVED
                && of_account >= CONCURRENCY - store.reserved(&scope, None)
            {
                return Err(too_many_requests("ConcurrentInvocationLimitExceeded"));
            }
            *running.unreserved.entry(scope.clone()).or_default() += 1;
        }
        running.functions.insert((scope.clone(), function.clone()), of_function + 1);
        Ok(Slot { running: Arc::clone(&self.running), scope, function, reserved })
    }

    /// Tells one who waits whenever a place is given back that an invocation of the function could have had.
    pub fn freed(&self, scope: &Scope, function: &str, is_reserved: bool) -> Arc<Notify> {
        let key = (scope.clone(), is_reserved.then(|| function.to_owned()));
        Arc::clone(lock(&self.running).awaited.entry(key).or_default())
    }

    /// Waits for the processors to be free for one more start.
    pub async fn turn(&self) -> OwnedSemaphorePermit {
        Arc::clone(&self.starts).acquire_owned().await.expect("the semaphore is never closed")
    }

    /// Room for one more environment, if this machine has it.
    pub fn try_room(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.environments).try_acquire_owned().ok()
    }

    /// Waits for room for one more environment.
    pub async fn room(&self) -> OwnedSemaphorePermit {
        let _waiting = Waiting::new(&self.crowd);
        Arc::clone(&self.environments).acquire_owned().await.expect("the semaphore is never closed")
    }

    /// Whether somebody waits for room.
    pub fn is_crowded(&self) -> bool {
        self.crowd.load(Ordering::Acquire) > 0
    }
}

/// Counts one who waits, as long as it waits.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(crowd: &'a AtomicUsize) -> Self {
        crowd.fetch_add(1, Ordering::AcqRel);
        Self(crowd)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Running {
    /// Tells that a place was given back, and forgets whom to tell where nobody waits any more.
    fn tell(&mut self, key: (Scope, Option<String>)) {
        if let Entry::Occupied(waiting) = self.awaited.entry(key) {
            match Arc::strong_count(waiting.get()) {
                1 => drop(waiting.remove()),
                _ => waiting.get().notify_one(),
            }
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut running = lock(&self.running);
        if !self.reserved
            && let Some(count) = running.unreserved.get_mut(&self.scope)
        {
            *count -= 1;
        }
        let key = (self.scope.clone(), std::mem::take(&mut self.function));
        // After a change of the reservation either may be what is waited for.
        running.tell((self.scope.clone(), Some(key.1.clone())));
        running.tell((self.scope.clone(), None));
        if let Some(count) = running.functions.get_mut(&key) {
            *count -= 1;
            if *count == 0 {
                running.functions.remove(&key);
            }
        }
    }
}

fn lock(running: &Mutex<Running>) -> MutexGuard<'_, Running> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}
