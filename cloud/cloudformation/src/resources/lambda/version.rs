//! `AWS::Lambda::Version`: the code and configuration of now, frozen.

use super::qualified::qualified;
use crate::resources::{Made, Physical, Provider, Work};
use async_trait::async_trait;
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::lambda as wire;

/// The provider.
pub struct Version;

#[async_trait]
impl Provider for Version {
    fn supported(&self) -> &'static [&'static str] {
        &["CodeSha256", "Description", "FunctionName"]
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let request: wire::PublishVersion = work.input().into_operation()?;
        let before = versions(work, &request.function_name).await?;
        let published = work.call(request).await?;
        let version = published.version.unwrap_or_default();
        if before.contains(&version) {
            // Lambda answers an existing version when nothing changed since; that one belongs to somebody else.
            return Err(AwsError::bad_request(
                "AlreadyExists",
                format!(
                    "A version for this Lambda function exists ( {version} ). Modify the function to create a new \
                     version."
                ),
            ));
        }
        Ok(Made::known_as("FunctionArn", published.function_arn.unwrap_or_default()).with("Version", version))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let (function_name, qualifier) = qualified(&old.id);
        work.call(wire::DeleteFunction { function_name, qualifier }).await.map(drop)
    }
}

async fn versions(work: &Work, function_name: &str) -> AwsResult<Vec<String>> {
    let mut found = Vec::new();
    let mut marker = None;
    loop {
        let request =
            wire::ListVersionsByFunction { function_name: function_name.to_owned(), marker, ..Default::default() };
        let page = work.call(request).await?;
        found.extend(page.versions.into_iter().flatten().filter_map(|version| version.version));
        marker = page.next_marker;
        if marker.is_none() {
            return Ok(found);
        }
    }
}
