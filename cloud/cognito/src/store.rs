//! Pools and what is in them, on disk: a document each, by the pool's id and their own.

use crate::error::{alias_exists, no_client, no_pool, no_user, not_found, user_exists};
use crate::model::{Client, Group, Pool, ResourceServer, User};
use serde::{Deserialize, Serialize};
use slam_cloud_core::collection::{Collection, Scope};
use slam_cloud_core::{AwsError, AwsResult, Store, StoreError};
use slam_cloud_kit::documents::{key, sweep, sweep_orphans, under};
use std::sync::Arc;
use tokio::sync::MutexGuard;

/// A sign-in whose tokens were revoked, until the last of them has expired.
#[derive(Clone, Serialize, Deserialize)]
struct Revoked {
    /// In seconds since 1970.
    until: i64,
}

/// All pools.
pub struct Pools {
    pools: Collection<Pool>,
    clients: Collection<Client>,
    users: Collection<User>,
    groups: Collection<Group>,
    servers: Collection<ResourceServer>,
    revoked: Collection<Revoked>,
    /// Held from looking whether a name, an address or a number is somebody's until it is kept that it is another's: it is no
    /// user's key, so that the store itself would keep two of them.
    naming: tokio::sync::Mutex<()>,
}

impl Pools {
    /// Loads them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open(store: &Arc<Store>) -> Result<Self, StoreError> {
        Ok(Self {
            pools: Collection::open(store, "cognito.pools")?,
            clients: Collection::open(store, "cognito.clients")?,
            users: Collection::open(store, "cognito.users")?,
            groups: Collection::open(store, "cognito.groups")?,
            servers: Collection::open(store, "cognito.servers")?,
            revoked: Collection::open(store, "cognito.revoked")?,
            naming: tokio::sync::Mutex::default(),
        })
    }

    /// A pool by its id, wherever it is.
    pub fn anywhere(&self, id: &str) -> Option<(Scope, Arc<Pool>)> {
        self.pools.find(id)
    }

    /// A pool, if it is there.
    pub fn find(&self, scope: &Scope, id: &str) -> Option<Arc<Pool>> {
        self.pools.get(scope, id)
    }

    /// A pool, which must be there.
    ///
    /// # Errors
    /// When it is not.
    pub fn get(&self, scope: &Scope, id: &str) -> AwsResult<Arc<Pool>> {
        self.find(scope, id).ok_or_else(|| no_pool(id))
    }

    /// The pools of an account and region.
    pub fn list(&self, scope: &Scope) -> Vec<(String, Arc<Pool>)> {
        self.pools.list(scope)
    }

    /// Keeps a new pool.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn put(&self, scope: &Scope, pool: Pool) -> AwsResult<Arc<Pool>> {
        let id = pool.id.clone();
        Ok(self.pools.put(scope, &id, pool).await?)
    }

    /// Changes a pool, which must be there.
    ///
    /// # Errors
    /// When it is not, what `change` answers, or a store's error.
    pub async fn change(
        &self,
        scope: &Scope,
        id: &str,
        change: impl FnOnce(&mut Pool) -> AwsResult<()>,
    ) -> AwsResult<Arc<Pool>> {
        changed(&self.pools, scope, id, || no_pool(id), change).await
    }

    /// Deletes a pool with all that is in it. The pool goes first, so that what is left of one that is cut short is in none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remove(&self, scope: &Scope, id: &str) -> Result<(), StoreError> {
        self.pools.remove(scope, id).await?;
        for (client, _) in self.clients_of(scope, id) {
            self.clients.remove(scope, &client).await?;
        }
        sweep(&self.users, scope, id).await?;
        sweep(&self.groups, scope, id).await?;
        sweep(&self.servers, scope, id).await
    }

    /// Deletes what belongs to pools that are gone: a deletion that was cut short has left it behind.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn sweep(&self) -> Result<(), StoreError> {
        for (scope, id, client) in self.clients.all() {
            if self.find(&scope, &client.settings.user_pool_id).is_none() {
                self.clients.remove(&scope, &id).await?;
            }
        }
        sweep_orphans(&self.users, &self.pools).await?;
        sweep_orphans(&self.groups, &self.pools).await?;
        sweep_orphans(&self.servers, &self.pools).await
    }

    /// A client by its id, wherever it is, with its pool.
    ///
    /// # Errors
    /// When it is not there.
    pub fn client_anywhere(&self, id: &str) -> AwsResult<(Scope, Arc<Pool>, Arc<Client>)> {
        let (scope, client) = self.clients.find(id).ok_or_else(|| no_client(id))?;
        let pool = self.find(&scope, &client.settings.user_pool_id).ok_or_else(|| no_client(id))?;
        Ok((scope, pool, client))
    }

    /// A client of a pool, if it is there.
    pub fn client(&self, scope: &Scope, pool: &str, id: &str) -> Option<Arc<Client>> {
        self.clients.get(scope, id).filter(|client| client.settings.user_pool_id == pool)
    }

    /// The clients of a pool.
    pub fn clients_of(&self, scope: &Scope, pool: &str) -> Vec<(String, Arc<Client>)> {
        let all = self.clients.list(scope).into_iter();
        all.filter(|(_, client)| client.settings.user_pool_id == pool).collect()
    }

    /// Keeps a new client.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn put_client(&self, scope: &Scope, client: Client) -> AwsResult<Arc<Client>> {
        let id = client.id.clone();
        Ok(self.clients.put(scope, &id, client).await?)
    }

    /// Deletes a client.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remove_client(&self, scope: &Scope, id: &str) -> Result<(), StoreError> {
        self.clients.remove(scope, id).await.map(drop)
    }

    /// A user by the name, by an address or number that the pool takes for it, or by the id.
    pub fn user(&self, scope: &Scope, pool: &Pool, name: &str) -> Option<Arc<User>> {
        let folded = pool.folded(name);
        if let Some(user) = self.users.get(scope, &key(&pool.id, &folded)) {
            return Some(user);
        }
        let means = |user: &User| {
            let is_by = |attribute: &str| {
                pool.counts(user, attribute)
                    && user.attribute(attribute).is_some_and(|value| pool.folded(value) == folded)
            };
            user.sub == name || ["email", "phone_number", "preferred_username"].into_iter().any(is_by)
        };
        self.users_of(scope, &pool.id).into_iter().map(|(_, user)| user).find(|user| means(user))
    }

    /// Nobody else comes to be called by anything while this is held.
    pub async fn naming(&self) -> MutexGuard<'_, ()> {
        self.naming.lock().await
    }

    /// Refuses a new user who would be called as another one is.
    ///
    /// # Errors
    /// What is taken: what `taken` says of the name.
    pub fn check_new(
        &self,
        scope: &Scope,
        pool: &Pool,
        user: &User,
        taken: impl FnOnce() -> AwsError,
    ) -> AwsResult<()> {
        if !pool.names_users() && self.user(scope, pool, &user.username).is_some() {
            return Err(taken());
        }
        for (attribute, word) in [("email", "email"), ("phone_number", "phone number")] {
            let value = user.attribute(attribute).filter(|_| pool.names_users() && pool.takes(attribute));
            if value.is_some_and(|value| self.user(scope, pool, value).is_some()) {
                return Err(user_exists(format!("An account with the given {word} already exists.")));
            }
        }
        self.check_aliases(scope, pool, user)
    }

    /// Refuses a user as it is to be whose address, number or preferred name already stands for another one.
    ///
    /// # Errors
    /// Which attribute it is.
    pub fn check_aliases(&self, scope: &Scope, pool: &Pool, user: &User) -> AwsResult<()> {
        for (attribute, word) in
            [("email", "email"), ("phone_number", "phone number"), ("preferred_username", "username")]
        {
            let Some(value) = user.attribute(attribute).filter(|_| pool.counts(user, attribute)) else { continue };
            if self.user(scope, pool, value).is_some_and(|other| other.sub != user.sub) {
                return Err(alias_exists(word));
            }
        }
        Ok(())
    }

    /// The same, which must be there.
    ///
    /// # Errors
    /// When it is not.
    pub fn known_user(&self, scope: &Scope, pool: &Pool, name: &str) -> AwsResult<Arc<User>> {
        self.user(scope, pool, name).ok_or_else(no_user)
    }

    /// A user by the id.
    pub fn by_sub(&self, scope: &Scope, pool: &str, sub: &str) -> Option<Arc<User>> {
        self.users_of(scope, pool).into_iter().map(|(_, user)| user).find(|user| user.sub == sub)
    }

    /// The users of a pool, by name.
    pub fn users_of(&self, scope: &Scope, pool: &str) -> Vec<(String, Arc<User>)> {
        under(&self.users, scope, pool).collect()
    }

    /// Keeps a new user.
    ///
    /// # Errors
    /// When the name is taken: what `taken` says; or a store's error.
    pub async fn create_user(
        &self,
        scope: &Scope,
        pool: &Pool,
        user: User,
        taken: impl FnOnce() -> AwsError,
    ) -> AwsResult<()> {
        let id = key(&pool.id, &pool.folded(&user.username));
        let change = |current: Option<&User>| if current.is_some() { Err(taken()) } else { Ok(Some(user)) };
        self.users.update(scope, &id, change).await.map(drop)
    }

    /// Changes a user, who must be there. What `change` answers is what this does; a change beside an error is kept, too, as
    /// wrong codes are counted.
    ///
    /// # Errors
    /// When the user is not there, what `change` answers, or a store's error.
    pub async fn change_user<T>(
        &self,
        scope: &Scope,
        pool: &Pool,
        user: &User,
        change: impl FnOnce(&mut User) -> AwsResult<T>,
    ) -> AwsResult<T> {
        let id = key(&pool.id, &pool.folded(&user.username));
        let mut answer = Err(no_user());
        let change = |current: Option<&User>| {
            let mut user = current.filter(|current| current.sub == user.sub).ok_or_else(no_user)?.clone();
            answer = change(&mut user);
            Ok(Some(user))
        };
        self.users.update::<AwsError>(scope, &id, change).await?;
        answer
    }

    /// Changes a user who may be called by something else then, which must be nobody else's. `change` is carried out twice, first to
    /// see what comes of it.
    ///
    /// # Errors
    /// As [`Pools::change_user`], and what already stands for another user.
    pub async fn rename_user<T>(
        &self,
        scope: &Scope,
        pool: &Pool,
        user: &User,
        change: impl Fn(&mut User) -> AwsResult<T>,
    ) -> AwsResult<T> {
        let _naming = self.naming().await;
        let mut changed = User::clone(&*self.by_sub(scope, &pool.id, &user.sub).ok_or_else(no_user)?);
        change(&mut changed)?;
        self.check_aliases(scope, pool, &changed)?;
        self.change_user(scope, pool, user, change).await
    }

    /// Deletes a user.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remove_user(&self, scope: &Scope, pool: &Pool, user: &User) -> Result<(), StoreError> {
        self.users.remove(scope, &key(&pool.id, &pool.folded(&user.username))).await.map(drop)
    }

    /// A group, which must be there.
    ///
    /// # Errors
    /// When it is not.
    pub fn group(&self, scope: &Scope, pool: &str, name: &str) -> AwsResult<Arc<Group>> {
        self.groups.get(scope, &key(pool, name)).ok_or_else(|| not_found("Group not found."))
    }

    /// The groups of a pool, by name.
    pub fn groups_in(&self, scope: &Scope, pool: &str) -> Vec<(String, Arc<Group>)> {
        under(&self.groups, scope, pool).collect()
    }

    /// The groups that a user is in, the one that comes first in precedence first.
    pub fn groups_of(&self, scope: &Scope, pool: &str, user: &User) -> Vec<Arc<Group>> {
        let mut groups: Vec<_> = user.groups.iter().filter_map(|name| self.group(scope, pool, name).ok()).collect();
        groups.sort_by_key(|group| group.settings.precedence.unwrap_or(i64::MAX));
        groups
    }

    /// Keeps a group.
    ///
    /// # Errors
    /// What `change` answers, or a store's error.
    pub async fn put_group(
        &self,
        scope: &Scope,
        (pool, name): (&str, &str),
        change: impl FnOnce(Option<&Group>) -> AwsResult<Group>,
    ) -> AwsResult<Arc<Group>> {
        let kept = self.groups.update(scope, &key(pool, name), |current| change(current).map(Some)).await?;
        kept.ok_or_else(|| AwsError::internal("a group that was kept is gone"))
    }

    /// Deletes a group, of which all users are no longer in it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remove_group(&self, scope: &Scope, pool: &Pool, name: &str) -> AwsResult<()> {
        for (_, user) in self.users_of(scope, &pool.id).into_iter().filter(|(_, user)| user.groups.contains(name)) {
            let leave = |user: &mut User| {
                user.groups.remove(name);
                Ok(())
            };
            self.change_user(scope, pool, &user, leave).await?;
        }
        self.groups.remove(scope, &key(&pool.id, name)).await?;
        Ok(())
    }

    /// A resource server, which must be there.
    ///
    /// # Errors
    /// When it is not.
    pub fn server(&self, scope: &Scope, pool: &str, id: &str) -> AwsResult<Arc<ResourceServer>> {
        let found = self.servers.get(scope, &key(pool, id));
        found.ok_or_else(|| not_found(format!("Resource server {id} does not exist.")))
    }

    /// The resource servers of a pool, by identifier.
    pub fn servers_of(&self, scope: &Scope, pool: &str) -> Vec<(String, Arc<ResourceServer>)> {
        under(&self.servers, scope, pool).collect()
    }

    /// Keeps a resource server.
    ///
    /// # Errors
    /// What `change` answers, or a store's error.
    pub async fn put_server(
        &self,
        scope: &Scope,
        (pool, id): (&str, &str),
        change: impl FnOnce(Option<&ResourceServer>) -> AwsResult<ResourceServer>,
    ) -> AwsResult<Arc<ResourceServer>> {
        let kept = self.servers.update(scope, &key(pool, id), |current| change(current).map(Some)).await?;
        kept.ok_or_else(|| AwsError::internal("a resource server that was kept is gone"))
    }

    /// Deletes a resource server.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remove_server(&self, scope: &Scope, pool: &str, id: &str) -> Result<(), StoreError> {
        self.servers.remove(scope, &key(pool, id)).await.map(drop)
    }

    /// Whether the tokens of a sign-in were revoked.
    pub fn is_revoked(&self, scope: &Scope, origin: &str) -> bool {
        self.revoked.get(scope, origin).is_some()
    }

    /// Revokes the tokens of a sign-in. Those whose tokens have all expired are forgotten then.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn revoke(&self, scope: &Scope, origin: &str, until: i64, now: i64) -> Result<(), StoreError> {
        self.revoked.put(scope, origin, Revoked { until }).await?;
        for (id, _) in self.revoked.list(scope).into_iter().filter(|(_, revoked)| revoked.until < now) {
            self.revoked.remove(scope, &id).await?;
        }
        Ok(())
    }

    /// Removes everything.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.pools.clear().await?;
        self.clients.clear().await?;
        self.users.clear().await?;
        self.groups.clear().await?;
        self.servers.clear().await?;
        self.revoked.clear().await
    }
}

