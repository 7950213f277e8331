//! Who decides whether requests are let in.

use super::paging::page;
use super::texts::named;
use crate::ApiGatewayV2;
use crate::error::{bad_request, conflict, no_authorizer, too_many};
use crate::model::mapping::{Selection, Side};
use crate::model::wire::answered;
use crate::model::{Api, Authorizer, AuthorizerKind, Jwt, LambdaAuthorizer, PayloadFormat, uri};
use slam_cloud_core::{AwsResult, Context, id};
use slam_cloud_wire::apigatewayv2 as wire;
use std::sync::Arc;

/// "Quotas for configuring and running an HTTP API".
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
const AUTHORIZERS: usize = 10;
const AUDIENCES: usize = 50;
/// For how long an answer holds where nothing is said of it, as with REST APIs.
const TTL: i64 = 300;

/// Creates an authorizer.
pub async fn create(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::CreateAuthorizer,
) -> AwsResult<wire::CreateAuthorizerResponse> {
    let id = id::made_by(&context.request_id, "Authorizer", 6);
    service.store.api(&context, &input.api_id)?;
    let api_id = input.api_id.clone();
    let authorizer = read(&id, input)?;
    check_issuer(&service, &authorizer).await?;
    let add = |api: &mut Api| {
        if api.authorizers.len() >= AUTHORIZERS {
            return Err(too_many("authorizers", AUTHORIZERS));
        }
        check_name(api, &authorizer)?;
        api.authorizers.insert(id.clone(), authorizer);
        Ok(())
    };
    let api = service.change(&context, &api_id, add).await?;
    answered(wire::Authorizer::from(api.authorizer(&id)?))
}

fn check_name(api: &Api, authorizer: &Authorizer) -> AwsResult<()> {
    match api.authorizers.values().any(|other| other.id != authorizer.id && other.name == authorizer.name) {
        true => Err(bad_request("Authorizer name must be unique. Authorizer with the same name already exists.")),
        false => Ok(()),
    }
}

/// What an input asks for, checked.
fn read(id: &str, input: wire::CreateAuthorizer) -> AwsResult<Authorizer> {
    let kind = match input.authorizer_type.as_str() {
        "JWT" => AuthorizerKind::Jwt(jwt(&input)?),
        "REQUEST" => AuthorizerKind::Request(lambda(&input)?),
        _ => return Err(bad_request("Invalid AuthorizerType specified. Valid options are REQUEST,JWT")),
    };
    let sources = &input.identity_source;
    for source in sources {
        let selection = source.strip_prefix('$').and_then(|text| Selection::parse(text, Side::Request));
        match (selection, &kind) {
            (Some(Selection::Header(_) | Selection::Query(_)), _) => {}
            (Some(Selection::Context(_) | Selection::StageVariable(_)), AuthorizerKind::Request(_)) => {}
            _ => return Err(bad_request(format!("Invalid identity source specified: {source}"))),
        }
    }
    if matches!(kind, AuthorizerKind::Jwt(_)) && sources.len() != 1 {
        return Err(bad_request("JWT authorizers need exactly one identity source"));
    }
    Ok(Authorizer { id: id.to_owned(), name: named(&input.name)?, identity_source: sources.clone(), kind })
}

