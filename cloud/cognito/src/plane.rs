//! What is answered beside the operations.
//!
//! - [`Documents`]: the documents below a pool's issuer, by which its tokens are verified: at the issuer's own name and, as on this
//!   machine nothing resolves it, at the same path of the cloud's port.
//! - [`Outbox`]: what users would be told, for tests.

use crate::CognitoService;
use futures_util::future::BoxFuture;
use http::{HeaderValue, Method, Response, StatusCode, header};
use serde_json::json;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::plane::{self, Arrival, Claim, Plane, admit};
use slam_cloud_core::{AwsResult, Body};
use std::sync::Arc;

/// Where the messages are.
const MESSAGES: &str = "/_slam/cognito/messages";

/// A document of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Document {
    Configuration,
    KeySet,
}

/// The plane of the pools' documents.
pub struct Documents(pub Arc<CognitoService>);

/// The plane of the messages.
pub struct Outbox(pub Arc<CognitoService>);

/// The pool and the document at a path.
fn asked(path: &str) -> Option<(&str, Document)> {
    let (pool, file) = path.strip_prefix('/')?.split_once("/.well-known/")?;
    match file {
        "openid-configuration" => Some((pool, Document::Configuration)),
        "jwks.json" => Some((pool, Document::KeySet)),
        _ => None,
    }
}

impl Documents {
    async fn document(&self, scope: &Scope, pool: &str, document: Document) -> AwsResult<serde_json::Value> {
        let pool = self.0.pools.get(scope, pool)?;
        let issuer = pool.issuer(scope);
        match document {
            Document::KeySet => Ok(self.0.keys.of(&self.0.pools, scope, &pool.id).await?.set()),
            // Without a domain, a pool has no endpoints of OAuth.
            Document::Configuration => Ok(json!({
                "id_token_signing_alg_values_supported": ["RS256"],
                "issuer": issuer,
                "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
                "response_types_supported": ["code", "token"],
                "scopes_supported": ["openid", "email", "phone", "profile"],
                "subject_types_supported": ["public"],
            })),
        }
    }
}

impl Plane for Documents {
    fn claim(&self, arrival: &Arrival) -> Claim {
        let found = asked(arrival.head.uri.path()).is_some_and(|(pool, _)| self.0.pools.anywhere(pool).is_some());
        if found && arrival.head.method == Method::GET { Claim::Mine } else { Claim::No }
    }

    fn answer(self: Arc<Self>, arrival: Arrival) -> BoxFuture<'static, Response<Body>> {
        Box::pin(async move {
            let found = asked(arrival.head.uri.path()).and_then(|(id, document)| {
                let (scope, pool) = self.0.pools.anywhere(id)?;
                Some((scope, pool, document))
            });
            let Some((scope, pool, document)) = found else {
                return plane::refusal(StatusCode::NOT_FOUND, "there is no such pool");
            };
            let mut response = match self.document(&scope, &pool.id, document).await {
                Ok(document) => plane::json(StatusCode::OK, &document),
                Err(error) => plane::refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.message),
            };
            // Pages read them, too, wherever they are from.
            let anybody = HeaderValue::from_static("*");
            response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, anybody);
            response
        })
    }
}

impl Plane for Outbox {
    fn claim(&self, arrival: &Arrival) -> Claim {
        let is_it = arrival.head.uri.path() == MESSAGES && arrival.head.method == Method::GET;
        if is_it { Claim::Mine } else { Claim::No }
    }

    fn answer(self: Arc<Self>, arrival: Arrival) -> BoxFuture<'static, Response<Body>> {
        Box::pin(async move {
            match admit(self.0.cloud.settings(), &arrival.head) {
                Ok(()) => plane::json(StatusCode::OK, &json!({ "Messages": self.0.messages.list() })),
                Err(refusal) => *refusal,
            }
        })
    }
}
