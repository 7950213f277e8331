//! Free pages, given back to the disk.
//!
//! SQLite keeps the pages of deleted rows for later rows unless it is told otherwise, so that a file has for ever the size that it
//! once had. <https://sqlite.org/pragma.html#pragma_auto_vacuum>

use rusqlite::Connection;

/// `auto_vacuum=INCREMENTAL`
const INCREMENTAL: i64 = 2;
/// Free pages that are kept for the next rows: 4 MB.
const KEPT: i64 = 1024;
/// Pages given back in one step, so that who waits for the writer need not wait long.
const STEP: i64 = 256;
/// How large the log may stay between checkpoints, in bytes.
const LOG: i64 = 4 * 1024 * 1024;

/// Has a file keep track of its free pages. One of an earlier version is written anew for that, once.
pub(super) fn track(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_size_limit", LOG)?;
    let mode: i64 = connection.pragma_query_value(None, "auto_vacuum", |row| row.get(0))?;
    if mode != INCREMENTAL {
        connection.pragma_update(None, "auto_vacuum", INCREMENTAL)?;
        connection.execute_batch("VACUUM")?;
    }
    Ok(())
}

/// Gives back a step's worth of free pages. `false` when no more than a few are left.
pub(super) fn give_back(connection: &Connection) -> rusqlite::Result<bool> {
    let free: i64 = connection.pragma_query_value(None, "freelist_count", |row| row.get(0))?;
    if free <= KEPT {
        return Ok(false);
    }
    let is_last = free - KEPT <= STEP;
    let mut step = connection.prepare(&format!("PRAGMA incremental_vacuum({})", STEP.min(free - KEPT)))?;
    // It goes on for as long as it is asked for another row, and has none.
    let mut rows = step.query([])?;
    while rows.next()?.is_some() {}
    drop(rows);
    if is_last {
        // The file is cut when the log is written back into it, which may otherwise take long.
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
    }
    Ok(!is_last)
}
