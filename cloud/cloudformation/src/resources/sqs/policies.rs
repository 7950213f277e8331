//! `AWS::SQS::QueuePolicy` and `AWS::SQS::QueueInlinePolicy`: the policy of several queues, and of one.

use crate::resources::{Made, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::sqs as wire;
use std::collections::BTreeMap;

/// The provider of policies for several queues.
pub struct QueuePolicy;

/// The provider of the policy of one queue.
pub struct QueueInlinePolicy;

/// Puts a queue's policy; an empty one takes it away.
async fn put(work: &Work, queue_url: &str, policy: &str) -> AwsResult<()> {
    let attributes = BTreeMap::from([("Policy".to_owned(), policy.to_owned())]);
    work.call(wire::SetQueueAttributes { queue_url: queue_url.to_owned(), attributes }).await.map(drop)
}

/// Takes the policies of queues away that are still there.
async fn take_away(work: &Work, queues: &[String]) -> AwsResult<()> {
    for queue in queues {
        work.kind.unless_gone(put(work, queue, "").await)?;
    }
    Ok(())
}

fn queues(of: Properties<'_>) -> Vec<String> {
    of.texts("Queues").unwrap_or_default()
}

fn policy(work: &Work) -> String {
    Properties(&work.properties).document("PolicyDocument").unwrap_or_default()
}

#[async_trait]
impl Provider for QueuePolicy {
    fn supported(&self) -> &'static [&'static str] {
        &["PolicyDocument", "Queues"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        for queue in queues(Properties(&work.properties)) {
            put(work, &queue, &policy(work)).await?;
        }
        Ok(Made::known_as("Id", &*work.name))
    }

    /// Queues that leave the list lose their policy (asserted on AWS: `test_update_remove_two_queues_from_policy`).
    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let now = queues(Properties(&work.properties));
        for queue in &now {
            put(work, queue, &policy(work)).await?;
        }
        let left = queues(Properties(&old.properties)).into_iter().filter(|queue| !now.contains(queue));
        take_away(work, &left.collect::<Vec<_>>()).await?;
        Ok(Made::as_before(old))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        take_away(work, &queues(Properties(&old.properties))).await
    }
}

#[async_trait]
impl Provider for QueueInlinePolicy {
    fn supported(&self) -> &'static [&'static str] {
        &["PolicyDocument", "Queue"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let queue = Properties(&work.properties).need("Queue")?;
        put(work, &queue, &policy(work)).await?;
        Ok(Made::new(queue))
    }

    async fn update(&self, work: &Work, _: &Physical) -> AwsResult<Made> {
        self.create(work).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        take_away(work, std::slice::from_ref(&old.id)).await
    }
}
