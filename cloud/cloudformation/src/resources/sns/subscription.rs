//! `AWS::SNS::Subscription`.

use crate::resources::{Made, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsResult, id};
use slam_cloud_wire::sns as wire;
use std::collections::BTreeMap;

/// The provider.
pub struct Subscription;

/// The attributes, and what takes each away.
const ATTRIBUTES: [(&str, &str); 5] = [
    ("DeliveryPolicy", ""),
    ("FilterPolicy", ""),
    ("FilterPolicyScope", "MessageAttributes"),
    ("RawMessageDelivery", "false"),
    ("RedrivePolicy", ""),
];

/// The attributes that properties say, as texts.
fn said(properties: &Map<String, Value>) -> BTreeMap<String, String> {
    let properties = Properties(properties);
    let said = ATTRIBUTES.iter().filter_map(|(name, _)| {
        let text = properties.text(name).or_else(|| properties.document(name))?;
        Some(((*name).to_owned(), text))
    });
    said.collect()
}

#[async_trait]
impl Provider for Subscription {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "DeliveryPolicy",
            "Endpoint",
            "FilterPolicy",
            "FilterPolicyScope",
            "Protocol",
            "RawMessageDelivery",
            "RedrivePolicy",
            "TopicArn",
        ]
    }

    fn foreseen(&self, work: &Work) -> Option<String> {
        let topic = Properties(&work.properties).text("TopicArn")?;
        Some(format!("{topic}:{}", id::uuid_made_by(&work.context.request_id, "Subscription")))
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let subscribe = wire::Subscribe {
            topic_arn: properties.need("TopicArn")?,
            protocol: properties.need("Protocol")?,
            endpoint: properties.text("Endpoint"),
            attributes: Some(said(&work.properties)),
            return_subscription_arn: Some(true),
        };
        let answer = work.call(subscribe).await?;
        Ok(Made::known_as("Arn", answer.subscription_arn.unwrap_or_default()))
    }

    /// What the template does not say any more is as in a new subscription. The scope goes first, as a policy is for one.
    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let (before, after) = (said(&old.properties), said(&work.properties));
        let set = |name: &str, value: &str| {
            let set = wire::SetSubscriptionAttributes {
                subscription_arn: old.id.clone(),
                attribute_name: name.to_owned(),
                attribute_value: Some(value.to_owned()),
            };
            work.call(set)
        };
        if before.get("FilterPolicyScope") != after.get("FilterPolicyScope") {
            // The policy that there was may be none of the other scope.
            set("FilterPolicy", "").await?;
            set("FilterPolicyScope", after.get("FilterPolicyScope").map_or("MessageAttributes", String::as_str))
                .await?;
            set("FilterPolicy", after.get("FilterPolicy").map_or("", String::as_str)).await?;
        }
        for (name, default) in ATTRIBUTES {
            if name != "FilterPolicyScope" && before.get(name) != after.get(name) {
                set(name, after.get(name).map_or(default, String::as_str)).await?;
            }
        }
        Ok(Made::as_before(old))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let unsubscribe = wire::Unsubscribe { subscription_arn: old.id.clone() };
        work.call(unsubscribe).await.map(drop)
    }
}
