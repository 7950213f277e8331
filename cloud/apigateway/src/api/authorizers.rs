//! Authorizers of an API.

use super::jwt_configuration;
use super::paging::page;
use crate::ApiGateway;
use crate::error::{bad_request, concurrent_modification, conflict, limit_exceeded, no_stage, not_found};
use crate::model::{Authorizer, AuthorizerType, RestApi, uri, user_pool};
use crate::patch::{self, Op, Patch, invalid_path};
use crate::rest;
use crate::store::key;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::java::Pattern;
use slam_cloud_core::{AwsError, AwsResult, Context, id};
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// AWS: "Quotas for configuring and running a REST API".
const AUTHORIZERS: usize = 10;
/// "The maximum value is 3600, or 1 hour" (API reference, `CreateAuthorizer`).
const TTL: std::ops::RangeInclusive<i64> = 0..=3600;

fn missing() -> AwsError {
    not_found("Invalid Authorizer identifier specified")
}

/// Creates an authorizer.
pub async fn create(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::CreateAuthorizer,
) -> AwsResult<wire::Authorizer> {
    let id = id::made_by(&context.request_id, "Authorizer", 6);
    let api = input.rest_api_id.clone();
    let jwt = jwt_configuration::given(&service, input.jwt_configuration.clone()).await?;
    let made = Authorizer { jwt, ..build(input, id)? };
    service
        .store
        // Recorded: test_authorizer_crud_no_api.
        .change_api(&context, &api, concurrent_modification, |api| place(api, made))
        .await
}

/// Adds an authorizer to an API, one without issuers.
pub(super) fn add(api: &mut RestApi, input: wire::CreateAuthorizer, id: String) -> AwsResult<wire::Authorizer> {
    place(api, build(input, id)?)
}

