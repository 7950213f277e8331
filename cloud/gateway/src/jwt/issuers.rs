//! Where issuers' keys are fetched, what `/.well-known/openid-configuration` names as `jwks_uri`, and for how long they are kept.
//!
//! A key that is not known has the set fetched anew, as issuers add keys before they sign with them; that may be asked for by
//! anybody, so it is not done more often than every few seconds.

use super::keys::{Keys, PublicKey};
use super::pools;
use super::trust::Invalid;
use bytes::Bytes;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use serde_json::Value;
use slam_cloud_core::{Cloud, Timestamp};
use slam_cloud_kit::outside::Outside;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

/// For how long the authorizers of HTTP APIs keep keys: "API Gateway can cache the public key for two hours."
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>
pub const KEPT_BY_HTTP_APIS: Duration = Duration::from_secs(2 * 60 * 60);
/// And those of REST APIs: "for up to 1 hour on a best-effort basis".
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-jwt-authorizer-keys.html>
pub const KEPT_BY_REST_APIS: Duration = Duration::from_secs(60 * 60);
/// "Quotas for configuring and running an HTTP API": the timeouts and sizes of discovery and key sets.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>
const PATIENCE: Duration = Duration::from_millis(1500);
const LARGEST: usize = 150_000;
/// Between two attempts at the same issuer's keys.
const PAUSE: Duration = Duration::from_secs(5);
/// Issuers remembered; more are forgotten together.
const ISSUERS: usize = 1024;

/// The issuers whose tokens are taken, as far as their keys are known.
pub struct Issuers {
    cloud: Cloud,
    outside: Outside,
    kept: Duration,
    known: Mutex<HashMap<String, Arc<Issuer>>>,
}

/// One of them.
#[derive(Default)]
struct Issuer {
    last: RwLock<Option<Attempt>>,
    /// One attempt at a time, for all who wait for it.
    fetching: tokio::sync::Mutex<()>,
}

/// The last attempt to fetch an issuer's keys.
#[derive(Clone)]
struct Attempt {
    keys: Result<Arc<Keys>, String>,
    /// By the cloud's clock, as that is how long they are kept.
    at: Timestamp,
    /// By the machine's, which is what the issuer's server lives by.
    machine: Instant,
}

impl Issuers {
    /// None is known yet.
    pub fn new(cloud: &Cloud, kept: Duration) -> Self {
        Self { cloud: cloud.clone(), outside: Outside::new(cloud.settings()), kept, known: Mutex::default() }
    }

    /// The `jwks_uri` that an issuer's discovery document names. The document must be about this issuer (OpenID Connect Discovery
    /// 1.0, 4.3).
    ///
    /// # Errors
    /// Why there is none.
    pub async fn discover(&self, issuer: &str) -> Result<String, String> {
        let document =
            self.fetch(&format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))).await?;
        let document: Value = serde_json::from_slice(&document).map_err(|error| error.to_string())?;
        let text = |name: &str| document.get(name).and_then(Value::as_str);
        match (text("issuer"), text("jwks_uri")) {
            (Some(own), Some(uri)) if own == issuer => Ok(uri.to_owned()),
            (Some(own), Some(_)) => Err(format!("the discovery document is of the issuer {own}")),
            _ => Err("the discovery document names no issuer or no jwks_uri".to_owned()),
        }
    }

    /// A key of an issuer.
    ///
    /// # Errors
    /// When the issuer has none of this id, or its keys cannot be fetched.
    pub(super) async fn key(&self, issuer: &str, id: &str) -> Result<PublicKey, Invalid> {
        let slot = self.slot(issuer);
        if let Some(key) = self.kept_key(&slot, id) {
            return Ok(key);
        }
        let _one_at_a_time = slot.fetching.lock().await;
        if let Some(key) = self.kept_key(&slot, id) {
            return Ok(key);
        }
        let last = slot.last().filter(|last| last.machine.elapsed() < PAUSE && self.is_fresh(last));
        let last = match last {
            Some(last) => last,
            None => {
                let keys = self.fetch_keys(issuer).await;
                let attempt =
                    Attempt { keys: keys.map(Arc::new), at: self.cloud.clock().now(), machine: Instant::now() };
                *slot.last.write().unwrap_or_else(PoisonError::into_inner) = Some(attempt.clone());
                attempt
            }
        };
        match last.keys {
            Ok(keys) => keys.get(id).cloned().ok_or_else(|| Invalid("the issuer has no such key".to_owned())),
            Err(reason) => {
                tracing::warn!(issuer, reason, "the keys of an issuer cannot be fetched");
                Err(Invalid("the keys of the issuer cannot be fetched".to_owned()))
            }
        }
    }

    /// The time by which tokens expire, in seconds since 1970.
    pub(super) fn now(&self) -> i64 {
        self.cloud.clock().now().as_second()
    }

    fn slot(&self, issuer: &str) -> Arc<Issuer> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = known.get(issuer) {
            return Arc::clone(slot);
        }
        if known.len() >= ISSUERS {
            known.clear();
        }
        Arc::clone(known.entry(issuer.to_owned()).or_default())
    }

    fn kept_key(&self, slot: &Issuer, id: &str) -> Option<PublicKey> {
        let last = slot.last.read().unwrap_or_else(PoisonError::into_inner);
        let last = last.as_ref().filter(|last| self.is_fresh(last))?;
        last.keys.as_ref().ok()?.get(id).cloned()
    }

    fn is_fresh(&self, attempt: &Attempt) -> bool {
        let age = self.cloud.clock().now().duration_since(attempt.at);
        Duration::try_from(age).is_ok_and(|age| age < self.kept)
    }

    async fn fetch_keys(&self, issuer: &str) -> Result<Keys, String> {
        let uri = self.discover(issuer).await?;
        if issuer.starts_with("https:") && !uri.starts_with("https:") {
            return Err(format!("{uri} is not https"));
        }
        Keys::parse(&self.fetch(&uri).await?).ok_or_else(|| "the document at jwks_uri is no key set".to_owned())
    }

    /// Gets a document, of a pool of this cloud or of a server outside.
    async fn fetch(&self, uri: &str) -> Result<Bytes, String> {
        let uri: Uri = uri.parse().map_err(|error| format!("{uri} is no URL: {error}"))?;
        if let Some(document) = pools::document(&self.cloud, &uri, LARGEST).await {
            return Ok(document);
        }
        let request = Request::get(uri.clone()).header("accept", "application/json").body(Full::default());
        let request = request.map_err(|error| error.to_string())?;
        let answered = async {
            let answer = self.outside.request(request).await.map_err(|unsent| unsent.to_string())?;
            if answer.status() != StatusCode::OK {
                return Err(format!("{uri} answers {}", answer.status()));
            }
            let body = Limited::new(answer.into_body(), LARGEST).collect().await;
            Ok(body.map_err(|error| format!("{uri}: {error}"))?.to_bytes())
        };
        let waited = tokio::time::timeout(PATIENCE, answered).await;
        waited.unwrap_or_else(|_| Err(format!("{uri} does not answer in time")))
    }
}

impl Issuer {
    fn last(&self) -> Option<Attempt> {
        self.last.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
