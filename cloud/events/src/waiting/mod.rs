//! Deliveries that wait: rows, as they grow without bound.
//!
//! A delivery is stored before its event is answered, and forgotten when its target has taken it: a crash in between repeats it and
//! loses none. As many as may be under way at once are begun right after they are stored; the others are read from their rows
//! when it is their turn, so that a million of them fill no memory.
//!
//! - [`rows`]: what is stored. [`turn`]: what is under way.

mod rows;
mod turn;

pub use rows::Row;
pub use turn::Turn;

use crate::model::delivery::Delivery;
use rusqlite::Connection;
use slam_cloud_core::{Clock, Store, StoreError, Timestamp};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use turn::Turns;

/// What an API destination's pace is measured in, in milliseconds.
const SECOND: i64 = 1000;
/// How long a delivery rests whose outcome could not be stored.
const UNWRITTEN: Duration = Duration::from_secs(1);

/// What else is to be stored with deliveries, or not at all.
pub type Beside = Box<dyn FnOnce(&Connection) -> rusqlite::Result<()> + Send>;

/// An event with its deliveries.
pub struct New {
    /// The event as it is told.
    pub event: Arc<str>,
    /// Whom it is for.
    pub deliveries: Vec<Delivery>,
}

/// The deliveries. Cheap to clone.
#[derive(Clone)]
pub struct Waiting {
    store: Arc<Store>,
    clock: Clock,
    turns: Arc<Turns>,
    begin: Arc<OnceLock<Begin>>,
}

/// Begins a delivery.
type Begin = Box<dyn Fn(Turn, Row) + Send + Sync>;

impl Waiting {
    /// Opens or creates the tables.
    ///
    /// # Errors
    /// When the store refuses.
    pub fn open(store: &Arc<Store>, clock: Clock) -> Result<Self, StoreError> {
        store.migrate(rows::TABLES)?;
        let last = store.read_now(rows::last)?;
        Ok(Self { store: Arc::clone(store), clock, turns: Arc::new(Turns::after(last)), begin: Arc::default() })
    }

    /// Sets who begins deliveries, and hands out those that the last process left. A second call changes nothing.
    pub fn start(&self, begin: impl Fn(Turn, Row) + Send + Sync + 'static) {
        if self.begin.set(Box::new(begin)).is_ok() {
            let waiting = self.clone();
            tokio::spawn(async move { waiting.hand_out().await });
        }
    }

    /// Stores events with their deliveries, and what else is to be stored, all or nothing. It is safe when this returns, and those
    /// whose turn it is have begun.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn accept(&self, new: Vec<New>, beside: Option<Beside>) -> Result<(), StoreError> {
        let now = self.clock.now_ms();
        let (mut events, mut begun) = (Vec::with_capacity(new.len()), Vec::new());
        for New { event, deliveries } in new {
            let id = self.turns.number();
            let mut tasks = Vec::with_capacity(deliveries.len());
            for delivery in deliveries {
                let (number, turn) = self.turns.enter();
                tasks.push((number, rows::written(&delivery)?));
                if let Some(turn) = turn {
                    begun.push((turn, Row { number, event: id, delivery, text: Arc::clone(&event) }));
                }
            }
            events.push((id, event, tasks));
        }
        let waiting = self.clone();
        let write = async move {
            let written = waiting.store.write(move |c| {
                for (id, event, tasks) in &events {
                    rows::insert(c, *id, event, tasks, now)?;
                }
                beside.map_or(Ok(()), |beside| beside(c))
            });
            written.await?;
            // Those without a turn are looked for now that they are there.
            waiting.turns.look();
            if let Some(begin) = waiting.begin.get() {
                begun.into_iter().for_each(|(turn, row)| begin(turn, row));
            }
            Ok(())
        };
        // Whoever hangs up meanwhile takes no turn along whose row is then written.
        let written = tokio::spawn(write).await;
        written.map_err(|error| StoreError::Database(error.to_string()))?
    }

    /// Forgets a delivery, with its event when that has no other. On a full disk it is done when there is room.
    pub async fn done(&self, row: &Row) {
        let (number, event) = (row.number, row.event);
        self.until_written(move |c| rows::remove(c, number, event)).await;
    }

    /// Has a delivery wait for its next attempt.
    pub async fn again(&self, row: &Row, delivery: &Delivery, due: Timestamp) {
        let Ok(task) = rows::written(delivery) else { return };
        let (number, due) = (row.number, due.as_millisecond());
        self.until_written(move |c| rows::postpone(c, number, &task, due)).await;
        self.turns.look();
    }

    /// The last turns at API destinations for which deliveries wait, by the ARN of the destination. A second that is over counts no more.
    ///
    /// # Errors
    /// When the store fails.
    pub fn turns(&self) -> Result<Vec<(String, i64)>, StoreError> {
        let after = self.clock.now_ms() - SECOND;
        self.store.read_now(|c| rows::turns(c, after))
    }

    /// Has deliveries that wait for their turn at an API destination ask for another one.
    pub async fn ask_again(&self, arn: &str) {
        let (arn, now) = (arn.to_owned(), self.clock.now_ms());
        self.until_written(move |c| rows::ask_again(c, &arn, now)).await;
        self.turns.look();
    }

    async fn until_written(&self, write: impl Fn(&Connection) -> rusqlite::Result<()> + Clone + Send + 'static) {
        while let Err(error) = self.store.free(write.clone()).await {
            if matches!(error, StoreError::Closed) {
                return;
            }
            tracing::warn!(%error, "the outcome of a delivery cannot be stored; it is tried again");
            tokio::time::sleep(UNWRITTEN).await;
        }
    }

    /// Goes on with what waits, each when it is its turn.
    async fn hand_out(&self) {
        let Some(begin) = self.begin.get() else { return };
        loop {
            let seen = self.turns.seen();
            let now = self.clock.now_ms();
            let read = self.store.read(move |c| rows::due(c, now, &seen)).await;
            let (rows, next) = match read {
                Ok(read) => read,
                Err(StoreError::Closed) => return,
                Err(error) => {
                    tracing::warn!(%error, "deliveries cannot be read; it is tried again");
                    tokio::time::sleep(UNWRITTEN).await;
                    continue;
                }
            };
            if rows.is_empty() {
                tokio::select! {
                    () = self.until(next) => {}
                    () = self.turns.looked() => {}
                }
            }
            for row in rows {
                let turn = self.turns.take(row.number).await;
                begin(turn, row);
            }
        }
    }

    async fn until(&self, moment: Option<i64>) {
        match moment.map(Timestamp::from_millisecond) {
            Some(Ok(moment)) => self.clock.sleep_until(moment).await,
            _ => std::future::pending().await,
        }
    }

    /// Forgets all.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.store.free(rows::clear).await
    }
}
