//! Invocations of API destinations.
//!
//! - [`store`]: connections and API destinations on disk. [`secrets`]: what connections authorize with.
//! - [`request`]: the request of an invocation. [`oauth`]: tokens. [`answer`]: what they came to.
//! - [`pace`]: how many may be made in a second. [`states`]: how connections become authorized and deauthorized; [`told`]: events of that.

pub mod answer;
mod oauth;
mod pace;
mod request;
pub mod secrets;
pub mod states;
pub mod store;
pub mod told;

use crate::EventsService;
use crate::error::not_found;
use crate::model::connection::parameters::{Credentials, Parameters};
use crate::model::connection::{Kind, State};
use crate::model::delivery::Delivery;
use answer::{Failure, is_unauthorized, judged, transient};
use base64::Engine as _;
use oauth::{NoToken, Tokens};
use pace::Paces;
use slam_cloud_core::{Access, AwsError, AwsResult, Cloud, Context, Store, StoreError};
use slam_cloud_kit::outside::Outside;
use std::sync::Arc;
use store::{Found, OutboundStore};

/// What is needed to invoke.
pub struct Outbound {
    /// Connections and API destinations.
    pub store: OutboundStore,
    outside: Outside,
    tokens: Tokens,
    paces: Paces,
}

impl Outbound {
    /// Loads what is stored.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open(cloud: &Cloud, store: &Arc<Store>) -> Result<Self, StoreError> {
        Ok(Self {
            store: OutboundStore::open(store)?,
            outside: Outside::new(cloud.settings()),
            tokens: Tokens::default(),
            paces: Paces::default(),
        })
    }

    /// Goes on after the turns that the last process gave, by the ARN of their destination.
    pub fn continue_from(&self, turns: Vec<(String, i64)>) {
        for (arn, last) in turns {
            self.paces.continue_from(arn, last);
        }
    }

    /// The pace of a destination is another one now.
    pub fn pace_changed(&self, arn: &str) {
        self.paces.forget(arn);
    }

    /// When the turn of a delivery comes, where that is not now.
    pub fn turn(&self, delivery: &Delivery, now: i64) -> Option<i64> {
        if delivery.turn.is_some_and(|turn| turn <= now) {
            return None;
        }
        let arn = &delivery.target.arn;
        let destination = self.store.destination_of_arn(arn)?;
        let turn = self.paces.turn(arn, destination.rate, now);
        (turn > now).then_some(turn)
    }

    /// Forgets what is known of the tokens of a connection.
    pub fn forget_token(&self, connection: &str) {
        self.tokens.forget(connection);
    }

    /// Removes everything.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clear(&self) -> Result<(), StoreError> {
        self.tokens.clear();
        self.paces.clear();
        self.store.clear().await
    }
}

/// Invokes the API destination that is the target of a delivery, with what the target is given.
///
/// # Errors
/// When it is not there, does not take it, or nobody may.
pub async fn invoke(
    service: &Arc<EventsService>,
    acting: &Context,
    delivery: &Delivery,
    (event, body): (&str, String),
) -> Result<(), Failure> {
    let arn = &delivery.target.arn;
    service.cloud.authorize(acting, &Access::new("events:InvokeApiDestination", arn.as_str()))?;
    let outbound = &service.outbound;
    let destination = outbound
        .store
        .destination_of_arn(arn)
        .ok_or_else(|| not_found(format!("The API destination {arn} does not exist.")))?;
    let connection = outbound.store.connection_of_arn(&destination.connection);
    let connection = connection.filter(|found| found.connection.state == State::Authorized);
    let connection = connection.ok_or_else(|| {
        transient("SDK_CLIENT_ERROR", format_args!("the connection {} is not authorized", destination.connection))
    })?;
    let (parameters, header) = authorization(service, &connection, &destination.connection).await?;
    let http = parameters.invocation_http_parameters.unwrap_or_default();
    let target = delivery.target.http.clone().unwrap_or_default().of(event)?;
    let (name, value) = &header;
    let request = request::invocation(&destination, &http, &target, (name, value), body)?;
    let answer = outbound.outside.ask(request, request::PATIENCE, request::READ).await;
    if let Ok(answer) = &answer
        && let status = answer.status().as_u16()
        && is_unauthorized(status)
    {
        unauthorized(service, &connection, (&destination.connection, value), status).await;
    }
    judged(answer.as_ref(), service.cloud.clock().now())
}

/// With what a connection authorizes, and the header that does so.
async fn authorization(
    service: &Arc<EventsService>,
    connection: &Found,
    arn: &str,
) -> AwsResult<(Parameters, (String, String))> {
    let secret = connection.connection.secret.as_deref().unwrap_or_default();
    let read = match secrets::read(service, &connection.scope, secret).await {
        Ok(read) => read,
        Err(error) => return Err(deauthorized(service, connection, error.message).await),
    };
    let header = match &read.parameters.credentials {
        Credentials::Basic { username, password } => {
            let both = format!("{username}:{}", password.as_deref().unwrap_or_default());
            let both = base64::engine::general_purpose::STANDARD.encode(both);
            ("authorization".to_owned(), format!("Basic {both}"))
        }
        Credentials::ApiKey { api_key_name, api_key_value } => {
            (api_key_name.clone(), api_key_value.clone().unwrap_or_default())
        }
        Credentials::OAuth(oauth) => {
            let with = (&service.outbound.outside, service.cloud.clock());
            let token = service.outbound.tokens.header(with, arn, (oauth, &read.version)).await;
            match token {
                Ok(token) => ("authorization".to_owned(), token),
                Err(NoToken::NotNow(why)) => return Err(transient("CONNECTION_FAILURE", why)),
                Err(NoToken::Refused(why)) => return Err(deauthorized(service, connection, why).await),
            }
        }
    };
    Ok((read.parameters, header))
}

/// Deauthorizes a connection, whose invocations may go well again when somebody has changed it.
async fn deauthorized(service: &Arc<EventsService>, connection: &Found, why: String) -> AwsError {
    let error = transient("SDK_CLIENT_ERROR", format_args!("the connection cannot authorize: {why}"));
    states::set(service, connection, State::Deauthorized, Some(why)).await;
    error
}

/// A server does not know who asks: the token may have expired, and nothing else than a token can become good by itself.
async fn unauthorized(service: &Arc<EventsService>, connection: &Found, (arn, header): (&str, &str), status: u16) {
    match connection.connection.kind {
        Kind::OAuth => service.outbound.tokens.refused(arn, header).await,
        _ => {
            let why = format!("The server answered {status}.");
            states::set(service, connection, State::Deauthorized, Some(why)).await;
        }
    }
}
