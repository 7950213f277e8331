//! Groups and schedules on disk: a document each.

use crate::error::{conflict, no_such_group, no_such_schedule, too_many};
use crate::model::group::{DEFAULT, Group};
use crate::model::schedule::{self, Schedule};
use slam_cloud_core::collection::{Collection, Scope};
use slam_cloud_core::{AwsError, AwsResult, Store, StoreError};
use slam_cloud_kit::agenda::{Agenda, Key};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::RwLock;

/// The groups that an account may have in a region, and the schedules.
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html>
const GROUPS: usize = 500;
const SCHEDULES: usize = 10_000_000;
/// The deletions that are remembered, so that a request that is sent again is answered as before.
const DELETIONS: usize = 1000;

/// The groups and schedules by account, region and name.
pub struct SchedulerStore {
    groups: Collection<Group>,
    schedules: Collection<Schedule>,
    /// When they come.
    pub agenda: Agenda,
    /// Held while something is made in a group, and alone while one is set to be deleted: nothing is made in it then.
    making: RwLock<()>,
    deletions: Mutex<VecDeque<(Scope, String, String)>>,
}

impl SchedulerStore {
    /// Loads them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open(store: &Arc<Store>) -> Result<Self, StoreError> {
        let opened = Self {
            groups: Collection::open(store, "scheduler.groups")?,
            schedules: Collection::open(store, "scheduler.schedules")?,
            agenda: Agenda::default(),
            making: RwLock::default(),
            deletions: Mutex::default(),
        };
        opened.schedules.all().into_iter().for_each(|(scope, id, _)| opened.note((scope, id)));
        Ok(opened)
    }

    /// Notes in the agenda when a schedule comes.
    pub fn note(&self, key: Key) {
        let look = || self.schedules.get(&key.0, &key.1).map(|schedule| schedule.next.as_ref().map(|due| due.at));
        self.agenda.note(key.clone(), look);
    }

    /// A group.
    ///
    /// # Errors
    /// When it is not there.
    pub fn group(&self, scope: &Scope, name: &str) -> AwsResult<Arc<Group>> {
        let by_default = || (name == DEFAULT).then(|| Arc::new(Group::by_default()));
        self.groups.get(scope, name).or_else(by_default).ok_or_else(|| no_such_group(name))
    }

    /// All groups, by name.
    pub fn groups(&self, scope: &Scope) -> Vec<(String, Arc<Group>)> {
        let mut groups = self.groups.list(scope);
        if self.groups.get(scope, DEFAULT).is_none() {
            groups.push((DEFAULT.to_owned(), Arc::new(Group::by_default())));
            groups.sort_by(|(one, _), (other, _)| one.cmp(other));
        }
        groups
    }

    /// Makes a group, unless the same request made it before.
    ///
    /// # Errors
    /// When there is one of its name, or too many.
    pub async fn add_group(&self, scope: &Scope, group: Group) -> AwsResult<()> {
        let _making = self.making.write().await;
        if let Ok(there) = self.group(scope, &group.name) {
            return match there.token == group.token && group.token.is_some() && !there.deleting {
                true => Ok(()),
                false => Err(conflict(format!("Schedule group {} already exists.", group.name))),
            };
        }
        if self.groups(scope).len() >= GROUPS {
            return Err(too_many("schedule groups"));
        }
        self.groups.put(scope, &group.name.clone(), group).await?;
        Ok(())
    }

    /// Changes a group.
    ///
    /// # Errors
    /// When it is not there, or what `change` answers.
    pub async fn change_group(
        &self,
        scope: &Scope,
        name: &str,
        change: impl FnOnce(&mut Group) -> AwsResult<()>,
    ) -> AwsResult<()> {
        let _making = self.making.write().await;
        let mut group = Group::clone(&*self.group(scope, name)?);
        change(&mut group)?;
        self.groups.put(scope, name, group).await?;
        Ok(())
    }

    /// The groups that are being deleted.
    pub fn deleting(&self) -> Vec<(Scope, String)> {
        let groups = self.groups.all().into_iter();
        groups.filter(|(_, _, group)| group.deleting).map(|(scope, name, _)| (scope, name)).collect()
    }

    /// Deletes a group with its schedules.
    ///
    /// # Errors
    /// When the store fails; what is deleted is then gone.
    pub async fn remove_group(&self, scope: &Scope, name: &str) -> Result<(), StoreError> {
        for (id, _) in self.of_group(scope, name) {
            self.schedules.remove(scope, &id).await?;
            self.note((scope.clone(), id));
        }
        self.groups.remove(scope, name).await.map(drop)
    }

    fn of_group(&self, scope: &Scope, group: &str) -> Vec<(String, Arc<Schedule>)> {
        self.schedules.list(scope).into_iter().filter(|(_, schedule)| schedule.group == group).collect()
    }

    /// All schedules by group and name, or those of a group.
    ///
    /// # Errors
    /// When there is no such group.
    pub fn schedules(&self, scope: &Scope, group: Option<&str>) -> AwsResult<Vec<(String, Arc<Schedule>)>> {
        match group {
            Some(group) => self.group(scope, group).map(|_| self.of_group(scope, group)),
            None => Ok(self.schedules.list(scope)),
        }
    }

    /// A schedule.
    ///
    /// # Errors
    /// When it is not there.
    pub fn schedule(&self, scope: &Scope, group: &str, name: &str) -> AwsResult<Arc<Schedule>> {
        self.find(scope, &schedule::id(group, name)).ok_or_else(|| no_such_schedule(name))
    }

    /// A schedule by what it is stored by.
    pub fn find(&self, scope: &Scope, id: &str) -> Option<Arc<Schedule>> {
        self.schedules.get(scope, id)
    }

    /// Makes a schedule, unless the same request made it before.
    ///
    /// # Errors
    /// When there is one of its name, its group is not there, or there are too many.
    pub async fn add(&self, scope: &Scope, schedule: Schedule) -> AwsResult<()> {
        let _making = self.making.read().await;
        if self.group(scope, &schedule.group)?.deleting {
            return Err(conflict(format!("Schedule group {} is being deleted.", schedule.group)));
        }
        if self.agenda.count(scope) >= SCHEDULES {
            return Err(too_many("schedules"));
        }
        let id = schedule.id();
        let change = |there: Option<&Schedule>| match there {
            None => Ok(Some(schedule)),
            Some(there) if there.tokens[0].is_some() && there.tokens[0] == schedule.tokens[0] => {
                Ok(Some(there.clone()))
            }
            Some(there) => Err(conflict(format!("Schedule {} already exists.", there.name))),
        };
        self.schedules.update::<AwsError>(scope, &id, change).await?;
        self.note((scope.clone(), id));
        Ok(())
    }

    /// Changes a schedule: `change` says what it shall be, `None` that it shall not be.
    ///
    /// # Errors
    /// What `change` answers, or a store's error.
    pub async fn change<E: From<StoreError>>(
        &self,
        scope: &Scope,
        id: &str,
        change: impl FnOnce(Option<&Schedule>) -> Result<Option<Schedule>, E>,
    ) -> Result<(), E> {
        self.schedules.update::<E>(scope, id, change).await?;
        self.note((scope.clone(), id.to_owned()));
        Ok(())
    }

    /// Whether a request to delete something was answered before.
    pub fn was_deleted(&self, scope: &Scope, what: &str, token: Option<&str>) -> bool {
        let deletions = self.deletions.lock().unwrap_or_else(PoisonError::into_inner);
        token.is_some_and(|token| deletions.iter().any(|(at, which, by)| at == scope && which == what && by == token))
    }

    /// Remembers such a request.
    pub fn note_deletion(&self, scope: &Scope, what: String, token: Option<String>) {
        let Some(token) = token else { return };
        let mut deletions = self.deletions.lock().unwrap_or_else(PoisonError::into_inner);
        if deletions.len() >= DELETIONS {
            deletions.pop_front();
        }
        deletions.push_back((scope.clone(), what, token));
    }

    /// Removes everything.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.schedules.clear().await?;
        self.groups.clear().await?;
        self.agenda.clear();
        self.deletions.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }
}
