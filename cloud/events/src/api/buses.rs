//! Event buses.

use super::{page, tags};
use crate::EventsService;
use crate::model::bus::Bus;
use crate::model::name::BusName;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::events as wire;
use std::sync::Arc;

/// CreateEventBus.
pub async fn create(
    service: Arc<EventsService>,
    context: Context,
    input: wire::CreateEventBus,
) -> AwsResult<wire::CreateEventBusResponse> {
    let name = BusName::here(&context, &input.name);
    // The names of partners' buses have slashes; an own bus's has none (API reference, CreateEventBus).
    if input.name.contains('/') {
        return Err(AwsError::unsupported(format_args!("the event bus {} of a partner's event source", input.name)));
    }
    let now = service.cloud.clock().now();
    let bus = Bus {
        description: input.description,
        dead_letters: input.dead_letter_config.and_then(|config| config.arn),
        policy: None,
        tags: tags::checked(input.tags.unwrap_or_default())?,
        created: now,
        changed: now,
    };
    let answer = wire::CreateEventBusResponse {
        event_bus_arn: Some(name.arn()),
        description: bus.description.clone(),
        dead_letter_config: bus.dead_letter_config(),
        ..wire::CreateEventBusResponse::default()
    };
    service.store.add_bus(&name, bus).await?;
    Ok(answer)
}

/// UpdateEventBus: what is left out is as it was.
pub async fn update(
    service: Arc<EventsService>,
    context: Context,
    input: wire::UpdateEventBus,
) -> AwsResult<wire::UpdateEventBusResponse> {
    let name = BusName::own(&context, input.name.as_deref())?;
    let now = service.cloud.clock().now();
    let change = |bus: &mut Bus| {
        if input.description.is_some() {
            bus.description = input.description;
        }
        if let Some(config) = input.dead_letter_config {
            bus.dead_letters = config.arn;
        }
        bus.changed = now;
        Ok(())
    };
    let bus = service.store.change_bus(&name, change).await?;
    Ok(wire::UpdateEventBusResponse {
        arn: Some(name.arn()),
        name: Some(name.name),
        description: bus.description.clone(),
        dead_letter_config: bus.dead_letter_config(),
        ..wire::UpdateEventBusResponse::default()
    })
}

/// DescribeEventBus.
pub async fn describe(
    service: Arc<EventsService>,
    context: Context,
    input: wire::DescribeEventBus,
) -> AwsResult<wire::DescribeEventBusResponse> {
    let name = BusName::own(&context, input.name.as_deref())?;
    let bus = service.store.bus(&name)?;
    Ok(wire::DescribeEventBusResponse {
        arn: Some(name.arn()),
        name: Some(name.name),
        description: bus.description.clone(),
        dead_letter_config: bus.dead_letter_config(),
        policy: bus.document(),
        creation_time: Some(bus.created),
        last_modified_time: Some(bus.changed),
        ..wire::DescribeEventBusResponse::default()
    })
}

/// ListEventBuses.
pub async fn list(
    service: Arc<EventsService>,
    context: Context,
    input: wire::ListEventBuses,
) -> AwsResult<wire::ListEventBusesResponse> {
    let prefix = input.name_prefix.unwrap_or_default();
    let all = service.store.buses(&Scope::regional(&context)).into_iter();
    let buses = all.filter(|(name, _)| name.starts_with(&prefix)).map(|(name, bus)| {
        let summary = bus.summary(&BusName::here(&context, &name));
        (name, summary)
    });
    let (buses, next_token) = page(buses, input.next_token.as_deref(), input.limit)?;
    Ok(wire::ListEventBusesResponse { event_buses: Some(buses), next_token })
}

/// DeleteEventBus: of one that is not there, too (recorded: `test_describe_delete_not_existing_event_bus`).
pub async fn delete(
    service: Arc<EventsService>,
    context: Context,
    input: wire::DeleteEventBus,
) -> AwsResult<wire::DeleteEventBusOutput> {
    let name = BusName::own(&context, Some(&input.name))?;
    // Recorded: `test_delete_default_event_bus`.
    if name.is_default() {
        return Err(AwsError::validation("Cannot delete event bus default."));
    }
    service.store.remove_bus(&name).await?;
    Ok(wire::DeleteEventBusOutput {})
}
