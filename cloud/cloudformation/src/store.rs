//! What CloudFormation keeps, in memory for reading and in one table for good.
//!
//! A [`Batch`] is one transaction: a resource's new state and the event that tells of it are never apart.

use crate::model::{ChangeSet, Event, Resource, Stack};
use indexmap::IndexMap;
use serde::{Serialize, de::DeserializeOwned};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Store, StoreError};
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// Events that are kept of one stack; AWS keeps 90 days.
const MAX_EVENTS: usize = 10_000;
/// Change sets of a stack that are kept after they were executed or made obsolete.
const MAX_DONE: usize = 20;
/// Deleted stacks that are kept for those who know their ARN; AWS keeps 90 days.
const MAX_DELETED: usize = 500;

/// The tables of CloudFormation.
pub struct StackStore {
    store: Arc<Store>,
    state: RwLock<State>,
    sequence: AtomicU64,
    /// One change of a stack's own record at a time.
    changing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    stacks: BTreeMap<String, (Scope, Arc<Stack>)>,
    resources: HashMap<String, IndexMap<String, Arc<Resource>>>,
    events: HashMap<String, Vec<(u64, Arc<Event>)>>,
    change_sets: BTreeMap<String, (Scope, Arc<ChangeSet>)>,
    templates: HashMap<(String, String), Arc<str>>,
}

/// Changes that become true together.
#[derive(Default)]
pub struct Batch {
    writes: Vec<Write>,
}

enum Write {
    Stack(Scope, Box<Stack>),
    Resource(String, Box<Resource>),
    DropResource(String, String),
    Event(String, Event),
    ChangeSet(Scope, Box<ChangeSet>),
    DropChangeSet(String),
    Template { stack: String, key: String, text: Arc<str> },
    DropTemplate(String, String),
    Forget(String),
}

impl Batch {
    /// A stack's record.
    #[must_use]
    pub fn stack(mut self, scope: &Scope, stack: Stack) -> Self {
        self.writes.push(Write::Stack(scope.clone(), Box::new(stack)));
        self
    }
    /// A resource of a stack.
    #[must_use]
    pub fn resource(mut self, stack: &str, resource: Resource) -> Self {
        self.writes.push(Write::Resource(stack.to_owned(), Box::new(resource)));
        self
    }
    /// A resource that a stack no longer knows.
    #[must_use]
    pub fn drop_resource(mut self, stack: &str, logical_id: &str) -> Self {
        self.writes.push(Write::DropResource(stack.to_owned(), logical_id.to_owned()));
        self
    }
    /// An event of a stack.
    #[must_use]
    pub fn event(mut self, stack: &str, event: Event) -> Self {
        self.writes.push(Write::Event(stack.to_owned(), event));
        self
    }
    /// A change set.
    #[must_use]
    pub fn change_set(mut self, scope: &Scope, change_set: ChangeSet) -> Self {
        self.writes.push(Write::ChangeSet(scope.clone(), Box::new(change_set)));
        self
    }
    /// A change set that is gone.
    #[must_use]
    pub fn drop_change_set(mut self, id: &str) -> Self {
        self.writes.push(Write::DropChangeSet(id.to_owned()));
        self
    }
    /// A template's text.
    #[must_use]
    pub fn template(mut self, stack: &str, key: &str, text: &str) -> Self {
        self.writes.push(Write::Template { stack: stack.to_owned(), key: key.to_owned(), text: text.into() });
        self
    }
    /// Everything of a stack goes.
    #[must_use]
    pub fn forget(mut self, stack: &str) -> Self {
        self.writes.push(Write::Forget(stack.to_owned()));
        self
    }
}

/// What a committed write does to memory.
type Applied = Box<dyn FnOnce(&mut State) + Send>;

/// A row of the table.
struct Row {
    kind: &'static str,
    parent: String,
    id: String,
    account: String,
    region: String,
    /// `None` removes it.
    body: Option<String>,
}

