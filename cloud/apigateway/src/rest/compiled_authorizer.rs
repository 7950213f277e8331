//! An authorizer whose function decides, ready to ask it.

use super::source::Source;
use super::target::{Target, function_of};
use crate::model::{Authorizer, AuthorizerType, Texts};
use slam_cloud_core::java::Pattern;
use slam_cloud_gateway::cache::Cache;
use slam_cloud_gateway::verdict::Verdict;

/// An authorizer of a stage.
pub struct CompiledAuthorizer {
    /// Its id.
    pub id: String,
    /// By what a caller is known.
    pub identity: Identity,
    /// Its function.
    pub target: Target,
    /// The role as which the function is called.
    pub credentials: Option<String>,
    /// How many seconds an answer counts.
    pub ttl: i64,
    /// What was answered before.
    pub answers: Cache<Verdict>,
}

/// By what a caller is known.
pub enum Identity {
    /// A token.
    Token {
        /// Where it is.
        header: String,
        /// What it must look like.
        pattern: Option<Pattern>,
    },
    /// Any parts of a request.
    Request {
        /// Where they are.
        sources: Vec<Source>,
    },
}

/// Makes an authorizer ready. `None` for one that reads tokens itself.
pub fn compile(authorizer: &Authorizer, variables: &Texts) -> Option<CompiledAuthorizer> {
    Some(CompiledAuthorizer {
        id: authorizer.id.clone(),
        identity: match authorizer.kind {
            AuthorizerType::Token => {
                let header = authorizer.identity_sources().next().unwrap_or_default();
                let header = header.strip_prefix("method.request.header.").unwrap_or_default().to_owned();
                let pattern = authorizer.identity_validation_expression.as_deref();
                Identity::Token { header, pattern: pattern.and_then(|pattern| Pattern::whole(pattern).ok()) }
            }
            AuthorizerType::Request => {
                let sources = authorizer.identity_sources();
                Identity::Request { sources: sources.filter_map(|it| Source::parse(it, "method.request")).collect() }
            }
            AuthorizerType::CognitoUserPools | AuthorizerType::Jwt => return None,
        },
        target: function_of(&authorizer.uri, variables),
        credentials: authorizer.credentials.clone(),
        ttl: authorizer.ttl(),
        answers: Cache::default(),
    })
}
