//! API destinations.

use super::page;
use crate::EventsService;
use crate::error::no_such_connection;
use crate::model::api_destination::{ApiDestination, RATE, check_endpoint};
use crate::model::connection::of_arn;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context, id};
use slam_cloud_wire::events as wire;
use std::sync::Arc;

/// Checks that a connection is there, of the caller's.
fn check_connection(service: &EventsService, scope: &Scope, arn: &str) -> AwsResult<()> {
    match service.outbound.store.connection_of_arn(arn).filter(|found| found.scope == *scope) {
        Some(_) => Ok(()),
        None => {
            let name = of_arn(arn).map_or_else(|| arn.to_owned(), |(_, name, _)| name);
            Err(no_such_connection("describe", &name))
        }
    }
}

/// An API destination as it is told in a list.
fn summary(service: &EventsService, scope: &Scope, name: &str, destination: &ApiDestination) -> wire::ApiDestination {
    let connection = service.outbound.store.connection_of_arn(&destination.connection);
    destination.summary(scope, name, connection.as_ref().map(|found| &*found.connection))
}

/// CreateApiDestination. What is wrong with its name the model says (recorded: `test_create_api_destination_name_validation`).
pub async fn create(
    service: Arc<EventsService>,
    context: Context,
    input: wire::CreateApiDestination,
) -> AwsResult<wire::CreateApiDestinationResponse> {
    let (scope, name) = (Scope::regional(&context), input.name);
    check_endpoint(&input.invocation_endpoint)?;
    check_connection(&service, &scope, &input.connection_arn)?;
    let now = service.cloud.clock().now();
    let made = ApiDestination {
        id: id::request_id(),
        description: input.description,
        connection: input.connection_arn,
        endpoint: input.invocation_endpoint,
        method: input.http_method,
        rate: input.invocation_rate_limit_per_second.unwrap_or(RATE),
        created: now,
        modified: now,
    };
    let made = service.outbound.store.add_destination(&scope, &name, made).await?;
    let told = summary(&service, &scope, &name, &made);
    Ok(wire::CreateApiDestinationResponse {
        api_destination_arn: told.api_destination_arn,
        api_destination_state: told.api_destination_state,
        creation_time: told.creation_time,
        last_modified_time: told.last_modified_time,
    })
}

/// UpdateApiDestination: what is left out is as it was. What waits for its turn goes by the new pace.
pub async fn update(
    service: Arc<EventsService>,
    context: Context,
    input: wire::UpdateApiDestination,
) -> AwsResult<wire::UpdateApiDestinationResponse> {
    let (scope, name) = (Scope::regional(&context), input.name);
    let before = service.outbound.store.destination(&scope, &name, "update")?;
    if let Some(endpoint) = &input.invocation_endpoint {
        check_endpoint(endpoint)?;
    }
    if let Some(connection) = &input.connection_arn {
        check_connection(&service, &scope, connection)?;
    }
    let now = service.cloud.clock().now();
    let change = |destination: &mut ApiDestination| {
        destination.description = input.description.or(destination.description.take());
        for (given, there) in [
            (input.connection_arn, &mut destination.connection),
            (input.invocation_endpoint, &mut destination.endpoint),
            (input.http_method, &mut destination.method),
        ] {
            if let Some(given) = given {
                *there = given;
            }
        }
        destination.rate = input.invocation_rate_limit_per_second.unwrap_or(destination.rate);
        destination.modified = now;
    };
    let changed = service.outbound.store.change_destination(&scope, &name, change).await?;
    let told = summary(&service, &scope, &name, &changed);
    if changed.rate != before.rate {
        let arn = changed.arn(&scope, &name);
        service.outbound.pace_changed(&arn);
        service.waiting.ask_again(&arn).await;
    }
    Ok(wire::UpdateApiDestinationResponse {
        api_destination_arn: told.api_destination_arn,
        api_destination_state: told.api_destination_state,
        creation_time: told.creation_time,
        last_modified_time: told.last_modified_time,
    })
}

/// DescribeApiDestination.
pub async fn describe(
    service: Arc<EventsService>,
    context: Context,
    input: wire::DescribeApiDestination,
) -> AwsResult<wire::DescribeApiDestinationResponse> {
    let scope = Scope::regional(&context);
    let destination = service.outbound.store.destination(&scope, &input.name, "describe")?;
    let told = summary(&service, &scope, &input.name, &destination);
    Ok(wire::DescribeApiDestinationResponse {
        api_destination_arn: told.api_destination_arn,
        name: told.name,
        description: destination.description.clone(),
        api_destination_state: told.api_destination_state,
        connection_arn: told.connection_arn,
        invocation_endpoint: told.invocation_endpoint,
        http_method: told.http_method,
        invocation_rate_limit_per_second: told.invocation_rate_limit_per_second,
        creation_time: told.creation_time,
        last_modified_time: told.last_modified_time,
    })
}

/// ListApiDestinations.
pub async fn list(
    service: Arc<EventsService>,
    context: Context,
    input: wire::ListApiDestinations,
) -> AwsResult<wire::ListApiDestinationsResponse> {
    let scope = Scope::regional(&context);
    let prefix = input.name_prefix.unwrap_or_default();
    let is_asked = |name: &str, destination: &ApiDestination| {
        name.starts_with(&prefix) && input.connection_arn.as_ref().is_none_or(|arn| *arn == destination.connection)
    };
    let destinations = service.outbound.store.destinations(&scope).into_iter();
    let destinations = destinations.filter(|(name, destination)| is_asked(name, destination));
    let destinations = destinations.map(|(name, destination)| {
        let summary = summary(&service, &scope, &name, &destination);
        (name, summary)
    });
    let (destinations, next_token) = page(destinations, input.next_token.as_deref(), input.limit)?;
    Ok(wire::ListApiDestinationsResponse { api_destinations: Some(destinations), next_token })
}

/// DeleteApiDestination.
pub async fn delete(
    service: Arc<EventsService>,
    context: Context,
    input: wire::DeleteApiDestination,
) -> AwsResult<wire::DeleteApiDestinationResponse> {
    service.outbound.store.remove_destination(&Scope::regional(&context), &input.name).await?;
    Ok(wire::DeleteApiDestinationResponse {})
}