impl StackStore {
    /// Opens the table and reads it.
    ///
    /// # Errors
    /// When it cannot be read or a row has another form.
    pub fn open(store: &Arc<Store>) -> Result<Self, StoreError> {
        store.migrate(
            "CREATE TABLE IF NOT EXISTS cloudformation (
                 kind TEXT NOT NULL, parent TEXT NOT NULL, id TEXT NOT NULL,
                 account TEXT NOT NULL, region TEXT NOT NULL, body TEXT NOT NULL,
                 PRIMARY KEY (kind, parent, id)
             ) WITHOUT ROWID;",
        )?;
        let rows = store.read_now(|connection| {
            let mut query = connection.prepare(
                "SELECT kind, parent, id, account, region, body FROM cloudformation ORDER BY kind, parent, id",
            )?;
            let rows = query.query_map([], |row| {
                Ok([row.get::<_, String>(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?])
            })?;
            rows.collect::<rusqlite::Result<Vec<_>>>()
        })?;
        let mut state = State::default();
        let mut last = 0;
        for [kind, parent, id, account, region, body] in rows {
            let scope = Scope { account: account.into(), region: region.into() };
            match &*kind {
                "stack" => {
                    let stack = read(&kind, &id, &body)?;
                    state.stacks.insert(id, (scope, Arc::new(stack)));
                }
                "resource" => {
                    let resource = read(&kind, &id, &body)?;
                    state.resources.entry(parent).or_default().insert(id, Arc::new(resource));
                }
                "event" => {
                    let sequence = id.parse().unwrap_or(0);
                    last = last.max(sequence);
                    let event = read(&kind, &id, &body)?;
                    state.events.entry(parent).or_default().push((sequence, Arc::new(event)));
                }
                "change-set" => {
                    let change_set = read(&kind, &id, &body)?;
                    state.change_sets.insert(id, (scope, Arc::new(change_set)));
                }
                "template" => {
                    state.templates.insert((parent, id), body.into());
                }
                _ => {}
            }
        }
        Ok(Self {
            store: Arc::clone(store),
            state: RwLock::new(state),
            sequence: AtomicU64::new(last + 1),
            changing: tokio::sync::Mutex::default(),
        })
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// A stack by its ARN.
    pub fn stack(&self, id: &str) -> Option<Arc<Stack>> {
        self.state().stacks.get(id).map(|(_, stack)| Arc::clone(stack))
    }

    /// A stack by its name (which only finds stacks that are not deleted) or its ARN, in a scope.
    pub fn find(&self, scope: &Scope, name_or_id: &str) -> Option<Arc<Stack>> {
        let state = self.state();
        if name_or_id.starts_with("arn:") {
            return state
                .stacks
                .get(name_or_id)
                .filter(|(found, _)| found == scope)
                .map(|(_, stack)| Arc::clone(stack));
        }
        let mut here = state.stacks.values().filter(|(found, stack)| found == scope && !stack.is_deleted());
        here.find(|(_, stack)| stack.name == name_or_id).map(|(_, stack)| Arc::clone(stack))
    }

    /// The stacks of a scope, deleted ones among them, the newest first.
    pub fn stacks(&self, scope: &Scope) -> Vec<Arc<Stack>> {
        let state = self.state();
        let here = state.stacks.values().filter(|(found, _)| found == scope);
        let mut stacks: Vec<_> = here.map(|(_, stack)| Arc::clone(stack)).collect();
        stacks.sort_by(|one, other| other.created.cmp(&one.created).then_with(|| one.id.cmp(&other.id)));
        stacks
    }

    /// All stacks on which an operation runs, of all scopes.
    pub fn unfinished(&self) -> Vec<(Scope, Arc<Stack>)> {
        let state = self.state();
        let running = state.stacks.values().filter(|(_, stack)| stack.operation.is_some());
        running.map(|(scope, stack)| (scope.clone(), Arc::clone(stack))).collect()
    }

    /// The resources of a stack by logical id.
    pub fn resources(&self, stack: &str) -> IndexMap<String, Arc<Resource>> {
        let mut resources = self.state().resources.get(stack).cloned().unwrap_or_default();
        resources.sort_unstable_keys();
        resources
    }

    /// The stack of a scope that has a resource of that type and physical id.
    pub fn owner(&self, scope: &Scope, resource_type: &str, physical_id: &str) -> Option<String> {
        let state = self.state();
        let same = |resource: &Arc<Resource>| {
            resource.exists()
                && resource.resource_type == resource_type
                && resource.physical.as_ref().is_some_and(|physical| physical.id == physical_id)
        };
        let mut here = state.stacks.values().filter(|(found, stack)| found == scope && !stack.is_deleted());
        here.find(|(_, stack)| state.resources.get(&stack.id).is_some_and(|all| all.values().any(same)))
            .map(|(_, stack)| stack.id.clone())
    }

    /// One resource.
    pub fn resource(&self, stack: &str, logical_id: &str) -> Option<Arc<Resource>> {
        self.state().resources.get(stack)?.get(logical_id).cloned()
    }

    /// The events of a stack, the newest first.
    pub fn events(&self, stack: &str) -> Vec<Arc<Event>> {
        let state = self.state();
        state.events.get(stack).into_iter().flatten().rev().map(|(_, event)| Arc::clone(event)).collect()
    }

    /// A change set by its ARN.
    pub fn change_set(&self, scope: &Scope, id: &str) -> Option<Arc<ChangeSet>> {
        let state = self.state();
        state.change_sets.get(id).filter(|(found, _)| found == scope).map(|(_, found)| Arc::clone(found))
    }

    /// The change sets of a stack.
    pub fn change_sets(&self, stack: &str) -> Vec<Arc<ChangeSet>> {
        let state = self.state();
        let mut found: Vec<_> = state
            .change_sets
            .values()
            .filter(|(_, set)| set.stack_id == stack)
            .map(|(_, set)| Arc::clone(set))
            .collect();
        found.sort_by_key(|set| set.created);
        found
    }

    /// A template's text.
    pub fn template(&self, stack: &str, key: &str) -> Option<Arc<str>> {
        self.state().templates.get(&(stack.to_owned(), key.to_owned())).cloned()
    }

    /// Writes a batch.
    ///
    /// # Errors
    /// When it cannot be committed; nothing of it is true then.
    pub async fn write(&self, batch: Batch) -> Result<(), StoreError> {
        let mut rows = Vec::with_capacity(batch.writes.len());
        let mut changes: Vec<Applied> = Vec::new();
        for write in batch.writes {
            self.prepare(write, &mut rows, &mut changes)?;
        }
        self.store
            .write(move |connection| {
                for row in rows {
                    match row.body {
                        Some(body) => connection
                            .prepare_cached("INSERT OR REPLACE INTO cloudformation VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
                            .execute((row.kind, row.parent, row.id, row.account, row.region, body))?,
                        None if row.kind == "*" => connection
                            .prepare_cached("DELETE FROM cloudformation WHERE parent = ?1 OR id = ?1")?
                            .execute([row.parent])?,
                        None => connection
                            .prepare_cached("DELETE FROM cloudformation WHERE kind = ?1 AND parent = ?2 AND id = ?3")?
                            .execute((row.kind, row.parent, row.id))?,
                    };
                }
                Ok(())
            })
            .await?;
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        for change in changes {
            change(&mut state);
        }
        Ok(())
    }

    fn prepare(&self, write: Write, rows: &mut Vec<Row>, changes: &mut Vec<Applied>) -> Result<(), StoreError> {
        let mut row = |kind, parent: &str, id: &str, scope: Option<&Scope>, body| {
            let (account, region) =
                scope.map_or_else(Default::default, |scope| (scope.account.to_string(), scope.region.to_string()));
            rows.push(Row { kind, parent: parent.to_owned(), id: id.to_owned(), account, region, body });
        };
        match write {
            Write::Stack(scope, stack) => {
                row("stack", "", &stack.id, Some(&scope), Some(text("stack", &stack.id, &*stack)?));
                changes.push(Box::new(move |state| {
                    state.stacks.insert(stack.id.clone(), (scope, Arc::from(stack)));
                }));
            }
            Write::Resource(parent, resource) => {
                let body = text("resource", &resource.logical_id, &*resource)?;
                row("resource", &parent, &resource.logical_id, None, Some(body));
                changes.push(Box::new(move |state| {
                    let resources = state.resources.entry(parent).or_default();
                    resources.insert(resource.logical_id.clone(), Arc::from(resource));
                }));
            }
            Write::DropResource(parent, logical_id) => {
                row("resource", &parent, &logical_id, None, None);
                changes.push(Box::new(move |state| {
                    if let Some(resources) = state.resources.get_mut(&parent) {
                        resources.shift_remove(&logical_id);
                    }
                }));
            }
            Write::Event(parent, event) => {
                let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
                let body = text("event", &event.id, &event)?;
                row("event", &parent, &format!("{sequence:016}"), None, Some(body));
                if let Some((oldest, _)) =
                    self.state().events.get(&parent).filter(|all| all.len() >= MAX_EVENTS).and_then(|all| all.first())
                {
                    row("event", &parent, &format!("{oldest:016}"), None, None);
                }
                changes.push(Box::new(move |state| {
                    let events = state.events.entry(parent).or_default();
                    if events.len() >= MAX_EVENTS {
                        events.remove(0);
                    }
                    let place = events.partition_point(|(before, _)| *before < sequence);
                    events.insert(place, (sequence, Arc::new(event)));
                }));
            }
            Write::ChangeSet(scope, set) => {
                row("change-set", &set.stack_id, &set.id, Some(&scope), Some(text("change-set", &set.id, &*set)?));
                changes.push(Box::new(move |state| {
                    state.change_sets.insert(set.id.clone(), (scope, Arc::from(set)));
                }));
            }
            Write::DropChangeSet(id) => {
                if let Some((_, set)) = self.state().change_sets.get(&id) {
                    row("change-set", &set.stack_id, &id, None, None);
                }
                changes.push(Box::new(move |state| {
                    state.change_sets.remove(&id);
                }));
            }
            Write::Template { stack, key, text } => {
                row("template", &stack, &key, None, Some(text.to_string()));
                changes.push(Box::new(move |state| {
                    state.templates.insert((stack, key), text);
                }));
            }
            Write::DropTemplate(stack, key) => {
                row("template", &stack, &key, None, None);
                changes.push(Box::new(move |state| {
                    state.templates.remove(&(stack, key));
                }));
            }
            Write::Forget(stack) => {
                row("*", &stack, "", None, None);
                changes.push(Box::new(move |state| state.forget(&stack)));
            }
        }
        Ok(())
    }

    /// Reads, decides and writes a stack's record as one step; `change` may add events and more to the batch.
    ///
    /// # Errors
    /// What `change` answers (nothing is written then), or a store's error.
    pub async fn change_stack<E: From<StoreError>>(&self, change: impl FnOnce() -> Result<Batch, E>) -> Result<(), E> {
        let _one_at_a_time = self.changing.lock().await;
        let batch = change()?;
        self.write(batch).await?;
        Ok(())
    }

    /// What a stack at rest no longer needs: templates that nothing refers to, change sets of long ago.
    pub fn garbage(&self, stack: &str) -> Batch {
        let mut batch = Batch::default();
        let sets = self.change_sets(stack);
        let (open, done): (Vec<_>, Vec<_>) = sets.into_iter().partition(|set| set.execution_status == "AVAILABLE");
        let (old, kept) = done.split_at(done.len().saturating_sub(MAX_DONE));
        for set in old {
            batch = batch.drop_change_set(&set.id);
        }
        let record = self.stack(stack);
        let mut needed: Vec<&str> = open.iter().chain(kept).map(|set| &*set.deployment.template).collect();
        if let Some(record) = &record {
            needed.push(&record.deployment.template);
            needed.extend(record.previous.as_ref().map(|previous| &*previous.template));
        }
        let state = self.state();
        for (parent, key) in state.templates.keys() {
            if parent == stack && !needed.contains(&&**key) {
                batch.writes.push(Write::DropTemplate(parent.clone(), key.clone()));
            }
        }
        batch
    }

    /// The deleted stacks of a scope that are too many to keep.
    pub fn superfluous(&self, scope: &Scope) -> Vec<String> {
        let mut deleted: Vec<_> = self.stacks(scope).into_iter().filter(|stack| stack.is_deleted()).collect();
        deleted.sort_by_key(|stack| std::cmp::Reverse(stack.deleted));
        deleted.into_iter().skip(MAX_DELETED).map(|stack| stack.id.clone()).collect()
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// When that cannot be committed.
    pub async fn clear(&self) -> Result<(), StoreError> {
        let _one_at_a_time = self.changing.lock().await;
        self.store.write(|connection| connection.execute("DELETE FROM cloudformation", [])).await?;
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = State::default();
        Ok(())
    }
}

impl State {
    fn forget(&mut self, stack: &str) {
        self.stacks.remove(stack);
        self.resources.remove(stack);
        self.events.remove(stack);
        self.change_sets.retain(|_, (_, set)| set.stack_id != stack);
        self.templates.retain(|(parent, _), _| parent != stack);
    }
}

fn text<T: Serialize>(kind: &str, id: &str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| broken(kind, id, &error))
}

fn read<T: DeserializeOwned>(kind: &str, id: &str, body: &str) -> Result<T, StoreError> {
    serde_json::from_str(body).map_err(|error| broken(kind, id, &error))
}

fn broken(kind: &str, id: &str, error: &serde_json::Error) -> StoreError {
    StoreError::Document { collection: format!("cloudformation {kind}"), id: id.to_owned(), reason: error.to_string() }
}
