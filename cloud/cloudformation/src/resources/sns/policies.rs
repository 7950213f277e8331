//! `AWS::SNS::TopicPolicy` and `AWS::SNS::TopicInlinePolicy`: the policy of several topics, and of one.

use crate::resources::{Made, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::sns as wire;

/// The provider of policies for several topics.
pub struct TopicPolicy;

/// The provider of the policy of one topic.
pub struct TopicInlinePolicy;

/// Puts a topic's policy; an empty one puts back the one that each topic has at first (recorded:
/// `test_sns_topic_policy_resets_to_default`).
async fn put(work: &Work, topic_arn: &str, policy: &str) -> AwsResult<()> {
    let set = wire::SetTopicAttributes {
        topic_arn: topic_arn.to_owned(),
        attribute_name: "Policy".to_owned(),
        attribute_value: Some(policy.to_owned()),
    };
    work.call(set).await.map(drop)
}

/// Takes the policies of topics away that are still there.
async fn take_away(work: &Work, topics: &[String]) -> AwsResult<()> {
    for topic in topics {
        work.kind.unless_gone(put(work, topic, "").await)?;
    }
    Ok(())
}

fn topics(of: Properties<'_>) -> Vec<String> {
    of.texts("Topics").unwrap_or_default()
}

fn policy(work: &Work) -> String {
    Properties(&work.properties).document("PolicyDocument").unwrap_or_default()
}

#[async_trait]
impl Provider for TopicPolicy {
    fn supported(&self) -> &'static [&'static str] {
        &["PolicyDocument", "Topics"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        for topic in topics(Properties(&work.properties)) {
            put(work, &topic, &policy(work)).await?;
        }
        Ok(Made::known_as("Id", &*work.name))
    }

    /// Topics that leave the list lose their policy.
    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let now = topics(Properties(&work.properties));
        for topic in &now {
            put(work, topic, &policy(work)).await?;
        }
        let left = topics(Properties(&old.properties)).into_iter().filter(|topic| !now.contains(topic));
        take_away(work, &left.collect::<Vec<_>>()).await?;
        Ok(Made::as_before(old))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        take_away(work, &topics(Properties(&old.properties))).await
    }
}

#[async_trait]
impl Provider for TopicInlinePolicy {
    fn supported(&self) -> &'static [&'static str] {
        &["PolicyDocument", "TopicArn"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let topic = Properties(&work.properties).need("TopicArn")?;
        put(work, &topic, &policy(work)).await?;
        Ok(Made::new(topic))
    }

    async fn update(&self, work: &Work, _: &Physical) -> AwsResult<Made> {
        self.create(work).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        take_away(work, std::slice::from_ref(&old.id)).await
    }
}
