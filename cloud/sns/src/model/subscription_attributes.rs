//! Attributes of subscriptions: read, checked, told.

use super::delivery_policy;
use super::endpoint::Protocol;
use super::filter::Filter;
use super::name::Reference;
use super::redrive;
use super::subscription::{Settings, State, Subscription};
use crate::error::invalid;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsError, AwsResult};
use std::collections::BTreeMap;

/// What an attribute is set on.
pub struct Place<'a> {
    /// The topic.
    pub topic: &'a Reference,
    /// The account of the subscription's owner.
    pub owner: &'a str,
    /// How messages are delivered; none that this cloud has, where they are not.
    pub protocol: Option<Protocol>,
    /// Whether it is a FIFO queue's.
    pub is_fifo: bool,
}

/// Sets one attribute.
///
/// # Errors
/// AWS's for names and values that cannot be (recorded: `test_validate_set_sub_attributes`,
/// `test_set_subscription_filter_policy_scope`).
pub fn set(settings: &mut Settings, place: &Place<'_>, name: &str, value: &str) -> AwsResult<()> {
    match name {
        "RawMessageDelivery" => {
            let raw = match value.to_ascii_lowercase().as_str() {
                "true" => true,
                "false" => false,
                _ => {
                    let message = format!("RawMessageDelivery: Invalid value [{value}]. Must be true or false.");
                    return Err(invalid(message));
                }
            };
            // Asserted on AWS: `subscribeWithInvalidAttributeTest` of ballerina-platform/module-ballerinax-aws.sns.
            if let Some(protocol) = place.protocol.filter(|protocol| raw && !protocol.takes_raw()) {
                let name = protocol.name();
                return Err(invalid(format_args!("Delivery protocol [{name}] does not support raw message delivery.")));
            }
            settings.raw = raw;
        }
        "FilterPolicyScope" => {
            settings.by_body = match value {
                "MessageBody" => true,
                "MessageAttributes" => false,
                other => {
                    return Err(invalid(format_args!(
                        "FilterPolicyScope: Invalid value [{other}]. Please use either MessageBody or MessageAttributes"
                    )));
                }
            }
        }
        // "{}" takes it away, too (API reference of CloudFormation, as templates have no empty one).
        "FilterPolicy" => settings.filter = Some(value.to_owned()).filter(|text| !matches!(text.trim(), "" | "{}")),
        "RedrivePolicy" if value.is_empty() => (settings.redrive, settings.dead_letters) = (None, None),
        "RedrivePolicy" => {
            let queue = redrive::queue(value, place.is_fifo, place.owner, &place.topic.scope.region)?;
            (settings.redrive, settings.dead_letters) = (Some(value.to_owned()), Some(queue));
        }
        "DeliveryPolicy" if value.is_empty() => settings.delivery = None,
        "DeliveryPolicy" if !place.protocol.is_some_and(Protocol::is_http) => {
            return Err(invalid("DeliveryPolicy: only subscriptions of HTTP/S endpoints have one"));
        }
        "DeliveryPolicy" => settings.delivery = Some(delivery_policy::of_subscription(value)?),
        "SubscriptionRoleArn" | "ReplayPolicy" => {
            return Err(AwsError::unsupported(format_args!("the attribute {name} of subscriptions")));
        }
        _ => return Err(invalid("AttributeName")),
    }
    Ok(())
}

/// Checks what attributes demand of each other, once all are set.
///
/// # Errors
/// What is wrong with the filter policy, within the scope.
pub fn check(settings: &Settings) -> AwsResult<()> {
    let Some(policy) = &settings.filter else { return Ok(()) };
    Filter::read(policy, settings.by_body).map(drop)
}

/// The attributes as they are told (recorded: `test_subscribe_idempotency`, `test_creating_subscription_with_attributes`).
pub fn told(
    topic: &Reference,
    id: &str,
    it: &Subscription,
    topics: Option<&Map<String, Value>>,
) -> BTreeMap<String, String> {
    let settings = &it.settings;
    let signed = matches!(it.state, State::Confirmed { signed: true, .. } | State::Orphaned);
    let pending = it.state == State::Pending;
    let mut told = BTreeMap::from([
        ("ConfirmationWasAuthenticated", signed.to_string()),
        ("Endpoint", it.endpoint.clone()),
        ("Owner", it.owner.clone()),
        ("PendingConfirmation", pending.to_string()),
        ("Protocol", it.protocol.name().to_owned()),
        ("RawMessageDelivery", settings.raw.to_string()),
        ("SubscriptionArn", topic.subscription(id)),
        ("SubscriptionPrincipal", it.principal.clone()),
        ("TopicArn", topic.arn()),
    ]);
    if let Some(policy) = &settings.filter {
        let scope = if settings.by_body { "MessageBody" } else { "MessageAttributes" };
        told.extend([("FilterPolicy", policy.clone()), ("FilterPolicyScope", scope.to_owned())]);
    }
    if let Some(policy) = &settings.redrive {
        told.insert("RedrivePolicy", policy.clone());
    }
    if let Some(policy) = &settings.delivery {
        told.insert("DeliveryPolicy", Value::Object(policy.clone()).to_string());
    }
    if it.protocol.is_http() {
        let effective = delivery_policy::Effective::of(topics, settings.delivery.as_ref());
        told.insert("EffectiveDeliveryPolicy", effective.of_subscription().to_string());
    }
    told.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
