//! How the states of connections change, beside what requests say.
//!
//! One that authorizes with OAuth is authorized by its first token, which is asked for when it is made or changed. And EventBridge
//! deauthorizes connections that no longer let requests be sent:
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection-deauthorize.html>.

use super::oauth::NoToken;
use super::store::Found;
use super::{secrets, told};
use crate::EventsService;
use crate::model::connection::parameters::Credentials;
use crate::model::connection::{Connection, State};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How long is waited, in seconds, before a server that gives no token now is asked again, and how often that is done.
const PAUSES: [u64; 6] = [1, 2, 4, 8, 16, 32];
/// The longest `StateReason` (API model).
const LONGEST: usize = 512;

/// Sets the state of a connection that is still as it was found, and tells of it.
pub async fn set(service: &Arc<EventsService>, found: &Found, state: State, reason: Option<String>) {
    let now = service.cloud.clock().now();
    let change = |connection: &mut Connection| {
        connection.state = state;
        connection.reason = reason.map(|reason| reason.chars().take(LONGEST).collect());
        if state == State::Authorized {
            connection.authorized = now;
        }
    };
    match service.outbound.store.change_connection(found, change).await {
        Ok(Some(changed)) => tell(service, found.connection.state, &changed).await,
        Ok(None) => {}
        Err(error) => tracing::warn!(%error, connection = found.name, "the state of a connection cannot be stored"),
    }
}

/// Tells of the state that a connection has now, and of that of the API destinations that use it.
pub async fn tell(service: &Arc<EventsService>, before: State, now: &Found) {
    let what = match now.connection.state {
        State::Authorizing => "Authorization Started",
        State::Authorized => "Authorized",
        State::Deauthorized => "Deauthorized",
    };
    told::connection(service, now, what).await;
    tell_destinations(service, before, now, now.connection.state).await;
}

/// Tells of the API destinations that use a connection, where its state makes them active or takes that from them.
pub async fn tell_destinations(
    service: &Arc<EventsService>,
    before: State,
    Found { scope, name, connection }: &Found,
    now: State,
) {
    let is_active = now == State::Authorized;
    if is_active == (before == State::Authorized) {
        return;
    }
    let connection = connection.arn(scope, name);
    for (name, destination) in service.outbound.store.destinations(scope) {
        if destination.connection == connection {
            told::destination(service, scope, (&name, destination.arn(scope, &name)), is_active).await;
        }
    }
}

/// Goes on with the connections that the last process left on their way.
pub fn resume(service: &Arc<EventsService>) {
    for found in service.outbound.store.connections_with(|connection| connection.state == State::Authorizing) {
        authorize(service, found);
    }
}

/// Asks for the first token of a connection, by itself.
pub fn authorize(service: &Arc<EventsService>, found: Found) {
    let service = Arc::downgrade(service);
    tokio::spawn(async move {
        let mut pauses = PAUSES.into_iter();
        loop {
            let Some((clock, pause)) = attempt(&service, &found, pauses.next()).await else { return };
            clock.sleep(Duration::from_secs(pause)).await;
        }
    });
}

/// One attempt; the pause before the next one, if there is one. A connection that was changed meanwhile has an attempt of its own.
async fn attempt(
    service: &Weak<EventsService>,
    found: &Found,
    pause: Option<u64>,
) -> Option<(slam_cloud_core::Clock, u64)> {
    let service = service.upgrade()?;
    let arn = found.connection.arn(&found.scope, &found.name);
    service.outbound.store.connection_of_arn(&arn).filter(|there| there.connection == found.connection)?;
    let outcome = match (token(&service, found, &arn).await, pause) {
        (Err(NoToken::NotNow(_)), Some(pause)) => return Some((service.cloud.clock(), pause)),
        (outcome, _) => outcome,
    };
    match outcome {
        Ok(()) => set(&service, found, State::Authorized, None).await,
        Err(error) => set(&service, found, State::Deauthorized, Some(error.to_string())).await,
    }
    None
}

async fn token(service: &EventsService, found: &Found, arn: &str) -> Result<(), NoToken> {
    let secret = found.connection.secret.as_deref().unwrap_or_default();
    let read = secrets::read(service, &found.scope, secret).await;
    let read = read.map_err(|error| NoToken::Refused(error.message))?;
    let Credentials::OAuth(oauth) = &read.parameters.credentials else { return Ok(()) };
    let with = (&service.outbound.outside, service.cloud.clock());
    service.outbound.tokens.header(with, arn, (oauth, &read.version)).await.map(drop)
}
