//! `AWS::Logs::LogStream`.

use crate::resources::{Made, Naming, Physical, Provider, Work};
use async_trait::async_trait;
use serde_json::json;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::logs as wire;

/// The provider.
pub struct LogStream;

#[async_trait]
impl Provider for LogStream {
    fn supported(&self) -> &'static [&'static str] {
        &["LogGroupName", "LogStreamName"]
    }

    /// A name is unique in its group only.
    fn naming(&self) -> Naming {
        Naming::apart(512)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let request: wire::CreateLogStream = work.input().or(json!({"LogStreamName": work.name})).into_operation()?;
        let name = request.log_stream_name.clone();
        work.call(request).await?;
        Ok(Made::new(name))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteLogStream>(old).await
    }
}