async fn changed<T: Clone + Serialize + serde::de::DeserializeOwned + Send + Sync + 'static>(
    collection: &Collection<T>,
    scope: &Scope,
    id: &str,
    gone: impl Fn() -> AwsError,
    change: impl FnOnce(&mut T) -> AwsResult<()>,
) -> AwsResult<Arc<T>> {
    let change = |current: Option<&T>| {
        let mut value = current.ok_or_else(&gone)?.clone();
        change(&mut value)?;
        Ok(Some(value))
    };
    collection.update::<AwsError>(scope, id, change).await?.ok_or_else(&gone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_core::durability::Durability;
    use slam_cloud_wire::cognito as wire;

    #[tokio::test]
    async fn what_a_deletion_leaves_behind_is_swept() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("slam.db"), Durability::Process).unwrap();
        let (pools, scope) = (Pools::open(&store).unwrap(), Scope::everywhere());
        let moment = slam_cloud_core::Timestamp::UNIX_EPOCH;
        let pool = |id: &str| Pool {
            id: id.to_owned(),
            settings: wire::CreateUserPool::default(),
            secret: String::new(),
            created: moment,
            changed: moment,
        };
        pools.put(&scope, pool("us-east-1_a")).await.unwrap();
        for id in ["us-east-1_a", "us-east-1_gone"] {
            let server = |_: Option<&_>| Ok(ResourceServer { settings: wire::CreateResourceServer::default() });
            pools.put_server(&scope, (id, "api"), server).await.unwrap();
            let settings = wire::CreateUserPoolClient { user_pool_id: id.to_owned(), ..Default::default() };
            let client = Client { id: format!("of {id}"), secret: None, settings, created: moment, changed: moment };
            pools.put_client(&scope, client).await.unwrap();
        }
        pools.sweep().await.unwrap();
        for (id, is_there) in [("us-east-1_a", true), ("us-east-1_gone", false)] {
            assert_eq!(pools.server(&scope, id, "api").is_ok(), is_there, "{id}");
            assert_eq!(!pools.clients_of(&scope, id).is_empty(), is_there, "{id}");
        }
    }
}
