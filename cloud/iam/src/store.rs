//! Where IAM's entities are kept, and how they change.

use crate::Iam;
use crate::error;
use crate::model::{AccessKey, Group, Identity, ManagedPolicy, Role, Session, User};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Collection, Context, Store, StoreError};
use std::sync::Arc;

/// The service's collections.
pub struct Collections {
    pub(crate) roles: Collection<Role>,
    pub(crate) users: Collection<User>,
    pub(crate) groups: Collection<Group>,
    pub(crate) policies: Collection<ManagedPolicy>,
    pub(crate) access_keys: Collection<AccessKey>,
    pub(crate) sessions: Collection<Session>,
    /// Names are unique, policies count their attachments: changes see each other whole.
    changing: tokio::sync::Mutex<()>,
}

/// The right to change IAM. When it ends, decisions are made anew.
pub struct Change<'a> {
    iam: &'a Iam,
    _one_at_a_time: tokio::sync::MutexGuard<'a, ()>,
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        self.iam.decisions.forget();
    }
}

impl Collections {
    /// Opens them.
    ///
    /// # Errors
    /// When what was stored cannot be read.
    pub fn open(store: &Arc<Store>) -> Result<Self, StoreError> {
        Ok(Self {
            roles: Collection::renamed(store, "iam.roles", "iam-roles")?,
            users: Collection::renamed(store, "iam.users", "iam-users")?,
            groups: Collection::renamed(store, "iam.groups", "iam-groups")?,
            policies: Collection::renamed(store, "iam.policies", "iam-policies")?,
            access_keys: Collection::renamed(store, "iam.access-keys", "iam-access-keys")?,
            sessions: Collection::renamed(store, "sts.sessions", "sts-sessions")?,
            changing: tokio::sync::Mutex::default(),
        })
    }

    /// Empties them.
    ///
    /// # Errors
    /// When that cannot be committed.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.roles.clear().await?;
        self.users.clear().await?;
        self.groups.clear().await?;
        self.policies.clear().await?;
        self.access_keys.clear().await?;
        self.sessions.clear().await
    }
}

impl Iam {
    /// Waits for the right to change entities.
    pub(crate) async fn change(&self) -> Change<'_> {
        Change { iam: self, _one_at_a_time: self.collections.changing.lock().await }
    }

    /// The identities of a kind in the caller's account, by name.
    pub(crate) fn identities<T: Identity>(&self, context: &Context) -> Vec<Arc<T>> {
        let mut all: Vec<Arc<T>> =
            T::collection(self).list(&Scope::global(context)).into_iter().map(|(_, identity)| identity).collect();
        all.sort_by(|left, right| left.name().cmp(right.name()));
        all
    }

    /// An identity by its name, if it exists.
    pub(crate) fn look_up<T: Identity>(&self, context: &Context, name: &str) -> Option<Arc<T>> {
        let all = T::collection(self).list(&Scope::global(context));
        all.into_iter().find(|(_, identity)| identity.name() == name).map(|(_, identity)| identity)
    }

    /// An identity by its name.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub(crate) fn find<T: Identity>(&self, context: &Context, name: &str) -> AwsResult<Arc<T>> {
        self.look_up(context, name).ok_or_else(|| error::not_found(T::KIND, name))
    }

    /// Refuses a name that is taken, in whatever case.
    ///
    /// # Errors
    /// `EntityAlreadyExists`.
    pub(crate) fn must_be_new<T: Identity>(&self, context: &Context, name: &str) -> AwsResult<()> {
        let taken = self.identities::<T>(context).iter().any(|identity| identity.name().eq_ignore_ascii_case(name));
        if taken {
            return Err(error::already_exists(format!("{} with name {name} already exists.", T::TITLE)));
        }
        Ok(())
    }

    /// Writes an identity.
    ///
    /// # Errors
    /// When it cannot be committed.
    pub(crate) async fn save<T: Identity>(&self, context: &Context, identity: T) -> AwsResult<Arc<T>> {
        let id = identity.id().to_owned();
        Ok(T::collection(self).put(&Scope::global(context), &id, identity).await?)
    }

    /// Changes an identity that is found by its name.
    ///
    /// # Errors
    /// `NoSuchEntity`, what `change` refuses, or a failed commit.
    pub(crate) async fn modify<T: Identity>(
        &self,
        context: &Context,
        name: &str,
        change: impl FnOnce(&mut T) -> AwsResult<()>,
    ) -> AwsResult<Arc<T>> {
        let _change = self.change().await;
        let mut identity = T::clone(&*self.find::<T>(context, name)?);
        change(&mut identity)?;
        self.save(context, identity).await
    }
}
