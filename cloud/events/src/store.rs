//! Buses and rules on disk: a document each; what a bus's rules match is read once and kept.

use crate::error::{exists, no_such_bus, no_such_rule, too_many};
use crate::model::bus::Bus;
use crate::model::name::{BusName, DEFAULT};
use crate::model::rule::Rule;
use slam_cloud_core::collection::{Collection, Scope};
use slam_cloud_core::{AwsError, AwsResult, Store, StoreError, Timestamp};
use slam_cloud_kit::agenda::{Agenda, Key};
use slam_cloud_kit::pattern::Pattern;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The buses that an account may have in a region, and the rules of a bus.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
const BUSES: usize = 100;
const RULES: usize = 300;

/// A rule that is enabled, with its pattern as it is asked.
pub struct Active {
    /// The rule.
    pub rule: Arc<Rule>,
    /// Which events it is for.
    pub pattern: Pattern,
}

/// Buses and rules by account, region and name.
pub struct EventsStore {
    buses: Collection<Bus>,
    rules: Collection<Rule>,
    /// When rules come by themselves.
    pub agenda: Agenda,
    active: RwLock<HashMap<BusName, Arc<[Active]>>>,
    /// Held while a bus or rule is made or goes, so that none is made on a bus that goes.
    making: tokio::sync::Mutex<()>,
}

