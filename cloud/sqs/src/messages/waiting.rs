//! Receivers that wait for messages (long polling).
//!
//! Whoever makes messages ready wakes as many receivers of their queue. What becomes ready by itself when its time has come is the
//! queue's alarm: the receivers sleep until then, and the first to wake looks for all.

use slam_cloud_core::{Clock, Timestamp};
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// How many may wait in all queues.
const MOST: usize = 10_000;
/// No alarm.
const NEVER: i64 = i64::MAX;

/// Who waits, by the queue's key.
#[derive(Debug, Default)]
pub struct Waiting {
    queues: Mutex<HashMap<i64, Arc<Bell>>>,
    count: AtomicUsize,
    closed: AtomicBool,
}

/// What wakes the receivers of a queue.
#[derive(Debug)]
struct Bell {
    waiting: AtomicUsize,
    /// Rings when messages are ready.
    messages: Notify,
    /// When the next message is ready by itself, in milliseconds since 1970.
    alarm: AtomicI64,
    /// Rings when somebody must sleep by another alarm.
    rearm: Notify,
}

impl Default for Bell {
    fn default() -> Self {
        let (messages, rearm) = (Notify::new(), Notify::new());
        Self { waiting: AtomicUsize::new(0), messages, alarm: AtomicI64::new(NEVER), rearm }
    }
}

impl Bell {
    fn set(&self, moment: i64) {
        if self.alarm.fetch_min(moment, Ordering::Relaxed) > moment {
            self.rearm.notify_one();
        }
    }
}

impl Waiting {
    /// A place among the waiting; none where too many wait.
    pub fn enter(self: &Arc<Self>, queue: i64) -> Option<Waiter> {
        let is_free = |count: usize| (count < MOST).then_some(count + 1);
        self.count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, is_free).ok()?;
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let bell = Arc::clone(queues.entry(queue).or_default());
        bell.waiting.fetch_add(1, Ordering::Relaxed);
        Some(Waiter { all: Arc::clone(self), queue, bell, alarm: AtomicI64::new(NEVER) })
    }

    fn bell(&self, queue: i64) -> Option<Arc<Bell>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner).get(&queue).cloned()
    }

    /// Wakes so many of a queue's receivers.
    pub fn wake(&self, queue: i64, messages: usize) {
        if let Some(bell) = self.bell(queue) {
            for _ in 0..messages.min(bell.waiting.load(Ordering::Relaxed)) {
                bell.messages.notify_one();
            }
        }
    }

    /// Wakes all of a queue's receivers: it is not what it was.
    pub fn wake_all(&self, queue: i64) {
        self.wake(queue, usize::MAX);
    }

    /// Has a queue's receivers look at a moment in milliseconds, when a message is ready by itself.
    pub fn wake_at(&self, queue: i64, moment: i64) {
        if let Some(bell) = self.bell(queue) {
            bell.set(moment);
        }
    }

    /// Ends all waiting, for the end of the process.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        let bells: Vec<_> = self.queues.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        bells.iter().for_each(|bell| bell.messages.notify_waiters());
    }

    /// Whether the process ends.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }
}

/// A receiver that waits, for as long as this lives.
#[derive(Debug)]
pub struct Waiter {
    all: Arc<Waiting>,
    queue: i64,
    bell: Arc<Bell>,
    /// The alarm for which this one looks on behalf of all, until it has looked.
    alarm: AtomicI64,
}

impl Waiter {
    /// Listens for messages from now on. Whoever listens before they look misses none; one that is woken and goes away wakes
    /// another.
    pub fn listen(&self) -> Pin<Box<Notified<'_>>> {
        let mut listening = Box::pin(self.bell.messages.notified());
        listening.as_mut().enable();
        listening
    }

    /// It has looked, and found that the next message is ready by itself at that moment.
    pub fn has_looked(&self, next: Option<i64>) {
        self.alarm.store(NEVER, Ordering::Relaxed);
        self.bell.set(next.unwrap_or(NEVER));
    }

    /// Rests until there may be a message, or until the end.
    pub async fn rest(&self, mut listening: Pin<Box<Notified<'_>>>, clock: Clock, end: i64) {
        loop {
            let mut rearmed = Box::pin(self.bell.rearm.notified());
            rearmed.as_mut().enable();
            let alarm = self.bell.alarm.load(Ordering::Relaxed);
            tokio::select! {
                () = &mut listening => return,
                () = rearmed => {}
                () = until(clock, alarm.min(end)) => {
                    let taken = alarm <= clock.now_ms()
                        && self.bell.alarm.compare_exchange(alarm, NEVER, Ordering::Relaxed, Ordering::Relaxed).is_ok();
                    if taken {
                        self.alarm.store(alarm, Ordering::Relaxed);
                    }
                    if taken || end <= clock.now_ms() {
                        return;
                    }
                }
            }
        }
    }
}

