//! How many batches of a queue are with the function at the same time.
//!
//! AWS begins with five batches at a time, adds up to 300 a minute while messages are left (AWS: "Configuring scaling behavior for
//! SQS event source mappings"), and takes fewer when the function fails. Here they end where this machine's memory does.

use slam_cloud_core::Clock;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// How many there are at first, and how many a second are added while all are busy.
const FIRST: usize = 5;
/// The most of a queue: a batch has up to six megabytes.
const MOST: usize = 64;

/// The places of a queue's batches.
#[derive(Debug)]
pub struct Pace {
    most: usize,
    places: Mutex<Places>,
    freed: Notify,
}

#[derive(Debug)]
struct Places {
    allowed: usize,
    taken: usize,
}

/// A batch's place, for as long as this lives.
#[derive(Debug)]
pub struct Place(Arc<Pace>);

impl Pace {
    /// The places of a queue whose mapping allows so many.
    pub fn new(most: Option<i64>) -> Arc<Self> {
        let most = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(MOST).clamp(1, MOST);
        let places = Mutex::new(Places { allowed: FIRST.min(most), taken: 0 });
        Arc::new(Self { most, places, freed: Notify::new() })
    }

    /// Waits for a place.
    pub async fn place(self: &Arc<Self>, clock: Clock) -> Place {
        loop {
            let freed = self.freed.notified();
            let may_grow = {
                let mut places = self.places();
                if places.taken < places.allowed {
                    places.taken += 1;
                    return Place(Arc::clone(self));
                }
                places.allowed < self.most
            };
            let a_second = async {
                if may_grow { clock.sleep(Duration::from_secs(1)).await } else { std::future::pending().await }
            };
            tokio::select! {
                () = freed => {}
                () = a_second => {
                    let mut places = self.places();
                    places.allowed = (places.allowed + FIRST).min(self.most);
                }
            }
        }
    }

    /// There was nothing to read.
    pub fn idle(&self) {
        let mut places = self.places();
        places.allowed = places.allowed.min(FIRST);
    }

    /// A batch was processed.
    pub fn succeeded(&self) {
        let mut places = self.places();
        places.allowed = places.allowed.max((places.allowed + 1).min(FIRST.min(self.most)));
    }

    /// A batch failed.
    pub fn failed(&self) {
        let mut places = self.places();
        places.allowed = (places.allowed / 2).max(1);
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.places().taken -= 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn places_are_given_back_and_halve_when_batches_fail() {
        let clock = Clock::default();
        let pace = Pace::new(Some(2));
        let (first, _second) = (pace.place(clock).await, pace.place(clock).await);
        let waiting = tokio::spawn({
            let pace = Arc::clone(&pace);
            async move { pace.place(clock).await }
        });
        drop(first);
        let _third = waiting.await.unwrap();
        pace.failed();
        assert_eq!(pace.places().allowed, 1);
        pace.failed();
        assert_eq!(pace.places().allowed, 1);
        pace.succeeded();
        pace.succeeded();
        assert_eq!(pace.places().allowed, 2);
    }

    #[test]
    fn no_mapping_takes_more_than_the_machine_bears() {
        assert_eq!([None, Some(2), Some(1000)].map(|most| Pace::new(most).most), [MOST, 2, MOST]);
    }
}
