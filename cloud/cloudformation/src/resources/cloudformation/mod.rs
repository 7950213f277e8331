//! Resources that are nothing but a mark in their stack.

mod nested_stack;

use nested_stack::NestedStack;

use super::types::Service;
use super::{Made, Provider, Work};
use crate::model::Physical;
use async_trait::async_trait;
use slam_cloud_core::AwsResult;

/// What can be deployed of it.
pub(super) const SERVICE: Service = Service {
    gone: &[],
    types: &[
        (include_str!("../../../schemas/AWS-CDK-Metadata.json"), &Metadata),
        (include_str!("../../../schemas/AWS-CloudFormation-Stack.json"), &NestedStack),
        (include_str!("../../../schemas/AWS-CloudFormation-WaitConditionHandle.json"), &WaitConditionHandle),
    ],
};

/// `AWS::CDK::Metadata`: the CDK's note about itself.
pub struct Metadata;

#[async_trait]
impl Provider for Metadata {
    fn supported(&self) -> &'static [&'static str] {
        &["Analytics", "Modules"]
    }
    async fn create(&self, work: &Work) -> AwsResult<Made> {
        Ok(Made::new(&work.name))
    }
    async fn update(&self, _: &Work, old: &Physical) -> AwsResult<Made> {
        Ok(Made::new(&old.id))
    }
    async fn delete(&self, _: &Work, _: &Physical) -> AwsResult<()> {
        Ok(())
    }
}

/// `AWS::CloudFormation::WaitConditionHandle`: a URL. Nothing waits on it here; templates use it as a placeholder.
pub struct WaitConditionHandle;

#[async_trait]
impl Provider for WaitConditionHandle {
    fn supported(&self) -> &'static [&'static str] {
        &[]
    }
    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let endpoint = work.cloud.settings().endpoint();
        let url = format!("{endpoint}/cloudformation-waitcondition-{}/{}", work.context.region, work.name);
        Ok(Made::new(&url).with("Id", url))
    }
    async fn update(&self, _: &Work, old: &Physical) -> AwsResult<Made> {
        Ok(Made::new(&old.id).with("Id", &*old.id))
    }
    async fn delete(&self, _: &Work, _: &Physical) -> AwsResult<()> {
        Ok(())
    }
}
