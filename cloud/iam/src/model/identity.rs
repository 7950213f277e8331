//! Roles, users and groups: what has a name, a path and policies.

use super::Tags;
use crate::Iam;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use slam_cloud_core::{Collection, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// The policies of a role, user or group.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Permissions {
    /// Inline policies: documents by name.
    pub inline: BTreeMap<String, String>,
    /// The ARNs of attached managed policies, in the order of their attachment.
    pub attached: Vec<String>,
    /// The ARN of the managed policy that bounds all others.
    pub boundary: Option<String>,
}

/// A role.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Role {
    /// `AROA…`
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its path, with slashes at both ends.
    pub path: String,
    /// Its ARN.
    pub arn: String,
    /// Who may take it on: the trust policy's document.
    pub trust: String,
    /// What it is for.
    pub description: Option<String>,
    /// The longest session in seconds.
    pub max_session: i64,
    /// When it was made.
    pub created: Timestamp,
    /// Its tags.
    pub tags: Tags,
    /// Its policies.
    pub permissions: Permissions,
}

/// A user.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct User {
    /// `AIDA…`
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its path, with slashes at both ends.
    pub path: String,
    /// Its ARN.
    pub arn: String,
    /// When it was made.
    pub created: Timestamp,
    /// Its tags.
    pub tags: Tags,
    /// Its policies.
    pub permissions: Permissions,
}

/// A group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Group {
    /// `AGPA…`
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its path, with slashes at both ends.
    pub path: String,
    /// Its ARN.
    pub arn: String,
    /// When it was made.
    pub created: Timestamp,
    /// The unique ids of its users.
    pub members: BTreeSet<String>,
    /// Its policies.
    pub permissions: Permissions,
}

/// What roles, users and groups have in common.
pub trait Identity: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// IAM's word for it in messages: `role`.
    const KIND: &'static str;
    /// The same at the start of a sentence, and in the names of quotas: `Role`.
    const TITLE: &'static str;
    /// The prefix of its unique ids.
    const ID_PREFIX: &'static str;
    /// Characters in all its inline policies together, without whitespace.
    const INLINE_LIMIT: usize;

    /// Where they are kept.
    fn collection(iam: &Iam) -> &Collection<Self>;
    /// The name.
    fn name(&self) -> &str;
    /// The path.
    fn path(&self) -> &str;
    /// The unique id.
    fn id(&self) -> &str;
    /// The ARN.
    fn arn(&self) -> &str;
    /// The tags, which groups have not.
    fn tags(&self) -> &[(String, String)] {
        &[]
    }
    /// The policies.
    fn permissions(&self) -> &Permissions;
    /// The policies, to change them.
    fn permissions_mut(&mut self) -> &mut Permissions;
}

macro_rules! identity {
    ($type:ty, $kind:literal, $title:literal, $prefix:literal, $limit:literal, $field:ident $(, $tags:ident)?) => {
        impl Identity for $type {
            const KIND: &'static str = $kind;
            const TITLE: &'static str = $title;
            const ID_PREFIX: &'static str = $prefix;
            const INLINE_LIMIT: usize = $limit;

            fn collection(iam: &Iam) -> &Collection<Self> {
                &iam.collections.$field
            }
            fn name(&self) -> &str {
                &self.name
            }
            fn path(&self) -> &str {
                &self.path
            }
            fn id(&self) -> &str {
                &self.id
            }
            fn arn(&self) -> &str {
                &self.arn
            }
            $(fn tags(&self) -> &[(String, String)] {
                &self.$tags
            })?
            fn permissions(&self) -> &Permissions {
                &self.permissions
            }
            fn permissions_mut(&mut self) -> &mut Permissions {
                &mut self.permissions
            }
        }
    };
}

identity!(Role, "role", "Role", "AROA", 10_240, roles, tags);
identity!(User, "user", "User", "AIDA", 2_048, users, tags);
identity!(Group, "group", "Group", "AGPA", 5_120, groups);
