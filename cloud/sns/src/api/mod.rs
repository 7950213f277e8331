//! The operations.
//!
//! - [`access`]: which permission each needs. [`list`]: topics and subscriptions in pages.
//! - [`topics`]: topics come and go. [`attributes`], [`permissions`], [`tags`]: what belongs to them.
//! - [`subscribe`]: subscriptions come. [`confirm`]: they are confirmed, and end. [`links`]: the same without a signature.
//! - [`subscriptions`]: their attributes. [`publish`]: messages come. [`mobile`]: mobile push, which nobody has here.
//! - [`sms`]: the account's settings of SMS.

mod access;
pub mod attributes;
pub mod confirm;
pub mod links;
pub mod list;
pub mod mobile;
pub mod permissions;
pub mod publish;
pub mod sms;
pub mod subscribe;
pub mod subscriptions;
pub mod tags;
pub mod topics;

use crate::SnsService;
use slam_cloud_core::Registry;
use slam_cloud_wire::sns as wire;
use std::sync::Arc;

/// Hangs every operation on the door: its shape, the permission it needs, what it does.
pub(crate) fn register(service: &Arc<SnsService>, registry: &mut Registry) {
    registry
        .service(service)
        .add::<wire::CreateTopic>(access::create_topic, topics::create)
        .add::<wire::DeleteTopic>(access::delete_topic, topics::delete)
        .add::<wire::ListTopics>(access::list_topics, list::topics)
        .add::<wire::GetTopicAttributes>(access::get_topic_attributes, attributes::get)
        .add::<wire::SetTopicAttributes>(access::set_topic_attributes, attributes::set)
        .add::<wire::AddPermission>(access::add_permission, permissions::add)
        .add::<wire::RemovePermission>(access::remove_permission, permissions::remove)
        .add::<wire::TagResource>(access::tag_resource, tags::tag)
        .add::<wire::UntagResource>(access::untag_resource, tags::untag)
        .add::<wire::ListTagsForResource>(access::list_tags_for_resource, tags::list)
        .add::<wire::Subscribe>(access::subscribe, subscribe::subscribe)
        .add::<wire::ConfirmSubscription>(access::confirm_subscription, confirm::confirm)
        .add::<wire::Unsubscribe>(access::unsubscribe, confirm::unsubscribe)
        .add::<wire::ListSubscriptions>(access::list_subscriptions, list::subscriptions)
        .add::<wire::ListSubscriptionsByTopic>(access::list_subscriptions_by_topic, list::subscriptions_by_topic)
        .add::<wire::GetSubscriptionAttributes>(access::get_subscription_attributes, subscriptions::get)
        .add::<wire::SetSubscriptionAttributes>(access::set_subscription_attributes, subscriptions::set)
        .add::<wire::Publish>(access::publish, publish::one)
        .add::<wire::PublishBatch>(access::publish_batch, publish::batch)
        .add::<wire::CreatePlatformApplication>(access::create_platform_application, mobile::create_application)
        .add::<wire::ListPlatformApplications>(access::list_platform_applications, mobile::applications)
        .add::<wire::GetPlatformApplicationAttributes>(
            access::get_platform_application_attributes,
            mobile::get_application,
        )
        .add::<wire::SetPlatformApplicationAttributes>(
            access::set_platform_application_attributes,
            mobile::set_application,
        )
        .add::<wire::DeletePlatformApplication>(access::delete_platform_application, mobile::delete_application)
        .add::<wire::CreatePlatformEndpoint>(access::create_platform_endpoint, mobile::create_endpoint)
        .add::<wire::ListEndpointsByPlatformApplication>(
            access::list_endpoints_by_platform_application,
            mobile::endpoints,
        )
        .add::<wire::GetEndpointAttributes>(access::get_endpoint_attributes, mobile::get_endpoint)
        .add::<wire::SetEndpointAttributes>(access::set_endpoint_attributes, mobile::set_endpoint)
        .add::<wire::DeleteEndpoint>(access::delete_endpoint, mobile::delete_endpoint)
        .add::<wire::GetSMSAttributes>(access::get_sms_attributes, sms::get)
        .add::<wire::SetSMSAttributes>(access::set_sms_attributes, sms::set);
}
