//! Events that tell of the states of connections and API destinations, on the default bus of their account.
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/event-reference.html>

use super::store::Found;
use crate::EventsService;
use crate::model::event::Event;
use crate::model::name::{BusName, DEFAULT};
use crate::taking::{Taken, take};
use serde_json::{Value, json};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Timestamp, id};
use std::sync::Arc;

/// Tells of a connection: what happened to it, as the end of the event's `detail-type`.
pub async fn connection(service: &Arc<EventsService>, found: &Found, what: &str) {
    let now = service.cloud.clock().now();
    let mut detail = json!({"ConnectionName": found.name});
    if let Some(reason) = &found.connection.reason {
        detail["StateReason"] = reason.as_str().into();
    }
    detail["Timestamp"] = written(now).into();
    let arn = found.connection.arn(&found.scope, &found.name);
    tell(service, &found.scope, (format!("Connection {what}"), arn, detail), now).await;
}

/// Tells that an API destination can be invoked now, or cannot.
pub async fn destination(service: &Arc<EventsService>, scope: &Scope, (name, arn): (&str, String), is_active: bool) {
    let now = service.cloud.clock().now();
    let what = if is_active { "API Destination Activated" } else { "API Destination Deactivated" };
    let detail = json!({"ApiDestinationName": name, "Timestamp": written(now)});
    tell(service, scope, (what.to_owned(), arn, detail), now).await;
}

/// A moment as these events have it.
fn written(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%d %H:%M:%S +0000 UTC").to_string()
}

/// AWS does this as well as it can, too: what cannot be told changes nothing.
async fn tell(
    service: &Arc<EventsService>,
    scope: &Scope,
    (detail_type, resource, detail): (String, String, Value),
    time: Timestamp,
) {
    let detail = detail.to_string();
    let size = detail.len();
    let event = Event {
        id: id::request_id(),
        detail_type,
        source: "aws.events".to_owned(),
        scope: scope.clone(),
        time,
        resources: vec![resource],
        detail,
    };
    let bus = BusName { scope: scope.clone(), name: DEFAULT.to_owned() };
    let taken = Taken { bus, event: event.text().into(), trace: None, forwarded: false, time, size };
    if let Err(error) = take(service, vec![taken]).await {
        tracing::warn!(%error, "the state of a connection cannot be told");
    }
}
