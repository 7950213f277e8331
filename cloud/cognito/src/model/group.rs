//! Groups of users, and resource servers with their scopes.

use super::kept;
use serde::{Deserialize, Serialize};
use slam_cloud_core::Timestamp;
use slam_cloud_wire::cognito as wire;

/// A group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Group {
    /// What it was asked to be.
    #[serde(with = "kept")]
    pub settings: wire::CreateGroup,
    /// When it was created.
    pub created: Timestamp,
    /// When it was changed last.
    pub changed: Timestamp,
}

impl Group {
    /// As GetGroup tells it.
    pub fn shape(&self) -> wire::GroupType {
        let settings = self.settings.clone();
        wire::GroupType {
            group_name: Some(settings.group_name),
            user_pool_id: Some(settings.user_pool_id),
            description: settings.description,
            role_arn: settings.role_arn,
            precedence: settings.precedence,
            last_modified_date: Some(self.changed),
            creation_date: Some(self.created),
        }
    }
}

/// A resource server.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResourceServer {
    /// What it was asked to be.
    #[serde(with = "kept")]
    pub settings: wire::CreateResourceServer,
}

impl ResourceServer {
    /// Whether a scope is one of its own, `IDENTIFIER/SCOPE`.
    pub fn has(&self, scope: &str) -> bool {
        let own = scope.strip_prefix(&*self.settings.identifier).and_then(|rest| rest.strip_prefix('/'));
        own.is_some_and(|own| self.settings.scopes.iter().flatten().any(|one| one.scope_name == own))
    }

    /// As DescribeResourceServer tells it.
    pub fn shape(&self) -> wire::ResourceServerType {
        let settings = self.settings.clone();
        let scopes = settings.scopes.map(|scopes| {
            let told = scopes.into_iter().map(|scope| wire::ResourceServerScopeType {
                scope_name: scope.scope_name,
                scope_description: scope.scope_description,
            });
            told.collect()
        });
        wire::ResourceServerType {
            user_pool_id: Some(settings.user_pool_id),
            identifier: Some(settings.identifier),
            name: Some(settings.name),
            scopes,
            managed_by: None,
        }
    }
}