impl EventsStore {
    /// Loads them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open(store: &Arc<Store>) -> Result<Self, StoreError> {
        let opened = Self {
            buses: Collection::open(store, "events.buses")?,
            rules: Collection::open(store, "events.rules")?,
            agenda: Agenda::default(),
            active: RwLock::default(),
            making: tokio::sync::Mutex::default(),
        };
        for (scope, id, rule) in opened.rules.all() {
            if rule.next.is_some() {
                opened.note((scope, id));
            }
        }
        Ok(opened)
    }

    /// Notes in the agenda when a rule comes by itself.
    fn note(&self, key: Key) {
        let look = || self.rules.get(&key.0, &key.1).and_then(|rule| rule.next).map(Some);
        self.agenda.note(key.clone(), look);
    }

    /// A bus, if it is there.
    pub fn find_bus(&self, name: &BusName) -> Option<Arc<Bus>> {
        let by_default = || name.is_default().then(Arc::default);
        self.buses.get(&name.scope, &name.name).or_else(by_default)
    }

    /// A bus, which must be there.
    ///
    /// # Errors
    /// When it is not.
    pub fn bus(&self, name: &BusName) -> AwsResult<Arc<Bus>> {
        self.find_bus(name).ok_or_else(|| no_such_bus(&name.name))
    }

    /// All buses of an account and region, by name.
    pub fn buses(&self, scope: &Scope) -> Vec<(String, Arc<Bus>)> {
        let mut buses = self.buses.list(scope);
        if !buses.iter().any(|(name, _)| name == DEFAULT) {
            buses.push((DEFAULT.to_owned(), Arc::default()));
            buses.sort_by(|(one, _), (other, _)| one.cmp(other));
        }
        buses
    }

    /// Makes a bus.
    ///
    /// # Errors
    /// When there is one of its name, or too many.
    pub async fn add_bus(&self, name: &BusName, bus: Bus) -> AwsResult<()> {
        let _making = self.making.lock().await;
        if self.find_bus(name).is_some() {
            return Err(exists(format!("Event bus {} already exists.", name.name)));
        }
        if self.buses(&name.scope).len() > BUSES {
            return Err(too_many());
        }
        self.buses.put(&name.scope, &name.name, bus).await?;
        Ok(())
    }

    /// Changes a bus.
    ///
    /// # Errors
    /// When it is not there, or what `change` answers.
    pub async fn change_bus(
        &self,
        name: &BusName,
        change: impl FnOnce(&mut Bus) -> AwsResult<()>,
    ) -> AwsResult<Arc<Bus>> {
        let _making = self.making.lock().await;
        let mut bus = Bus::clone(&*self.bus(name)?);
        change(&mut bus)?;
        Ok(self.buses.put(&name.scope, &name.name, bus).await?)
    }

    /// Deletes a bus, which must have no rules (API reference, DeleteEventBus).
    ///
    /// # Errors
    /// When it has some, or the store fails.
    pub async fn remove_bus(&self, name: &BusName) -> AwsResult<()> {
        let _making = self.making.lock().await;
        if !self.rules(name).is_empty() {
            return Err(AwsError::validation(format!("Event bus {} can't be deleted since it has rules.", name.name)));
        }
        self.buses.remove(&name.scope, &name.name).await?;
        self.forget(name);
        Ok(())
    }

    /// The rules of a bus, by name.
    pub fn rules(&self, bus: &BusName) -> Vec<Arc<Rule>> {
        self.rules.list(&bus.scope).into_iter().map(|(_, rule)| rule).filter(|rule| rule.bus == bus.name).collect()
    }

    /// A rule, which must be there.
    ///
    /// # Errors
    /// When it is not, or its bus is not.
    pub fn rule(&self, bus: &BusName, name: &str) -> AwsResult<Arc<Rule>> {
        self.find_rule(bus, name).ok_or_else(|| match self.bus(bus) {
            Ok(_) => no_such_rule(&bus.name, name),
            Err(error) => error,
        })
    }

    /// A rule, if it is there.
    pub fn find_rule(&self, bus: &BusName, name: &str) -> Option<Arc<Rule>> {
        self.rules.get(&bus.scope, &bus.rule_id(name))
    }

    /// A rule by what it is stored by.
    pub fn rule_at(&self, (scope, id): &Key) -> Option<Arc<Rule>> {
        self.rules.get(scope, id)
    }

    /// Makes or changes a rule: `change` says what it shall be, `None` that it shall not be.
    ///
    /// # Errors
    /// When its bus is not there, there would be too many rules, or what `change` answers.
    pub async fn change_rule(
        &self,
        bus: &BusName,
        name: &str,
        change: impl FnOnce(Option<&Rule>) -> AwsResult<Option<Rule>>,
    ) -> AwsResult<()> {
        let _making = self.making.lock().await;
        self.bus(bus)?;
        let is_full = self.find_rule(bus, name).is_none() && self.rules(bus).len() >= RULES;
        let change = |there: Option<&Rule>| match change(there)? {
            Some(_) if is_full => Err(too_many()),
            changed => Ok(changed),
        };
        self.rules.update::<AwsError>(&bus.scope, &bus.rule_id(name), change).await?;
        self.forget(bus);
        self.note((bus.scope.clone(), bus.rule_id(name)));
        Ok(())
    }

    /// Sets when a rule comes next by itself, unless somebody changed that meanwhile.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_next(&self, key: &Key, due: Timestamp, next: Option<Timestamp>) -> Result<(), StoreError> {
        let set = |rule: Option<&Rule>| {
            Ok(rule.map(|rule| match rule.next == Some(due) {
                true => Rule { next, ..rule.clone() },
                false => rule.clone(),
            }))
        };
        self.rules.update::<StoreError>(&key.0, &key.1, set).await?;
        self.note(key.clone());
        Ok(())
    }

    /// The rules of a bus that events may meet. They are read when they are asked for first after a change.
    pub fn active(&self, bus: &BusName) -> Arc<[Active]> {
        if let Some(active) = self.active.read().unwrap_or_else(PoisonError::into_inner).get(bus) {
            return Arc::clone(active);
        }
        // Nobody forgets in between what is read here.
        let mut all = self.active.write().unwrap_or_else(PoisonError::into_inner);
        let rules = self.rules(bus).into_iter().filter(|rule| rule.enabled && !rule.targets.is_empty());
        let active = rules.filter_map(|rule| {
            let pattern = Pattern::parse(rule.pattern.as_deref()?).ok()?;
            Some(Active { rule, pattern })
        });
        let active: Arc<[Active]> = active.collect();
        if self.find_bus(bus).is_some() {
            all.insert(bus.clone(), Arc::clone(&active));
        }
        active
    }

    fn forget(&self, bus: &BusName) {
        self.active.write().unwrap_or_else(PoisonError::into_inner).remove(bus);
    }

    /// Removes everything.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        let _making = self.making.lock().await;
        self.rules.clear().await?;
        self.buses.clear().await?;
        self.active.write().unwrap_or_else(PoisonError::into_inner).clear();
        self.agenda.clear();
        Ok(())
    }
}
