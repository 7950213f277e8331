//! The secrets of connections: what they authorize with stands in Secrets Manager.
//!
//! Whoever makes or changes a connection needs the permission for its secret
//! (<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-target-connection-auth.html>; the permissions of the handlers in
//! the registry schema of `AWS::Events::Connection` say which), so they are asked for in the caller's name. Invocations and deletions are
//! EventBridge's own, on AWS by its service-linked role.

use crate::model::connection::parameters::Parameters;
use crate::{EventsService, PRINCIPAL};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context, id};
use slam_cloud_wire::secretsmanager as wire;

/// What a secret has, and which version of it that is.
pub struct Read {
    /// With what the connection authorizes.
    pub parameters: Parameters,
    /// The version's id.
    pub version: String,
}

fn own(scope: &Scope) -> Context {
    Context::of_service(&*scope.account, &*scope.region, PRINCIPAL)
}

/// Makes the secret of a connection in the caller's name, and answers with its ARN (recorded: `test_connection_secrets`).
///
/// # Errors
/// What Secrets Manager answers.
pub async fn create(
    service: &EventsService,
    context: &Context,
    connection: &str,
    parameters: &Parameters,
) -> AwsResult<String> {
    let name = format!("events!connection/{connection}/{}", id::request_id());
    let input =
        wire::CreateSecret { name, client_request_token: Some(id::request_id()), ..wire::CreateSecret::default() };
    let made = service.cloud.call(context.via(PRINCIPAL), input).await?;
    let arn = made.arn.ok_or_else(|| AwsError::internal("a secret was made without an ARN"))?;
    match put(service, context, &arn, parameters).await {
        Ok(()) => Ok(arn),
        Err(error) => {
            delete(service, &Scope::regional(context), &arn).await;
            Err(error)
        }
    }
}

/// Changes the secret of a connection in the caller's name.
///
/// # Errors
/// What Secrets Manager answers.
pub async fn put(service: &EventsService, context: &Context, arn: &str, parameters: &Parameters) -> AwsResult<()> {
    let input = wire::PutSecretValue {
        secret_id: arn.to_owned(),
        client_request_token: Some(id::request_id()),
        secret_string: Some(serde_json::to_string(parameters).map_err(AwsError::internal)?),
        ..wire::PutSecretValue::default()
    };
    service.cloud.call(context.via(PRINCIPAL), input).await.map(drop)
}

/// Reads the secret of a connection in the caller's name; `None` where it is gone, or somebody has put something else there.
///
/// # Errors
/// When the caller may not.
pub async fn read_as(service: &EventsService, context: &Context, arn: &str) -> AwsResult<Option<Parameters>> {
    match value(service, context.via(PRINCIPAL), arn).await {
        Err(error) if error.is_access_denied() => Err(error),
        read => Ok(read.ok().map(|read| read.parameters)),
    }
}

/// Reads the secret of a connection to use it.
///
/// # Errors
/// When it cannot be read.
pub async fn read(service: &EventsService, scope: &Scope, arn: &str) -> AwsResult<Read> {
    value(service, own(scope), arn).await
}

async fn value(service: &EventsService, context: Context, arn: &str) -> AwsResult<Read> {
    let input = wire::GetSecretValue { secret_id: arn.to_owned(), ..wire::GetSecretValue::default() };
    let answer = service.cloud.call(context, input).await?;
    let text = answer.secret_string.unwrap_or_default();
    // The reason is not told: it may show what the secret has.
    let parameters = serde_json::from_str(&text).map_err(|_| AwsError::validation("The secret is no connection's."))?;
    Ok(Read { parameters, version: answer.version_id.unwrap_or_default() })
}

/// Deletes the secret of a connection. What cannot be deleted is of no use to anybody, and is told of in the log.
pub async fn delete(service: &EventsService, scope: &Scope, arn: &str) {
    let input = wire::DeleteSecret {
        secret_id: arn.to_owned(),
        recovery_window_in_days: None,
        force_delete_without_recovery: Some(true),
    };
    if let Err(error) = service.cloud.call(own(scope), input).await {
        tracing::warn!(%error, secret = arn, "the secret of a connection cannot be deleted");
    }
}
