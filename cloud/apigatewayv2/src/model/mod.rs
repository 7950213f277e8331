//! What API Gateway knows of an API: its routes, integrations and authorizers, and the deployments and stages that put a
//! frozen copy of it on the air.
//!
//! - [`Api`], [`Route`], [`Integration`], [`Authorizer`], [`Stage`], [`Deployment`]: what the store holds.
//! - [`RouteKey`], [`mapping`], [`subtype`], [`uri`]: the small languages in them. [`wire`]: the shapes that clients see.

mod api;
mod authorizer;
mod integration;
pub mod jsonpath;
pub mod mapping;
mod route;
mod route_key;
mod stage;
pub mod subtype;
pub mod uri;
pub mod wire;

pub use api::{Api, Cors, Deployment};
pub use authorizer::{Authorizer, AuthorizerKind, Jwt, LambdaAuthorizer};
pub use integration::{Integration, IntegrationType, PayloadFormat};
pub use route::{AuthorizationType, Route};
pub use route_key::{RouteKey, Segment};
pub use stage::{AccessLog, RouteSettings, Stage};

use std::collections::BTreeMap;

/// Texts by name: parameters, variables, tags.
pub type Texts = BTreeMap<String, String>;

/// The moment that AWS's dates tell: API Gateway keeps whole seconds.
pub fn now() -> i64 {
    slam_cloud_core::Timestamp::now().as_second()
}
