//! Access keys of users.

use super::paging::page;
use super::user_or_caller;
use crate::Iam;
use crate::error;
use crate::model::{AccessKey, User, now};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::id::{access_key_made_by, secret};
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::iam as wire;
use std::sync::Arc;

/// Access keys of one user.
const LIMIT: usize = 2;

pub(super) async fn create(
    iam: Arc<Iam>,
    context: Context,
    input: wire::CreateAccessKey,
) -> AwsResult<wire::CreateAccessKeyResponse> {
    let _change = iam.change().await;
    let user = iam.find::<User>(&context, &user_or_caller(&context, input.user_name.as_deref())?)?;
    if keys_of(&iam, &user).len() >= LIMIT {
        return Err(error::limit_exceeded(format!("Cannot exceed quota for AccessKeysPerUser: {LIMIT}")));
    }
    let id = access_key_made_by(&context.request_id);
    let key = AccessKey {
        account: context.account.to_string(),
        user_id: user.id.clone(),
        secret: secret(40).map_err(AwsError::internal)?,
        active: true,
        created: now(),
    };
    let key = iam.collections.access_keys.put(&Scope::everywhere(), &id, key).await?;
    let access_key = wire::AccessKey {
        user_name: user.name.clone(),
        access_key_id: id,
        status: status(&key),
        secret_access_key: key.secret.clone(),
        create_date: Some(key.created),
    };
    Ok(wire::CreateAccessKeyResponse { access_key })
}

pub(super) async fn list(
    iam: Arc<Iam>,
    context: Context,
    input: wire::ListAccessKeys,
) -> AwsResult<wire::ListAccessKeysResponse> {
    let user = iam.find::<User>(&context, &user_or_caller(&context, input.user_name.as_deref())?)?;
    let keys = keys_of(&iam, &user).into_iter().map(|(id, key)| wire::AccessKeyMetadata {
        user_name: Some(user.name.clone()),
        access_key_id: Some(id),
        status: Some(status(&key)),
        create_date: Some(key.created),
    });
    let page = page(keys.collect(), input.marker.as_deref(), input.max_items)?;
    Ok(wire::ListAccessKeysResponse {
        access_key_metadata: page.items,
        is_truncated: page.is_truncated,
        marker: page.marker,
    })
}

pub(super) async fn update(
    iam: Arc<Iam>,
    context: Context,
    input: wire::UpdateAccessKey,
) -> AwsResult<wire::UpdateAccessKeyOutput> {
    let active = match input.status.as_str() {
        "Active" => true,
        "Inactive" => false,
        other => return Err(AwsError::unsupported(format_args!("the Status {other} of UpdateAccessKey"))),
    };
    let _change = iam.change().await;
    let key = find(&iam, &context, input.user_name.as_deref(), &input.access_key_id)?;
    let key = AccessKey { active, ..AccessKey::clone(&key) };
    iam.collections.access_keys.put(&Scope::everywhere(), &input.access_key_id, key).await?;
    Ok(wire::UpdateAccessKeyOutput {})
}

pub(super) async fn delete(
    iam: Arc<Iam>,
    context: Context,
    input: wire::DeleteAccessKey,
) -> AwsResult<wire::DeleteAccessKeyOutput> {
    let _change = iam.change().await;
    find(&iam, &context, input.user_name.as_deref(), &input.access_key_id)?;
    iam.collections.access_keys.remove(&Scope::everywhere(), &input.access_key_id).await?;
    Ok(wire::DeleteAccessKeyOutput {})
}

pub(super) async fn get_last_used(
    iam: Arc<Iam>,
    context: Context,
    input: wire::GetAccessKeyLastUsed,
) -> AwsResult<wire::GetAccessKeyLastUsedResponse> {
    let key = iam.collections.access_keys.get(&Scope::everywhere(), &input.access_key_id);
    let user = key.and_then(|key| iam.collections.users.get(&Scope::global(&context), &key.user_id));
    let user = user.ok_or_else(|| missing(&input.access_key_id))?;
    let last_use = iam.last_use(&input.access_key_id);
    let unknown = || "N/A".to_owned();
    Ok(wire::GetAccessKeyLastUsedResponse {
        user_name: Some(user.name.clone()),
        access_key_last_used: Some(wire::AccessKeyLastUsed {
            last_used_date: last_use.as_ref().map(|last| last.at),
            service_name: last_use.as_ref().map_or_else(unknown, |last| last.service.clone()),
            region: last_use.as_ref().map_or_else(unknown, |last| last.region.clone()),
        }),
    })
}

fn keys_of(iam: &Iam, user: &User) -> Vec<(String, Arc<AccessKey>)> {
    let all = iam.collections.access_keys.list(&Scope::everywhere()).into_iter();
    let mut keys: Vec<_> = all.filter(|(_, key)| key.user_id == user.id).collect();
    keys.sort_by_key(|(_, key)| key.created);
    keys
}

fn find(iam: &Iam, context: &Context, user: Option<&str>, id: &str) -> AwsResult<Arc<AccessKey>> {
    let user = iam.find::<User>(context, &user_or_caller(context, user)?)?;
    let key = iam.collections.access_keys.get(&Scope::everywhere(), id).filter(|key| key.user_id == user.id);
    key.ok_or_else(|| missing(id))
}

fn missing(id: &str) -> AwsError {
    error::no_such_entity(format!("The Access Key with id {id} cannot be found."))
}

fn status(key: &AccessKey) -> String {
    if key.active { "Active" } else { "Inactive" }.to_owned()
}
