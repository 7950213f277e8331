//! Whom an authorizer found.

use serde_json::{Map, Value};
use slam_cloud_core::Principal;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whom an authorizer found.
#[derive(Clone, Debug)]
pub enum Identity {
    /// Nobody was asked for.
    Nobody,
    /// Whoever signed the request.
    Iam(Caller),
    /// Whoever a token is about.
    Token {
        /// As backends are told them.
        claims: BTreeMap<String, String>,
        /// Those of the token, where the route asks for one.
        scopes: Option<Vec<String>>,
    },
    /// Whoever a function let in.
    Lambda {
        /// What the function tells of it.
        context: Map<String, Value>,
        /// Who it is, where the function answers a policy.
        principal: Option<String>,
    },
}

/// Who signed a request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account.
    pub account: Arc<str>,
    /// The user or role.
    pub principal: Arc<Principal>,
    /// The access key of the signature.
    pub access_key: Option<String>,
}
