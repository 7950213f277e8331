//! Connections: how EventBridge authorizes itself to servers outside.
//!
//! - [`parameters`]: with what, as it is kept in the connection's secret.
//! - [`http`]: what is added to requests beside that.

pub mod http;
pub mod parameters;

use super::name::arn_in;
use parameters::Parameters;
use serde::{Deserialize, Serialize};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Arn, Timestamp};
use slam_cloud_wire::events as wire;

/// A connection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Connection {
    /// What makes its ARN another one than that of a connection of the same name before it.
    pub id: String,
    /// What it is for.
    pub description: Option<String>,
    /// `AuthorizationType`
    pub kind: Kind,
    /// Its parameters without what is secret in them; none once it was deauthorized.
    pub parameters: Option<Parameters>,
    /// The ARN of the secret that has them whole.
    pub secret: Option<String>,
    /// Whether requests can be sent.
    pub state: State,
    /// Why it is in its state.
    pub reason: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was changed.
    pub modified: Timestamp,
    /// When it was authorized. AWS tells it of one that is being authorized for the first time, too (recorded:
    /// `test_create_connection_with_auth`).
    pub authorized: Timestamp,
}

/// How it authorizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// With a user name and a password.
    Basic,
    /// With a header of its own.
    ApiKey,
    /// With a token that a server gives.
    OAuth,
}

impl Kind {
    /// Reads an `AuthorizationType`, which the model has checked.
    pub fn read(text: &str) -> Self {
        match text {
            "BASIC" => Self::Basic,
            "API_KEY" => Self::ApiKey,
            _ => Self::OAuth,
        }
    }

    /// As it is told.
    pub fn told(self) -> &'static str {
        match self {
            Self::Basic => "BASIC",
            Self::ApiKey => "API_KEY",
            Self::OAuth => "OAUTH_CLIENT_CREDENTIALS",
        }
    }
}

/// A connection's state. Those in which AWS makes, changes and deletes one pass here within a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// The first token is asked for.
    Authorizing,
    /// Requests can be sent.
    Authorized,
    /// They cannot.
    Deauthorized,
}

impl State {
    /// As it is told.
    pub fn told(self) -> &'static str {
        match self {
            Self::Authorizing => "AUTHORIZING",
            Self::Authorized => "AUTHORIZED",
            Self::Deauthorized => "DEAUTHORIZED",
        }
    }
}

/// The ARN by which policies mean a connection of this name.
pub fn arn_for_policy(scope: &Scope, name: &str) -> String {
    arn_in(scope, &format!("connection/{name}"))
}

/// Where a connection is, its name and its id, by its ARN; `None` for any other text.
pub fn of_arn(text: &str) -> Option<(Scope, String, String)> {
    let arn = Arn::parse(text).filter(|arn| arn.service == "events")?;
    let (name, id) = arn.resource.strip_prefix("connection/")?.split_once('/')?;
    Some((Scope { account: arn.account.into(), region: arn.region.into() }, name.to_owned(), id.to_owned()))
}

impl Connection {
    /// Its ARN (recorded: `test_create_connection`).
    pub fn arn(&self, scope: &Scope, name: &str) -> String {
        format!("{}/{}", arn_for_policy(scope, name), self.id)
    }

    /// Its line in a list (recorded: `test_list_connections`).
    pub fn summary(&self, scope: &Scope, name: &str) -> wire::Connection {
        wire::Connection {
            connection_arn: Some(self.arn(scope, name)),
            name: Some(name.to_owned()),
            connection_state: Some(self.state.told().to_owned()),
            state_reason: self.reason.clone(),
            authorization_type: Some(self.kind.told().to_owned()),
            creation_time: Some(self.created),
            last_modified_time: Some(self.modified),
            last_authorized_time: Some(self.authorized),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_found_by_its_arn() {
        let check = |text: &str, expected: Option<(&str, &str)>| {
            let found = of_arn(text);
            let found = found.as_ref().map(|(_, name, id)| (name.as_str(), id.as_str()));
            assert_eq!(found, expected, "{text}");
        };
        check("arn:aws:events:us-east-1:000000000000:connection/a.b/c-1", Some(("a.b", "c-1")));
        check("arn:aws:events:us-east-1:000000000000:connection/a", None);
        check("arn:aws:events:us-east-1:000000000000:api-destination/a/b", None);
        check("connection/a/b", None);
    }
}
