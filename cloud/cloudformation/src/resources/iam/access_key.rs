//! `AWS::IAM::AccessKey`.

use crate::resources::{Input, Made, Physical, Provider, Work};
use async_trait::async_trait;
use serde_json::json;
use slam_cloud_core::{AwsResult, id};
use slam_cloud_wire::iam as wire;

/// The provider.
pub struct AccessKey;

async fn set_status(work: &Work, id: &str) -> AwsResult<()> {
    let input = work.input().or(json!({"Status": "Active"})).with("AccessKeyId", id);
    work.send::<wire::UpdateAccessKey>(input).await.map(drop)
}

#[async_trait]
impl Provider for AccessKey {
    fn supported(&self) -> &'static [&'static str] {
        &["Serial", "Status", "UserName"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let key = work.send::<wire::CreateAccessKey>(work.input()).await?.access_key;
        work.exists(&key.access_key_id);
        if work.properties.contains_key("Status") {
            set_status(work, &key.access_key_id).await?;
        }
        Ok(Made::known_as("Id", key.access_key_id).with("SecretAccessKey", key.secret_access_key))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        set_status(work, &old.id).await?;
        Ok(Made::as_before(old))
    }

    fn foreseen(&self, work: &Work) -> Option<String> {
        Some(id::access_key_made_by(&work.context.request_id))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let input = Input::new(&old.properties).with("AccessKeyId", &*old.id);
        work.send::<wire::DeleteAccessKey>(input).await.map(drop)
    }
}
