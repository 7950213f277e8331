//! `AWS::Events::Rule`.

use crate::resources::{Input, Made, Naming, Physical, Properties, Provider, Retag, Work};
use async_trait::async_trait;
use serde_json::{Map, Value};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::events as wire;
use std::collections::BTreeSet;

/// The provider.
pub struct Rule;

/// The bus that everybody has, and what stands before the name of another one.
const DEFAULT: &str = "default";

/// The name of the bus, which may be named by its ARN.
fn bus(properties: &Map<String, Value>) -> String {
    let bus = Properties(properties).text("EventBusName").unwrap_or_else(|| DEFAULT.to_owned());
    bus.split_once(":event-bus/").map_or(bus.clone(), |(_, name)| name.to_owned())
}

fn arn(work: &Work, bus: &str, name: &str) -> String {
    let path = if bus == DEFAULT { format!("rule/{name}") } else { format!("rule/{bus}/{name}") };
    work.context.arn("events", path)
}

/// `Ref` is the name, on another bus with that before it.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html>
fn made(work: &Work) -> Made {
    let bus = bus(&work.properties);
    let name = name(work);
    let id = if bus == DEFAULT { name.to_owned() } else { format!("{bus}|{name}") };
    Made::new(id).with("Arn", arn(work, &bus, name)).with("RuleName", name)
}

/// The name in a physical id.
fn name_of(id: &str) -> &str {
    id.rsplit('|').next().unwrap_or(id)
}

/// The name: that of the work is the physical id once there is one.
fn name(work: &Work) -> &str {
    name_of(&work.name)
}

fn ids(properties: &Map<String, Value>) -> BTreeSet<String> {
    Properties(properties).objects("Targets").into_iter().filter_map(|target| target.text("Id")).collect()
}

/// Puts the rule, then its targets.
async fn put(work: &Work) -> AwsResult<Made> {
    work.send::<wire::PutRule>(work.input().with("Name", name(work)).without("Targets")).await?;
    let made = made(work);
    work.exists(&made.id);
    if let Some(targets) = work.properties.get("Targets").filter(|targets| **targets != Value::Array(Vec::new())) {
        let input = Input::of("Rule", name(work)).with("EventBusName", bus(&work.properties));
        work.send::<wire::PutTargets>(input.with("Targets", targets.clone())).await?;
    }
    Ok(made)
}

async fn remove_targets(work: &Work, bus: &str, rule: &str, ids: Vec<String>) -> AwsResult<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let input = wire::RemoveTargets { rule: rule.to_owned(), event_bus_name: Some(bus.to_owned()), ids, force: None };
    work.call_unless_gone(input).await.map(drop)
}

#[async_trait]
impl Provider for Rule {
    fn supported(&self) -> &'static [&'static str] {
        &[
            "Description",
            "EventBusName",
            "EventPattern",
            "Name",
            "RoleArn",
            "ScheduleExpression",
            "State",
            "Tags",
            "Targets",
        ]
    }

    fn refused(&self) -> &'static [&'static str] {
        &[
            "Targets/*/AppSyncParameters",
            "Targets/*/BatchParameters",
            "Targets/*/EcsParameters",
            "Targets/*/KinesisParameters",
            "Targets/*/RedshiftDataParameters",
            "Targets/*/RunCommandParameters",
            "Targets/*/SageMakerPipelineParameters",
        ]
    }

    fn naming(&self) -> Naming {
        Naming::by("Name", 64)
    }

    /// A rule of that name would be replaced: a stack must not take over what it did not make.
    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let asked = wire::DescribeRule { name: name(work).to_owned(), event_bus_name: Some(bus(&work.properties)) };
        if work.call_unless_gone(asked).await?.is_some() {
            let message = format!("Rule {} already exists on EventBus {}.", work.name, bus(&work.properties));
            return Err(slam_cloud_core::AwsError::bad_request("ResourceAlreadyExistsException", message));
        }
        put(work).await
    }

    /// PutRule replaces all but the targets. On another bus the rule is made anew.
    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let (now, before) = (bus(&work.properties), bus(&old.properties));
        let made = put(work).await?;
        if now == before {
            let left = ids(&old.properties).difference(&ids(&work.properties)).cloned().collect();
            remove_targets(work, &now, name(work), left).await?;
        } else {
            self.delete(work, old).await?;
        }
        Ok(made)
    }

    async fn tags(&self, work: &Work) -> AwsResult<Vec<(String, String)>> {
        let resource_arn = arn(work, &bus(&work.properties), name(work));
        let listed = work.call(wire::ListTagsForResource { resource_arn }).await?;
        Ok(listed.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect())
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        let of = Input::of("ResourceARN", made.attribute("Arn"));
        tags.apply::<wire::TagResource, wire::UntagResource>(work, of).await
    }

    /// With its targets, those that somebody else gave it, too.
    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        let (bus, name) = (bus(&old.properties), name_of(&old.id));
        let asked = wire::ListTargetsByRule {
            rule: name.to_owned(),
            event_bus_name: Some(bus.clone()),
            next_token: None,
            limit: None,
        };
        let Some(listed) = work.call_unless_gone(asked).await? else { return Ok(()) };
        let ids = listed.targets.unwrap_or_default().into_iter().map(|target| target.id).collect();
        remove_targets(work, &bus, name, ids).await?;
        let input = wire::DeleteRule { name: name.to_owned(), event_bus_name: Some(bus), force: None };
        work.call_unless_gone(input).await.map(drop)
    }
}
