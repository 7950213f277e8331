//! `AWS::ApiGateway::UsagePlan`.

use super::patch::{self, Field, escaped, step};
use super::retag;
use crate::resources::{Input, Made, Naming, Physical, Properties, Provider, Retag, Work};
use async_trait::async_trait;
use serde_json::{Map, Value, json};
use slam_cloud_core::{AwsResult, id};
use slam_cloud_wire::apigateway as wire;

const FIELDS: &[Field] = &[("Description", Some(""))];

/// The provider.
pub struct UsagePlan;

/// The steps to limits of other values: these go as a whole and come one by one.
fn limits(before: Properties<'_>, after: Properties<'_>, property: &str, members: &[(&str, &str)]) -> Vec<Value> {
    if before.0.get(property) == after.0.get(property) {
        return Vec::new();
    }
    let root = format!("/{}", property.to_ascii_lowercase());
    let gone = before.has(property).then(|| step("remove", root.as_str(), None));
    let set = after.object(property).map(|limits| {
        let value = |(name, path): &(&str, &str)| {
            Some((*path, limits.text(name)?))
                .map(|(path, value)| step("replace", format!("{root}/{path}"), Some(value)))
        };
        members.iter().filter_map(value).collect::<Vec<_>>()
    });
    gone.into_iter().chain(set.into_iter().flatten()).collect()
}

/// The steps to other stages: what is not as it was goes and comes anew.
fn stages(before: Properties<'_>, after: Properties<'_>) -> Vec<Value> {
    let (had, has) = (before.objects("ApiStages"), after.objects("ApiStages"));
    let name = |stage: &Properties<'_>| {
        format!("{}:{}", stage.text("ApiId").unwrap_or_default(), stage.text("Stage").unwrap_or_default())
    };
    let gone = had.iter().filter(|stage| !has.iter().any(|other| other.0 == stage.0));
    let mut steps: Vec<Value> = gone.map(|stage| step("remove", "/apiStages", Some(name(stage)))).collect();
    for stage in has.iter().filter(|stage| !had.iter().any(|other| other.0 == stage.0)) {
        steps.push(step("add", "/apiStages", Some(name(stage))));
        if let Some(methods) = stage.object("Throttle") {
            let path = format!("/apiStages/{}/throttle", escaped(&name(stage)));
            steps.push(step("replace", path, Some(throttles(methods).to_string())));
        }
    }
    steps
}

/// `{"/pets/GET": {"rateLimit": 1.0, "burstLimit": 1}}`
fn throttles(methods: Properties<'_>) -> Value {
    let number = |text: String| serde_json::from_str::<Value>(&text).unwrap_or(Value::Null);
    let methods = methods.0.keys().filter_map(|method| Some((method.clone(), methods.object(method)?)));
    let methods = methods.map(|(method, limits)| {
        let mut shown = Map::new();
        for (name, member) in LIMITS {
            if let Some(text) = limits.text(name) {
                shown.insert((*member).to_owned(), number(text));
            }
        }
        (method, Value::Object(shown))
    });
    Value::Object(methods.collect())
}

const LIMITS: &[(&str, &str)] = &[("BurstLimit", "burstLimit"), ("RateLimit", "rateLimit")];
const QUOTA: &[(&str, &str)] = &[("Limit", "limit"), ("Offset", "offset"), ("Period", "period")];

#[async_trait]
impl Provider for UsagePlan {
    fn supported(&self) -> &'static [&'static str] {
        &["ApiStages", "Description", "Quota", "Tags", "Throttle", "UsagePlanName"]
    }

    fn naming(&self) -> Naming {
        Naming::apart(128)
    }

    async fn create(&self, work: &Work) -> AwsResult<Made> {
        let input = work.input().renamed("UsagePlanName", "Name").or(json!({"Name": work.name}));
        let created = work.send::<wire::CreateUsagePlan>(input).await?;
        Ok(Made::known_as("Id", created.id.unwrap_or_default()))
    }

    async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let (before, after) = (Properties(&old.properties), Properties(&work.properties));
        let mut steps = patch::steps(before.0, after.0, FIELDS);
        // A plan must have a name: what it was called stays where the template says none any more.
        if let Some(name) =
            after.text("UsagePlanName").filter(|name| before.text("UsagePlanName").as_ref() != Some(name))
        {
            steps.push(step("replace", "/name", Some(name)));
        }
        steps.extend(limits(before, after, "Throttle", LIMITS));
        steps.extend(limits(before, after, "Quota", QUOTA));
        steps.extend(stages(before, after));
        patch::take::<wire::UpdateUsagePlan>(work, Input::of("UsagePlanId", &*old.id), steps).await?;
        Ok(Made::as_before(old))
    }

    async fn tag(&self, work: &Work, made: &Made, tags: &Retag) -> AwsResult<()> {
        retag(work, format!("/usageplans/{}", made.id), tags).await
    }

    fn foreseen(&self, work: &Work) -> Option<String> {
        Some(id::made_by(&work.context.request_id, "UsagePlan", 6))
    }

    async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        work.call(wire::DeleteUsagePlan { usage_plan_id: old.id.clone() }).await.map(drop)
    }
}
