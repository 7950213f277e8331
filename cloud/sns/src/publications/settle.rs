//! Deliveries are found, made, put off.

use super::{Job, Publications};
use crate::model::publication::Publication;
use rusqlite::{Connection, OptionalExtension as _, Result, Row};
use slam_cloud_core::StoreError;

/// Deliveries that are deleted in one write, so that others get their turn.
const AT_ONCE: usize = 500;

/// A delivery that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its own number.
    pub seq: i64,
    /// The publication's.
    pub publication: i64,
    /// How often it was tried again.
    pub retries: i64,
    /// Whether it goes to the dead-letter queue.
    pub given_up: bool,
}

/// What an attempt came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is over.
    Done,
    /// It is tried again.
    Again {
        /// When, in milliseconds since 1970.
        due: i64,
        /// How often it was then.
        retries: i64,
        /// Whether at the dead-letter queue.
        given_up: bool,
    },
}

fn read(row: &Row<'_>) -> Result<Delivery> {
    Ok(Delivery { seq: row.get(0)?, publication: row.get(1)?, retries: row.get(2)?, given_up: row.get(3)? })
}

impl Publications {
    /// The subscriptions that something is to be delivered to.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn waiting(&self) -> std::result::Result<Vec<String>, StoreError> {
        let read = |c: &Connection| {
            let mut query = c.prepare_cached("SELECT DISTINCT subscription FROM sns_deliveries WHERE head = 1")?;
            query.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>>>()
        };
        self.store.read(read).await
    }

    /// The deliveries to a subscription that are due, the first first, and if there are none when the next one is.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn due(
        &self,
        subscription: &str,
        most: usize,
    ) -> std::result::Result<(Vec<Delivery>, Option<i64>), StoreError> {
        let (subscription, now) = (subscription.to_owned(), self.job.now());
        let read = move |c: &Connection| {
            // Rows that nobody asks for cost nothing, as the index has them in order.
            let mut query = c.prepare_cached(
                "SELECT seq, publication, retries, given_up, due FROM sns_deliveries
                 WHERE subscription = ?1 AND head = 1 ORDER BY due, seq",
            )?;
            let mut rows = query.query([&subscription])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let due: i64 = row.get(4)?;
                if due > now {
                    return Ok((found, Some(due)));
                }
                found.push(read(row)?);
                if found.len() == most {
                    break;
                }
            }
            Ok((found, None))
        };
        self.store.read(read).await
    }

    /// A publication; `None` when it is gone.
    ///
    /// # Errors
    /// When the store fails, or it cannot be read.
    pub async fn publication(&self, seq: i64) -> std::result::Result<Option<Publication>, StoreError> {
        let read = move |c: &Connection| {
            let mut query = c.prepare_cached("SELECT content FROM sns_publications WHERE seq = ?1")?;
            query.query_row([seq], |row| row.get::<_, String>(0)).optional()
        };
        let content = self.store.read(read).await?;
        let content = content.map(|content| serde_json::from_str(&content)).transpose();
        content.map_err(|error| StoreError::Document {
            collection: "sns_publications".to_owned(),
            id: seq.to_string(),
            reason: error.to_string(),
        })
    }

    /// Writes down what attempts at a subscription came to.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn settle(
        &self,
        subscription: &str,
        outcomes: Vec<(Delivery, Outcome)>,
    ) -> std::result::Result<(), StoreError> {
        let subscription = subscription.to_owned();
        self.free(move |c, _| {
            outcomes.into_iter().try_for_each(|(delivery, outcome)| settle(c, &subscription, &delivery, &outcome))
        })
        .await
    }

    /// Deletes the deliveries to a subscription that is gone.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn drop_all(&self, subscription: &str) -> std::result::Result<(), StoreError> {
        let subscription = subscription.to_owned();
        let drop_some = move |c: &Connection, _: &Job| {
            let mut query = c.prepare_cached(
                "SELECT seq, publication, retries, given_up FROM sns_deliveries WHERE subscription = ?1 AND head = 1
                 ORDER BY due, seq",
            )?;
            let some = query.query_map([&subscription], read)?.take(AT_ONCE).collect::<Result<Vec<_>>>()?;
            for delivery in &some {
                settle(c, &subscription, delivery, &Outcome::Done)?;
            }
            Ok(!some.is_empty())
        };
        while self.free(drop_some.clone()).await? {}
        Ok(())
    }

    /// Deletes everything.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> std::result::Result<(), StoreError> {
        self.free(|c, _| {
            c.execute_batch("DELETE FROM sns_deliveries; DELETE FROM sns_publications; DELETE FROM sns_deduplication;")
        })
        .await
    }
}

fn settle(c: &Connection, subscription: &str, delivery: &Delivery, outcome: &Outcome) -> Result<()> {
    match outcome {
        Outcome::Again { due, retries, given_up } => c
            .prepare_cached("UPDATE sns_deliveries SET due = ?2, retries = ?3, given_up = ?4 WHERE seq = ?1")?
            .execute((delivery.seq, due, retries, given_up))
            .map(drop),
        Outcome::Done => {
            let group: Option<String> = c
                .prepare_cached("DELETE FROM sns_deliveries WHERE seq = ?1 RETURNING grp")?
                .query_row([delivery.seq], |row| row.get(0))
                .optional()?;
            // Who stood behind it is the first now.
            if let Some(group) = group.filter(|group| !group.is_empty()) {
                c.prepare_cached(
                    "UPDATE sns_deliveries SET head = 1 WHERE seq =
                         (SELECT min(seq) FROM sns_deliveries WHERE subscription = ?1 AND grp = ?2 AND grp <> '')",
                )?
                .execute((subscription, group))?;
            }
            c.prepare_cached(
                "DELETE FROM sns_publications WHERE seq = ?1 AND NOT EXISTS
                     (SELECT 1 FROM sns_deliveries WHERE publication = ?1)",
            )?
            .execute([delivery.publication])
            .map(drop)
        }
    }
}
