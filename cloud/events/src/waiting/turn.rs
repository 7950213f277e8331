//! What is under way: as many deliveries as may be at once, each by one of us.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// Deliveries that are under way at the same time.
const AT_ONCE: usize = 64;

/// The turns.
pub(super) struct Turns {
    numbers: Mutex<Numbers>,
    places: Arc<Semaphore>,
    /// Rings when there may be something to take.
    more: Notify,
}

struct Numbers {
    next: i64,
    busy: HashSet<i64>,
}

/// What was so before rows are read: a row that is younger than this may be under way already, or done.
pub(super) struct Seen {
    next: i64,
    busy: HashSet<i64>,
}

impl Seen {
    /// Whether nobody is at that row.
    pub(super) fn may_take(&self, number: i64) -> bool {
        number < self.next && !self.busy.contains(&number)
    }
}

/// A place among those under way, for as long as this lives.
pub struct Turn {
    turns: Arc<Turns>,
    number: i64,
    _place: OwnedSemaphorePermit,
    /// Whether it has begun: what ends before that is taken up by others.
    begun: bool,
}

impl Turn {
    /// It begins.
    pub fn begin(&mut self) {
        self.begun = true;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.lock().busy.remove(&self.number);
        if !self.begun {
            self.turns.look();
        }
    }
}

impl Turns {
    /// With numbers after the last one.
    pub(super) fn after(last: i64) -> Self {
        let numbers = Mutex::new(Numbers { next: last + 1, busy: HashSet::new() });
        Self { numbers, places: Arc::new(Semaphore::new(AT_ONCE)), more: Notify::new() }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Numbers> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new number.
    pub(super) fn number(&self) -> i64 {
        let mut numbers = self.lock();
        numbers.next += 1;
        numbers.next - 1
    }

    /// A new number, and its turn if there is a place.
    pub(super) fn enter(self: &Arc<Self>) -> (i64, Option<Turn>) {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let mut numbers = self.lock();
        let number = numbers.next;
        numbers.next += 1;
        match place {
            Ok(place) => {
                numbers.busy.insert(number);
                (number, Some(Turn { turns: Arc::clone(self), number, _place: place, begun: false }))
            }
            Err(_) => (number, None),
        }
    }

    /// The turn of a row, when there is a place. Whoever asks is the only one who takes rows.
    pub(super) async fn take(self: &Arc<Self>, number: i64) -> Turn {
        // The semaphore is never closed.
        let place = match Arc::clone(&self.places).acquire_owned().await {
            Ok(place) => place,
            Err(_) => std::future::pending().await,
        };
        self.lock().busy.insert(number);
        Turn { turns: Arc::clone(self), number, _place: place, begun: false }
    }

    /// What is so now.
    pub(super) fn seen(&self) -> Seen {
        let numbers = self.lock();
        Seen { next: numbers.next, busy: numbers.busy.clone() }
    }

    /// There may be something to take.
    pub(super) fn look(&self) {
        self.more.notify_one();
    }

    /// Until there may be something to take.
    pub(super) async fn looked(&self) {
        self.more.notified().await;
    }
}
