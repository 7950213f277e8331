//! `AWS::Scheduler::Schedule`.

use crate::resources::{Input, Made, Naming, Physical, Properties, Provider, Work};
use async_trait::async_trait;
use serde_json::{Map, Value};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::scheduler as wire;

/// The provider.
pub struct Schedule;

fn group(properties: &Map<String, Value>) -> String {
    Properties(properties).text("GroupName").unwrap_or_else(|| "default".to_owned())
}

fn made(work: &Work) -> Made {
    let resource = format!("schedule/{}/{}", group(&work.properties), work.name);
    Made::new(&work.name).with("Arn", work.context.arn("scheduler", resource))
}

#[async_trait]
impl Provider for Schedule {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "Description",
            "EndDate",
            "FlexibleTimeWindow",
            "GroupName",
            "Name",
            "ScheduleExpression",
            "ScheduleExpressionTimezone",
            "StartDate",
            "State",
            "Target",
        ]
    }

    fn refused(&self) -> &'static [&'static str] {
        &["Target/EcsParameters", "Target/KinesisParameters", "Target/SageMakerPipelineParameters"]
    }

    fn naming(&self) -> Naming {
        Naming::by("Name", 64)
    }

    fn importable(&self) -> bool {
        true
    }

    async fn read(&self, work: &Work) -> AwsResult<Option<Made>> {
        let group_name = Some(group(&work.properties));
        work.call(wire::GetSchedule { name: work.name.clone(), group_name }).await?;
        Ok(Some(made(work)))
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        work.send::<wire::CreateSchedule>(work.input()).await?;
        Ok(made(work))
    }

    /// An update of a schedule replaces all, and has no way into another group: there it is made anew.
    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        if group(&old.properties) == group(&work.properties) {
            work.send::<wire::UpdateSchedule>(work.input()).await?;
        } else {
            work.send::<wire::CreateSchedule>(work.input()).await?;
            self.delete(work, old).await?;
        }
        Ok(made(work))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let input = Input::of("Name", &*old.id).with("GroupName", group(&old.properties));
        work.call_unless_gone(input.into_operation::<wire::DeleteSchedule>()?).await.map(drop)
    }
}
