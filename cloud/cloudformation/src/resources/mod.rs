//! The types of resources that can be deployed: a folder per service, a row per type.
//!
//! - [`Provider`]: the handlers of a type, each calling its service through the door.
//! - [`ResourceType`]: a row with its schema, which is what the rest of CloudFormation works with.
//! - [`Work`], [`Made`]: what a handler is given and what it answers.
//! - [`Input`], [`Properties`]: properties as the operations take them, whole or one by one.

mod apigateway;
mod apigatewayv2;
mod cloudformation;
mod cognito;
mod dynamodb;
mod events;
mod iam;
mod input;
mod kind;
mod lambda;
mod logs;
mod made;
mod properties;
mod provider;
mod retag;
mod s3;
mod scheduler;
mod secretsmanager;
mod sns;
mod sqs;
mod ssm;
mod tags;
mod types;
mod wait;
mod work;

#[cfg(test)]
mod tests;

pub use kind::{Kind, Naming};
pub use made::Made;
pub use properties::changed;
pub use provider::Provider;
pub use retag::Retag;
pub use types::ResourceType;
pub use work::Work;

use crate::model::Physical;
use input::Input;
use properties::Properties;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use types::Service;
use wait::until;

/// A row per service.
const SERVICES: &[&Service] = &[
    &apigateway::SERVICE,
    &apigatewayv2::SERVICE,
    &cloudformation::SERVICE,
    &cognito::SERVICE,
    &dynamodb::SERVICE,
    &events::SERVICE,
    &iam::SERVICE,
    &lambda::SERVICE,
    &logs::SERVICE,
    &s3::SERVICE,
    &scheduler::SERVICE,
    &secretsmanager::SERVICE,
    &sns::SERVICE,
    &sqs::SERVICE,
    &ssm::SERVICE,
];

static TYPES: LazyLock<BTreeMap<String, ResourceType>> = LazyLock::new(|| {
    let types = SERVICES.iter().flat_map(|service| service.read());
    types.map(|kind| (kind.name().to_owned(), kind)).collect()
});

/// A type by its name, if the embedded cloud deploys it.
pub fn find(name: &str) -> Option<&'static ResourceType> {
    TYPES.get(name)
}

/// All types that the embedded cloud deploys, by name.
pub fn all() -> impl Iterator<Item = &'static ResourceType> {
    TYPES.values()
}
