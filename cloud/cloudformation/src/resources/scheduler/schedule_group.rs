//! `AWS::Scheduler::ScheduleGroup`.

use crate::resources::{Input, Made, Naming, Physical, Provider, Retag, Work, until};
use async_trait::async_trait;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::scheduler as wire;

/// The provider.
pub struct ScheduleGroup;

async fn described(work: &Work) -> AwsResult<Made> {
    let group = work.call(wire::GetScheduleGroup { name: work.name.clone() }).await?;
    let date = |date: Option<slam_cloud_core::Timestamp>| date.unwrap_or_default().to_string();
    Ok(Made::new(&work.name)
        .with("Arn", group.arn.unwrap_or_default())
        .with("CreationDate", date(group.creation_date))
        .with("LastModificationDate", date(group.last_modification_date))
        .with("State", group.state.unwrap_or_default()))
}

/// What names the group in the operations of tags.
fn tagged(work: &Work, name: &str) -> Input {
    Input::of("ResourceArn", work.context.arn("scheduler", format!("schedule-group/{name}")))
}

#[async_trait]
impl Provider for ScheduleGroup {
    fn supported(&self) -> &'static [&'static str] {
        &["Name", "Tags"]
    }

    fn naming(&self) -> Naming {
        Naming::by("Name", 64)
    }

    fn importable(&self) -> bool {
        true
    }

    async fn read(&self, work: &Work) -> AwsResult<Option<Made>> {
        described(work).await.map(Some)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        work.send::<wire::CreateScheduleGroup>(work.input()).await?;
        work.exists(&work.name);
        described(work).await
    }

    async fn tags(&self, work: &Work) -> AwsResult<Vec<(String, String)>> {
        let listed = work.send::<wire::ListTagsForResource>(tagged(work, &work.name)).await?;
        Ok(listed.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        tags.apply::<wire::TagResource, wire::UntagResource>(work, tagged(work, &made.id)).await
    }

    /// It is gone when its schedules are.
    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteScheduleGroup>(old).await?;
        until("The schedule group", || async {
            let there = work.call_unless_gone(wire::GetScheduleGroup { name: old.id.clone() }).await?;
            Ok(there.is_none().then_some(()))
        })
        .await
    }
}
