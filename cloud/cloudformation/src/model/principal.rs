//! The caller of an operation, kept with the stack so that the operation can go on after a restart.

use serde::{Deserialize, Serialize};
use slam_cloud_core::Principal;

/// [`Principal`] in a form that is stored. No secrets: who it is, not how it proved it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoredPrincipal {
    /// The account's root user.
    Root(String),
    /// ARN and id of a user.
    User(String, String),
    /// A role's session.
    AssumedRole {
        /// The role.
        role_arn: String,
        /// Its id.
        role_id: String,
        /// The session's name.
        session_name: String,
        /// The session's policy.
        session_policy: Option<String>,
    },
    /// A service.
    Service(String),
    /// Nobody.
    Anonymous,
}

impl From<&Principal> for StoredPrincipal {
    fn from(principal: &Principal) -> Self {
        match principal.clone() {
            Principal::Root { account } => Self::Root(account),
            Principal::User { arn, id } => Self::User(arn, id),
            Principal::AssumedRole { role_arn, role_id, session_name, session_policy } => {
                Self::AssumedRole { role_arn, role_id, session_name, session_policy }
            }
            Principal::Service { name } => Self::Service(name),
            Principal::Anonymous => Self::Anonymous,
        }
    }
}

impl From<StoredPrincipal> for Principal {
    fn from(stored: StoredPrincipal) -> Self {
        match stored {
            StoredPrincipal::Root(account) => Self::Root { account },
            StoredPrincipal::User(arn, id) => Self::User { arn, id },
            StoredPrincipal::AssumedRole { role_arn, role_id, session_name, session_policy } => {
                Self::AssumedRole { role_arn, role_id, session_name, session_policy }
            }
            StoredPrincipal::Service(name) => Self::Service { name },
            StoredPrincipal::Anonymous => Self::Anonymous,
        }
    }
}
