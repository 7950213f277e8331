//! Archives.

use super::page;
use crate::EventsService;
use crate::error::{invalid, invalid_pattern, no_such_bus};
use crate::model::archive::{Archive, archive_arn};
use crate::model::name::BusName;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_kit::pattern::Pattern;
use slam_cloud_wire::events as wire;
use std::sync::Arc;

fn checked(pattern: Option<&str>) -> AwsResult<()> {
    pattern.map_or(Ok(()), |pattern| Pattern::parse(pattern).map(drop).map_err(invalid_pattern))
}

/// The bus that an ARN names.
///
/// # Errors
/// When it is none, or none of the caller's that is there.
pub fn source(service: &EventsService, context: &Context, arn: &str) -> AwsResult<BusName> {
    let bus = BusName::of_arn(arn).ok_or_else(|| invalid("EventSourceArn", "It must be the ARN of an event bus."))?;
    // One of another account is not there for this one (recorded: `test_create_archive_error_unknown_event_bus`).
    match bus.scope == Scope::regional(context) {
        true => service.store.bus(&bus).map(|_| bus),
        false => Err(no_such_bus(&bus.name)),
    }
}

/// CreateArchive.
pub async fn create(
    service: Arc<EventsService>,
    context: Context,
    input: wire::CreateArchive,
) -> AwsResult<wire::CreateArchiveResponse> {
    let bus = source(&service, &context, &input.event_source_arn)?;
    checked(input.event_pattern.as_deref())?;
    let archive = Archive {
        key: service.archives.number(),
        bus: bus.name,
        description: input.description,
        pattern: input.event_pattern,
        retention: input.retention_days.unwrap_or(0),
        created: service.cloud.clock().now(),
    };
    let created = archive.created;
    service.archives.add(&bus.scope, &input.archive_name, archive).await?;
    Ok(wire::CreateArchiveResponse {
        archive_arn: Some(archive_arn(&bus.scope, &input.archive_name)),
        state: Some("ENABLED".to_owned()),
        state_reason: None,
        creation_time: Some(created),
    })
}

/// UpdateArchive: what is left out is as it was (recorded: `test_update_archive_error_unknown_archive`).
pub async fn update(
    service: Arc<EventsService>,
    context: Context,
    input: wire::UpdateArchive,
) -> AwsResult<wire::UpdateArchiveResponse> {
    if input.event_pattern.is_none() && input.retention_days.is_none() && input.description.is_none() {
        let message = "At least one of EventPattern, RetentionDays or Description must be provided.";
        return Err(AwsError::validation(message));
    }
    checked(input.event_pattern.as_deref())?;
    let scope = Scope::regional(&context);
    let change = |archive: &mut Archive| {
        archive.pattern = input.event_pattern.or(archive.pattern.take());
        archive.description = input.description.or(archive.description.take());
        archive.retention = input.retention_days.unwrap_or(archive.retention);
    };
    let archive = service.archives.change(&scope, &input.archive_name, change).await?;
    Ok(wire::UpdateArchiveResponse {
        archive_arn: Some(archive_arn(&scope, &input.archive_name)),
        state: Some("ENABLED".to_owned()),
        state_reason: None,
        creation_time: Some(archive.created),
    })
}

/// DescribeArchive.
pub async fn describe(
    service: Arc<EventsService>,
    context: Context,
    input: wire::DescribeArchive,
) -> AwsResult<wire::DescribeArchiveResponse> {
    let scope = Scope::regional(&context);
    let archive = service.archives.archive(&scope, &input.archive_name)?;
    let amount = service.archives.amounts().await?.get(&archive.key).copied().unwrap_or_default();
    let told = archive.summary(&scope, &input.archive_name, amount);
    Ok(wire::DescribeArchiveResponse {
        archive_arn: Some(archive_arn(&scope, &input.archive_name)),
        archive_name: told.archive_name,
        event_source_arn: told.event_source_arn,
        description: archive.description.clone(),
        event_pattern: archive.pattern.clone(),
        state: told.state,
        retention_days: told.retention_days,
        size_bytes: told.size_bytes,
        event_count: told.event_count,
        creation_time: told.creation_time,
        ..wire::DescribeArchiveResponse::default()
    })
}

/// ListArchives (recorded: `test_list_archive_error_unknown_source_arn`).
pub async fn list(
    service: Arc<EventsService>,
    context: Context,
    input: wire::ListArchives,
) -> AwsResult<wire::ListArchivesResponse> {
    let source = input.event_source_arn.map(|arn| source(&service, &context, &arn)).transpose()?;
    let scope = Scope::regional(&context);
    let amounts = service.archives.amounts().await?;
    let prefix = input.name_prefix.unwrap_or_default();
    let is_asked = |name: &str, archive: &Archive| {
        name.starts_with(&prefix)
            && source.as_ref().is_none_or(|bus| bus.name == archive.bus)
            && input.state.as_deref().is_none_or(|state| state == "ENABLED")
    };
    let archives = service.archives.list(&scope).into_iter().filter(|(name, archive)| is_asked(name, archive));
    let archives = archives.map(|(name, archive)| {
        let amount = amounts.get(&archive.key).copied().unwrap_or_default();
        let summary = archive.summary(&scope, &name, amount);
        (name, summary)
    });
    let (archives, next_token) = page(archives, input.next_token.as_deref(), input.limit)?;
    Ok(wire::ListArchivesResponse { archives: Some(archives), next_token })
}

/// DeleteArchive.
pub async fn delete(
    service: Arc<EventsService>,
    context: Context,
    input: wire::DeleteArchive,
) -> AwsResult<wire::DeleteArchiveResponse> {
    service.archives.remove(&Scope::regional(&context), &input.archive_name).await?;
    Ok(wire::DeleteArchiveResponse {})
}
