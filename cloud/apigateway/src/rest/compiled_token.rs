//! An authorizer that reads tokens itself, ready to decide for a method: the types `COGNITO_USER_POOLS` and `JWT`.

use super::claims::Form;
use crate::model::{Authorizer, AuthorizerType, JwtConfiguration, JwtIssuer, user_pool};
use slam_cloud_core::arn::partition_of;
use slam_cloud_core::java::Pattern;
use slam_cloud_gateway::jwt::{Algorithm, Audience, Required, Trusted};

/// An authorizer of a method.
pub struct CompiledToken {
    /// The header that has the token.
    pub header: String,
    /// Whose tokens are taken.
    pub trusted: Vec<Trusted>,
    /// How they may be signed.
    pub algorithms: Vec<Algorithm>,
    /// What `aud` must look like.
    pub audience: Option<Pattern>,
    /// Of these scopes a token must have one, where there are any.
    pub scopes: Vec<String>,
    /// How claims are told.
    pub form: Form,
}

/// Makes an authorizer ready for a method with these scopes. `None` for one whose function decides.
pub fn compile(authorizer: &Authorizer, scopes: &[String]) -> Option<CompiledToken> {
    let source = authorizer.identity_sources().next().unwrap_or_default();
    let header = source.strip_prefix("method.request.header.").unwrap_or_default().to_owned();
    let compiled = |trusted, algorithms, form| CompiledToken {
        header,
        trusted,
        algorithms,
        audience: None,
        scopes: scopes.to_vec(),
        form,
    };
    match (authorizer.kind, &authorizer.jwt) {
        (AuthorizerType::Token | AuthorizerType::Request, _) | (AuthorizerType::Jwt, None) => None,
        (AuthorizerType::CognitoUserPools, _) => {
            let pools = authorizer.provider_arns.iter().filter_map(|arn| user_pool(arn));
            let trusted = pools.map(|pool| of_pool(pool, !scopes.is_empty())).collect();
            let pattern = authorizer.identity_validation_expression.as_deref();
            let audience = pattern.and_then(|pattern| Pattern::whole(pattern).ok());
            Some(CompiledToken { audience, ..compiled(trusted, vec![Algorithm::Rs256], Form::Text) })
        }
        (AuthorizerType::Jwt, Some(JwtConfiguration { issuers, algorithms })) => {
            let algorithms = algorithms.iter().filter_map(|name| Algorithm::parse(name)).collect();
            Some(compiled(issuers.iter().map(of_issuer).collect(), algorithms, Form::Json))
        }
    }
}

/// "If the OAuth Scopes option isn't specified, API Gateway treats the supplied token as an identity token. … Otherwise, API Gateway
/// treats the supplied token as an access token."
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html>
fn of_pool((region, id): (&str, &str), has_scopes: bool) -> Trusted {
    let suffix = if partition_of(region) == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    let kind = if has_scopes { "access" } else { "id" };
    Trusted {
        issuer: format!("https://cognito-idp.{region}.{suffix}/{id}"),
        audience: Audience::Any,
        required: vec![Required { name: "token_use".into(), is_required: true, values: vec![kind.into()] }],
    }
}

fn of_issuer(issuer: &JwtIssuer) -> Trusted {
    let required = issuer.claims.iter().map(|claim| Required {
        name: claim.name.clone(),
        is_required: claim.required,
        values: claim.values.clone(),
    });
    Trusted {
        issuer: issuer.issuer.clone(),
        audience: Audience::AudOrClient(issuer.audiences.clone()),
        required: required.collect(),
    }
}
