//! The permissions on a bus, which its own policy may give: for the operations on it, and for events of other buses.

use crate::EventsService;
use crate::model::name::BusName;
use serde_json::Value;
use slam_cloud_core::{Access, AwsError, AwsResult, Context};
use slam_cloud_kit::tags::Tags;

/// The policy of a bus of another account that has none: nobody here may do anything with it, the root user neither, whom the
/// door would let through where there is no policy.
const NOTHING: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

/// The same with the tags that its resource has.
pub fn with_tags(mut access: Access, tags: &Tags) -> Access {
    for (tag, value) in tags {
        access = access.condition(format!("aws:ResourceTag/{tag}"), value);
    }
    access
}

/// An action on a bus, by its own policy or the caller's.
pub fn on_bus(service: &EventsService, context: &Context, action: &'static str, bus: &BusName) -> Access {
    let there = service.store.find_bus(bus);
    let policy = there.as_ref().and_then(|there| there.document());
    let is_foreign = bus.scope.account != context.account;
    let access =
        Access::new(action, bus.arn()).resource_policy(policy.or_else(|| is_foreign.then(|| NOTHING.to_owned())));
    there.iter().fold(access, |access, there| with_tags(access, &there.tags))
}

/// The permission to put an event of another bus's.
///
/// # Errors
/// When it is no JSON, as no event is.
pub fn putting(service: &EventsService, context: &Context, bus: &BusName, event: &str) -> AwsResult<Access> {
    let event: Value = serde_json::from_str(event).map_err(AwsError::internal)?;
    let mut access = on_bus(service, context, "events:PutEvents", bus).condition("events:eventBusInvocation", "true");
    for (key, field) in [("events:source", "source"), ("events:detail-type", "detail-type")] {
        if let Some(value) = event[field].as_str() {
            access = access.condition(key, value);
        }
    }
    Ok(access)
}
