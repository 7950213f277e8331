//! Connections and API destinations on disk: a document each.

use crate::error::{exists, no_such_connection, no_such_destination, too_many};
use crate::model::api_destination::{self, ApiDestination};
use crate::model::connection::{self, Connection};
use slam_cloud_core::collection::{Collection, Scope};
use slam_cloud_core::{AwsError, AwsResult, Store, StoreError};
use std::sync::Arc;

/// The connections, and the API destinations, that an account may have in a region.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html>
const MOST: usize = 3000;

/// A connection with where it is and its name.
#[derive(Clone, Debug)]
pub struct Found {
    /// The account and region.
    pub scope: Scope,
    /// The name.
    pub name: String,
    /// It, as it was found.
    pub connection: Arc<Connection>,
}

/// Connections and API destinations by account, region and name.
pub struct OutboundStore {
    connections: Collection<Connection>,
    destinations: Collection<ApiDestination>,
    /// Held while one is made, so that there are not too many.
    making: tokio::sync::Mutex<()>,
}

impl OutboundStore {
    /// Loads them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open(store: &Arc<Store>) -> Result<Self, StoreError> {
        Ok(Self {
            connections: Collection::open(store, "events.connections")?,
            destinations: Collection::open(store, "events.destinations")?,
            making: tokio::sync::Mutex::default(),
        })
    }

    /// A connection, which must be there; `doing` is what it is wanted for (`describe`).
    ///
    /// # Errors
    /// When it is not.
    pub fn connection(&self, scope: &Scope, name: &str, doing: &str) -> AwsResult<Found> {
        let connection = self.connections.get(scope, name).ok_or_else(|| no_such_connection(doing, name))?;
        Ok(Found { scope: scope.clone(), name: name.to_owned(), connection })
    }

    /// The connection with an ARN.
    pub fn connection_of_arn(&self, arn: &str) -> Option<Found> {
        let (scope, name, id) = connection::of_arn(arn)?;
        let connection = self.connections.get(&scope, &name).filter(|connection| connection.id == id)?;
        Some(Found { scope, name, connection })
    }

    /// All connections of an account and region, by name.
    pub fn connections(&self, scope: &Scope) -> Vec<(String, Arc<Connection>)> {
        self.connections.list(scope)
    }

    /// Those of all accounts and regions that something is true of.
    pub fn connections_with(&self, is_wanted: impl Fn(&Connection) -> bool) -> Vec<Found> {
        let all = self.connections.all().into_iter().filter(|(_, _, connection)| is_wanted(connection));
        all.map(|(scope, name, connection)| Found { scope, name, connection }).collect()
    }

    /// Refuses a connection of a name that is taken, and one too many.
    ///
    /// # Errors
    /// When there is one of its name, or too many.
    pub fn check_new_connection(&self, scope: &Scope, name: &str) -> AwsResult<()> {
        if self.connections.get(scope, name).is_some() {
            return Err(exists(format!("Connection {name} already exists.")));
        }
        if self.connections.list(scope).len() >= MOST { Err(too_many()) } else { Ok(()) }
    }

    /// Makes a connection.
    ///
    /// # Errors
    /// What [`OutboundStore::check_new_connection`] says, and when the store fails.
    pub async fn add_connection(&self, scope: &Scope, name: &str, made: Connection) -> AwsResult<Found> {
        let _making = self.making.lock().await;
        self.check_new_connection(scope, name)?;
        let connection = self.connections.put(scope, name, made).await?;
        Ok(Found { scope: scope.clone(), name: name.to_owned(), connection })
    }

    /// Changes a connection that is still as it was found; `None` when it is not.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn change_connection(
        &self,
        found: &Found,
        change: impl FnOnce(&mut Connection),
    ) -> AwsResult<Option<Found>> {
        let mut is_same = false;
        let change = |there: Option<&Connection>| {
            let mut changed = there.cloned();
            is_same = changed.as_ref() == Some(&*found.connection);
            if let Some(connection) = changed.as_mut().filter(|_| is_same) {
                change(connection);
            }
            Ok(changed)
        };
        let changed = self.connections.update::<AwsError>(&found.scope, &found.name, change).await?;
        Ok(changed.filter(|_| is_same).map(|connection| Found { connection, ..found.clone() }))
    }

    /// Deletes a connection.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remove_connection(&self, found: &Found) -> AwsResult<()> {
        let change = |there: Option<&Connection>| Ok(there.filter(|there| there.id != found.connection.id).cloned());
        self.connections.update::<AwsError>(&found.scope, &found.name, change).await.map(drop)
    }

    /// An API destination, which must be there; `doing` is what it is wanted for (`describe`).
    ///
    /// # Errors
    /// When it is not.
    pub fn destination(&self, scope: &Scope, name: &str, doing: &str) -> AwsResult<Arc<ApiDestination>> {
        self.destinations.get(scope, name).ok_or_else(|| no_such_destination(doing, name))
    }

    /// The API destination of a name, if it is there.
    pub fn find_destination(&self, scope: &Scope, name: &str) -> Option<Arc<ApiDestination>> {
        self.destinations.get(scope, name)
    }

    /// The API destination with an ARN.
    pub fn destination_of_arn(&self, arn: &str) -> Option<Arc<ApiDestination>> {
        let (scope, name, id) = api_destination::of_arn(arn)?;
        self.destinations.get(&scope, &name).filter(|destination| destination.id == id)
    }

    /// All API destinations of an account and region, by name.
    pub fn destinations(&self, scope: &Scope) -> Vec<(String, Arc<ApiDestination>)> {
        self.destinations.list(scope)
    }

    /// Makes an API destination.
    ///
    /// # Errors
    /// When there is one of its name, or too many.
    pub async fn add_destination(
        &self,
        scope: &Scope,
        name: &str,
        made: ApiDestination,
    ) -> AwsResult<Arc<ApiDestination>> {
        let _making = self.making.lock().await;
        if self.destinations.get(scope, name).is_some() {
            return Err(exists(format!("An api-destination '{name}' already exists.")));
        }
        if self.destinations.list(scope).len() >= MOST {
            return Err(too_many());
        }
        Ok(self.destinations.put(scope, name, made).await?)
    }

    /// Changes an API destination.
    ///
    /// # Errors
    /// When it is not there, or the store fails.
    pub async fn change_destination(
        &self,
        scope: &Scope,
        name: &str,
        change: impl FnOnce(&mut ApiDestination),
    ) -> AwsResult<Arc<ApiDestination>> {
        let change = |there: Option<&ApiDestination>| {
            let mut changed = there.ok_or_else(|| no_such_destination("update", name))?.clone();
            change(&mut changed);
            Ok(Some(changed))
        };
        let changed = self.destinations.update::<AwsError>(scope, name, change).await?;
        changed.ok_or_else(|| no_such_destination("update", name))
    }

    /// Deletes an API destination, which must be there.
    ///
    /// # Errors
    /// When it is not, or the store fails.
    pub async fn remove_destination(&self, scope: &Scope, name: &str) -> AwsResult<()> {
        self.destinations.remove(scope, name).await?.map(drop).ok_or_else(|| no_such_destination("delete", name))
    }

    /// Removes everything.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        let _making = self.making.lock().await;
        self.destinations.clear().await?;
        self.connections.clear().await
    }
}
