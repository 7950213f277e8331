//! User pools.

use super::tags::check_tags;
use crate::CognitoService;
use crate::error::invalid_parameter;
use crate::model::{Pool, schema};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context, id};
use slam_cloud_kit::paging;
use slam_cloud_wire::cognito as wire;
use std::sync::Arc;

/// The most pools that a page has.
const PAGE: usize = 60;

/// Looks through what a pool is to be.
///
/// # Errors
/// What cannot be, or is not here.
fn check(settings: &wire::CreateUserPool) -> AwsResult<()> {
    let is_some = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|list| !list.is_empty());
    if is_some(&settings.username_attributes) && is_some(&settings.alias_attributes) {
        let message = "Only one of the aliasAttributes or usernameAttributes can be set in a user pool.";
        return Err(invalid_parameter(message));
    }
    let policy = settings.policies.as_ref().and_then(|policies| policies.password_policy.as_ref());
    if policy.and_then(|policy| policy.password_history_size).is_some_and(|size| size > 0) {
        return Err(AwsError::unsupported("the parameter Policies.PasswordPolicy.PasswordHistorySize of a user pool"));
    }
    if let Some(tags) = &settings.user_pool_tags {
        check_tags(tags)?;
    }
    schema::check(settings)
}

/// CreateUserPool.
pub async fn create(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::CreateUserPool,
) -> AwsResult<wire::CreateUserPoolResponse> {
    check(&input)?;
    let scope = Scope::regional(&context);
    let now = service.now();
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(AwsError::internal)?;
    let pool = Pool {
        id: format!("{}_{}", context.region, id::made_by(&context.request_id, "UserPool", 9)),
        settings: input,
        secret: hex::encode(secret),
        created: now,
        changed: now,
    };
    let pool = service.pools.put(&scope, pool).await?;
    Ok(wire::CreateUserPoolResponse { user_pool: Some(pool.shape(&scope, 0)) })
}

/// DescribeUserPool.
pub async fn describe(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::DescribeUserPool,
) -> AwsResult<wire::DescribeUserPoolResponse> {
    let scope = Scope::regional(&context);
    let pool = service.pools.get(&scope, &input.user_pool_id)?;
    let users = service.pools.users_of(&scope, &pool.id).len();
    Ok(wire::DescribeUserPoolResponse { user_pool: Some(pool.shape(&scope, users)) })
}

/// UpdateUserPool. "If you don't provide a value for an attribute, Amazon Cognito sets it to its default value."
pub async fn update(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::UpdateUserPool,
) -> AwsResult<wire::UpdateUserPoolResponse> {
    let now = service.now();
    let id = input.user_pool_id.clone();
    let change = |pool: &mut Pool| {
        let old = pool.settings.clone();
        let settings = wire::CreateUserPool {
            pool_name: input.pool_name.unwrap_or(old.pool_name),
            policies: input.policies,
            deletion_protection: input.deletion_protection,
            auto_verified_attributes: input.auto_verified_attributes,
            alias_attributes: old.alias_attributes,
            username_attributes: old.username_attributes,
            sms_verification_message: input.sms_verification_message,
            email_verification_message: input.email_verification_message,
            email_verification_subject: input.email_verification_subject,
            verification_message_template: input.verification_message_template,
            user_pool_tags: input.user_pool_tags,
            admin_create_user_config: input.admin_create_user_config,
            schema: old.schema,
            username_configuration: old.username_configuration,
            account_recovery_setting: input.account_recovery_setting,
            user_pool_tier: input.user_pool_tier,
            ..Default::default()
        };
        check(&settings)?;
        pool.settings = settings;
        pool.changed = now;
        Ok(())
    };
    service.pools.change(&Scope::regional(&context), &id, change).await?;
    Ok(wire::UpdateUserPoolResponse {})
}

/// DeleteUserPool.
pub async fn delete(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::DeleteUserPool,
) -> AwsResult<wire::DeleteUserPoolOutput> {
    let scope = Scope::regional(&context);
    let pool = service.pools.get(&scope, &input.user_pool_id)?;
    if pool.is_protected() {
        return Err(invalid_parameter(
            "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be \
             inactivated first.",
        ));
    }
    service.pools.remove(&scope, &pool.id).await?;
    service.keys.remove(&scope, &pool.id).await?;
    Ok(wire::DeleteUserPoolOutput {})
}

/// ListUserPools.
pub async fn list(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::ListUserPools,
) -> AwsResult<wire::ListUserPoolsResponse> {
    let pools = service.pools.list(&Scope::regional(&context));
    let after = super::list::after(input.next_token.as_deref())?;
    let page = paging::by_key(pools, after.as_deref(), paging::size(Some(input.max_results), PAGE, PAGE));
    let told = page.items.iter().map(|pool| wire::UserPoolDescriptionType {
        id: Some(pool.id.clone()),
        name: Some(pool.settings.pool_name.clone()),
        lambda_config: Some(wire::LambdaConfigType::default()),
        last_modified_date: Some(pool.changed),
        creation_date: Some(pool.created),
        ..Default::default()
    });
    Ok(wire::ListUserPoolsResponse {
        user_pools: Some(told.collect()),
        next_token: page.next.as_deref().map(paging::token),
    })
}
