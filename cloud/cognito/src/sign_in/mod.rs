//! From a flow to tokens.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-authentication-flow-methods.html>
//!
//! - [`begin`]: the flows. [`respond`]: the challenges between.
//! - [`spent`]: the proofs of passwords that were taken.
//! - [`admit`]: what is looked at of whoever has shown a password.

pub mod admit;
pub mod begin;
pub mod respond;
pub mod spent;

use crate::error::invalid_parameter;
use crate::model::{Client, Pool};
use slam_cloud_core::AwsResult;
use slam_cloud_core::collection::Scope;
use slam_cloud_wire::cognito as wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The parameters of a flow, or the answers to a challenge.
pub type Given = BTreeMap<String, String>;

/// Where somebody signs in.
#[derive(Clone)]
pub struct Place {
    /// Where the pool is.
    pub scope: Scope,
    /// The pool.
    pub pool: Arc<Pool>,
    /// By which client.
    pub client: Arc<Client>,
}

/// Tokens, or the next challenge.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// The challenge's name.
    pub challenge: Option<&'static str>,
    /// What it is about.
    pub parameters: Option<Given>,
    /// What the answer must bring.
    pub session: Option<String>,
    /// The tokens.
    pub result: Option<wire::AuthenticationResultType>,
}

impl Step {
    fn tokens(result: wire::AuthenticationResultType) -> Self {
        // Whoever has tokens is told that no parameters are left.
        Self { result: Some(result), parameters: Some(Given::new()), ..Self::default() }
    }
}

fn need<'g>(given: &'g Given, name: &str) -> AwsResult<&'g str> {
    let found = given.get(name).filter(|value| !value.is_empty());
    found.map(String::as_str).ok_or_else(|| invalid_parameter(format!("Missing required parameter {name}")))
}
