//! Policies of buses.

use crate::EventsService;
use crate::model::bus::{Bus, statement};
use crate::model::name::BusName;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::events as wire;
use std::sync::Arc;

/// PutPermission: a whole policy, or one statement by its parts.
pub async fn put(
    service: Arc<EventsService>,
    context: Context,
    input: wire::PutPermission,
) -> AwsResult<wire::PutPermissionOutput> {
    let name = BusName::own(&context, input.event_bus_name.as_deref())?;
    service.store.bus(&name)?;
    let now = service.cloud.clock().now();
    let parts = (input.action, input.principal, input.statement_id, input.condition);
    match (input.policy, parts) {
        (Some(policy), (None, None, None, None)) => {
            service.cloud.check_policy(&policy)?;
            let change = |bus: &mut Bus| {
                bus.changed = now;
                bus.set_policy(&policy)
            };
            service.store.change_bus(&name, change).await?;
        }
        (None, (Some(action), Some(principal), Some(id), condition)) => {
            if action != "events:PutEvents" {
                return Err(AwsError::validation("Provided value in parameter 'action' is not supported."));
            }
            let statement = statement(&name, &id, &principal, &action, condition)?;
            service.cloud.check_policy(&serde_json::json!({ "Statement": [&statement] }).to_string())?;
            let change = |bus: &mut Bus| {
                bus.changed = now;
                bus.permit(statement)
            };
            service.store.change_bus(&name, change).await?;
        }
        (Some(_), _) => {
            let message = "Policy cannot be specified together with Action, Principal, StatementId or Condition.";
            return Err(AwsError::validation(message));
        }
        (None, _) => {
            let message = "Parameter(s) Action, Principal and StatementId, or Policy, must be specified.";
            return Err(AwsError::validation(message));
        }
    }
    Ok(wire::PutPermissionOutput {})
}

/// RemovePermission.
pub async fn remove(
    service: Arc<EventsService>,
    context: Context,
    input: wire::RemovePermission,
) -> AwsResult<wire::RemovePermissionOutput> {
    let name = BusName::own(&context, input.event_bus_name.as_deref())?;
    let all = input.remove_all_permissions == Some(true);
    let now = service.cloud.clock().now();
    let change = |bus: &mut Bus| {
        bus.changed = now;
        match input.statement_id {
            Some(id) if !all => bus.forbid(&id),
            None if !all => Err(AwsError::validation("Parameter(s) StatementId must be specified.")),
            _ => {
                bus.policy = None;
                Ok(())
            }
        }
    };
    service.store.change_bus(&name, change).await?;
    Ok(wire::RemovePermissionOutput {})
}
