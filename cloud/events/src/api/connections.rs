//! Connections.

use super::page;
use crate::EventsService;
use crate::model::connection::parameters::{Parameters, of_creation};
use crate::model::connection::{Connection, Kind, State};
use crate::outbound::store::Found;
use crate::outbound::{secrets, states, told};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context, id};
use slam_cloud_wire::events as wire;
use std::sync::Arc;

/// The state of a connection with new parameters: a token comes first where it needs one.
fn first_state(kind: Kind) -> State {
    if kind == Kind::OAuth { State::Authorizing } else { State::Authorized }
}

/// Tells of a connection with new parameters, and has its token asked for where it needs one.
async fn begin(service: &Arc<EventsService>, before: State, found: &Found, what: &str) {
    told::connection(service, found, what).await;
    states::tell(service, before, found).await;
    if found.connection.state == State::Authorizing {
        states::authorize(service, found.clone());
    }
}

/// CreateConnection. What is wrong with its name or kind the model says (recorded: `test_create_connection_name_validation`,
/// `test_create_connection_validations`).
pub async fn create(
    service: Arc<EventsService>,
    context: Context,
    input: wire::CreateConnection,
) -> AwsResult<wire::CreateConnectionResponse> {
    let (scope, name) = (Scope::regional(&context), input.name);
    let kind = Kind::read(&input.authorization_type);
    let parameters = Parameters::read(kind, None, of_creation(input.auth_parameters))?;
    service.outbound.store.check_new_connection(&scope, &name)?;
    let secret = secrets::create(&service, &context, &name, &parameters).await?;
    let now = service.cloud.clock().now();
    let made = Connection {
        id: id::request_id(),
        description: input.description,
        kind,
        parameters: Some(parameters.shown()),
        secret: Some(secret.clone()),
        state: first_state(kind),
        reason: None,
        created: now,
        modified: now,
        authorized: now,
    };
    let found = match service.outbound.store.add_connection(&scope, &name, made).await {
        Ok(found) => found,
        Err(error) => {
            secrets::delete(&service, &scope, &secret).await;
            return Err(error);
        }
    };
    begin(&service, State::Deauthorized, &found, "Creation Started").await;
    let told = found.connection.summary(&scope, &name);
    Ok(wire::CreateConnectionResponse {
        connection_arn: told.connection_arn,
        connection_state: told.connection_state,
        creation_time: told.creation_time,
        last_modified_time: told.last_modified_time,
    })
}

/// UpdateConnection: what is left out is as it was.
pub async fn update(
    service: Arc<EventsService>,
    context: Context,
    input: wire::UpdateConnection,
) -> AwsResult<wire::UpdateConnectionResponse> {
    let (scope, name) = (Scope::regional(&context), input.name);
    let found = service.outbound.store.connection(&scope, &name, "update")?;
    let kind = input.authorization_type.as_deref().map_or(found.connection.kind, Kind::read);
    let parameters = match input.auth_parameters {
        None if kind == found.connection.kind => None,
        given => Some(changed(&service, &context, &found, kind, given.unwrap_or_default()).await?),
    };
    let now = service.cloud.clock().now();
    let (is_authorized_anew, description) = (parameters.is_some(), input.description);
    let change = |connection: &mut Connection| {
        connection.description = description.or(connection.description.take());
        connection.modified = now;
        if let Some((parameters, secret)) = parameters {
            (connection.kind, connection.parameters, connection.secret) = (kind, Some(parameters), Some(secret));
            (connection.state, connection.reason) = (first_state(kind), None);
            if connection.state == State::Authorized {
                connection.authorized = now;
            }
        }
    };
    let changed = service.outbound.store.change_connection(&found, change).await?.ok_or_else(concurrent)?;
    match is_authorized_anew {
        true => begin(&service, found.connection.state, &changed, "Update Started").await,
        false => told::connection(&service, &changed, "Update Started").await,
    }
    let told = changed.connection.summary(&scope, &name);
    Ok(wire::UpdateConnectionResponse {
        connection_arn: told.connection_arn,
        connection_state: told.connection_state,
        creation_time: told.creation_time,
        last_modified_time: told.last_modified_time,
        last_authorized_time: told.last_authorized_time,
    })
}

/// Two at once change the same (API reference, UpdateConnection).
fn concurrent() -> AwsError {
    AwsError::bad_request(
        "ConcurrentModificationException",
        "There is concurrent modification on a rule, target, archive, replay or connection.",
    )
}

/// Writes new parameters into the secret of a connection, or into a new one where that is gone. Answers with what is told of them, and with
/// the secret.
async fn changed(
    service: &EventsService,
    context: &Context,
    found: &Found,
    kind: Kind,
    given: wire::UpdateConnectionAuthRequestParameters,
) -> AwsResult<(Parameters, String)> {
    let before = match &found.connection.secret {
        Some(secret) => secrets::read_as(service, context, secret).await?,
        None => None,
    };
    let parameters = Parameters::read(kind, before.as_ref(), given)?;
    let secret = match (&found.connection.secret, before) {
        (Some(secret), Some(_)) => {
            secrets::put(service, context, secret, &parameters).await?;
            secret.clone()
        }
        _ => secrets::create(service, context, &found.name, &parameters).await?,
    };
    Ok((parameters.shown(), secret))
}

