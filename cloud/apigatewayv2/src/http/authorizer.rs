//! How routes decide who may call them, made ready; [`super::authorize`] then decides.

use crate::model::mapping::{Expression, Side};
use crate::model::{Api, AuthorizationType, Authorizer, AuthorizerKind, Jwt, LambdaAuthorizer, Route, Stage, uri};
use serde_json::{Map, Value, json};
use slam_cloud_gateway::cache::Cache;
use slam_cloud_gateway::function::{Function, substitute};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How a route decides.
pub enum CompiledAuthorizer {
    /// Everybody may.
    Open,
    /// IAM does.
    Iam,
    /// By a token.
    Jwt {
        /// Whose tokens are taken.
        jwt: Jwt,
        /// Where the token is.
        source: Expression,
        /// One of these the token must have.
        scopes: Vec<String>,
    },
    /// By asking a function.
    Lambda(Box<CompiledFunction>),
    /// What is configured cannot decide: why. Nobody may.
    Invalid(String),
}

/// The decisions of the functions of all stages, by API, stage and authorizer: they outlive deployments.
#[derive(Default)]
pub struct Caches(Mutex<HashMap<CacheKey, Arc<Cache<Answered>>>>);

/// API, stage, authorizer.
type CacheKey = (String, String, String);

impl Caches {
    /// Forgets those of some APIs and stages.
    pub fn clear(&self, whose: impl Fn(&str, &str) -> bool) {
        let mut caches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for ((api, stage, _), decisions) in caches.iter() {
            if whose(api, stage) {
                // Stages that are compiled hold them, too.
                decisions.clear();
            }
        }
        caches.retain(|(api, stage, _), decisions| !whose(api, stage) || Arc::strong_count(decisions) > 1);
    }

    fn of(&self, api: &str, stage: &str, authorizer: &str) -> Arc<Cache<Answered>> {
        let key = (api.to_owned(), stage.to_owned(), authorizer.to_owned());
        Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default())
    }
}

impl CompiledAuthorizer {
    /// Makes a route's authorization ready.
    pub fn compile(api: &Api, stage: &Stage, route: &Route, caches: &Caches) -> Self {
        let found = route.authorizer_id.as_ref().and_then(|id| api.authorizers.get(id));
        match (route.authorization_type, found) {
            (AuthorizationType::None, _) => Self::Open,
            (AuthorizationType::AwsIam, _) => Self::Iam,
            (AuthorizationType::Jwt, Some(Authorizer { kind: AuthorizerKind::Jwt(jwt), identity_source, .. })) => {
                match identity_source.first().and_then(|source| Expression::parse(source, Side::Request).ok()) {
                    Some(source) => Self::Jwt {
                        jwt: jwt.clone(),
                        source,
                        scopes: route.authorization_scopes.clone().unwrap_or_default(),
                    },
                    None => Self::Invalid("the authorizer has no identity source".into()),
                }
            }
            (AuthorizationType::Custom, Some(authorizer)) => {
                let cache = caches.of(&api.id, &stage.name, &authorizer.id);
                CompiledFunction::compile(stage, authorizer, cache).map_or_else(
                    || Self::Invalid("the authorizer names no function".into()),
                    |function| Self::Lambda(Box::new(function)),
                )
            }
            _ => Self::Invalid("the route's authorizer is not there".into()),
        }
    }
}

/// An authorizer's function, ready to be asked.
pub struct CompiledFunction {
    /// The authorizer's id.
    pub id: String,
    /// What is configured.
    pub settings: LambdaAuthorizer,
    /// Whom it asks.
    pub function: Function,
    /// As whom.
    pub credentials: Option<String>,
    /// What must be there of a request, and what answers are kept by.
    pub sources: Vec<Expression>,
    /// What an answer depends on beside the values of a request's identity sources.
    decided_by: Value,
    /// The answers that are kept.
    pub decisions: Arc<Cache<Answered>>,
}

/// What a function answered.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// Yes, no, or a policy.
    pub verdict: Verdict,
    /// What it tells of whoever sent the request.
    pub context: Map<String, Value>,
    /// Who that is, where it answers a policy.
    pub principal: Option<String>,
}

/// What a function decided.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// "The authorizer's response fully allows or denies all API requests that match the cached identity source values."
    Simple(bool),
    /// What may be called.
    Policy(Value),
}

impl CompiledFunction {
    /// Makes an authorizer ready; none where it names no function.
    pub fn compile(stage: &Stage, authorizer: &Authorizer, decisions: Arc<Cache<Answered>>) -> Option<Self> {
        let AuthorizerKind::Request(settings) = &authorizer.kind else { return None };
        let uri = substitute(&settings.uri, &stage.variables);
        let sources = authorizer.identity_source.iter().map(|source| Expression::parse(source, Side::Request).ok());
        Some(Self {
            id: authorizer.id.clone(),
            function: uri::function(&uri).and_then(Function::parse)?,
            credentials: settings.credentials_arn.as_deref().map(|arn| substitute(arn, &stage.variables)),
            sources: sources.collect::<Option<_>>()?,
            decided_by: decided_by(&uri, settings, &authorizer.identity_source),
            settings: settings.clone(),
            decisions,
        })
    }

    /// What an answer is kept by. It says who decided: a function that is still deciding when the authorizer is changed does not
    /// decide for the one that comes after it. Of two lists of values no two have the same text.
    pub fn key(&self, values: &[String]) -> String {
        json!([self.decided_by, values]).to_string()
    }
}

fn decided_by(uri: &str, settings: &LambdaAuthorizer, sources: &[String]) -> Value {
    json!([uri, settings.payload_format.name(), settings.simple_responses, sources])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PayloadFormat;

    #[test]
    fn a_changed_authorizer_has_decided_nothing_yet() {
        let settings = |payload_format, simple_responses| LambdaAuthorizer {
            uri: "${stageVariables.f}".into(),
            credentials_arn: None,
            payload_format,
            result_ttl: 300,
            simple_responses,
        };
        let (a, b) = ("$request.header.a".to_owned(), "$request.header.b".to_owned());
        let mut all = [
            decided_by("f", &settings(PayloadFormat::Two, true), std::slice::from_ref(&a)),
            decided_by("g", &settings(PayloadFormat::Two, true), std::slice::from_ref(&a)),
            decided_by("f", &settings(PayloadFormat::One, true), std::slice::from_ref(&a)),
            decided_by("f", &settings(PayloadFormat::Two, false), std::slice::from_ref(&a)),
            decided_by("f", &settings(PayloadFormat::Two, true), std::slice::from_ref(&b)),
            decided_by("f", &settings(PayloadFormat::Two, true), &[a, b]),
        ]
        .map(|one| one.to_string())
        .to_vec();
        let number = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), number);
    }
}
