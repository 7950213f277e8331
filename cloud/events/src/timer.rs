//! Rules that come by themselves.

use crate::EventsService;
use crate::model::event::Event;
use crate::model::name::BusName;
use crate::model::rule::Rule;
use crate::taking::{accept, deliveries};
use crate::waiting::New;
use slam_cloud_core::{StoreError, Timestamp, id};
use slam_cloud_kit::agenda::Key;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How long is waited when nothing can be handed on.
const AGAIN: Duration = Duration::from_secs(1);

/// Hands on for as long as the service lives.
pub fn start(service: &Arc<EventsService>) {
    let service: Weak<EventsService> = Arc::downgrade(service);
    tokio::spawn(async move {
        while let Some(service) = service.upgrade() {
            let (time, key) = service.store.agenda.due(service.cloud.clock()).await;
            match hand_on(&service, &key, time).await {
                Ok(()) => {}
                Err(StoreError::Closed) => return,
                Err(error) => {
                    tracing::warn!(%error, rule = key.1, "what is due cannot be handed on; it is tried again");
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    });
}

/// Takes the event of a rule that is due, and sets the rule to its next time. Of times that passed while nobody looked, as on a machine
/// that slept, the last one alone is made up for.
async fn hand_on(service: &Arc<EventsService>, key: &Key, due: Timestamp) -> Result<(), StoreError> {
    let now = service.cloud.clock().now();
    if let Some(rule) = service.store.rule_at(key).filter(|rule| rule.next == Some(due)) {
        let mut time = due;
        while let Some(later) = rule.after(time).filter(|later| *later <= now) {
            time = later;
        }
        accept(service, vec![scheduled(&rule, key, time, now)], None).await?;
        service.store.set_next(key, due, rule.after(time)).await?;
    } else {
        service.store.set_next(key, due, None).await?;
    }
    Ok(())
}

/// The event of a scheduled rule, for its targets alone.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-cloudwatchevents.html>
fn scheduled(rule: &Rule, (scope, _): &Key, time: Timestamp, now: Timestamp) -> New {
    let bus = BusName { scope: scope.clone(), name: rule.bus.clone() };
    let event = Event {
        id: id::request_id(),
        detail_type: "Scheduled Event".into(),
        source: "aws.events".into(),
        scope: scope.clone(),
        time,
        resources: vec![bus.rule_arn(&rule.name)],
        detail: "{}".into(),
    };
    New { event: event.text().into(), deliveries: deliveries(&bus, rule, (now, false, None)).collect() }
}