/// What was given, but for the issuers, which have to be looked up.
fn build(input: wire::CreateAuthorizer, id: String) -> AwsResult<Authorizer> {
    let kind = kind(&input.r#type)?;
    Ok(Authorizer {
        id,
        kind,
        name: input.name,
        auth_type: input.auth_type.unwrap_or_else(|| kind.auth_type().into()),
        uri: input.authorizer_uri.unwrap_or_default(),
        credentials: input.authorizer_credentials.filter(|role| !role.is_empty()),
        identity_source: input.identity_source.filter(|source| !source.is_empty()),
        identity_validation_expression: input.identity_validation_expression.filter(|pattern| !pattern.is_empty()),
        result_ttl_in_seconds: input.authorizer_result_ttl_in_seconds,
        provider_arns: input.provider_ar_ns.unwrap_or_default(),
        jwt: None,
    })
}

fn place(api: &mut RestApi, made: Authorizer) -> AwsResult<wire::Authorizer> {
    if api.authorizers.len() >= AUTHORIZERS {
        return Err(limit_exceeded("authorizers"));
    }
    check(api, &made)?;
    let shape = (&made).into();
    api.authorizers.insert(made.id.clone(), made);
    Ok(shape)
}

fn kind(name: &str) -> AwsResult<AuthorizerType> {
    match name {
        "TOKEN" => Ok(AuthorizerType::Token),
        "REQUEST" => Ok(AuthorizerType::Request),
        "COGNITO_USER_POOLS" => Ok(AuthorizerType::CognitoUserPools),
        "JWT" => Ok(AuthorizerType::Jwt),
        _ => Err(bad_request(
            "Invalid authorizer type specified. Must be one of: [TOKEN, REQUEST, COGNITO_USER_POOLS, JWT]",
        )),
    }
}

/// Whether an authorizer may be as it is.
fn check(api: &RestApi, made: &Authorizer) -> AwsResult<()> {
    if made.name.is_empty() {
        return Err(bad_request("Authorizer name must be non-empty"));
    }
    if api.authorizers.values().any(|other| other.id != made.id && other.name == made.name) {
        return Err(conflict("Authorizer name must be unique"));
    }
    match made.kind {
        AuthorizerType::Token | AuthorizerType::Request => check_function(made)?,
        AuthorizerType::CognitoUserPools => check_pools(made)?,
        AuthorizerType::Jwt => check_jwt(made)?,
    }
    if made.credentials.as_ref().is_some_and(|role| !role.contains(":role/")) {
        return Err(bad_request("Invalid ARN specified in the request"));
    }
    if !TTL.contains(&made.ttl()) {
        return Err(bad_request("Authorizer result TTL must be between 0 and 3600 seconds"));
    }
    if let Some(pattern) = &made.identity_validation_expression {
        Pattern::whole(pattern).map_err(|_| bad_request("Invalid identity validation expression specified"))?;
    }
    check_sources(made)
}

fn check_function(made: &Authorizer) -> AwsResult<()> {
    if uri::lambda_function(&made.uri).is_none_or(|(_, mode)| mode != Default::default()) {
        return Err(bad_request(format!("Invalid Authorizer URI: {}", made.uri)));
    }
    // "For a TOKEN or REQUEST authorizer, this is not defined."
    let others = [("providerARNs", !made.provider_arns.is_empty()), ("jwtConfiguration", made.jwt.is_some())];
    refuse_of(made, &others)
}

/// "Each element is of this format: arn:aws:cognito-idp:{region}:{account_id}:userpool/{user_pool_id}" (API reference,
/// `CreateAuthorizer`).
fn check_pools(made: &Authorizer) -> AwsResult<()> {
    if made.provider_arns.is_empty() {
        return Err(bad_request(
            "At least one Provider ARN is required for authorizers of the type COGNITO_USER_POOLS",
        ));
    }
    if made.provider_arns.iter().any(|arn| user_pool(arn).is_none()) {
        return Err(bad_request("Invalid ARN specified in the request"));
    }
    refuse_of(made, &[("jwtConfiguration", made.jwt.is_some())])
}

/// "This property is not supported for JWT authorizers", of each of these (API reference, `CreateAuthorizer`).
fn check_jwt(made: &Authorizer) -> AwsResult<()> {
    if made.jwt.is_none() {
        return Err(bad_request("jwtConfiguration is required for authorizers of the type JWT"));
    }
    let others = [
        ("providerARNs", !made.provider_arns.is_empty()),
        ("authorizerUri", !made.uri.is_empty()),
        ("authorizerCredentials", made.credentials.is_some()),
        ("authorizerResultTtlInSeconds", made.result_ttl_in_seconds.is_some()),
    ];
    refuse_of(made, &others)
}

fn refuse_of(made: &Authorizer, properties: &[(&str, bool)]) -> AwsResult<()> {
    match properties.iter().find(|(_, is_given)| *is_given) {
        Some((name, _)) => {
            Err(bad_request(format!("{name} is not supported for authorizers of the type {}", made.kind.name())))
        }
        None => Ok(()),
    }
}

/// "For a TOKEN or COGNITO_USER_POOLS authorizer, this is required and specifies the request header mapping expression for the
/// custom header holding the authorization token" … "For a JWT authorizer, this is required and must be a single request-header mapping
/// expression" … "For the REQUEST authorizer, this is required when authorization caching is enabled" (API reference,
/// `CreateAuthorizer`). Path parameters "cannot be used as identity sources"
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html>).
fn check_sources(made: &Authorizer) -> AwsResult<()> {
    let sources: Vec<&str> = made.identity_sources().collect();
    let named = |source: &str, place: &str| source.strip_prefix(place).is_some_and(|name| !name.is_empty());
    match made.kind {
        AuthorizerType::Token | AuthorizerType::CognitoUserPools | AuthorizerType::Jwt => match sources[..] {
            [source] if named(source, "method.request.header.") => Ok(()),
            [] => {
                let message = format!("Identity source is required for an authorizer of the type {}", made.kind.name());
                Err(bad_request(message))
            }
            _ => Err(bad_request(format!(
                "Identity source of an authorizer of the type {} must be one request header",
                made.kind.name()
            ))),
        },
        AuthorizerType::Request if sources.is_empty() && made.ttl() > 0 => {
            Err(bad_request("Identity source is required when authorization caching is enabled"))
        }
        AuthorizerType::Request => {
            const PLACES: [&str; 4] =
                ["method.request.header.", "method.request.querystring.", "stageVariables.", "context."];
            match sources.iter().find(|source| !PLACES.iter().any(|place| named(source, place))) {
                Some(source) => Err(bad_request(format!("Invalid identity source specified: {source}"))),
                None => Ok(()),
            }
        }
    }
}

/// Answers an authorizer.
pub async fn get(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::GetAuthorizer,
) -> AwsResult<wire::Authorizer> {
    let api = service.store.api(&context, &input.rest_api_id).map_err(|_| missing())?;
    api.authorizers.get(&input.authorizer_id).map(Into::into).ok_or_else(missing)
}

/// Answers the authorizers of an API.
pub async fn list(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::GetAuthorizers,
) -> AwsResult<wire::Authorizers> {
    let api = service.store.api(&context, &input.rest_api_id)?;
    let all: Vec<&Authorizer> = api.authorizers.values().collect();
    let (items, position) = page(all, |authorizer| &authorizer.id, input.position.as_deref(), input.limit);
    Ok(wire::Authorizers { position, items: Some(items.into_iter().map(Into::into).collect()) })
}

