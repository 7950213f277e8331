//! `AWS::Logs::LogGroup`.

use crate::resources::{Input, Made, Naming, Physical, Properties, Provider, Retag, Work};
use async_trait::async_trait;
use serde_json::{Map, Value};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::logs as wire;

/// The provider.
pub struct LogGroup;

fn made(work: &Work) -> Made {
    Made::new(&work.name).with("Arn", work.context.arn("logs", format!("log-group:{}:*", work.name)))
}

/// What names the group in the operations of tags: its ARN without the end that means its streams.
fn tagged(made: &Made) -> Input {
    Input::of("ResourceArn", made.attribute("Arn").trim_end_matches(":*"))
}

async fn retain(work: &Work) -> AwsResult<()> {
    if work.properties.contains_key("RetentionInDays") {
        work.send::<wire::PutRetentionPolicy>(work.input()).await.map(drop)
    } else {
        work.send::<wire::DeleteRetentionPolicy>(work.input()).await.map(drop)
    }
}

#[async_trait]
impl Provider for LogGroup {
    fn supported(&self) -> &'static [&'static str] {
        &["LogGroupClass", "LogGroupName", "RetentionInDays", "Tags"]
    }

    fn naming(&self) -> Naming {
        Naming::by("LogGroupName", 512)
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), String> {
        match Properties(properties).text("LogGroupClass").as_deref() {
            None | Some("STANDARD") => Ok(()),
            Some(other) => Err(format!("The log group class {other} is not supported by the embedded cloud yet")),
        }
    }

    fn importable(&self) -> bool {
        true
    }

    async fn read(&self, work: &Work) -> AwsResult<Option<Made>> {
        let request = wire::DescribeLogGroups { log_group_name_prefix: Some(work.name.clone()), ..Default::default() };
        let groups = work.call(request).await?.log_groups.unwrap_or_default();
        // The shortest name of a prefix comes first.
        let same = groups.first().is_some_and(|group| group.log_group_name.as_ref() == Some(&work.name));
        Ok(same.then(|| made(work)))
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        work.send::<wire::CreateLogGroup>(work.input()).await?;
        work.exists(&work.name);
        if work.properties.contains_key("RetentionInDays") {
            retain(work).await?;
        }
        Ok(made(work))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        if old.properties.get("RetentionInDays") != work.properties.get("RetentionInDays") {
            retain(work).await?;
        }
        Ok(made(work))
    }

    async fn tags(&self, work: &Work) -> AwsResult<Vec<(String, String)>> {
        let listed = work.send::<wire::ListTagsForResource>(tagged(&made(work))).await?;
        Ok(listed.tags.unwrap_or_default().into_iter().collect())
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        tags.apply::<wire::TagResource, wire::UntagResource>(work, tagged(made)).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteLogGroup>(old).await
    }
}
