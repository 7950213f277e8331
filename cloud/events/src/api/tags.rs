//! Tags of buses and rules.

use crate::EventsService;
use crate::error::not_found;
use crate::model::bus::Bus;
use crate::model::name::{BusName, rule_of_arn};
use crate::model::rule::Rule;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_kit::tags::{Tags, check, remove};
use slam_cloud_wire::events as wire;
use std::sync::Arc;

/// What CloudFormation marks its resources with.
const OWN: [&str; 1] = ["aws:cloudformation:"];

/// Tags of a request, with AWS's limits.
///
/// # Errors
/// What is wrong with them.
pub fn checked(tags: Vec<wire::Tag>) -> AwsResult<Tags> {
    let tags = tags.into_iter().map(|tag| (tag.key, tag.value)).collect();
    check_all(&tags).map(|()| tags)
}

fn check_all(tags: &Tags) -> AwsResult<()> {
    check(tags, &OWN).map_err(|refused| AwsError::validation(refused.to_string()))
}

/// What has tags.
enum Tagged {
    Bus(BusName),
    Rule(BusName, String),
}

impl Tagged {
    fn of(context: &Context, arn: &str) -> AwsResult<Self> {
        let is_own = |bus: &BusName| bus.scope == Scope::regional(context);
        match (BusName::of_arn(arn), rule_of_arn(arn)) {
            (Some(bus), _) if is_own(&bus) => Ok(Self::Bus(bus)),
            (None, Some((bus, rule))) if is_own(&bus) => Ok(Self::Rule(bus, rule)),
            _ => Err(not_found(format!("Resource {arn} does not exist."))),
        }
    }

    fn tags(&self, service: &EventsService) -> AwsResult<Tags> {
        match self {
            Self::Bus(bus) => Ok(service.store.bus(bus)?.tags.clone()),
            Self::Rule(bus, rule) => Ok(service.store.rule(bus, rule)?.tags.clone()),
        }
    }

    async fn change(&self, service: &EventsService, change: impl FnOnce(&mut Tags)) -> AwsResult<()> {
        match self {
            Self::Bus(bus) => {
                let change = |bus: &mut Bus| {
                    change(&mut bus.tags);
                    check_all(&bus.tags)
                };
                service.store.change_bus(bus, change).await.map(drop)
            }
            Self::Rule(bus, name) => {
                service.store.rule(bus, name)?;
                let change = |there: Option<&Rule>| {
                    let Some(mut rule) = there.cloned() else { return Ok(None) };
                    change(&mut rule.tags);
                    check_all(&rule.tags).map(|()| Some(rule))
                };
                service.store.change_rule(bus, name, change).await
            }
        }
    }
}

/// TagResource.
pub async fn tag(
    service: Arc<EventsService>,
    context: Context,
    input: wire::TagResource,
) -> AwsResult<wire::TagResourceResponse> {
    let added = checked(input.tags)?;
    Tagged::of(&context, &input.resource_arn)?.change(&service, |tags| tags.extend(added)).await?;
    Ok(wire::TagResourceResponse {})
}

/// UntagResource.
pub async fn untag(
    service: Arc<EventsService>,
    context: Context,
    input: wire::UntagResource,
) -> AwsResult<wire::UntagResourceResponse> {
    Tagged::of(&context, &input.resource_arn)?.change(&service, |tags| remove(tags, &input.tag_keys)).await?;
    Ok(wire::UntagResourceResponse {})
}

/// ListTagsForResource.
pub async fn list(
    service: Arc<EventsService>,
    context: Context,
    input: wire::ListTagsForResource,
) -> AwsResult<wire::ListTagsForResourceResponse> {
    let tags = Tagged::of(&context, &input.resource_arn)?.tags(&service)?;
    let tags = tags.into_iter().map(|(key, value)| wire::Tag { key, value });
    Ok(wire::ListTagsForResourceResponse { tags: Some(tags.collect()) })
}