fn jwt(input: &wire::CreateAuthorizer) -> AwsResult<Jwt> {
    let configuration = input.jwt_configuration.clone().unwrap_or_default();
    let issuer = configuration.issuer.filter(|issuer| !issuer.is_empty());
    let issuer = issuer.ok_or_else(|| bad_request("Issuer is required for JWT authorizers"))?;
    // <https://github.com/awsdocs/amazon-api-gateway-developer-guide/issues/79>
    if !issuer.starts_with("https://") {
        return Err(bad_request(format!("Invalid issuer: {issuer}. Issuer must be a URL that begins with https://")));
    }
    let audience = configuration.audience.unwrap_or_default();
    if audience.is_empty() {
        return Err(bad_request("Audience is required for JWT authorizers"));
    }
    if audience.len() > AUDIENCES {
        return Err(too_many("audiences", AUDIENCES));
    }
    let of_lambda = [
        ("AuthorizerUri", input.authorizer_uri.is_some()),
        ("AuthorizerCredentialsArn", input.authorizer_credentials_arn.is_some()),
        ("AuthorizerPayloadFormatVersion", input.authorizer_payload_format_version.is_some()),
        ("AuthorizerResultTtlInSeconds", input.authorizer_result_ttl_in_seconds.is_some_and(|ttl| ttl > 0)),
        ("EnableSimpleResponses", input.enable_simple_responses == Some(true)),
    ];
    match of_lambda.into_iter().find(|(_, is_given)| *is_given) {
        Some((name, _)) => Err(bad_request(format!("{name} is not supported for JWT authorizers"))),
        None => Ok(Jwt { audience, issuer }),
    }
}

fn lambda(input: &wire::CreateAuthorizer) -> AwsResult<LambdaAuthorizer> {
    let uri = input.authorizer_uri.clone().filter(|uri| uri::function(uri).is_some() && uri.contains(":path/"));
    let uri = uri.ok_or_else(|| bad_request("Invalid Authorizer URI specified"))?;
    if input.jwt_configuration.is_some() {
        return Err(bad_request("JwtConfiguration is not supported for REQUEST authorizers"));
    }
    // "Required for HTTP API Lambda authorizers. Supported values are 1.0 and 2.0."
    let format = input.authorizer_payload_format_version.as_deref().and_then(PayloadFormat::parse);
    let payload_format = format.ok_or_else(|| {
        bad_request("AuthorizerPayloadFormatVersion is a required parameter for REQUEST authorizers: 1.0 or 2.0")
    })?;
    let simple_responses = input.enable_simple_responses.unwrap_or(false);
    if simple_responses && payload_format == PayloadFormat::One {
        return Err(bad_request("EnableSimpleResponses is supported for AuthorizerPayloadFormatVersion 2.0 only"));
    }
    let is_cached = !input.identity_source.is_empty();
    let result_ttl = input.authorizer_result_ttl_in_seconds.unwrap_or(if is_cached { TTL } else { 0 });
    // "To enable caching, your authorizer must have at least one identity source."
    if result_ttl > 0 && !is_cached {
        return Err(bad_request("Caching of authorizer results needs at least one identity source"));
    }
    let credentials_arn = input.authorizer_credentials_arn.clone().filter(|arn| !arn.is_empty());
    super::integrations::check_credentials(credentials_arn.as_deref())?;
    Ok(LambdaAuthorizer { uri, credentials_arn, payload_format, result_ttl, simple_responses })
}

/// AWS looks at the issuer's discovery document before it takes an authorizer.
/// <https://github.com/haandol/cognito-kakao-example/issues/1>
async fn check_issuer(service: &ApiGatewayV2, authorizer: &Authorizer) -> AwsResult<()> {
    let AuthorizerKind::Jwt(Jwt { issuer, .. }) = &authorizer.kind else { return Ok(()) };
    service.issuers.discover(issuer).await.map(drop).map_err(|reason| {
        tracing::warn!(issuer, "an authorizer was refused: {reason}");
        bad_request(format!(
            "Caught exception when connecting to {0}/.well-known/openid-configuration for issuer {issuer}. Please try again \
             later. Error: Invalid issuer: {issuer}. Issuer must have a valid discovery endpoint ended with \
             '/.well-known/openid-configuration'",
            issuer.trim_end_matches('/')
        ))
    })
}

/// Answers an authorizer.
pub async fn get(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::GetAuthorizer,
) -> AwsResult<wire::GetAuthorizerResponse> {
    let api = service.store.api(&context, &input.api_id)?;
    answered(wire::Authorizer::from(api.authorizer(&input.authorizer_id)?))
}

