//! Users.

use super::code::Code;
use crate::srp::Verifier;
use serde::{Deserialize, Serialize};
use slam_cloud_core::Timestamp;
use slam_cloud_wire::cognito as wire;
use std::collections::{BTreeMap, BTreeSet};

/// How far a user has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Signed up, not confirmed.
    Unconfirmed,
    /// May sign in.
    Confirmed,
    /// Has a temporary password.
    ForceChangePassword,
}

impl Status {
    /// AWS's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unconfirmed => "UNCONFIRMED",
            Self::Confirmed => "CONFIRMED",
            Self::ForceChangePassword => "FORCE_CHANGE_PASSWORD",
        }
    }
}

/// A user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct User {
    /// The name, which does not change; the same as `sub` where the pool names its users.
    pub username: String,
    /// The id.
    pub sub: String,
    /// All attributes but `sub`.
    pub attributes: BTreeMap<String, String>,
    /// What a password is held against.
    pub password: Option<Verifier>,
    /// When a temporary password was set.
    pub temporary: Option<Timestamp>,
    /// How far it has come.
    pub status: Status,
    /// Whether it may sign in at all.
    pub enabled: bool,
    /// The groups that it is in.
    pub groups: BTreeSet<String>,
    /// The code that was sent last.
    pub code: Option<Code>,
    /// When all its tokens ended.
    pub signed_out: Option<Timestamp>,
    /// When it was created.
    pub created: Timestamp,
    /// When it was changed last.
    pub changed: Timestamp,
}

impl User {
    /// The value of an attribute, `sub` among them.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        if name == "sub" { Some(&self.sub) } else { self.attributes.get(name).map(String::as_str) }
    }

    /// Whether an address or a number is known to be theirs.
    pub fn is_verified(&self, attribute: &str) -> bool {
        self.attribute(&format!("{attribute}_verified")) == Some("true")
    }

    /// Puts attributes on it; an empty value removes one. What can be verified is no longer where another value comes, unless
    /// whoever changes it says so, where `unverifies`.
    pub fn put(&mut self, values: &[(String, String)], unverifies: bool) {
        for (name, value) in values {
            let is_other = self.attributes.get(name) != Some(value);
            if unverifies && is_other && matches!(&**name, "email" | "phone_number") {
                self.attributes.insert(format!("{name}_verified"), "false".to_owned());
            }
            if value.is_empty() {
                self.attributes.remove(name);
            } else {
                self.attributes.insert(name.clone(), value.clone());
            }
        }
    }

    /// All attributes, as operations tell them.
    pub fn list(&self) -> Vec<wire::AttributeType> {
        let sub = [("sub", self.sub.as_str())];
        let all = sub.into_iter().chain(self.attributes.iter().map(|(name, value)| (&**name, &**value)));
        all.map(|(name, value)| wire::AttributeType { name: name.to_owned(), value: Some(value.to_owned()) }).collect()
    }

    /// As ListUsers tells it.
    pub fn shape(&self) -> wire::UserType {
        wire::UserType {
            username: Some(self.username.clone()),
            attributes: Some(self.list()),
            user_create_date: Some(self.created),
            user_last_modified_date: Some(self.changed),
            enabled: Some(self.enabled),
            user_status: Some(self.status.name().to_owned()),
            mfa_options: None,
        }
    }
}
