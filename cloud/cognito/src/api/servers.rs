//! Resource servers, whose scopes access tokens may have.

use super::list::after;
use crate::CognitoService;
use crate::error::{invalid_parameter, not_found};
use crate::model::ResourceServer;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_kit::paging;
use slam_cloud_wire::cognito as wire;
use std::sync::Arc;

/// The most that a page has.
const PAGE: usize = 50;

/// CreateResourceServer.
pub async fn create(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::CreateResourceServer,
) -> AwsResult<wire::CreateResourceServerResponse> {
    let scope = Scope::regional(&context);
    let pool = service.pools.get(&scope, &input.user_pool_id)?;
    let id = input.identifier.clone();
    let create = |current: Option<&ResourceServer>| match current {
        Some(_) => Err(invalid_parameter(format!("{} already exists in user pool {}.", input.identifier, pool.id))),
        None => Ok(ResourceServer { settings: input }),
    };
    let server = service.pools.put_server(&scope, (&pool.id, &id), create).await?;
    Ok(wire::CreateResourceServerResponse { resource_server: server.shape() })
}

/// DescribeResourceServer.
pub async fn describe(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::DescribeResourceServer,
) -> AwsResult<wire::DescribeResourceServerResponse> {
    let scope = Scope::regional(&context);
    let pool = service.pools.get(&scope, &input.user_pool_id)?;
    let server = service.pools.server(&scope, &pool.id, &input.identifier)?;
    Ok(wire::DescribeResourceServerResponse { resource_server: server.shape() })
}

/// UpdateResourceServer.
pub async fn update(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::UpdateResourceServer,
) -> AwsResult<wire::UpdateResourceServerResponse> {
    let scope = Scope::regional(&context);
    let pool = service.pools.get(&scope, &input.user_pool_id)?;
    let id = input.identifier.clone();
    let change = |current: Option<&ResourceServer>| {
        current.ok_or_else(|| not_found(format!("Resource server {} does not exist.", input.identifier)))?;
        let settings = wire::CreateResourceServer {
            user_pool_id: input.user_pool_id,
            identifier: input.identifier,
            name: input.name,
            scopes: input.scopes,
        };
        Ok(ResourceServer { settings })
    };
    let server = service.pools.put_server(&scope, (&pool.id, &id), change).await?;
    Ok(wire::UpdateResourceServerResponse { resource_server: server.shape() })
}

/// DeleteResourceServer.
pub async fn delete(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::DeleteResourceServer,
) -> AwsResult<wire::DeleteResourceServerOutput> {
    let scope = Scope::regional(&context);
    let pool = service.pools.get(&scope, &input.user_pool_id)?;
    service.pools.server(&scope, &pool.id, &input.identifier)?;
    service.pools.remove_server(&scope, &pool.id, &input.identifier).await?;
    Ok(wire::DeleteResourceServerOutput {})
}

/// ListResourceServers.
pub async fn list(
    service: Arc<CognitoService>,
    context: Context,
    input: wire::ListResourceServers,
) -> AwsResult<wire::ListResourceServersResponse> {
    let scope = Scope::regional(&context);
    let pool = service.pools.get(&scope, &input.user_pool_id)?;
    let servers = service.pools.servers_of(&scope, &pool.id);
    let after = after(input.next_token.as_deref())?;
    let page = paging::by_key(servers, after.as_deref(), paging::size(input.max_results, PAGE, PAGE));
    Ok(wire::ListResourceServersResponse {
        resource_servers: page.items.iter().map(|server| server.shape()).collect(),
        next_token: page.next.as_deref().map(paging::token),
    })
}
