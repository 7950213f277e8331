//! `AWS::SSM::Parameter`.

use crate::resources::{Input, Made, Naming, Physical, Provider, Retag, Work};
use async_trait::async_trait;
use serde_json::json;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::ssm as wire;

/// The provider.
pub struct Parameter;

fn made(work: &Work) -> Made {
    let key = work.name.trim_start_matches('/');
    let mut made = Made::new(&work.name).with("Arn", work.context.arn("ssm", format!("parameter/{key}")));
    for attribute in Parameter.attributes() {
        if let Some(value) = work.properties.get(*attribute) {
            made = made.with(attribute, value.clone());
        }
    }
    made
}

#[async_trait]
impl Provider for Parameter {
    fn supported(&self) -> &'static [&'static str] {
        &["AllowedPattern", "DataType", "Description", "Name", "Tags", "Tier", "Type", "Value"]
    }

    /// No name may begin with `aws` or `ssm`, as stacks' may.
    fn naming(&self) -> Naming {
        Naming::by("Name", 255).beginning("CFN")
    }

    /// The type's page has them ("Return values"); the schema has not, as they are properties.
    fn attributes(&self) -> &'static [&'static str] {
        &["Type", "Value"]
    }

    fn importable(&self) -> bool {
        true
    }

    async fn read(&self, work: &Work) -> AwsResult<Option<Made>> {
        work.call(wire::GetParameter { name: work.name.clone(), ..Default::default() }).await?;
        Ok(Some(made(work)))
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        work.send::<wire::PutParameter>(work.input()).await?;
        Ok(made(work))
    }

    /// What is left out of an overwrite stays as it was, so that what was taken back is said.
    async fn update(&self, work: &Work, _old: &Physical) -> AwsResult<Made> {
        let input = work.input().without("Tags").or(json!({"AllowedPattern": "", "Description": ""}));
        work.send::<wire::PutParameter>(input.with("Overwrite", true)).await?;
        Ok(made(work))
    }

    async fn tags(&self, work: &Work) -> AwsResult<Vec<(String, String)>> {
        let parameter = Input::of("ResourceType", "Parameter").with("ResourceId", &*work.name);
        let listed = work.send::<wire::ListTagsForResource>(parameter).await?;
        Ok(listed.tag_list.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        let parameter = Input::of("ResourceType", "Parameter").with("ResourceId", &*made.id);
        tags.apply::<wire::AddTagsToResource, wire::RemoveTagsFromResource>(work, parameter).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteParameter>(old).await
    }
}
