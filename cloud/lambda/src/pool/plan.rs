//! What an execution environment is made of.

use crate::model::{Function, Version};
use slam_cloud_core::Context;
use slam_cloud_core::collection::Scope;

/// Which environments can stand in for each other: those of the same version with the same code and configuration.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Account and region.
    pub scope: Scope,
    /// The function's name.
    pub function: String,
    /// `$LATEST` or a number.
    pub version: String,
    /// Of code and configuration.
    pub generation: String,
}

/// One version of one function, as it is when an invocation begins.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which environments fit.
    pub key: Key,
    /// Code and configuration.
    pub version: Version,
    /// The account and region, as Lambda itself.
    pub context: Context,
    /// What the function has reserved.
    pub reserved: Option<i64>,
}

impl Plan {
    /// The plan of a function's version.
    pub fn new(context: &Context, function: &Function, version: &Version) -> Self {
        let arn = crate::model::name::function_arn(context, &function.name);
        Self {
            key: Key {
                scope: Scope::regional(context),
                function: function.name.clone(),
                version: version.label.clone(),
                generation: version.generation.clone(),
            },
            version: version.clone(),
            context: super::role::as_lambda(context, &arn),
            reserved: function.reserved_concurrency,
        }
    }
}
