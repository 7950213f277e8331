//! Whether a database file is whole, and what can be saved of one that is not.

use super::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, Error, params_from_iter};
use std::path::Path;

/// Findings that are told of one file: more say nothing new.
const FINDINGS: usize = 20;

/// What SQLite finds wrong with a file, by `PRAGMA integrity_check` (<https://sqlite.org/pragma.html#pragma_integrity_check>);
/// nothing when it is whole.
pub fn examine(file: &Path) -> Vec<String> {
    let check = || -> rusqlite::Result<Vec<String>> {
        let connection = Connection::open(file)?;
        let mut check = connection.prepare(&format!("PRAGMA integrity_check({FINDINGS})"))?;
        let found = check.query_map([], |row| row.get::<_, String>(0))?;
        found.collect()
    };
    match check() {
        Ok(found) => found.into_iter().filter(|line| line != "ok").collect(),
        Err(error) => vec![error.to_string()],
    }
}

/// What was saved of one table, or that an index could not be made again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// The table, or the index.
    pub table: String,
    /// How many rows could be read.
    pub rows: u64,
    /// What could not: SQLite's reason.
    pub lost: Option<String>,
}

/// Copies what can be read of a damaged file into a new one: each table from both ends, as far as the damage. The damaged file
/// stays as it is.
///
/// # Errors
/// When nothing of it can be read, or the new one cannot be written.
pub fn salvage(damaged: &Path, into: &Path) -> Result<Vec<Saved>, StoreError> {
    let from = Connection::open(damaged)?;
    // Otherwise SQLite would write its log into the damaged file at the end.
    from.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    let mut to = Connection::open(into)?;
    let format: i64 = from.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let (tables, indexes) = schema(&from)?;
    let transaction = to.transaction()?;
    let mut saved = Vec::new();
    for (name, sql) in &tables {
        transaction.execute_batch(sql)?;
        saved.push(copy(&from, &transaction, name)?);
    }
    for (name, sql) in indexes {
        // Rows that an index is unique over may have been read twice, in an old and a new form.
        if let Err(error) = transaction.execute_batch(&sql) {
            saved.push(Saved { table: name, rows: 0, lost: Some(error.to_string()) });
        }
    }
    transaction.pragma_update(None, "user_version", format)?;
    transaction.commit()?;
    Ok(saved)
}

/// Names and the statements that make them, of the tables and of the indexes.
type Schema = (Vec<(String, String)>, Vec<(String, String)>);

/// Tables and indexes but for those that SQLite makes by itself.
fn schema(connection: &Connection) -> rusqlite::Result<Schema> {
    let mut query = connection.prepare(
        "SELECT type, name, sql FROM sqlite_schema
         WHERE type IN ('table', 'index') AND sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
    )?;
    let rows = query
        .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)))?;
    let (mut tables, mut indexes) = (Vec::new(), Vec::new());
    for row in rows {
        let (kind, name, sql) = row?;
        match kind.as_str() {
            "table" => tables.push((name, sql)),
            _ => indexes.push((name, sql)),
        }
    }
    Ok((tables, indexes))
}

/// A table's columns that are written, and those that it is ordered by.
struct Columns {
    all: Vec<String>,
    key: Vec<String>,
}

