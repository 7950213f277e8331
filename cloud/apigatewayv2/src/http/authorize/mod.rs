//! Who may call a route. What cannot be decided is refused.
//!
//! - [`iam`]: whoever IAM allows it. [`jwt`]: whoever has a token. [`lambda`]: whom a function lets in.

mod iam;
mod jwt;
mod lambda;

use super::authorizer::CompiledAuthorizer;
use super::exchange::Exchange;
use super::failure::Failure;
use super::identity::Identity;
use super::mapped;
use crate::ApiGatewayV2;
use crate::model::mapping::Expression;
use slam_cloud_core::Context;
use std::sync::Arc;

/// Decides about a request, and notes whom the authorizer found.
///
/// # Errors
/// 401, 403, or 500 when nothing can be decided.
pub async fn authorize(
    service: &Arc<ApiGatewayV2>,
    exchange: &mut Exchange<'_>,
    caller: Option<Context>,
) -> Result<(), Failure> {
    let route = exchange.route()?;
    let identity = match &route.authorizer {
        CompiledAuthorizer::Open => Ok(Identity::Nobody),
        CompiledAuthorizer::Iam => iam::check(service, exchange, caller),
        CompiledAuthorizer::Jwt { jwt, source, scopes } => jwt::check(service, exchange, jwt, source, scopes).await,
        CompiledAuthorizer::Lambda(function) => lambda::check(service, exchange, function).await,
        CompiledAuthorizer::Invalid(reason) => Err(Failure::Internal(reason.clone())),
    };
    match identity {
        Ok(identity) => exchange.identity = identity,
        Err(failure) => {
            exchange.authorizer_error = failure.reason().map(str::to_owned);
            return Err(failure);
        }
    }
    Ok(())
}

/// The value of an identity source; empty ones are none.
fn source(exchange: &Exchange<'_>, expression: &Expression) -> Option<String> {
    mapped::selected(exchange, expression).filter(|value| !value.is_empty())
}
