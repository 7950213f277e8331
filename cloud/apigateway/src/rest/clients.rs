//! Who has API keys, and by which usage plans: what is looked up with each request that needs a key.

use crate::ApiGateway;
use crate::model::{ApiKey, UsagePlan};
use crate::store::Collections;
use slam_cloud_core::collection::Scope;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The keys of an account and region by their values, each with its plans.
#[derive(Default)]
pub struct Clients(HashMap<String, (Arc<ApiKey>, Vec<Arc<UsagePlan>>)>);

impl Clients {
    fn read(store: &Collections, scope: &Scope) -> Self {
        let mut plans: HashMap<String, Vec<Arc<UsagePlan>>> = HashMap::new();
        for (_, plan) in store.usage_plans.list(scope) {
            for key in &plan.keys {
                plans.entry(key.clone()).or_default().push(Arc::clone(&plan));
            }
        }
        let keys = store.api_keys.list(scope).into_iter();
        Self(keys.map(|(id, key)| (key.value.clone(), (key, plans.remove(&id).unwrap_or_default()))).collect())
    }

    /// The key of a value that may be used, and its plan for a stage.
    pub fn find(&self, value: &str, api_id: &str, stage: &str) -> Option<(&Arc<ApiKey>, &Arc<UsagePlan>)> {
        let (key, plans) = self.0.get(value).filter(|(key, _)| key.enabled)?;
        let plan = plans.iter().find(|plan| plan.covers(api_id, stage).is_some())?;
        Some((key, plan))
    }
}

/// What was read of accounts and regions, until it changes.
#[derive(Default)]
pub struct Known {
    by_scope: RwLock<(u64, HashMap<Scope, Arc<Clients>>)>,
}

impl Known {
    /// Forgets all: a key or a plan has changed.
    pub fn forget(&self) {
        let mut known = self.by_scope.write().unwrap_or_else(PoisonError::into_inner);
        known.0 += 1;
        known.1.clear();
    }

    fn get(&self, scope: &Scope) -> (u64, Option<Arc<Clients>>) {
        let known = self.by_scope.read().unwrap_or_else(PoisonError::into_inner);
        (known.0, known.1.get(scope).cloned())
    }

    /// What was read of a state that was another meanwhile is not kept.
    fn keep(&self, generation: u64, scope: &Scope, clients: &Arc<Clients>) {
        let mut known = self.by_scope.write().unwrap_or_else(PoisonError::into_inner);
        if known.0 == generation {
            known.1.insert(scope.clone(), Arc::clone(clients));
        }
    }
}

impl ApiGateway {
    /// The clients of an account and region.
    pub(super) fn clients(&self, scope: &Scope) -> Arc<Clients> {
        let (generation, known) = self.runtime.clients.get(scope);
        known.unwrap_or_else(|| {
            let clients = Arc::new(Clients::read(&self.store, scope));
            self.runtime.clients.keep(generation, scope, &clients);
            clients
        })
    }
}
