//! Events are taken: matched against the rules of their bus, and stored with whom they are for.

use crate::EventsService;
use crate::archived::rows::{self, Kept};
use crate::error::no_such_bus;
use crate::model::delivery::Delivery;
use crate::model::name::BusName;
use crate::model::rule::Rule;
use crate::waiting::{Beside, New};
use slam_cloud_core::{AwsError, AwsResult, StoreError, Timestamp};
use slam_cloud_kit::pattern::Event;
use std::sync::Arc;

/// An event on its way into a bus.
pub struct Taken {
    /// The bus.
    pub bus: BusName,
    /// The event as it is told.
    pub event: Arc<str>,
    /// The trace that it belongs to.
    pub trace: Option<String>,
    /// Whether it comes from another bus.
    pub forwarded: bool,
    /// When it happened.
    pub time: Timestamp,
    /// How large it was when it was put.
    pub size: usize,
}

/// The deliveries of an event by a rule.
pub fn deliveries(
    bus: &BusName,
    rule: &Rule,
    (taken, forwarded, trace): (Timestamp, bool, Option<&str>),
) -> impl Iterator<Item = Delivery> {
    rule.targets.iter().map(move |target| Delivery {
        account: bus.scope.account.to_string(),
        region: bus.scope.region.to_string(),
        bus: bus.name.clone(),
        rule: rule.name.clone(),
        target: target.clone(),
        taken,
        forwarded,
        trace: trace.map(str::to_owned),
        retries: 0,
        turn: None,
        given_up: None,
    })
}

/// Takes events: they are safe when this returns. Those that no rule wants and no archive keeps cost no write.
///
/// # Errors
/// When they cannot be stored.
pub async fn take(service: &Arc<EventsService>, events: Vec<Taken>) -> AwsResult<()> {
    let now = service.cloud.clock().now();
    let (mut new, mut kept) = (Vec::new(), Vec::new());
    for Taken { bus, event, trace, forwarded, time, size } in events {
        let (active, archives) = (service.store.active(&bus), service.archives.active(&bus));
        if active.is_empty() && archives.is_empty() {
            continue;
        }
        let read = Event::read(&event).map_err(AwsError::internal)?;
        kept.extend(archives.iter().filter_map(|archive| archive.keeps(&read)).map(|archive| Kept {
            archive,
            time: time.as_millisecond(),
            taken: now.as_millisecond(),
            bytes: i64::try_from(size).unwrap_or(i64::MAX),
            event: Arc::clone(&event),
        }));
        let met = active.iter().filter(|active| active.pattern.matches(&read));
        let about = (now, forwarded, trace.as_deref());
        let deliveries: Vec<Delivery> = met.flat_map(|active| deliveries(&bus, &active.rule, about)).collect();
        if !deliveries.is_empty() {
            new.push(New { event, deliveries });
        }
    }
    let keep: Option<Beside> = match kept.is_empty() {
        true => None,
        false => Some(Box::new(move |c| rows::keep(c, &kept))),
    };
    Ok(accept(service, new, keep).await?)
}

/// Takes one event of another bus's.
///
/// # Errors
/// When the bus is not there, or the event cannot be stored.
pub async fn forward(service: &Arc<EventsService>, taken: Taken) -> AwsResult<()> {
    if service.store.find_bus(&taken.bus).is_none() {
        return Err(no_such_bus(&taken.bus.name));
    }
    take(service, vec![taken]).await
}

/// Stores events with their deliveries, and what else is to be stored.
///
/// # Errors
/// When they cannot be stored.
pub async fn accept(service: &Arc<EventsService>, new: Vec<New>, beside: Option<Beside>) -> Result<(), StoreError> {
    if new.is_empty() && beside.is_none() {
        return Ok(());
    }
    service.waiting.accept(new, beside).await
}
