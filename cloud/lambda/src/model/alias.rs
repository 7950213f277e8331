//! Aliases: names that lead to a version, or to two by weight.

use serde::{Deserialize, Serialize};
use slam_cloud_core::Context;
use slam_cloud_wire::lambda;
use std::collections::BTreeMap;

/// An alias of a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alias {
    /// Its name.
    pub name: String,
    /// The version it leads to.
    pub version: String,
    /// Free text.
    pub description: String,
    /// The shares of further versions (at most one).
    pub weights: BTreeMap<String, f64>,
    /// Changes with every change.
    pub revision: String,
}

impl Alias {
    /// The version of one invocation: `chance` is a number from 0 to 1.
    pub fn choose(&self, chance: f64) -> &str {
        let mut passed = 0.0;
        for (version, weight) in &self.weights {
            passed += weight;
            if chance < passed {
                return version;
            }
        }
        &self.version
    }

    /// The alias as the API shows it.
    pub fn shown(&self, context: &Context, function: &str) -> lambda::AliasConfiguration {
        let arn = crate::model::name::function_arn(context, function);
        lambda::AliasConfiguration {
            alias_arn: Some(format!("{arn}:{}", self.name)),
            name: Some(self.name.clone()),
            function_version: Some(self.version.clone()),
            description: Some(self.description.clone()),
            routing_config: (!self.weights.is_empty())
                .then(|| lambda::AliasRoutingConfiguration { additional_version_weights: Some(self.weights.clone()) }),
            revision_id: Some(self.revision.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(chance: f64, expected: &str) {
        let alias = Alias {
            name: "prod".into(),
            version: "1".into(),
            description: String::new(),
            weights: BTreeMap::from([("2".to_owned(), 0.1)]),
            revision: String::new(),
        };
        assert_eq!(alias.choose(chance), expected, "{chance}");
    }

    #[test]
    fn the_further_version_gets_its_share() {
        check(0.0, "2");
        check(0.099, "2");
        check(0.1, "1");
        check(0.999, "1");
    }
}
