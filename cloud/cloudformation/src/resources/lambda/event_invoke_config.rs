//! `AWS::Lambda::EventInvokeConfig`.

use crate::resources::{Made, Physical, Properties, Provider, Work};
use crate::template::functions::UNKNOWN;
use async_trait::async_trait;
use serde_json::{Map, Value};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::lambda as wire;

/// The provider.
pub struct EventInvokeConfig;

#[async_trait]
impl Provider for EventInvokeConfig {
    fn supported(&self) -> &'static [&'static str] {
        &["DestinationConfig", "FunctionName", "MaximumEventAgeInSeconds", "MaximumRetryAttempts", "Qualifier"]
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), String> {
        let destinations = Properties(properties).object("DestinationConfig");
        for name in ["OnSuccess", "OnFailure"] {
            let arn = destinations.and_then(|config| config.object(name)).and_then(|one| one.text("Destination"));
            let is_refused = |arn: &String| [":sns:", ":events:"].iter().any(|service| arn.contains(service));
            if arn.is_some_and(|arn| is_refused(&arn) && !arn.contains(UNKNOWN)) {
                return Err(format!(
                    "The property {{/DestinationConfig/{name}/Destination}} with a topic or a bus is not supported by the \
                     embedded cloud yet"
                ));
            }
        }
        Ok(())
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let request: wire::PutFunctionEventInvokeConfig = work.input().into_operation()?;
        let id = format!("{}|{}", request.function_name, request.qualifier.as_deref().unwrap_or_default());
        work.call(request).await?;
        Ok(Made::new(id))
    }

    async fn update(&self, work: &Work, _: &Physical) -> AwsResult<Made> {
        self.create(work).await
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.delete::<wire::DeleteFunctionEventInvokeConfig>(old).await
    }
}
