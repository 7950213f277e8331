//! API destinations: servers outside that rules send events to.

use super::connection::{Connection, State};
use super::name::arn_in;
use crate::error::invalid;
use http::Uri;
use http::uri::Scheme;
use serde::{Deserialize, Serialize};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Arn, AwsResult, Timestamp};
use slam_cloud_wire::events as wire;

/// The invocations in a second of one that says nothing of them (recorded: `test_api_destinations`).
pub const RATE: i64 = 300;

/// An API destination.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiDestination {
    /// What makes its ARN another one than that of a destination of the same name before it.
    pub id: String,
    /// What it is for.
    pub description: Option<String>,
    /// The ARN of its connection.
    pub connection: String,
    /// The server and the path, in which `*` stands for what targets say.
    pub endpoint: String,
    /// The method.
    pub method: String,
    /// The most invocations in a second.
    pub rate: i64,
    /// When it was made.
    pub created: Timestamp,
    /// When it was changed.
    pub modified: Timestamp,
}

/// The ARN by which policies mean an API destination of this name.
pub fn arn_for_policy(scope: &Scope, name: &str) -> String {
    arn_in(scope, &format!("api-destination/{name}"))
}

/// Where an API destination is, its name and its id, by its ARN; `None` for any other text.
pub fn of_arn(text: &str) -> Option<(Scope, String, String)> {
    let arn = Arn::parse(text).filter(|arn| arn.service == "events")?;
    let (name, id) = arn.resource.strip_prefix("api-destination/")?.split_once('/')?;
    Some((Scope { account: arn.account.into(), region: arn.region.into() }, name.to_owned(), id.to_owned()))
}

/// Refuses what is no URL of a server with TLS: "The URL must use HTTPS".
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destination-create.html>
///
/// # Errors
/// When it is none.
pub fn check_endpoint(endpoint: &str) -> AwsResult<()> {
    let uri = endpoint.parse::<Uri>().ok();
    match uri.is_some_and(|uri| uri.scheme() == Some(&Scheme::HTTPS) && uri.host().is_some()) {
        true => Ok(()),
        false => Err(invalid("InvocationEndpoint", "It must be a URL that uses HTTPS.")),
    }
}

/// What is told of an API destination with this connection.
pub fn state(connection: Option<&Connection>) -> &'static str {
    match connection.is_some_and(|connection| connection.state == State::Authorized) {
        true => "ACTIVE",
        false => "INACTIVE",
    }
}

impl ApiDestination {
    /// Its ARN.
    pub fn arn(&self, scope: &Scope, name: &str) -> String {
        format!("{}/{}", arn_for_policy(scope, name), self.id)
    }

    /// Its line in a list (recorded: `test_api_destinations`).
    pub fn summary(&self, scope: &Scope, name: &str, connection: Option<&Connection>) -> wire::ApiDestination {
        wire::ApiDestination {
            api_destination_arn: Some(self.arn(scope, name)),
            name: Some(name.to_owned()),
            api_destination_state: Some(state(connection).to_owned()),
            connection_arn: Some(self.connection.clone()),
            invocation_endpoint: Some(self.endpoint.clone()),
            http_method: Some(self.method.clone()),
            invocation_rate_limit_per_second: Some(self.rate),
            creation_time: Some(self.created),
            last_modified_time: Some(self.modified),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_a_url_with_tls() {
        let check =
            |endpoint: &str, expected: bool| assert_eq!(check_endpoint(endpoint).is_ok(), expected, "{endpoint}");
        check("https://example.com", true);
        check("https://example.com:8443/a/*/b?c=d", true);
        check("http://example.com", false);
        check("example.com", false);
        check("https:///a", false);
        check("invalid-endpoint", false);
    }
}