/// DescribeConnection.
pub async fn describe(
    service: Arc<EventsService>,
    context: Context,
    input: wire::DescribeConnection,
) -> AwsResult<wire::DescribeConnectionResponse> {
    let scope = Scope::regional(&context);
    let Found { connection, .. } = service.outbound.store.connection(&scope, &input.name, "describe")?;
    let told = connection.summary(&scope, &input.name);
    Ok(wire::DescribeConnectionResponse {
        connection_arn: told.connection_arn,
        name: told.name,
        description: connection.description.clone(),
        connection_state: told.connection_state,
        state_reason: told.state_reason,
        authorization_type: told.authorization_type,
        secret_arn: connection.secret.clone(),
        auth_parameters: connection.parameters.as_ref().map(Parameters::told),
        creation_time: told.creation_time,
        last_modified_time: told.last_modified_time,
        last_authorized_time: told.last_authorized_time,
        ..wire::DescribeConnectionResponse::default()
    })
}

/// ListConnections.
pub async fn list(
    service: Arc<EventsService>,
    context: Context,
    input: wire::ListConnections,
) -> AwsResult<wire::ListConnectionsResponse> {
    let scope = Scope::regional(&context);
    let prefix = input.name_prefix.unwrap_or_default();
    let is_asked = |name: &str, connection: &Connection| {
        name.starts_with(&prefix)
            && input.connection_state.as_deref().is_none_or(|state| state == connection.state.told())
    };
    let connections = service.outbound.store.connections(&scope).into_iter();
    let connections = connections.filter(|(name, connection)| is_asked(name, connection)).map(|(name, connection)| {
        let summary = connection.summary(&scope, &name);
        (name, summary)
    });
    let (connections, next_token) = page(connections, input.next_token.as_deref(), input.limit)?;
    Ok(wire::ListConnectionsResponse { connections: Some(connections), next_token })
}

/// DeauthorizeConnection. AWS tells that it begins; here it is done when this answers.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection-deauthorize.html>
pub async fn deauthorize(
    service: Arc<EventsService>,
    context: Context,
    input: wire::DeauthorizeConnection,
) -> AwsResult<wire::DeauthorizeConnectionResponse> {
    let (scope, name) = (Scope::regional(&context), input.name);
    let found = service.outbound.store.connection(&scope, &name, "deauthorize")?;
    let now = service.cloud.clock().now();
    let change = |connection: &mut Connection| {
        (connection.parameters, connection.secret) = (None, None);
        (connection.state, connection.reason, connection.modified) = (State::Deauthorized, None, now);
    };
    let changed = service.outbound.store.change_connection(&found, change).await?.ok_or_else(concurrent)?;
    if let Some(secret) = &found.connection.secret {
        secrets::delete(&service, &scope, secret).await;
    }
    service.outbound.forget_token(&changed.connection.arn(&scope, &name));
    told::connection(&service, &changed, "Deauthorization Started").await;
    states::tell(&service, found.connection.state, &changed).await;
    let told = changed.connection.summary(&scope, &name);
    Ok(wire::DeauthorizeConnectionResponse {
        connection_arn: told.connection_arn,
        connection_state: Some("DEAUTHORIZING".to_owned()),
        creation_time: told.creation_time,
        last_modified_time: told.last_modified_time,
        last_authorized_time: told.last_authorized_time,
    })
}

/// DeleteConnection, with its secret (recorded: `test_delete_connection`). API destinations that use it are inactive from then on.
pub async fn delete(
    service: Arc<EventsService>,
    context: Context,
    input: wire::DeleteConnection,
) -> AwsResult<wire::DeleteConnectionResponse> {
    let (scope, name) = (Scope::regional(&context), input.name);
    let found = service.outbound.store.connection(&scope, &name, "delete")?;
    service.outbound.store.remove_connection(&found).await?;
    if let Some(secret) = &found.connection.secret {
        secrets::delete(&service, &scope, secret).await;
    }
    service.outbound.forget_token(&found.connection.arn(&scope, &name));
    told::connection(&service, &found, "Deletion Started").await;
    states::tell_destinations(&service, found.connection.state, &found, State::Deauthorized).await;
    let told = found.connection.summary(&scope, &name);
    Ok(wire::DeleteConnectionResponse {
        connection_arn: told.connection_arn,
        connection_state: Some("DELETING".to_owned()),
        creation_time: told.creation_time,
        last_modified_time: told.last_modified_time,
        last_authorized_time: told.last_authorized_time,
    })
}
