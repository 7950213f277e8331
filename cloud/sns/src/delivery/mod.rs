//! Deliveries to subscribers: at least one of each message, as often and as long as AWS tries.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html>
//!
//! Each subscription that something is to be delivered to has a task, so that one that fails or is slow holds nobody up but itself.
//! What waits is in rows; a message is read when its turn has come, of which there are so many at once.
//!
//! - [`attempt`](mod@attempt): one delivery. [`to`]: whom to. [`queue`], [`function`], [`server`]: to one of these. [`feedback`]: what is logged
//!   of it. [`watch`]: what whoever watches is told of it.

mod attempt;
mod feedback;
mod function;
mod queue;
mod server;
mod to;
mod watch;

use crate::SnsService;
use crate::publications::{Delivery, Outcome};
use attempt::{Made, attempt};
use feedback::Feedback;
use futures_util::future::join_all;
use slam_cloud_core::{Cloud, StoreError, Timestamp};
use slam_cloud_kit::outside::Outside;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use to::To;
use tokio::sync::{Notify, Semaphore};

/// Deliveries that one subscription has under way, and all to queues and functions, and all to servers.
const OF_ONE: usize = 10;
const OF_ALL: usize = 64;
const TO_SERVERS: usize = 256;
/// How long is waited when the store fails.
const UNWRITTEN: Duration = Duration::from_secs(1);

/// The tasks, and what they share.
pub struct Deliveries {
    tasks: Mutex<HashMap<String, Arc<Task>>>,
    managed: Semaphore,
    servers: Semaphore,
    outside: Outside,
    feedback: Feedback,
}

/// What a subscription's task is told by.
#[derive(Default)]
struct Task {
    /// Something is there for it.
    news: Notify,
    /// Something came since it last looked.
    is_new: AtomicBool,
}

impl Deliveries {
    /// No tasks yet.
    pub fn new(cloud: &Cloud) -> Self {
        Self {
            tasks: Mutex::default(),
            managed: Semaphore::new(OF_ALL),
            servers: Semaphore::new(TO_SERVERS),
            outside: Outside::new(cloud.settings()),
            feedback: Feedback::new(),
        }
    }

    /// Forgets whom SNS acted as.
    pub fn clear(&self) {
        self.feedback.clear();
    }
}

/// Begins to deliver, first what was pending when the last process ended.
pub fn start(service: &Arc<SnsService>) {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    let weak = Arc::downgrade(service);
    runtime.spawn(async move {
        while let Some(service) = Weak::upgrade(&weak) {
            match service.publications.waiting().await {
                Ok(subscriptions) => return subscriptions.iter().for_each(|subscription| wake(&service, subscription)),
                Err(StoreError::Closed) => return,
                Err(error) => {
                    tracing::warn!(%error, "what is to be delivered cannot be read; it is tried again");
                    let clock = service.cloud.clock();
                    drop(service);
                    clock.sleep(UNWRITTEN).await;
                }
            }
        }
    });
}

/// Has what is there for a subscription be delivered.
pub fn wake(service: &Arc<SnsService>, subscription: &str) {
    let mut tasks = service.deliveries.tasks.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(task) = tasks.get(subscription) {
        task.is_new.store(true, Ordering::Release);
        task.news.notify_one();
        return;
    }
    let task = Arc::new(Task::default());
    tasks.insert(subscription.to_owned(), Arc::clone(&task));
    drop(tasks);
    let (weak, subscription) = (Arc::downgrade(service), subscription.to_owned());
    tokio::spawn(async move {
        while let Some(service) = Weak::upgrade(&weak) {
            task.is_new.store(false, Ordering::Release);
            let next = match round(&service, &subscription).await {
                Ok(Next::Now) => continue,
                Ok(Next::At(due)) => Some(due),
                Ok(Next::Never) => {
                    let mut tasks = service.deliveries.tasks.lock().unwrap_or_else(PoisonError::into_inner);
                    if !task.is_new.load(Ordering::Acquire) {
                        tasks.remove(&subscription);
                        return;
                    }
                    continue;
                }
                Err(StoreError::Closed) => return,
                Err(error) => {
                    tracing::warn!(%error, subscription, "deliveries are tried again");
                    None
                }
            };
            let clock = service.cloud.clock();
            drop(service);
            match next {
                Some(due) => tokio::select! {
                    () = clock.sleep_until(Timestamp::from_millisecond(due).unwrap_or_else(|_| clock.now())) => {}
                    () = task.news.notified() => {}
                },
                None => clock.sleep(UNWRITTEN).await,
            }
        }
    });
}

/// When a subscription's task looks again.
enum Next {
    Now,
    At(i64),
    Never,
}

/// Makes the deliveries to a subscription that are due.
async fn round(service: &Arc<SnsService>, subscription: &str) -> Result<Next, StoreError> {
    let (due, next) = service.publications.due(subscription, OF_ONE).await?;
    if due.is_empty() {
        return Ok(next.map_or(Next::Never, Next::At));
    }
    let Some(to) = To::find(service, subscription) else {
        service.publications.drop_all(subscription).await?;
        return Ok(Next::Now);
    };
    let many = if to.is_server() { &service.deliveries.servers } else { &service.deliveries.managed };
    let one = |delivery: Delivery| {
        let to = &to;
        async move {
            // The message is read when it is its turn.
            let _turn = many.acquire().await;
            let made = match service.publications.publication(delivery.publication).await? {
                Some(publication) => attempt(service, to, &publication, &delivery).await,
                None => Made::Over,
            };
            Ok((delivery.clone(), outcome(service, &delivery, made)))
        }
    };
    let count = due.len();
    let outcomes = join_all(due.into_iter().map(one)).await.into_iter().collect::<Result<Vec<_>, StoreError>>()?;
    service.publications.settle(subscription, outcomes).await?;
    if let Some(pause) = to.pace(count) {
        service.cloud.clock().sleep(pause).await;
    }
    Ok(Next::Now)
}

fn outcome(service: &SnsService, delivery: &Delivery, made: Made) -> Outcome {
    let after = |pause: Duration| service.now().saturating_add(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
    match made {
        Made::Over => Outcome::Done,
        Made::Again(pause) => {
            Outcome::Again { due: after(pause), retries: delivery.retries + 1, given_up: delivery.given_up }
        }
        Made::GivenUp => Outcome::Again { due: service.now(), retries: 0, given_up: true },
    }
}
