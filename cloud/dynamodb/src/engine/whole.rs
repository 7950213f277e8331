//! Tables are made and deleted whole.
//!
//! The engine writes a table's rows, its data, its stream and its tags one after the other, each in a transaction of its own,
//! and it deletes them so. What it does with a storage is open to others, though: so these two are done on a second
//! connection to the same file, within one transaction. All other changes of a table are one in the engine.

use super::read::read;
use crate::error::convert;
use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::actions::{create_table, delete_table};
use dynoxide::storage::Storage;
use dynoxide::{Database, DynoxideError};
use futures_util::FutureExt as _;
use slam_cloud_core::{AwsError, AwsResult, Durability};
use std::sync::{Mutex, PoisonError};

/// One change of that kind at a time: what the engine remembers of a deleted table must be gone before another has its name.
static TURN: Mutex<()> = Mutex::new(());

/// Makes or deletes a table; `None` for other operations.
pub(super) fn run(
    engine: &Database,
    durability: Durability,
    operation: &'static str,
    body: &str,
) -> Option<AwsResult<String>> {
    match operation {
        "CreateTable" => Some(create(engine, durability, body)),
        "DeleteTable" => Some(delete(engine, durability, body)),
        _ => None,
    }
}

fn create(engine: &Database, durability: Durability, body: &str) -> AwsResult<String> {
    let request = read("CreateTable", body)?;
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let storage = second(engine, durability)?;
    let made = in_one_transaction(&storage, || create_table::execute(&storage, request).now_or_never())?;
    serde_json::to_string(&made).map_err(AwsError::internal)
}

fn delete(engine: &Database, durability: Durability, body: &str) -> AwsResult<String> {
    let request = || read::<delete_table::DeleteTableRequest>("DeleteTable", body);
    let given = request()?;
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let storage = second(engine, durability)?;
    // Of indexes of vectors, which are refused here.
    let lifecycle = VectorIndexLifecycle::new();
    let deleted = in_one_transaction(&storage, || delete_table::execute(&storage, given, &lifecycle).now_or_never())?;
    // Only that makes the engine forget what it remembers of the table. It finds nothing to delete, or not even that.
    let _ = engine.delete_table(request()?);
    serde_json::to_string(&deleted).map_err(AwsError::internal)
}

/// A second connection to an engine's file.
pub(super) fn second(engine: &Database, durability: Durability) -> AwsResult<Storage> {
    let path = engine.db_path().map_err(convert)?.ok_or_else(|| AwsError::internal("the tables have no file"))?;
    let storage = Storage::new(&path).map_err(convert)?;
    if durability == Durability::Process {
        storage.disable_bulk_loading().map_err(convert)?;
    }
    Ok(storage)
}

/// Does all of a change or nothing. With a file the engine's steps wait for nobody, so they are done at once.
fn in_one_transaction<T>(storage: &Storage, change: impl FnOnce() -> Option<Result<T, DynoxideError>>) -> AwsResult<T> {
    storage.begin_transaction().map_err(convert)?;
    let waits = || AwsError::internal("the database waits for something");
    let done = change().ok_or_else(waits).and_then(|done| done.map_err(convert));
    let committed = done.and_then(|done| storage.commit().map(|()| done).map_err(convert));
    if committed.is_err() {
        // SQLite may have done so already, on a full disk for one. Then the connection ends, and with it the transaction.
        let _ = storage.rollback();
    }
    committed
}

#[cfg(test)]
mod tests {
    use super::super::dispatch;
    use super::*;
    use serde_json::{Value, json};

    fn file(folder: &tempfile::TempDir) -> Database {
        Database::new(folder.path().join("tables.db").to_str().unwrap()).unwrap()
    }

    fn table(more: Value) -> String {
        let mut request = json!({
            "TableName": "tasks",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
        });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        request.to_string()
    }

    fn done(engine: &Database, operation: &'static str, body: &str) -> AwsResult<String> {
        run(engine, Durability::Process, operation, body).unwrap()
    }

    #[test]
    fn a_table_that_is_refused_late_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        let engine = file(&folder);
        // The engine counts tags after it has made the table.
        let tags: Vec<Value> = (0..51).map(|n| json!({"Key": n.to_string(), "Value": ""})).collect();
        let error = done(&engine, "CreateTable", &table(json!({"Tags": tags}))).unwrap_err();
        assert!(error.message.contains("tag limit is 50"), "{error:?}");
        assert!(engine.get_table_metadata("tasks").unwrap().is_none());
        done(&engine, "CreateTable", &table(json!({}))).unwrap();
    }

    #[test]
    fn a_change_that_does_not_end_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let engine = file(&folder);
        let storage = second(&engine, Durability::Process).unwrap();
        let request = read("CreateTable", &table(json!({"Tags": [{"Key": "a", "Value": "b"}]}))).unwrap();
        storage.begin_transaction().unwrap();
        create_table::execute(&storage, request).now_or_never().unwrap().unwrap();
        drop(storage);
        assert!(engine.get_table_metadata("tasks").unwrap().is_none());
    }

    #[test]
    fn the_engine_knows_nothing_of_a_table_that_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let engine = file(&folder);
        let put = |item: Value| {
            let body = json!({"TableName": "tasks", "Item": item}).to_string();
            dispatch::run(&engine, "PutItem", &body).map_err(|error| error.message)
        };
        done(&engine, "CreateTable", &table(json!({}))).unwrap();
        assert!(put(json!({"id": {"S": "a"}})).is_ok());
        assert!(done(&engine, "CreateTable", &table(json!({}))).is_err());
        done(&engine, "DeleteTable", r#"{"TableName": "tasks"}"#).unwrap();
        assert_eq!(put(json!({"id": {"S": "a"}})), Err("Requested resource not found".to_owned()));
        let other = json!({
            "AttributeDefinitions": [{"AttributeName": "name", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "name", "KeyType": "HASH"}],
        });
        done(&engine, "CreateTable", &table(other)).unwrap();
        assert!(put(json!({"id": {"S": "a"}})).is_err());
        assert!(put(json!({"name": {"S": "a"}})).is_ok());
        let count = dispatch::run(&engine, "Scan", r#"{"TableName": "tasks"}"#).unwrap();
        assert!(count.contains(r#""Count":1"#), "{count}");
    }

    #[test]
    fn a_protected_table_stays() {
        let folder = tempfile::tempdir().unwrap();
        let engine = file(&folder);
        done(&engine, "CreateTable", &table(json!({"DeletionProtectionEnabled": true}))).unwrap();
        assert!(done(&engine, "DeleteTable", r#"{"TableName": "tasks"}"#).is_err());
        assert!(engine.get_table_metadata("tasks").unwrap().is_some());
    }
}