/// Answers the authorizers of an API.
pub async fn list(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::GetAuthorizers,
) -> AwsResult<wire::GetAuthorizersResponse> {
    let api = service.store.api(&context, &input.api_id)?;
    let all = api.authorizers.values().collect();
    let (found, next_token) =
        page(all, |found: &&Authorizer| &found.id, input.next_token.as_deref(), input.max_results.as_deref())?;
    Ok(wire::GetAuthorizersResponse { items: Some(found.into_iter().map(Into::into).collect()), next_token })
}

/// Changes an authorizer: what is given.
pub async fn update(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::UpdateAuthorizer,
) -> AwsResult<wire::UpdateAuthorizerResponse> {
    let (api_id, id) = (input.api_id.clone(), input.authorizer_id.clone());
    let before = service.store.api(&context, &api_id)?;
    let old = wire::Authorizer::from(before.authorizer(&id)?);
    if input.authorizer_type.is_some() && input.authorizer_type != old.authorizer_type {
        return Err(bad_request("The type of an authorizer cannot be changed"));
    }
    let changed = read(&id, merged(old, input))?;
    check_issuer(&service, &changed).await?;
    let change = |api: &mut Api| {
        api.authorizer(&id)?;
        check_name(api, &changed)?;
        api.authorizers.insert(id.clone(), changed);
        Ok(())
    };
    let api = service.change(&context, &api_id, change).await?;
    service.runtime.forget_decisions(&api_id);
    answered(wire::Authorizer::from(api.authorizer(&id)?))
}

fn merged(old: wire::Authorizer, input: wire::UpdateAuthorizer) -> wire::CreateAuthorizer {
    let jwt = match (old.jwt_configuration, input.jwt_configuration) {
        (Some(old), Some(new)) => {
            Some(wire::JWTConfiguration { audience: new.audience.or(old.audience), issuer: new.issuer.or(old.issuer) })
        }
        (old, new) => new.or(old),
    };
    wire::CreateAuthorizer {
        api_id: input.api_id,
        authorizer_credentials_arn: input.authorizer_credentials_arn.or(old.authorizer_credentials_arn),
        authorizer_payload_format_version: input
            .authorizer_payload_format_version
            .or(old.authorizer_payload_format_version),
        authorizer_result_ttl_in_seconds: input
            .authorizer_result_ttl_in_seconds
            .or(old.authorizer_result_ttl_in_seconds),
        authorizer_type: old.authorizer_type.unwrap_or_default(),
        authorizer_uri: input.authorizer_uri.or(old.authorizer_uri),
        enable_simple_responses: input.enable_simple_responses.or(old.enable_simple_responses),
        identity_source: input.identity_source.or(old.identity_source).unwrap_or_default(),
        jwt_configuration: jwt,
        name: input.name.unwrap_or(old.name),
        ..wire::CreateAuthorizer::default()
    }
}

/// Deletes an authorizer that no route asks.
pub async fn delete(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::DeleteAuthorizer,
) -> AwsResult<wire::DeleteAuthorizerOutput> {
    let remove = |api: &mut Api| {
        let id = &input.authorizer_id;
        let used = api.routes.values().filter(|route| route.authorizer_id.as_ref() == Some(id));
        let used: Vec<&str> = used.map(|route| route.key.as_str()).collect();
        if !used.is_empty() {
            return Err(conflict(format!(
                "Cannot delete authorizer '{id}', is referenced in route: {}",
                used.join(", ")
            )));
        }
        api.authorizers.remove(id).map(drop).ok_or_else(no_authorizer)
    };
    service.change(&context, &input.api_id, remove).await?;
    service.runtime.forget_decisions(&input.api_id);
    Ok(wire::DeleteAuthorizerOutput {})
}

/// Forgets what the authorizers of a stage have decided.
pub async fn reset_cache(
    service: Arc<ApiGatewayV2>,
    context: Context,
    input: wire::ResetAuthorizersCache,
) -> AwsResult<wire::ResetAuthorizersCacheOutput> {
    let stage = service.store.stage(&context, &input.api_id, &input.stage_name)?;
    service.runtime.forget_decisions_of(&stage.api_id, &stage.name);
    Ok(wire::ResetAuthorizersCacheOutput {})
}
