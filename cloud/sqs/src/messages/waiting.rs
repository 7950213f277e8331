//! Receivers that wait for messages (long polling).
//!
//! Whoever makes messages ready wakes as many receivers of their queue. What becomes ready by itself, because its time has come, is
//! looked for by the receivers: each sleeps no longer than until then.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// How many may wait in all queues.
const MOST: usize = 10_000;

/// Who waits, by the queue's key.
#[derive(Debug, Default)]
pub struct Waiting {
    queues: Mutex<HashMap<i64, Arc<Bell>>>,
    count: AtomicUsize,
    closed: AtomicBool,
}

/// What wakes the receivers of a queue.
#[derive(Debug, Default)]
struct Bell {
    notify: Notify,
    waiting: AtomicUsize,
}

impl Waiting {
    /// A place among the waiting; none where too many wait, or the process ends.
    pub fn enter(self: &Arc<Self>, queue: i64) -> Option<Waiter> {
        let is_free = |count: usize| (count < MOST).then_some(count + 1);
        self.count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, is_free).ok()?;
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        let bell = Arc::clone(queues.entry(queue).or_default());
        bell.waiting.fetch_add(1, Ordering::Relaxed);
        Some(Waiter { all: Arc::clone(self), queue, bell })
    }

    /// Wakes so many of a queue's receivers.
    pub fn wake(&self, queue: i64, messages: usize) {
        let bell = self.queues.lock().unwrap_or_else(PoisonError::into_inner).get(&queue).cloned();
        if let Some(bell) = bell {
            for _ in 0..messages.min(bell.waiting.load(Ordering::Relaxed)) {
                bell.notify.notify_one();
            }
        }
    }

    /// Wakes all of a queue's receivers: it is not what it was.
    pub fn wake_all(&self, queue: i64) {
        self.wake(queue, usize::MAX);
    }

    /// Ends all waiting, for the end of the process.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        let bells: Vec<_> = self.queues.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        bells.iter().for_each(|bell| bell.notify.notify_waiters());
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
}

impl Waiter {
    /// Listens for a message from now on. Whoever listens before they look misses none; one that is woken and goes away wakes
    /// another.
    pub fn listen(&self) -> Pin<Box<Notified<'_>>> {
        let mut listening = Box::pin(self.bell.notify.notified());
        listening.as_mut().enable();
        listening
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        self.all.count.fetch_sub(1, Ordering::Relaxed);
        let mut queues = self.all.queues.lock().unwrap_or_else(PoisonError::into_inner);
        if self.bell.waiting.fetch_sub(1, Ordering::Relaxed) == 1 {
            queues.remove(&self.queue);
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
