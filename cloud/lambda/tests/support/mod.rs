//! A cloud with IAM, CloudWatch Logs and Lambda in this process, and functions made of a few lines of Python.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use serde_json::Value;
use slam_cloud_core::{AwsError, Cloud, Context, Registry, Service as _, Store, StoreError};
use slam_cloud_lambda::LambdaService;
use slam_cloud_testing::TestCloud;
use slam_cloud_wire::{iam, lambda, logs};
use std::io::Write;
use std::sync::Arc;

pub const ACCOUNT: &str = "000000000000";
pub const ROLE: &str = "arn:aws:iam::000000000000:role/r";

pub struct World {
    pub cloud: Cloud,
    pub lambda: Arc<LambdaService>,
    pub context: Context,
    pub runtime: String,
    pub test: TestCloud,
}

fn compose(cloud: &Cloud, store: &Arc<Store>, registry: &mut Registry) -> Result<Arc<LambdaService>, StoreError> {
    slam_cloud_iam::register(cloud, store, registry)?;
    slam_cloud_logs::register(cloud, store, registry)?;
    slam_cloud_lambda::register(cloud, store, registry)
}

/// What an invocation came to.
#[derive(Debug)]
pub struct Answer {
    pub payload: Value,
    pub error: Option<String>,
    pub log: String,
    pub version: String,
}

impl World {
    pub async fn new() -> Self {
        let world = Self::of(TestCloud::new(compose)).await;
        let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":
            {"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
        let role =
            iam::CreateRole { role_name: "r".into(), assume_role_policy_document: trust.into(), ..Default::default() };
        world.call(role).await.unwrap();
        world.allow(r#""logs:*""#).await;
        world
    }

    async fn of((test, lambda): (TestCloud, Arc<LambdaService>)) -> Self {
        test.cloud.start().await.unwrap();
        Self { cloud: test.cloud.clone(), context: test.root(), test, lambda, runtime: runtime() }
    }

    /// Ends the process, as it were, and starts it again on the same data.
    pub async fn restart(self) -> Self {
        self.lambda.shutdown().await;
        Self::of(self.test.again(compose)).await
    }

    pub async fn call<O: slam_cloud_core::Operation>(&self, input: O) -> Result<O::Output, AwsError> {
        let mut context = self.context.clone();
        context.request_id = slam_cloud_core::id::request_id().into();
        self.cloud.call(context, input).await
    }

    /// Gives the functions' role these actions on everything, and no others.
    pub async fn allow(&self, actions: &str) {
        let policy = iam::PutRolePolicy {
            role_name: "r".into(),
            policy_name: "p".into(),
            policy_document: format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{actions}],"Resource":"*"}}]}}"#
            ),
        };
        self.call(policy).await.unwrap();
    }

    /// The request for a function `f` of one file `app.py`.
    pub fn function(&self, code: &str) -> lambda::CreateFunction {
        lambda::CreateFunction {
            function_name: "f".into(),
            runtime: Some(self.runtime.clone()),
            role: ROLE.into(),
            handler: Some("app.handler".into()),
            code: lambda::FunctionCode { zip_file: Some(zip(&[("app.py", code)])), ..Default::default() },
            timeout: Some(30),
            ..Default::default()
        }
    }

    /// The request for a function `f` of these files on another runtime.
    pub fn function_on(&self, runtime: &str, handler: &str, files: &[(&str, &str)]) -> lambda::CreateFunction {
        lambda::CreateFunction {
            runtime: Some(runtime.into()),
            handler: Some(handler.into()),
            code: lambda::FunctionCode { zip_file: Some(zip(files)), ..Default::default() },
            ..self.function("")
        }
    }

    /// Publishes a layer of these files and returns the version's ARN.
    pub async fn publish(&self, name: &str, files: &[(&str, &str)]) -> String {
        let content = lambda::LayerVersionContentInput { zip_file: Some(zip(files)), ..Default::default() };
        let input = lambda::PublishLayerVersion { layer_name: name.into(), content, ..Default::default() };
        self.call(input).await.unwrap().layer_version_arn.unwrap()
    }

    pub async fn create(&self, code: &str) {
        self.call(self.function(code)).await.unwrap();
    }

    pub async fn invoke(&self, payload: &str) -> Answer {
        self.invoke_as("f", payload).await.unwrap()
    }

    pub async fn invoke_as(&self, name: &str, payload: &str) -> Result<Answer, AwsError> {
        let input = lambda::Invoke {
            function_name: name.into(),
            payload: Some(Bytes::copy_from_slice(payload.as_bytes())),
            log_type: Some("Tail".into()),
            ..Default::default()
        };
        let answer = self.call(input).await?;
        use base64::Engine as _;
        let log = base64::engine::general_purpose::STANDARD.decode(answer.log_result.unwrap()).unwrap();
        Ok(Answer {
            payload: serde_json::from_slice(&answer.payload.unwrap()).unwrap(),
            error: answer.function_error,
            log: String::from_utf8(log).unwrap(),
            version: answer.executed_version.unwrap(),
        })
    }

    /// The events of a log group once one contains `last`; they are written behind the invocations.
    pub async fn log(&self, group: &str, last: &str) -> Vec<String> {
        loop {
            let input = logs::FilterLogEvents { log_group_name: Some(group.into()), ..Default::default() };
            let events = self.call(input).await.ok().and_then(|answer| answer.events).unwrap_or_default();
            let events: Vec<String> = events.into_iter().filter_map(|event| event.message).collect();
            if events.iter().any(|event| event.contains(last)) {
                return events;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
}

/// A package of these files; scripts may be executed.
pub fn zip(files: &[(&str, &str)]) -> Bytes {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        let mode = if text.starts_with("#!") { 0o755 } else { 0o644 };
        writer.start_file(*name, zip::write::SimpleFileOptions::default().unix_permissions(mode)).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner().into()
}

/// The runtime of the newest Python that this machine has.
fn runtime() -> String {
    static RUNTIME: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let find = || {
        let interpreters = slam_cloud_lambda::runtime::python::Interpreters::default();
        let versions = ["3.13", "3.12", "3.11", "3.10", "3.9", "3.8", "3.14"];
        let version = versions.iter().find(|version| interpreters.find(version).is_some());
        format!("python{}", version.expect("the tests need a Python"))
    };
    RUNTIME.get_or_init(find).clone()
}