/// Changes an authorizer. What is on the air changes with the next deployment.
pub async fn update(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::UpdateAuthorizer,
) -> AwsResult<wire::Authorizer> {
    let patches = patch::read(input.patch_operations)?;
    let jwt = jwt_configuration::patched(&service, &patches).await?;
    service
        .store
        .change_api(&context, &input.rest_api_id, missing, |api| {
            let mut changed = api.authorizers.get(&input.authorizer_id).cloned().ok_or_else(missing)?;
            for patch in &patches {
                apply(&mut changed, patch)?;
            }
            changed.jwt = jwt.or(changed.jwt);
            check(api, &changed)?;
            let shape = (&changed).into();
            api.authorizers.insert(changed.id.clone(), changed);
            Ok(shape)
        })
        .await
}

/// <https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateAuthorizer-Patch>
fn apply(changed: &mut Authorizer, patch: &Patch) -> AwsResult<()> {
    match (patch.op, &patch.target()[..]) {
        (_, ["identitySource"]) => changed.identity_source = patch.optional_text(),
        (Op::Replace, ["name"]) => changed.name = patch.text(),
        (Op::Replace, ["type"]) => changed.kind = kind(&patch.text())?,
        (Op::Replace, ["authType"]) => changed.auth_type = patch.text(),
        (Op::Replace, ["authorizerUri"]) => changed.uri = patch.text(),
        (Op::Replace, ["authorizerCredentials"]) => changed.credentials = patch.optional_text(),
        (Op::Replace, ["identityValidationExpression"]) => {
            changed.identity_validation_expression = patch.optional_text();
        }
        (Op::Replace, ["authorizerResultTtlInSeconds"]) => {
            let seconds = patch.optional_text().map(|text| text.parse()).transpose();
            changed.result_ttl_in_seconds =
                seconds.map_err(|_| bad_request("Authorizer result TTL must be between 0 and 3600 seconds"))?;
        }
        (Op::Add, ["providerARNs"]) if changed.provider_arns.contains(&patch.text()) => {}
        (Op::Add, ["providerARNs"]) => changed.provider_arns.push(patch.text()),
        (Op::Remove, ["providerARNs"]) => changed.provider_arns.retain(|arn| *arn != patch.text()),
        // Read before, as its issuers are asked.
        (Op::Replace, ["jwtConfiguration"]) => {}
        _ => return Err(invalid_path(&patch.path)),
    }
    Ok(())
}

/// Deletes an authorizer that no method refers to.
pub async fn delete(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::DeleteAuthorizer,
) -> AwsResult<wire::DeleteAuthorizerOutput> {
    service
        .store
        .change_api(&context, &input.rest_api_id, missing, |api| {
            let name = api.authorizers.get(&input.authorizer_id).ok_or_else(missing)?.name.clone();
            let of_it = |id: &Option<String>| id.as_ref() == Some(&input.authorizer_id);
            if let Some((resource, method)) = api.methods().find(|(_, method)| of_it(&method.authorizer_id)) {
                let (path, verb) = (&resource.path, &method.http_method);
                return Err(conflict(format!(
                    "Cannot delete authorizer '{name}', is referenced in method: {path}/{verb}"
                )));
            }
            api.authorizers.remove(&input.authorizer_id);
            Ok(wire::DeleteAuthorizerOutput {})
        })
        .await
}

/// Has a stage forget what authorizers answered.
pub async fn flush(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::FlushStageAuthorizersCache,
) -> AwsResult<wire::FlushStageAuthorizersCacheOutput> {
    let stage = key(&input.rest_api_id, &input.stage_name);
    service.store.stages.get(&Scope::regional(&context), &stage).ok_or_else(no_stage)?;
    service.runtime.forget(&input.rest_api_id);
    Ok(wire::FlushStageAuthorizersCacheOutput {})
}

/// Has an authorizer decide about a request that nobody sent.
pub async fn test(
    service: Arc<ApiGateway>,
    context: Context,
    input: wire::TestInvokeAuthorizer,
) -> AwsResult<wire::TestInvokeAuthorizerResponse> {
    let api = service.store.api(&context, &input.rest_api_id).map_err(|_| missing())?;
    let authorizer = api.authorizers.get(&input.authorizer_id).ok_or_else(missing)?;
    Ok(rest::authorizer::test(&service, &Scope::regional(&context), &api, authorizer, &input).await)
}
