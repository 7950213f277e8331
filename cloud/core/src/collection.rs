//! A durable, ordered set of documents: read from memory, written through the store.
//!
//! Control-plane state (functions, roles, APIs, stacks) is small and read all the time; it is loaded once and every
//! change is committed before it can be seen. What grows without bound (log events, objects) has tables of its own.

use crate::context::Context;
use crate::store::{Store, StoreError};
use rusqlite::Connection;
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Account, region (empty for global resources) and id.
type Key = (Arc<str>, Arc<str>, String);

/// Where documents live: an account and region, or an account alone for global resources.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// The account's twelve digits; empty for what all accounts share, as bucket names.
    pub account: Arc<str>,
    /// The region; empty for global resources.
    pub region: Arc<str>,
}

impl Scope {
    /// The account and region of a call.
    pub fn regional(context: &Context) -> Self {
        Self { account: Arc::clone(&context.account), region: Arc::clone(&context.region) }
    }

    /// The account of a call, for global resources such as IAM's.
    pub fn global(context: &Context) -> Self {
        Self { account: Arc::clone(&context.account), region: "".into() }
    }

    /// Shared by all accounts and regions.
    pub fn everywhere() -> Self {
        Self { account: "".into(), region: "".into() }
    }
}

/// Documents of one kind.
pub struct Collection<T> {
    store: Arc<Store>,
    name: &'static str,
    items: RwLock<BTreeMap<Key, Arc<T>>>,
    /// One change at a time, so that a read-modify-write is atomic.
    changing: tokio::sync::Mutex<()>,
}

impl<T: Serialize + DeserializeOwned + Send + Sync + 'static> Collection<T> {
    /// Loads the documents of that name.
    ///
    /// # Errors
    /// When the store cannot be read or a document has another form.
    pub fn open(store: &Arc<Store>, name: &'static str) -> Result<Self, StoreError> {
        let rows = store.read_now(|connection| {
            let mut query =
                connection.prepare("SELECT account, region, id, body FROM documents WHERE collection = ?1")?;
            let rows = query.query_map([name], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, String>(2)?,
                    row.get::<_, String>(3)?,
                ))
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let mut items = BTreeMap::new();
        for (account, region, id, body) in rows {
            let value = serde_json::from_str(&body).map_err(|error| StoreError::Document {
                collection: name.to_owned(),
                id: id.clone(),
                reason: error.to_string(),
            })?;
            items.insert((account.into(), region.into(), id), Arc::new(value));
        }
        Ok(Self { store: Arc::clone(store), name, items: RwLock::new(items), changing: tokio::sync::Mutex::default() })
    }

    /// Loads the documents of that name, which format 1 of the store kept under another.
    ///
    /// # Errors
    /// When the store cannot be read or written, or a document has another form.
    pub fn renamed(store: &Arc<Store>, name: &'static str, former: &'static str) -> Result<Self, StoreError> {
        store.read_now(|connection| {
            connection.execute("UPDATE documents SET collection = ?1 WHERE collection = ?2", [name, former])
        })?;
        Self::open(store, name)
    }

    /// One document.
    pub fn get(&self, scope: &Scope, id: &str) -> Option<Arc<T>> {
        let items = self.items.read().unwrap_or_else(PoisonError::into_inner);
        items.get(&key(scope, id)).cloned()
    }

    /// The documents of a scope with their ids, by id.
    pub fn list(&self, scope: &Scope) -> Vec<(String, Arc<T>)> {
        let items = self.items.read().unwrap_or_else(PoisonError::into_inner);
        items
            .range(key(scope, "")..)
            .take_while(|((account, region, _), _)| *account == scope.account && *region == scope.region)
            .map(|((_, _, id), value)| (id.clone(), Arc::clone(value)))
            .collect()
    }

    /// All documents of all scopes: for start-up and for look-ups by an id that is unique everywhere.
    pub fn all(&self) -> Vec<(Scope, String, Arc<T>)> {
        let items = self.items.read().unwrap_or_else(PoisonError::into_inner);
        let scope = |account: &Arc<str>, region: &Arc<str>| Scope { account: account.clone(), region: region.clone() };
        items
            .iter()
            .map(|((account, region, id), value)| (scope(account, region), id.clone(), Arc::clone(value)))
            .collect()
    }

    /// The first document of all scopes with that id, for ids that are unique everywhere.
    pub fn find(&self, id: &str) -> Option<(Scope, Arc<T>)> {
        let items = self.items.read().unwrap_or_else(PoisonError::into_inner);
        items.iter().find(|((_, _, candidate), _)| candidate == id).map(|((account, region, _), value)| {
            (Scope { account: account.clone(), region: region.clone() }, Arc::clone(value))
        })
    }

    /// Writes a document, new or not.
    ///
    /// # Errors
    /// When it cannot be committed; memory stays as it was then.
    pub async fn put(&self, scope: &Scope, id: &str, value: T) -> Result<Arc<T>, StoreError> {
        let _one_at_a_time = self.changing.lock().await;
        self.commit(scope, id, Some(value)).await.map(|value| value.expect("a document was put"))
    }

    /// Removes a document and returns what it was.
    ///
    /// # Errors
    /// When the removal cannot be committed.
    pub async fn remove(&self, scope: &Scope, id: &str) -> Result<Option<Arc<T>>, StoreError> {
        let _one_at_a_time = self.changing.lock().await;
        let previous = self.get(scope, id);
        if previous.is_some() {
            self.commit(scope, id, None).await?;
        }
        Ok(previous)
    }

    /// Reads, decides and writes as one step: `change` sees the document as it is and answers what it shall be
    /// (`None` removes it). Returns the document as it is now.
    ///
    /// # Errors
    /// What `change` answers (nothing is written then), or a store's error.
    pub async fn update<E: From<StoreError>>(
        &self,
        scope: &Scope,
        id: &str,
        change: impl FnOnce(Option<&T>) -> Result<Option<T>, E>,
    ) -> Result<Option<Arc<T>>, E> {
        let _one_at_a_time = self.changing.lock().await;
        let current = self.get(scope, id);
        let next = change(current.as_deref())?;
        if current.is_none() && next.is_none() {
            return Ok(None);
        }
        Ok(self.commit(scope, id, next).await?)
    }

    /// Removes everything.
    ///
    /// # Errors
    /// When the removal cannot be committed.
    pub async fn clear(&self) -> Result<(), StoreError> {
        let _one_at_a_time = self.changing.lock().await;
        let name = self.name;
        self.store.free(move |c| c.execute("DELETE FROM documents WHERE collection = ?1", [name])).await?;
        self.items.write().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }

    async fn commit(&self, scope: &Scope, id: &str, value: Option<T>) -> Result<Option<Arc<T>>, StoreError> {
        let body = value.as_ref().map(serde_json::to_string).transpose().map_err(|error| StoreError::Document {
            collection: self.name.to_owned(),
            id: id.to_owned(),
            reason: error.to_string(),
        })?;
        let (name, account, region, row) =
            (self.name, scope.account.to_string(), scope.region.to_string(), id.to_owned());
        let write = move |connection: &Connection| match body {
            Some(body) => connection
                .prepare_cached("INSERT OR REPLACE INTO documents VALUES (?1, ?2, ?3, ?4, ?5)")?
                .execute((name, account, region, row, body)),
            None => connection
                .prepare_cached(
                    "DELETE FROM documents WHERE collection = ?1 AND account = ?2 AND region = ?3 AND id = ?4",
                )?
                .execute((name, account, region, row)),
        };
        // Whoever deletes something large, as a stack, notes its way in documents that are there.
        match self.get(scope, id) {
            Some(_) => self.store.free(write).await?,
            None => self.store.write(write).await?,
        };
        let mut items = self.items.write().unwrap_or_else(PoisonError::into_inner);
        Ok(match value {
            Some(value) => {
                let value = Arc::new(value);
                items.insert(key(scope, id), Arc::clone(&value));
                Some(value)
            }
            None => {
                items.remove(&key(scope, id));
                None
            }
        })
    }
}

