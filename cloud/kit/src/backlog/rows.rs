//! The table of the jobs that wait.

use super::Lane;
use rusqlite::{Connection, params};
use serde::Serialize;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Store, StoreError};
use std::collections::HashSet;
use std::sync::Arc;

/// The statements of a table.
pub struct Rows {
    lanes: String,
    put: String,
    first: String,
    task: String,
    change: String,
    remove: String,
    clear: String,
}

/// A job that is to be attempted.
#[derive(Debug)]
pub struct Job {
    /// Its number.
    pub seq: i64,
    /// Since when it is due.
    pub due: i64,
    /// What is to be done.
    pub task: String,
}

/// A task as it is stored.
pub fn written(task: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(task).map_err(|error| StoreError::Database(error.to_string()))
}

impl Rows {
    /// Makes the table if it is not there.
    pub fn open(store: &Arc<Store>, table: &str) -> Result<Self, StoreError> {
        store.migrate(&format!(
            "CREATE TABLE IF NOT EXISTS {table} (
                 seq INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL, lane TEXT NOT NULL,
                 due INTEGER NOT NULL, task TEXT NOT NULL
             );
             CREATE INDEX IF NOT EXISTS {table}_in_order ON {table} (account, region, lane, due);"
        ))?;
        Ok(Self {
            lanes: format!("SELECT account, region, lane, min(due), count(*) FROM {table} GROUP BY 1, 2, 3"),
            put: format!("INSERT INTO {table} (account, region, lane, due, task) VALUES (?1, ?2, ?3, ?4, ?5)"),
            first: format!(
                "SELECT seq, due FROM {table} WHERE account = ?1 AND region = ?2 AND lane = ?3 ORDER BY due, seq LIMIT ?4"
            ),
            task: format!("SELECT task FROM {table} WHERE seq = ?1"),
            change: format!("UPDATE {table} SET due = ?2, task = ?3 WHERE seq = ?1"),
            remove: format!("DELETE FROM {table} WHERE seq = ?1"),
            clear: format!("DELETE FROM {table}"),
        })
    }

    /// All lanes, when the first job of each is due, and how many it has.
    pub fn lanes(&self, connection: &Connection) -> rusqlite::Result<Vec<(Lane, i64, i64)>> {
        let mut query = connection.prepare(&self.lanes)?;
        let rows = query.query_map([], |row| {
            let scope = Scope { account: row.get::<_, String>(0)?.into(), region: row.get::<_, String>(1)?.into() };
            Ok((Lane { scope, name: row.get(2)? }, row.get(3)?, row.get(4)?))
        })?;
        rows.collect()
    }

    /// Adds a job.
    pub fn put(&self, connection: &Connection, lane: &Lane, due: i64, task: &str) -> rusqlite::Result<()> {
        let Lane { scope, name } = lane;
        connection.prepare_cached(&self.put)?.execute(params![scope.account, scope.region, name, due, task]).map(drop)
    }

    /// So many of a lane's first jobs, of those that are due and not being attempted, and when the next one is due.
    pub fn first(
        &self,
        connection: &Connection,
        lane: &Lane,
        now: i64,
        places: usize,
        running: &HashSet<i64>,
    ) -> rusqlite::Result<(Vec<Job>, Option<i64>)> {
        let Lane { scope, name } = lane;
        let limit = i64::try_from(places + running.len() + 1).unwrap_or(i64::MAX);
        let mut query = connection.prepare_cached(&self.first)?;
        let mut found = query.query(params![scope.account, scope.region, name, limit])?;
        let (mut jobs, mut next) = (Vec::new(), None);
        while let Some(row) = found.next()? {
            let (seq, due) = (row.get(0)?, row.get(1)?);
            if running.contains(&seq) {
                continue;
            }
            if due > now || jobs.len() == places {
                next = Some(due);
                break;
            }
            let task = connection.prepare_cached(&self.task)?.query_row([seq], |row| row.get(0))?;
            jobs.push(Job { seq, due, task });
        }
        Ok((jobs, next))
    }

    /// Changes a job; says how many there were.
    pub fn change(
        self: &Arc<Self>,
        seq: i64,
        due: i64,
        task: Arc<str>,
    ) -> impl FnOnce(&Connection) -> rusqlite::Result<i64> + Send + 'static + use<> {
        let rows = Arc::clone(self);
        move |connection| count(connection.prepare_cached(&rows.change)?.execute(params![seq, due, &*task]))
    }

    /// Removes a job; says how many there were.
    pub fn remove(
        self: &Arc<Self>,
        seq: i64,
    ) -> impl FnOnce(&Connection) -> rusqlite::Result<i64> + Send + 'static + use<> {
        let rows = Arc::clone(self);
        move |connection| count(connection.prepare_cached(&rows.remove)?.execute([seq]))
    }

    /// Removes all; says how many there were.
    pub fn clear(&self, connection: &Connection) -> rusqlite::Result<i64> {
        count(connection.execute(&self.clear, []))
    }
}

fn count(changed: rusqlite::Result<usize>) -> rusqlite::Result<i64> {
    changed.map(|count| i64::try_from(count).unwrap_or(i64::MAX))
}
