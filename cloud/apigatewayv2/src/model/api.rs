//! An API as a whole, and a frozen copy of it.

use super::{Authorizer, Integration, Route, Texts};
use crate::error::{no_authorizer, no_integration, no_route};
use serde::{Deserialize, Serialize};
use slam_cloud_core::AwsResult;
use std::collections::BTreeMap;

/// An HTTP API with everything that is configured in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Api {
    /// Ten letters and digits.
    pub id: String,
    /// The owner's name for it, which other APIs may have, too.
    pub name: String,
    /// The owner's words.
    pub description: Option<String>,
    /// The owner's version.
    pub version: Option<String>,
    /// Seconds since 1970.
    pub created: i64,
    /// Microseconds since 1970: the order of lists.
    pub order: i64,
    /// What browsers are told of other origins.
    pub cors: Option<Cors>,
    /// Whether the API is reached by custom domain names alone.
    pub disable_execute_api_endpoint: bool,
    /// `ipv4` or `dualstack`.
    pub ip_address_type: String,
    /// The owner's tags.
    pub tags: Texts,
    /// By id.
    pub routes: BTreeMap<String, Route>,
    /// By id.
    pub integrations: BTreeMap<String, Integration>,
    /// By id.
    pub authorizers: BTreeMap<String, Authorizer>,
    /// The loopback port of its own.
    pub port: Option<u16>,
}

impl Api {
    /// A route by its id.
    ///
    /// # Errors
    /// `NotFoundException`
    pub fn route(&self, id: &str) -> AwsResult<&Route> {
        self.routes.get(id).ok_or_else(no_route)
    }

    /// An integration by its id.
    ///
    /// # Errors
    /// `NotFoundException`
    pub fn integration(&self, id: &str) -> AwsResult<&Integration> {
        self.integrations.get(id).ok_or_else(no_integration)
    }

    /// An authorizer by its id.
    ///
    /// # Errors
    /// `NotFoundException`
    pub fn authorizer(&self, id: &str) -> AwsResult<&Authorizer> {
        self.authorizers.get(id).ok_or_else(no_authorizer)
    }
}

/// The CORS configuration of an API.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cors {
    /// Whether browsers may send cookies and the like.
    pub allow_credentials: Option<bool>,
    /// Headers that they may send.
    pub allow_headers: Option<Vec<String>>,
    /// Methods that they may use.
    pub allow_methods: Option<Vec<String>>,
    /// Whose pages may call.
    pub allow_origins: Option<Vec<String>>,
    /// Headers of answers that pages may read.
    pub expose_headers: Option<Vec<String>>,
    /// For how many seconds the answer to a preflight holds.
    pub max_age: Option<i64>,
}

/// An API as it was at some moment. It never changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deployment {
    /// Six letters and digits.
    pub id: String,
    /// The owner's words.
    pub description: Option<String>,
    /// Seconds since 1970.
    pub created: i64,
    /// Whether a stage that deploys by itself made it.
    pub auto_deployed: bool,
    /// The copy.
    pub api: Api,
}
