//! The entities of IAM as they are stored. Each is kept under its unique id, so that a rename is one write.

mod identity;
mod managed_policy;

pub use identity::{Group, Identity, Permissions, Role, User};
pub use managed_policy::{ManagedPolicy, PolicyVersion};

use serde::{Deserialize, Serialize};
use slam_cloud_core::Timestamp;

/// Tags in the order in which they were given.
pub type Tags = Vec<(String, String)>;

/// A user's long-lived key, stored under its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AccessKey {
    /// The account of the user.
    pub account: String,
    /// The user's unique id.
    pub user_id: String,
    /// The secret that signs.
    pub secret: String,
    /// Whether it may be used.
    pub active: bool,
    /// When it was made.
    pub created: Timestamp,
}

/// A key of limited life, handed out by STS and stored under its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Session {
    /// The account of the caller it stands for.
    pub account: String,
    /// The secret that signs.
    pub secret: String,
    /// The token that goes with every request.
    pub token: String,
    /// When it was opened. One that was kept from before this was written down counts as opened long ago.
    #[serde(default)]
    pub issued: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// The function that it was opened for.
    #[serde(default)]
    pub function: Option<String>,
    /// For whom it stands.
    pub subject: Subject,
}

/// For whom a session stands.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Subject {
    /// The account's root user.
    Root,
    /// A user, by unique id.
    User(String),
    /// A role.
    Role {
        /// The role's unique id.
        id: String,
        /// The role's ARN.
        arn: String,
        /// The session's name.
        session_name: String,
        /// The policy that narrows the session.
        policy: Option<String>,
    },
}

/// Now, as IAM tells time: in whole seconds.
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

/// An id that no other identity or policy ever has: a prefix for its kind (`AROA`, `AIDA` …) and 17 characters of base 32.
pub fn unique_id(prefix: &str) -> String {
    format!("{prefix}{}", slam_cloud_core::id::base32(17))
}
