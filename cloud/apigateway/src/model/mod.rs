//! What API Gateway knows of an API: the tree of resources with their methods, and the deployments and stages that
//! put a frozen copy of it on the air.
//!
//! These types are what the store holds; [`wire`] turns them into the shapes that clients see.

mod api_key;
mod authorizer;
mod documentation;
mod gateway_response;
mod integration;
mod jwt;
mod method;
mod resource;
mod rest_api;
mod service_call;
mod stage;
pub mod uri;
mod usage;
mod usage_plan;
pub mod wire;

pub use api_key::ApiKey;
pub use authorizer::{Authorizer, AuthorizerType, user_pool};
pub use documentation::{DocumentationPart, DocumentationVersion, Location};
pub use gateway_response::{Customization, GatewayResponse, ResponseType};
pub use integration::{Integration, IntegrationResponse, IntegrationType, PassthroughBehavior, ResponseTransferMode};
pub use jwt::{JwtClaim, JwtConfiguration, JwtIssuer};
pub use method::{AuthorizationType, Method, MethodResponse};
pub use resource::{Resource, is_valid_path_part};
pub use rest_api::{Account, Deployment, Model, RequestValidator, RestApi};
pub use service_call::ServiceCall;
pub use stage::{AccessLogSettings, LoggingLevel, MethodSetting, Stage};
pub use usage::Usage;
pub use usage_plan::{ApiStage, Period, Quota, Throttle, UsagePlan};

use std::collections::BTreeMap;

/// Texts by name: parameters, templates, variables, tags.
pub type Texts = BTreeMap<String, String>;

/// The moment that AWS's dates tell: API Gateway keeps whole seconds.
pub fn now() -> i64 {
    slam_cloud_core::Timestamp::now().as_second()
}