impl Columns {
    fn of(connection: &Connection, table: &str) -> rusqlite::Result<Self> {
        let has_rowid: bool =
            connection.query_row("SELECT wr = 0 FROM pragma_table_list(?1)", [table], |row| row.get(0))?;
        let mut query = connection.prepare("SELECT name, pk FROM pragma_table_xinfo(?1) WHERE hidden = 0")?;
        let columns = query.query_map([table], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
        let columns = columns.collect::<rusqlite::Result<Vec<_>>>()?;
        let mut all: Vec<String> = columns.iter().map(|(name, _)| quoted(name)).collect();
        if has_rowid {
            all.push("rowid".to_owned());
            return Ok(Self { all, key: vec!["rowid".to_owned()] });
        }
        let mut key: Vec<_> = columns.into_iter().filter(|(_, place)| *place > 0).collect();
        key.sort_by_key(|(_, place)| *place);
        Ok(Self { all, key: key.into_iter().map(|(name, _)| quoted(&name)).collect() })
    }
}

fn copy(from: &Connection, to: &Connection, table: &str) -> Result<Saved, StoreError> {
    let columns = match Columns::of(from, table) {
        Ok(columns) => columns,
        Err(error) => return Ok(Saved { table: table.to_owned(), rows: 0, lost: Some(error.to_string()) }),
    };
    let places = vec!["?"; columns.all.len()].join(", ");
    let (name, all) = (quoted(table), columns.all.join(", "));
    let mut insert = to.prepare(&format!("INSERT OR IGNORE INTO {name} ({all}) VALUES ({places})"))?;
    let mut saved = Saved { table: table.to_owned(), rows: 0, lost: None };
    for direction in ["ASC", "DESC"] {
        let order: Vec<String> = columns.key.iter().map(|column| format!("{column} {direction}")).collect();
        let query = format!("SELECT {all} FROM {name} ORDER BY {}", order.join(", "));
        match copy_rows(from, &query, columns.all.len(), |row| insert.execute(params_from_iter(row))) {
            Ok((rows, None)) => {
                saved.rows += rows;
                return Ok(saved);
            }
            Ok((rows, Some(damage))) => {
                saved.rows += rows;
                saved.lost = Some(damage.to_string());
            }
            Err(unwritable) => return Err(unwritable.into()),
        }
    }
    Ok(saved)
}

/// Hands over rows until the end or the first that cannot be read. Gives how many were new, and the damage.
fn copy_rows(
    from: &Connection,
    query: &str,
    width: usize,
    mut write: impl FnMut(Vec<Value>) -> rusqlite::Result<usize>,
) -> rusqlite::Result<(u64, Option<Error>)> {
    let mut written = 0;
    let mut statement = match from.prepare(query) {
        Ok(statement) => statement,
        Err(damage) => return Ok((written, Some(damage))),
    };
    let mut rows = statement.query([])?;
    loop {
        let row = match rows.next() {
            Ok(Some(row)) => (0..width).map(|index| row.get(index)).collect::<rusqlite::Result<Vec<Value>>>(),
            Ok(None) => return Ok((written, None)),
            Err(damage) => return Ok((written, Some(damage))),
        };
        match row {
            Ok(row) => written += u64::try_from(write(row)?).unwrap_or_default(),
            Err(damage) => return Ok((written, Some(damage))),
        }
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Seek, SeekFrom, Write};

    const ROWS: i64 = 2000;
    const PAGE: usize = 4096;

    /// Makes a file with two tables, has `damage` done to it, and saves what is left.
    fn check(damage: impl FnOnce(&mut std::fs::File), expected: impl FnOnce(Result<Vec<Saved>, StoreError>)) {
        let folder = std::env::temp_dir().join(format!("slam-salvage-{}", crate::id::request_id()));
        std::fs::create_dir(&folder).unwrap();
        let (whole, saved) = (folder.join("whole.db"), folder.join("saved.db"));
        {
            let connection = Connection::open(&whole).unwrap();
            connection
                .execute_batch(
                    "CREATE TABLE words (word TEXT NOT NULL, place INTEGER NOT NULL, PRIMARY KEY (word, place)) WITHOUT ROWID;
                     CREATE TABLE lines (line TEXT);
                     CREATE INDEX by_line ON lines (line);
                     PRAGMA user_version = 7;",
                )
                .unwrap();
            connection.execute_batch("BEGIN").unwrap();
            for number in 0..ROWS {
                let text = format!("{number:08} and some more of it");
                connection.execute("INSERT INTO words VALUES (?1, ?2)", (&text, number)).unwrap();
                connection.execute("INSERT INTO lines (rowid, line) VALUES (?1, ?2)", (number * 3 + 1, &text)).unwrap();
            }
            connection.execute_batch("COMMIT").unwrap();
        }
        assert_eq!(examine(&whole), [""; 0]);
        damage(&mut std::fs::OpenOptions::new().read(true).write(true).open(&whole).unwrap());
        expected(salvage(&whole, &saved));
        if saved.is_file() {
            assert_eq!(examine(&saved), [""; 0]);
        }
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_whole_file_is_copied_whole() {
        check(
            |_| {},
            |saved| {
                let all = |table: &str| Saved { table: table.to_owned(), rows: 2000, lost: None };
                assert_eq!(saved.unwrap(), [all("words"), all("lines")]);
            },
        );
    }

    #[test]
    fn what_lies_before_and_behind_damage_is_saved() {
        // Every page that has the middle row: of both tables and of the index.
        let overwrite = |file: &mut std::fs::File| {
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            let pages: Vec<usize> = content
                .chunks(PAGE)
                .enumerate()
                .filter(|(_, page)| page.windows(12).any(|text| text == b"00001000 and"))
                .map(|(number, _)| number * PAGE)
                .collect();
            assert_eq!(pages.len(), 3);
            for page in pages {
                file.seek(SeekFrom::Start(page as u64)).unwrap();
                file.write_all(&[0xa5; PAGE]).unwrap();
            }
        };
        check(overwrite, |saved| {
            let saved = saved.unwrap();
            assert_eq!(saved.len(), 2);
            for table in &saved {
                assert!((1800..2000).contains(&table.rows) && table.lost.is_some(), "{saved:?}");
            }
        });
    }

    #[test]
    fn of_what_is_no_database_nothing_is_saved() {
        let overwrite = |file: &mut std::fs::File| file.write_all(&[0xa5; 100]).unwrap();
        check(overwrite, |saved| assert!(saved.is_err()));
    }
}
