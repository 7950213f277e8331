//! Cognito user pools.

mod group;
mod resource_server;
mod user;
mod user_pool;
mod user_pool_client;
mod user_to_group;

use super::types::Service;
use group::Group;
use resource_server::ResourceServer;
use user::User;
use user_pool::UserPool;
use user_pool_client::UserPoolClient;
use user_to_group::UserToGroup;

/// What can be deployed of it.
pub(super) const SERVICE: Service = Service {
    gone: &["ResourceNotFoundException", "UserNotFoundException"],
    types: &[
        (include_str!("../../../schemas/AWS-Cognito-UserPool.json"), &UserPool),
        (include_str!("../../../schemas/AWS-Cognito-UserPoolClient.json"), &UserPoolClient),
        (include_str!("../../../schemas/AWS-Cognito-UserPoolGroup.json"), &Group),
        (include_str!("../../../schemas/AWS-Cognito-UserPoolResourceServer.json"), &ResourceServer),
        (include_str!("../../../schemas/AWS-Cognito-UserPoolUser.json"), &User),
        (include_str!("../../../schemas/AWS-Cognito-UserPoolUserToGroupAttachment.json"), &UserToGroup),
    ],
};