async fn until(clock: Clock, milliseconds: i64) {
    match Timestamp::from_millisecond(milliseconds) {
        Ok(moment) => clock.sleep_until(moment).await,
        Err(_) => std::future::pending().await,
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        self.all.count.fetch_sub(1, Ordering::Relaxed);
        let mut queues = self.all.queues.lock().unwrap_or_else(PoisonError::into_inner);
        if self.bell.waiting.fetch_sub(1, Ordering::Relaxed) == 1 {
            queues.remove(&self.queue);
        } else {
            // Others sleep by the alarm that this one slept by, or took and did not look for.
            self.bell.alarm.fetch_min(self.alarm.load(Ordering::Relaxed), Ordering::Relaxed);
            self.bell.rearm.notify_one();
        }
    }
}

/// Whether somebody still waits for an answer: a client that hangs up takes no messages with it.
#[derive(Clone, Debug, Default)]
pub struct Presence(Arc<AtomicBool>);

/// Holds a [`Presence`] for as long as it lives.
#[derive(Debug, Default)]
pub struct Present(Presence);

impl Present {
    /// What the writer asks.
    pub fn presence(&self) -> Presence {
        self.0.clone()
    }
}

impl Drop for Present {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

impl Presence {
    /// Whether nobody waits any more.
    pub fn is_gone(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;
    use futures_util::future::select;

    #[tokio::test]
    async fn one_is_woken_for_each_message_and_places_are_given_back() {
        let waiting = Arc::<Waiting>::default();
        let (first, second) = (waiting.enter(1).unwrap(), waiting.enter(1).unwrap());
        let (one, two) = (first.listen(), second.listen());
        waiting.wake(2, 1);
        waiting.wake(1, 2);
        one.await;
        two.await;
        let (one, two) = (first.listen(), second.listen());
        waiting.wake(1, 1);
        // Whoever was woken goes away.
        drop(one);
        two.await;
        drop((first, second));
        assert!(waiting.queues.lock().unwrap().is_empty());
        assert_eq!(waiting.count.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn an_alarm_wakes_one_and_passes_to_another_when_that_one_goes() {
        static TIME: AtomicI64 = AtomicI64::new(0);
        let clock = Clock::by_hand(&TIME);
        let waiting = Arc::<Waiting>::default();
        let rest = |waiter: Waiter| async move {
            waiter.rest(waiter.listen(), clock, 1000).await;
            waiter
        };
        let all = [waiting.enter(1).unwrap(), waiting.enter(1).unwrap()].map(|waiter| Box::pin(rest(waiter)));
        let [mut one, mut two] = all;
        assert!(one.as_mut().now_or_never().is_none() && two.as_mut().now_or_never().is_none());
        waiting.wake_at(1, 500);
        TIME.store(600, Ordering::Relaxed);
        let (first, other) = select(one, two).await.factor_first();
        assert_eq!(first.alarm.load(Ordering::Relaxed), 500);
        // It goes away without having looked.
        drop(first);
        assert_eq!(other.await.alarm.load(Ordering::Relaxed), 500);
        assert!(waiting.queues.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn no_more_wait_than_may() {
        let waiting = Arc::<Waiting>::default();
        let all: Vec<_> = (0..MOST).map(|queue| waiting.enter(queue as i64).unwrap()).collect();
        assert!(waiting.enter(0).is_none());
        let listening = all[0].listen();
        waiting.close();
        listening.await;
        assert!(waiting.is_closed());
        drop(all);
        assert!(waiting.enter(0).is_some());
    }
}
