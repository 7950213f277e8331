//! App clients.

use crate::CognitoService;
use crate::error::{invalid_parameter, no_client};
use crate::model::{Client, Pool, oauth, schema};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context, id};
use slam_cloud_kit::paging;
use slam_cloud_wire::cognito as wire;
use std::sync::Arc;

/// The letters of a secret, and how many it has.
const LETTERS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const LENGTH: usize = 52;
/// The most clients that a page has.
const PAGE: usize = 60;

/// CreateUserPoolClient.
pub async fn create(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::CreateUserPoolClient,
) -> AwsResult<wire::CreateUserPoolClientResponse> {
    let scope = Scope::regional(&context);
    let pool = service.pools.get(&scope, &input.user_pool_id)?;
    let is_secret = input.generate_secret.unwrap_or(false);
    let now = service.now();
    let client = Client {
        id: id::made_by(&context.request_id, "UserPoolClient", 26),
        secret: is_secret.then(|| id::chosen(LETTERS, LENGTH)).transpose().map_err(AwsError::internal)?,
        settings: input,
        created: now,
        changed: now,
    };
    check(&service, &scope, &pool, &client)?;
    let client = service.pools.put_client(&scope, client).await?;
    Ok(wire::CreateUserPoolClientResponse { user_pool_client: Some(client.shape()) })
}

/// Whether a pool may have such a client.
fn check(service: &CognitoService, scope: &Scope, pool: &Pool, client: &Client) -> AwsResult<()> {
    client.check()?;
    let known = schema::all(&pool.settings);
    let is_unknown = |list: &Option<Vec<String>>| {
        list.iter().flatten().any(|name| !known.iter().any(|attribute| attribute.name.as_ref() == Some(name)))
    };
    for (what, list) in [("read", &client.settings.read_attributes), ("write", &client.settings.write_attributes)] {
        if is_unknown(list) {
            let message = format!("Invalid {what} attributes specified while creating a client");
            return Err(invalid_parameter(message));
        }
    }
    oauth::check(&client.settings, |scope_name| {
        let servers = service.pools.servers_of(scope, &pool.id);
        servers.iter().any(|(_, server)| server.has(scope_name))
    })
}

fn get(service: &CognitoService, scope: &Scope, pool: &str, id: &str) -> AwsResult<Arc<Client>> {
    service.pools.get(scope, pool)?;
    service.pools.client(scope, pool, id).ok_or_else(|| no_client(id))
}

/// DescribeUserPoolClient.
pub async fn describe(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::DescribeUserPoolClient,
) -> AwsResult<wire::DescribeUserPoolClientResponse> {
    let client = get(&service, &Scope::regional(&context), &input.user_pool_id, &input.client_id)?;
    Ok(wire::DescribeUserPoolClientResponse { user_pool_client: Some(client.shape()) })
}

/// UpdateUserPoolClient. "If you don't provide a value for an attribute, Amazon Cognito sets it to its default value."
pub async fn update(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::UpdateUserPoolClient,
) -> AwsResult<wire::UpdateUserPoolClientResponse> {
    let scope = Scope::regional(&context);
    let pool = service.pools.get(&scope, &input.user_pool_id)?;
    let old = get(&service, &scope, &input.user_pool_id, &input.client_id)?;
    let settings = wire::CreateUserPoolClient {
        user_pool_id: input.user_pool_id,
        client_name: input.client_name.unwrap_or_else(|| old.settings.client_name.clone()),
        generate_secret: old.settings.generate_secret,
        refresh_token_validity: input.refresh_token_validity,
        access_token_validity: input.access_token_validity,
        id_token_validity: input.id_token_validity,
        token_validity_units: input.token_validity_units,
        read_attributes: input.read_attributes,
        write_attributes: input.write_attributes,
        explicit_auth_flows: input.explicit_auth_flows,
        supported_identity_providers: input.supported_identity_providers,
        callback_ur_ls: input.callback_ur_ls,
        logout_ur_ls: input.logout_ur_ls,
        default_redirect_uri: input.default_redirect_uri,
        allowed_o_auth_flows: input.allowed_o_auth_flows,
        allowed_o_auth_scopes: input.allowed_o_auth_scopes,
        allowed_o_auth_flows_user_pool_client: input.allowed_o_auth_flows_user_pool_client,
        prevent_user_existence_errors: input.prevent_user_existence_errors,
        enable_token_revocation: input.enable_token_revocation,
        auth_session_validity: input.auth_session_validity,
        ..Default::default()
    };
    let client = Client {
        id: old.id.clone(),
        secret: old.secret.clone(),
        settings,
        created: old.created,
        changed: service.now(),
    };
    check(&service, &scope, &pool, &client)?;
    let client = service.pools.put_client(&scope, client).await?;
    Ok(wire::UpdateUserPoolClientResponse { user_pool_client: Some(client.shape()) })
}

/// DeleteUserPoolClient.
pub async fn delete(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::DeleteUserPoolClient,
) -> AwsResult<wire::DeleteUserPoolClientOutput> {
    let scope = Scope::regional(&context);
    let client = get(&service, &scope, &input.user_pool_id, &input.client_id)?;
    service.pools.remove_client(&scope, &client.id).await?;
    Ok(wire::DeleteUserPoolClientOutput {})
}

/// ListUserPoolClients.
pub async fn list(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::ListUserPoolClients,
) -> AwsResult<wire::ListUserPoolClientsResponse> {
    let scope = Scope::regional(&context);
    service.pools.get(&scope, &input.user_pool_id)?;
    let clients = service.pools.clients_of(&scope, &input.user_pool_id);
    let after = super::list::after(input.next_token.as_deref())?;
    let page = paging::by_key(clients, after.as_deref(), paging::size(input.max_results, PAGE, PAGE));
    let told = page.items.iter().map(|client| wire::UserPoolClientDescription {
        client_id: Some(client.id.clone()),
        user_pool_id: Some(client.settings.user_pool_id.clone()),
        client_name: Some(client.settings.client_name.clone()),
    });
    Ok(wire::ListUserPoolClientsResponse {
        user_pool_clients: Some(told.collect()),
        next_token: page.next.as_deref().map(paging::token),
    })
}