fn key(scope: &Scope, id: &str) -> Key {
    (Arc::clone(&scope.account), Arc::clone(&scope.region), id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::durability::Durability;
    use crate::principal::Principal;

    #[tokio::test]
    async fn documents_of_a_former_name_are_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("slam.db"), Durability::Process).unwrap();
        let scope = Scope::everywhere();
        Collection::open(&store, "old_words").unwrap().put(&scope, "a", "one".to_owned()).await.unwrap();
        for _ in 0..2 {
            let words = Collection::<String>::renamed(&store, "service.words", "old_words").unwrap();
            assert_eq!(words.get(&scope, "a").as_deref(), Some(&"one".to_owned()));
        }
        assert!(Collection::<String>::open(&store, "old_words").unwrap().all().is_empty());
    }

    #[tokio::test]
    async fn documents_survive_reopening_and_scopes_do_not_mix() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("slam.db"), Durability::Process).unwrap();
        let context = Context::new("000000000000", "us-east-1", Principal::Anonymous);
        let (here, there) = (Scope::regional(&context), Scope::global(&context));
        let collection = Collection::<String>::open(&store, "words").unwrap();
        collection.put(&here, "a", "one".into()).await.unwrap();
        collection.put(&there, "a", "two".into()).await.unwrap();
        let refused = collection.update(&here, "a", |_| Err(StoreError::Closed)).await;
        assert!(refused.is_err());
        let again = Collection::<String>::open(&store, "words").unwrap();
        assert_eq!(again.get(&here, "a").as_deref(), Some(&"one".to_owned()));
        assert_eq!(again.list(&there).len(), 1);
        assert_eq!(again.remove(&here, "a").await.unwrap().as_deref(), Some(&"one".to_owned()));
        assert!(Collection::<String>::open(&store, "words").unwrap().get(&here, "a").is_none());
    }
}
