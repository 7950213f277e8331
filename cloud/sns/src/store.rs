//! Topics and subscriptions on disk: a document each.

use crate::error::{no_such_subscription, no_such_topic};
use crate::model::filter::Filter;
use crate::model::name::Reference;
use crate::model::subscription::{State, Subscription};
use crate::model::topic::Topic;
use crate::model::topic_attributes::Numbers;
use slam_cloud_core::collection::{Collection, Scope};
use slam_cloud_core::{AwsError, AwsResult, Store, StoreError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A subscription with what is made of it once.
pub struct Subscriber {
    /// Its topic.
    pub topic: Reference,
    /// Its id.
    pub id: String,
    /// It.
    pub subscription: Arc<Subscription>,
    /// Which messages it wants.
    pub filter: Option<Filter>,
}

/// The subscriptions of a topic.
type Subscribers = Arc<Vec<Subscriber>>;

/// The topics and subscriptions by account, region and name or id. A subscription is where its topic is, whoever owns it.
pub struct TopicStore {
    topics: Collection<Topic>,
    subscriptions: Collection<Subscription>,
    /// By the ids of topics. What is looked up while it is changed is made under this lock, and forgotten after the change.
    subscribers: Mutex<HashMap<String, Subscribers>>,
    /// Held while something is subscribed, so that nobody subscribes twice.
    pub subscribing: tokio::sync::Mutex<()>,
}

impl TopicStore {
    /// Loads them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open(store: &Arc<Store>) -> Result<Self, StoreError> {
        Ok(Self {
            topics: Collection::open(store, "sns.topics")?,
            subscriptions: Collection::open(store, "sns.subscriptions")?,
            subscribers: Mutex::default(),
            subscribing: tokio::sync::Mutex::default(),
        })
    }

    /// A topic, if it is there.
    pub fn find(&self, reference: &Reference) -> Option<Arc<Topic>> {
        self.topics.get(&reference.scope, &reference.name)
    }

    /// A topic, which must be there.
    ///
    /// # Errors
    /// When it is not.
    pub fn get(&self, reference: &Reference) -> AwsResult<Arc<Topic>> {
        self.find(reference).ok_or_else(no_such_topic)
    }

    /// All of an account and region, by name.
    pub fn list(&self, scope: &Scope) -> Vec<(String, Arc<Topic>)> {
        self.topics.list(scope)
    }

    /// Makes a topic, or answers what `existing` says of the one that has its name.
    ///
    /// # Errors
    /// That, or a store's error.
    pub async fn create(
        &self,
        reference: &Reference,
        topic: Topic,
        existing: impl FnOnce(&Topic) -> AwsResult<()>,
    ) -> AwsResult<()> {
        let change = |current: Option<&Topic>| match current {
            Some(current) => existing(current).map(|()| Some(current.clone())),
            None => Ok(Some(topic)),
        };
        self.topics.update(&reference.scope, &reference.name, change).await.map(drop)
    }

    /// Changes a topic, which must be there.
    ///
    /// # Errors
    /// When it is not, what `change` answers, or a store's error.
    pub async fn change(
        &self,
        reference: &Reference,
        change: impl FnOnce(&mut Topic) -> AwsResult<()>,
    ) -> AwsResult<Arc<Topic>> {
        let change = |current: Option<&Topic>| {
            let mut topic = current.ok_or_else(no_such_topic)?.clone();
            change(&mut topic)?;
            Ok(Some(topic))
        };
        let changed = self.topics.update::<AwsError>(&reference.scope, &reference.name, change).await?;
        changed.ok_or_else(no_such_topic)
    }

    /// Deletes a topic; its subscriptions stay until they are swept (recorded: `test_delete_subscriptions_on_delete_topic`).
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remove(&self, reference: &Reference, now: i64) -> Result<(), StoreError> {
        let Some(topic) = self.topics.remove(&reference.scope, &reference.name).await? else { return Ok(()) };
        for (id, subscription) in self.subscriptions.list(&reference.scope) {
            if subscription.topic_id == topic.id {
                let orphan = |there: Option<&Subscription>| {
                    Ok(there.map(|there| Subscription { state: State::Orphaned, since: now, ..there.clone() }))
                };
                self.subscriptions.update::<StoreError>(&reference.scope, &id, orphan).await?;
            }
        }
        self.forget(&topic.id);
        Ok(())
    }

    /// The subscriptions of a topic.
    pub fn subscribers(&self, reference: &Reference, topic: &Topic) -> Subscribers {
        let mut known = self.subscribers.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || {
            let all = self.subscriptions.list(&reference.scope).into_iter();
            let own = all.filter(|(_, subscription)| subscription.topic_id == topic.id && subscription.is_listed());
            let read = |(id, subscription): (String, Arc<Subscription>)| {
                let settings = &subscription.settings;
                // What is stored was checked.
                let filter = settings.filter.as_ref().and_then(|policy| Filter::read(policy, settings.by_body).ok());
                Subscriber { topic: reference.clone(), id, subscription, filter }
            };
            Arc::new(own.map(read).collect())
        };
        Arc::clone(known.entry(topic.id.clone()).or_insert_with(made))
    }

    fn forget(&self, topic_id: &str) {
        self.subscribers.lock().unwrap_or_else(PoisonError::into_inner).remove(topic_id);
    }

    /// How many subscriptions a topic has.
    pub fn numbers(&self, reference: &Reference, topic: &Topic) -> Numbers {
        let all = self.subscribers(reference, topic);
        let confirmed = all.iter().filter(|subscriber| subscriber.subscription.is_confirmed()).count();
        Numbers { confirmed, pending: all.len() - confirmed }
    }

    /// The subscriptions of an account in a region, by their ids, with the places of their topics.
    pub fn owned(&self, owner: &Scope) -> Vec<(Scope, String, Arc<Subscription>)> {
        let all = self.subscriptions.all().into_iter();
        let is_owned = |(scope, _, it): &(Scope, String, Arc<Subscription>)| {
            scope.region == owner.region
                && *it.owner == *owner.account
                && (it.is_listed() || it.state == State::Orphaned)
        };
        all.filter(is_owned).collect()
    }

    /// A subscription by its id, with where its topic is.
    pub fn subscription(&self, id: &str) -> Option<(Scope, Arc<Subscription>)> {
        self.subscriptions.find(id)
    }

    /// The subscription that a token is for, by its place and id.
    pub fn by_token(&self, token: &str) -> Option<(Scope, String)> {
        let all = self.subscriptions.all().into_iter();
        let mut found = all.filter(|(.., it)| it.token.as_deref() == Some(token) && it.state != State::Orphaned);
        found.next().map(|(scope, id, _)| (scope, id))
    }

    /// Keeps a new subscription.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn add(&self, scope: &Scope, id: &str, subscription: Subscription) -> Result<(), StoreError> {
        let topic = subscription.topic_id.clone();
        self.subscriptions.put(scope, id, subscription).await?;
        self.forget(&topic);
        Ok(())
    }

    /// Changes a subscription, which must be there: `change` says what it shall be, `None` that it shall not be.
    ///
    /// # Errors
    /// When it is not there, what `change` answers, or a store's error.
    pub async fn change_subscription(
        &self,
        scope: &Scope,
        id: &str,
        change: impl FnOnce(&Subscription) -> AwsResult<Option<Subscription>>,
    ) -> AwsResult<()> {
        let mut topic = String::new();
        let change = |current: Option<&Subscription>| {
            let current = current.ok_or_else(no_such_subscription)?;
            topic.clone_from(&current.topic_id);
            change(current)
        };
        self.subscriptions.update::<AwsError>(scope, id, change).await?;
        self.forget(&topic);
        Ok(())
    }

    /// Forgets subscriptions that have waited, or were over, for so long.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sweep(&self, before: i64) -> Result<(), StoreError> {
        for (scope, id, subscription) in self.subscriptions.all() {
            if !subscription.is_confirmed() && subscription.since < before {
                let still = |there: Option<&Subscription>| {
                    Ok(there.filter(|there| there.is_confirmed() || there.since >= before).cloned())
                };
                self.subscriptions.update::<StoreError>(&scope, &id, still).await?;
                self.forget(&subscription.topic_id);
            }
        }
        Ok(())
    }

    /// Removes everything.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.topics.clear().await?;
        self.subscriptions.clear().await?;
        self.subscribers.lock().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }
}
