//! `AWS::Events::Archive`.

use crate::resources::{Input, Made, Naming, Physical, Provider, Work};
use async_trait::async_trait;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::events as wire;

/// The provider.
pub struct Archive;

fn made(work: &Work) -> Made {
    let arn = work.context.arn("events", format!("archive/{}", work.name));
    Made::new(&work.name).with("Arn", arn)
}

#[async_trait]
impl Provider for Archive {
    fn supported(&self) -> &'static [&'static str] {
        &["ArchiveName", "Description", "EventPattern", "RetentionDays", "SourceArn"]
    }

    fn naming(&self) -> Naming {
        Naming::by("ArchiveName", 48)
    }

    fn importable(&self) -> bool {
        true
    }

    async fn read(&self, work: &Work) -> AwsResult<Option<Made>> {
        work.call(wire::DescribeArchive { archive_name: work.name.clone() }).await?;
        Ok(Some(made(work)))
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        work.send::<wire::CreateArchive>(work.input().renamed("SourceArn", "EventSourceArn")).await?;
        Ok(made(work))
    }

    /// UpdateArchive leaves what it is not told as it is, so the defaults are told. A pattern cannot be taken away again: the one that
    /// every event meets stands for none.
    async fn update(&self, work: &Work, _: &Physical) -> AwsResult<Made> {
        let everything = r#"{"source":[{"prefix":""}]}"#;
        let defaults = serde_json::json!({"Description": "", "EventPattern": everything, "RetentionDays": 0});
        work.send::<wire::UpdateArchive>(work.input().without("SourceArn").or(defaults)).await?;
        Ok(made(work))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.send::<wire::DeleteArchive>(Input::of("ArchiveName", &*old.id)).await.map(drop)
    }
}
