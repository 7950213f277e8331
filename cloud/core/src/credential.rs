//! Access keys as the whole cloud needs them: which secret a key signs with, and for whom it stands.

use crate::Timestamp;
use crate::context::Session;
use crate::principal::Principal;
use http::{HeaderMap, header};
use std::fmt;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// The installation's root key, made when the data folder is made.
#[derive(Clone)]
pub struct RootKey {
    /// The key's id.
    pub access_key_id: String,
    /// The key's secret.
    pub secret_access_key: String,
}

/// Secrets stay out of logs.
impl fmt::Debug for RootKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("RootKey").field(&self.access_key_id).finish()
    }
}

/// What opens the cloud's own endpoints: whoever has it may reset the cloud. Only who can read the data folder has it.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// The installation's token.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// Whether a request brings it, as `Authorization: Bearer TOKEN`.
    pub fn is_with(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        given.is_some_and(|given| given.ct_eq(self.0.as_bytes()).into())
    }
}

/// Secrets stay out of logs.
impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token")
    }
}

/// What is known of an access key.
#[derive(Clone)]
pub struct Credential {
    /// The key's id.
    pub access_key_id: String,
    /// The secret that signs.
    pub secret_access_key: String,
    /// The token that must go with it; `None` for long-lived keys.
    pub session_token: Option<String>,
    /// For whom it stands.
    pub principal: Principal,
    /// The account of the principal.
    pub account: String,
    /// The session that it belongs to; `None` for long-lived keys.
    pub session: Option<Arc<Session>>,
    /// When it ends; in the past for a session that STS calls expired.
    pub expires: Option<Timestamp>,
}

/// Knows every access key. IAM implements it; whoever verifies signatures asks it.
pub trait Keys: Send + Sync + 'static {
    /// Whose key it is; `None` for one that does not exist or was made inactive.
    fn credential(&self, access_key_id: &str) -> Option<Credential>;

    /// Notes that a request signed with the key was let in.
    fn note_use(&self, access_key_id: &str, service: &str, region: &str);
}
