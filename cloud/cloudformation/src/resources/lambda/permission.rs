//! `AWS::Lambda::Permission`: a statement in a function's resource policy.

use super::qualified::qualified;
use crate::resources::{Input, Made, Naming, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use serde_json::{Map, Value};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::lambda as wire;

/// The provider.
pub struct Permission;

/// The properties, with the function's qualifier apart.
fn input(properties: &Map<String, Value>, statement_id: &str) -> AwsResult<Input> {
    let (function, qualifier) = qualified(&Properties(properties).need("FunctionName")?);
    let input = Input::new(properties).with("FunctionName", function).with("StatementId", statement_id);
    Ok(match qualifier {
        Some(qualifier) => input.with("Qualifier", qualifier),
        None => input,
    })
}

#[async_trait]
impl Provider for Permission {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "Action",
            "EventSourceToken",
            "FunctionName",
            "FunctionUrlAuthType",
            "InvokedViaFunctionUrl",
            "Principal",
            "PrincipalOrgID",
            "SourceAccount",
            "SourceArn",
        ]
    }

    fn naming(&self) -> Naming {
        Naming::apart(100)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        work.send::<wire::AddPermission>(input(&work.properties, &work.name)?).await?;
        Ok(Made::known_as("Id", &*work.name))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.send::<wire::RemovePermission>(input(&old.properties, &old.id)?).await.map(drop)
    }

    /// The statement's id is ours alone, so it can be removed without harm.
    async fn abandon(&self, work: &Work) -> AwsResult<()> {
        self.delete(work, &work.intended()).await
    }
}
