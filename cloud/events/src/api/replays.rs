//! Replays.

use super::page;
use crate::EventsService;
use crate::error::invalid;
use crate::model::archive::{Replay, State, archive_arn, replay_arn};
use crate::model::name::BusName;
use crate::replaying::begin;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::events as wire;
use std::sync::Arc;

/// StartReplay (recorded: `test_start_replay_error_invalid_end_time`, `test_start_replay_error_unknown_archive`,
/// `test_start_replay_error_unknown_event_bus`).
pub async fn start(
    service: Arc<EventsService>,
    context: Context,
    input: wire::StartReplay,
) -> AwsResult<wire::StartReplayResponse> {
    let scope = Scope::regional(&context);
    if input.event_start_time >= input.event_end_time {
        return Err(invalid("EventEndTime", "EventStartTime must be before EventEndTime."));
    }
    let bus = BusName::of_arn(&input.destination.arn)
        .ok_or_else(|| invalid("Destination.Arn", "Must contain an event bus ARN."))?;
    let bus = BusName::own(&context, Some(&bus.arn()))?;
    service.store.bus(&bus)?;
    let prefix = archive_arn(&scope, "");
    let name = input.event_source_arn.strip_prefix(&prefix);
    let name = name.ok_or_else(|| invalid("EventSourceArn", "Must contain an archive ARN."))?;
    let archive = service
        .archives
        .find(&scope, name)
        .ok_or_else(|| invalid("EventSourceArn", format_args!("Archive {name} does not exist.")))?;
    if archive.bus != bus.name {
        return Err(invalid("Destination.Arn", "Cross event bus replay is not permitted."));
    }
    let started = service.cloud.clock().now();
    let replay = Replay {
        description: input.description,
        archive: name.to_owned(),
        bus: bus.name,
        rules: input.destination.filter_arns.filter(|rules| !rules.is_empty()),
        from: input.event_start_time,
        until: input.event_end_time,
        state: State::Starting,
        reason: None,
        last: None,
        started,
        ended: None,
    };
    service.archives.add_replay(&scope, &input.replay_name, replay).await?;
    begin(&service, scope.clone(), input.replay_name.clone());
    Ok(wire::StartReplayResponse {
        replay_arn: Some(replay_arn(&scope, &input.replay_name)),
        state: Some(State::Starting.told().to_owned()),
        state_reason: None,
        replay_start_time: Some(started),
    })
}

/// CancelReplay.
pub async fn cancel(
    service: Arc<EventsService>,
    context: Context,
    input: wire::CancelReplay,
) -> AwsResult<wire::CancelReplayResponse> {
    let scope = Scope::regional(&context);
    let change = |replay: &mut Replay| match replay.state {
        State::Starting | State::Running => {
            replay.state = State::Cancelling;
            Ok(())
        }
        _ => Err(AwsError::bad_request(
            "IllegalStatusException",
            format!("Replay {} is not in a valid state for this operation.", input.replay_name),
        )),
    };
    service.archives.change_replay(&scope, &input.replay_name, change).await?;
    Ok(wire::CancelReplayResponse {
        replay_arn: Some(replay_arn(&scope, &input.replay_name)),
        state: Some(State::Cancelling.told().to_owned()),
        state_reason: None,
    })
}

/// DescribeReplay.
pub async fn describe(
    service: Arc<EventsService>,
    context: Context,
    input: wire::DescribeReplay,
) -> AwsResult<wire::DescribeReplayResponse> {
    let scope = Scope::regional(&context);
    let replay = service.archives.replay(&scope, &input.replay_name)?;
    let told = replay.summary(&scope, &input.replay_name);
    let bus = BusName { scope: scope.clone(), name: replay.bus.clone() };
    Ok(wire::DescribeReplayResponse {
        replay_arn: Some(replay_arn(&scope, &input.replay_name)),
        replay_name: told.replay_name,
        description: replay.description.clone(),
        state: told.state,
        state_reason: told.state_reason,
        event_source_arn: told.event_source_arn,
        destination: Some(wire::ReplayDestination { arn: bus.arn(), filter_arns: replay.rules.clone() }),
        event_start_time: told.event_start_time,
        event_end_time: told.event_end_time,
        event_last_replayed_time: told.event_last_replayed_time,
        replay_start_time: told.replay_start_time,
        replay_end_time: told.replay_end_time,
    })
}

/// ListReplays.
pub async fn list(
    service: Arc<EventsService>,
    context: Context,
    input: wire::ListReplays,
) -> AwsResult<wire::ListReplaysResponse> {
    let scope = Scope::regional(&context);
    let prefix = input.name_prefix.unwrap_or_default();
    let is_asked = |name: &str, replay: &Replay| {
        name.starts_with(&prefix)
            && input.state.as_deref().is_none_or(|state| state == replay.state.told())
            && input.event_source_arn.as_ref().is_none_or(|arn| *arn == archive_arn(&scope, &replay.archive))
    };
    let replays = service.archives.replays(&scope).into_iter().filter(|(name, replay)| is_asked(name, replay));
    let replays = replays.map(|(name, replay)| {
        let summary = replay.summary(&scope, &name);
        (name, summary)
    });
    let (replays, next_token) = page(replays, input.next_token.as_deref(), input.limit)?;
    Ok(wire::ListReplaysResponse { replays: Some(replays), next_token })
}
