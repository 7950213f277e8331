//! What AWS's registry says about resource types: how their schemas are read, and which types there are at all.

mod coerce;
mod schema;
mod validate;

#[cfg(test)]
mod tests;

pub use schema::{Recreation, Schema};

use std::sync::LazyLock;

/// Whether AWS has a type of that name.
pub fn is_known(type_name: &str) -> bool {
    static NAMES: LazyLock<Vec<&str>> =
        LazyLock::new(|| include_str!("../../schemas/type-names.txt").lines().collect());
    NAMES.binary_search(&type_name).is_ok()
        || type_name.starts_with("Custom::")
        || type_name == "AWS::CloudFormation::CustomResource"
}
