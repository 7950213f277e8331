//! A whole cloud in a folder of its own, called by the account's root user.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use slam_cloud_cloudformation::CloudFormation;
use slam_cloud_core::{AwsResult, Cloud, Context, Operation, Registry, Store, StoreError};
use slam_cloud_testing::TestCloud;
use slam_cloud_wire::cloudformation as wire;
use std::sync::Arc;
use std::time::Duration;

pub const ACCOUNT: &str = "111111111111";

pub struct World {
    pub cloud: Cloud,
    pub cloudformation: Arc<CloudFormation>,
    pub test: TestCloud,
}

impl World {
    pub fn new() -> Self {
        Self::of(TestCloud::at(ACCOUNT, "us-east-1", compose))
    }

    /// The same after a restart.
    pub fn again(self) -> Self {
        Self::of(self.test.again(compose))
    }

    fn of((test, cloudformation): (TestCloud, Arc<CloudFormation>)) -> Self {
        Self { cloud: test.cloud.clone(), test, cloudformation }
    }

    pub fn context(&self) -> Context {
        self.test.root()
    }

    pub async fn call<O: Operation>(&self, operation: O) -> AwsResult<O::Output> {
        self.test.call(operation).await
    }

    /// What an operation that must fail answers, as `code: message`.
    pub async fn error<O: Operation>(&self, operation: O) -> String {
        self.test.error(operation).await
    }

    pub async fn create(&self, name: &str, template: &str, parameters: &[(&str, &str)]) -> AwsResult<String> {
        let input = wire::CreateStack { parameters: given(parameters), ..creation(name, template) };
        Ok(self.call(input).await?.stack_id.unwrap())
    }

    pub async fn update(&self, name: &str, template: &str, parameters: &[(&str, &str)]) -> AwsResult<()> {
        let input = wire::UpdateStack {
            stack_name: name.into(),
            template_body: Some(template.into()),
            parameters: given(parameters),
            capabilities: capabilities(),
            ..Default::default()
        };
        self.call(input).await.map(|_| ())
    }

    pub async fn delete(&self, name: &str) {
        self.call(wire::DeleteStack { stack_name: name.into(), ..Default::default() }).await.unwrap();
    }

    pub async fn stack(&self, name: &str) -> wire::Stack {
        let input = wire::DescribeStacks { stack_name: Some(name.into()), next_token: None };
        self.call(input).await.unwrap().stacks.unwrap().remove(0)
    }

    /// Waits until a stack is at rest and answers it.
    pub async fn settled(&self, name: &str) -> wire::Stack {
        for _ in 0..5000 {
            let stack = self.stack(name).await;
            if !stack.stack_status.ends_with("_IN_PROGRESS") {
                return stack;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        panic!("{name} does not settle: {:?}", self.stack(name).await);
    }

    /// The events of a stack in the order in which they happened: logical id, status, and reason if there is one.
    pub async fn events(&self, name: &str) -> Vec<String> {
        let input = wire::DescribeStackEvents { stack_name: name.into(), next_token: None };
        let events = self.call(input).await.unwrap().stack_events.unwrap();
        let line = |event: wire::StackEvent| {
            let (id, status) = (event.logical_resource_id.unwrap(), event.resource_status.unwrap());
            match event.resource_status_reason {
                Some(reason) => format!("{id} {status}: {reason}"),
                None => format!("{id} {status}"),
            }
        };
        events.into_iter().rev().map(line).collect()
    }

    /// Why the stack's resources failed.
    pub async fn failures(&self, name: &str) -> Vec<String> {
        self.events(name).await.into_iter().filter(|line| line.contains("FAILED")).collect()
    }

    pub async fn resource(&self, stack: &str, id: &str) -> AwsResult<wire::StackResourceDetail> {
        let input = wire::DescribeStackResource { stack_name: stack.into(), logical_resource_id: id.into() };
        Ok(self.call(input).await?.stack_resource_detail.unwrap())
    }

    pub async fn physical(&self, stack: &str, id: &str) -> String {
        self.resource(stack, id).await.unwrap().physical_resource_id.unwrap()
    }

    pub async fn output(&self, stack: &str, key: &str) -> String {
        let outputs = self.stack(stack).await.outputs.unwrap_or_default();
        let found = outputs.into_iter().find(|output| output.output_key.as_deref() == Some(key));
        found.unwrap_or_else(|| panic!("no output {key}")).output_value.unwrap()
    }
}

pub fn creation(name: &str, template: &str) -> wire::CreateStack {
    wire::CreateStack {
        stack_name: name.into(),
        template_body: Some(template.into()),
        capabilities: capabilities(),
        ..Default::default()
    }
}

pub fn capabilities() -> Option<Vec<String>> {
    Some(vec!["CAPABILITY_NAMED_IAM".to_owned()])
}

pub fn given(parameters: &[(&str, &str)]) -> Option<Vec<wire::Parameter>> {
    let parameter = |(key, value): &(&str, &str)| wire::Parameter {
        parameter_key: Some((*key).to_owned()),
        parameter_value: Some((*value).to_owned()),
        ..Default::default()
    };
    Some(parameters.iter().map(parameter).collect())
}

fn compose(cloud: &Cloud, store: &Arc<Store>, registry: &mut Registry) -> Result<Arc<CloudFormation>, StoreError> {
    slam_cloud_iam::register(cloud, store, registry)?;
    slam_cloud_logs::register(cloud, store, registry)?;
    slam_cloud_events::register(cloud, store, registry)?;
    slam_cloud_scheduler::register(cloud, store, registry)?;
    slam_cloud_secretsmanager::register(cloud, store, registry)?;
    slam_cloud_sns::register(cloud, store, registry)?;
    slam_cloud_sqs::register(cloud, store, registry)?;
    slam_cloud_ssm::register(cloud, store, registry)?;
    slam_cloud_dynamodb::register(cloud, store, registry)?;
    slam_cloud_s3::register(cloud, store, registry)?;
    slam_cloud_lambda::register(cloud, store, registry)?;
    slam_cloud_apigatewayv2::register(cloud, store, registry)?;
    slam_cloud_cognito::register(cloud, store, registry)?;
    slam_cloud_apigateway::register(cloud, store, registry)?;
    slam_cloud_cloudformation::register(cloud, store, registry)
}

/// A zip file with one file.
pub fn zip(name: &str, text: &str) -> bytes::Bytes {
    use std::io::Write;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap().into_inner().into()
}
