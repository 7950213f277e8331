//! The account's settings in a region: the role as which logs are written.

use crate::ApiGateway;
use crate::error::bad_request;
use crate::model::Account;
use crate::patch::{self, Op};
use crate::store::ACCOUNT;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// Answers the settings.
pub async fn get(service: Arc<ApiGateway>, context: Context, _: wire::GetAccount) -> AwsResult<wire::Account> {
    let account = service.store.accounts.get(&Scope::regional(&context), ACCOUNT);
    Ok(account.map_or_else(|| (&Account::default()).into(), |account| (&*account).into()))
}

/// Changes the settings. The role must let API Gateway take it on.
pub async fn update(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::UpdateAccount,
) -> AwsResult<wire::Account> {
    let mut role = None;
    for patch in patch::read(input.patch_operations)? {
        role = Some(match (patch.op, &patch.target()[..]) {
            (Op::Replace | Op::Add, ["cloudwatchRoleArn"]) => patch.optional_text(),
            (Op::Remove, ["cloudwatchRoleArn"]) => None,
            _ => return Err(patch.unsupported("/cloudwatchRoleArn")),
        });
    }
    if let Some(Some(arn)) = &role {
        service.roles.take_on(&service.cloud, &context, arn).await.map_err(|_| {
            bad_request(
                "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy.",
            )
        })?;
    }
    let updated = service
        .store
        .accounts
        .update(&Scope::regional(&context), ACCOUNT, |account| {
            let mut account = account.cloned().unwrap_or_default();
            if let Some(role) = role {
                account.cloudwatch_role_arn = role;
            }
            Ok::<_, AwsError>(Some(account))
        })
        .await?;
    service.runtime.forget_all();
    Ok(updated.map_or_else(|| (&Account::default()).into(), |account| (&*account).into()))
}
