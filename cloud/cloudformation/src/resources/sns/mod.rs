//! SNS.

mod policies;
mod subscription;
mod topic;

use super::types::Service;
use policies::{TopicInlinePolicy, TopicPolicy};
use subscription::Subscription;
use topic::Topic;

/// What can be deployed of it.
pub(super) const SERVICE: Service = Service {
    gone: &["NotFound", "ResourceNotFound"],
    types: &[
        (include_str!("../../../schemas/AWS-SNS-Subscription.json"), &Subscription),
        (include_str!("../../../schemas/AWS-SNS-Topic.json"), &Topic),
        (include_str!("../../../schemas/AWS-SNS-TopicInlinePolicy.json"), &TopicInlinePolicy),
        (include_str!("../../../schemas/AWS-SNS-TopicPolicy.json"), &TopicPolicy),
    ],
};
