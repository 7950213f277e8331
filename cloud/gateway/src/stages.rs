//! Stages that are ready to serve: everything of them that can be known before a request comes is worked out once, and kept until
//! something that they were made of changes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// Stages by API and name.
#[derive(Debug)]
pub struct Stages<S> {
    ready: RwLock<HashMap<String, HashMap<String, Arc<S>>>>,
    /// Grows with each change, so that what was made of the state before is not kept.
    generation: AtomicU64,
}

impl<S> Default for Stages<S> {
    fn default() -> Self {
        Self { ready: RwLock::default(), generation: AtomicU64::default() }
    }
}

impl<S> Stages<S> {
    /// A stage, made now or before; none where none can be made.
    pub fn get(&self, api_id: &str, name: &str, make: impl FnOnce() -> Option<S>) -> Option<Arc<S>> {
        let ready = self.ready.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(stage) = ready.get(api_id).and_then(|stages| stages.get(name)) {
            return Some(Arc::clone(stage));
        }
        drop(ready);
        let generation = self.generation.load(Ordering::SeqCst);
        let stage = Arc::new(make()?);
        let mut ready = self.ready.write().unwrap_or_else(PoisonError::into_inner);
        if self.generation.load(Ordering::SeqCst) == generation {
            ready.entry(api_id.to_owned()).or_default().insert(name.to_owned(), Arc::clone(&stage));
        }
        Some(stage)
    }

    /// Forgets the stages of an API: something of them has changed.
    pub fn forget(&self, api_id: &str) {
        let mut ready = self.ready.write().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::SeqCst);
        ready.remove(api_id);
    }

    /// Forgets all stages.
    pub fn forget_all(&self) {
        let mut ready = self.ready.write().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::SeqCst);
        ready.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_made_once_until_it_changes() {
        let stages = Stages::default();
        let get = |api: &str, number| stages.get(api, "dev", || Some(number)).map(|stage| *stage);
        assert_eq!([get("a", 1), get("a", 2), get("b", 3)], [Some(1), Some(1), Some(3)]);
        stages.forget("a");
        assert_eq!([get("a", 4), get("b", 5)], [Some(4), Some(3)]);
        stages.forget_all();
        assert_eq!(get("b", 6), Some(6));
        assert_eq!(stages.get("c", "dev", || None), None);
    }

    #[test]
    fn what_changes_while_it_is_made_is_not_kept() {
        let stages = Stages::default();
        let while_made = || {
            stages.forget("a");
            Some("old")
        };
        assert_eq!(stages.get("a", "dev", while_made).as_deref(), Some(&"old"));
        assert_eq!(stages.get("a", "dev", || Some("new")).as_deref(), Some(&"new"));
    }
}
