//! CloudWatch Logs.

use super::properties::Properties;
use super::types::Service;
use super::{Made, Naming, Provider, Work, tags};
use crate::model::Physical;
use async_trait::async_trait;
use serde_json::{Map, Value};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::logs as wire;

/// What can be deployed of it.
pub(super) const SERVICE: Service = Service {
    gone: &["ResourceNotFoundException"],
    types: &[
        (include_str!("../../../schemas/AWS-Logs-LogGroup.json"), &LogGroup),
        (include_str!("../../../schemas/AWS-Logs-LogStream.json"), &LogStream),
    ],
};

/// `AWS::Logs::LogGroup`.
pub struct LogGroup;

impl LogGroup {
    fn made(work: &Work, name: &str) -> Made {
        Made::new(name).with("Arn", work.context.arn("logs", format!("log-group:{name}:*")))
    }

    async fn retain(&self, work: &Work, name: &str) -> AwsResult<()> {
        let log_group_name = name.to_owned();
        match Properties(&work.properties).integer("RetentionInDays") {
            Some(retention_in_days) => {
                work.call(wire::PutRetentionPolicy { log_group_name, retention_in_days }).await.map(|_| ())
            }
            None => work.call(wire::DeleteRetentionPolicy { log_group_name }).await.map(|_| ()),
        }
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
        Ok(same.then(|| Self::made(work, &work.name)))
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let request = wire::CreateLogGroup {
            log_group_name: work.name.clone(),
            tags: Some(tags::all(work)),
            log_group_class: Properties(&work.properties).text("LogGroupClass"),
            ..wire::CreateLogGroup::default()
        };
        work.call(request).await?;
        work.exists(&work.name);
        if work.properties.contains_key("RetentionInDays") {
            self.retain(work, &work.name).await?;
        }
        Ok(Self::made(work, &work.name))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        if old.properties.get("RetentionInDays") != work.properties.get("RetentionInDays") {
            self.retain(work, &old.id).await?;
        }
        let resource_arn = work.context.arn("logs", format!("log-group:{}", old.id));
        let (set, removed) = tags::difference(work, old);
        if !set.is_empty() {
            work.call(wire::TagResource { resource_arn: resource_arn.clone(), tags: set }).await?;
        }
        if !removed.is_empty() {
            work.call(wire::UntagResource { resource_arn, tag_keys: removed }).await?;
        }
        Ok(Self::made(work, &old.id))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.kind.gone_is_fine(work.call(wire::DeleteLogGroup { log_group_name: old.id.clone() }).await).map(|_| ())
    }
}

/// `AWS::Logs::LogStream`.
pub struct LogStream;

#[async_trait]
impl Provider for LogStream {
    fn supported(&self) -> &'static [&'static str] {
        &["LogGroupName", "LogStreamName"]
    }

    fn naming(&self) -> Naming {
        Naming::apart(512)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let properties = Properties(&work.properties);
        let log_group_name = properties.need("LogGroupName")?;
        let log_stream_name = properties.text("LogStreamName").unwrap_or_else(|| work.name.clone());
        work.call(wire::CreateLogStream { log_group_name, log_stream_name: log_stream_name.clone() }).await?;
        Ok(Made::new(log_stream_name))
    }

    async fn update(&self, _: &Work, old: &Physical) -> AwsResult<Made> {
        Ok(Made::new(&old.id))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let log_group_name = Properties(&old.properties).need("LogGroupName")?;
        let request = wire::DeleteLogStream { log_group_name, log_stream_name: old.id.clone() };
        work.kind.gone_is_fine(work.call(request).await).map(|_| ())
    }
}
