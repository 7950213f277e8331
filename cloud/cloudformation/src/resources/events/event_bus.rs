//! `AWS::Events::EventBus`.

use crate::resources::{Input, Made, Naming, Physical, Properties, Provider, Retag, Work};
use async_trait::async_trait;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::events as wire;

/// The provider.
pub struct EventBus;

fn arn(work: &Work, name: &str) -> String {
    work.context.arn("events", format!("event-bus/{name}"))
}

fn made(work: &Work) -> Made {
    Made::new(&work.name).with("Arn", arn(work, &work.name))
}

/// Puts the policy that the template says, or takes the one away that it said.
async fn put_policy(work: &Work, had_one: bool) -> AwsResult<()> {
    let event_bus_name = Some(work.name.clone());
    match Properties(&work.properties).document("Policy") {
        Some(policy) => {
            let input = wire::PutPermission { event_bus_name, policy: Some(policy), ..Default::default() };
            work.call(input).await.map(drop)
        }
        None if had_one => {
            let input =
                wire::RemovePermission { event_bus_name, remove_all_permissions: Some(true), statement_id: None };
            work.call(input).await.map(drop)
        }
        None => Ok(()),
    }
}

#[async_trait]
impl Provider for EventBus {
    fn supported(&self) -> &'static [&'static str] {
        &["DeadLetterConfig", "Description", "Name", "Policy", "Tags"]
    }

    fn naming(&self) -> Naming {
        Naming::by("Name", 256)
    }

    fn importable(&self) -> bool {
        true
    }

    async fn read(&self, work: &Work) -> AwsResult<Option<Made>> {
        work.call(wire::DescribeEventBus { name: Some(work.name.clone()) }).await?;
        Ok(Some(made(work)))
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        work.send::<wire::CreateEventBus>(work.input().without("Policy")).await?;
        work.exists(&work.name);
        put_policy(work, false).await?;
        Ok(made(work))
    }

    /// UpdateEventBus leaves what it is not told as it is, so the defaults are told.
    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let input = work.input().only(&["DeadLetterConfig", "Description", "Name"]);
        let defaults = serde_json::json!({"DeadLetterConfig": {}, "Description": ""});
        work.send::<wire::UpdateEventBus>(input.or(defaults)).await?;
        work.did(["DeadLetterConfig", "Description"]);
        put_policy(work, old.properties.contains_key("Policy")).await?;
        Ok(made(work))
    }

    async fn tags(&self, work: &Work) -> AwsResult<Vec<(String, String)>> {
        let listed = work.call(wire::ListTagsForResource { resource_arn: arn(work, &work.name) }).await?;
        Ok(listed.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        let of = Input::of("ResourceARN", arn(work, &made.id));
        tags.apply::<wire::TagResource, wire::UntagResource>(work, of).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteEventBus>(old).await
    }
}
