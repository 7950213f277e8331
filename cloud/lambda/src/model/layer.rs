//! A layer: what it is called, the versions it has published, and what a function has of it.

use super::{Code, Policy};
use crate::error::{not_found, unsupported};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Arn, AwsError, AwsResult, Context, Timestamp};
use std::collections::BTreeMap;

/// A layer. It stays when its last version is deleted: numbers are never used again (recorded:
/// `test_layer_lifecycle`).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Layer {
    /// The published versions by number.
    pub versions: BTreeMap<u64, LayerVersion>,
    /// The number of the last version that was published.
    pub last: u64,
}

/// One version of a layer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LayerVersion {
    /// Its content.
    pub code: Code,
    /// Free text.
    pub description: String,
    /// Its licence, in the publisher's words.
    pub license: Option<String>,
    /// What it is said to be compatible with: to look it up by, and no more.
    pub runtimes: Option<Vec<String>>,
    /// The same of architectures.
    pub architectures: Option<Vec<String>>,
    /// When it was published.
    pub created: Timestamp,
    /// Who else may use it.
    pub policy: Policy,
}

impl LayerVersion {
    /// Whether it is said to be compatible with both, as far as they are given.
    pub fn suits(&self, runtime: Option<&String>, architecture: Option<&String>) -> bool {
        let says = |list: &Option<Vec<String>>, value: &String| list.iter().flatten().any(|one| one == value);
        runtime.is_none_or(|runtime| says(&self.runtimes, runtime))
            && architecture.is_none_or(|architecture| says(&self.architectures, architecture))
    }
}

/// A layer as a function has it: what is deleted of the layer is none of the function's business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachedLayer {
    /// The version's ARN.
    pub arn: String,
    /// Its content.
    pub code: Code,
}

/// The name in the code store of these layers put over each other; a single one is its own.
pub fn set(layers: &[AttachedLayer]) -> Option<String> {
    match layers {
        [] => None,
        [only] => Some(only.code.hash.clone()),
        layers => {
            let hashes: Vec<&str> = layers.iter().map(|layer| layer.code.hash.as_str()).collect();
            Some(Sha256::digest(hashes.join("+")).iter().map(|byte| format!("{byte:02x}")).collect())
        }
    }
}

/// What a `LayerName` names: a name in the caller's account and region, or an ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerName {
    account: String,
    region: String,
    /// The name alone.
    pub name: String,
}

impl LayerName {
    /// Takes a `LayerName` apart, whose form the wire has checked.
    pub fn parse(context: &Context, text: &str) -> Self {
        let named = Arn::parse(text).and_then(|arn| {
            let name = arn.resource.strip_prefix("layer:")?.to_owned();
            Some(Self { account: arn.account, region: arn.region, name })
        });
        let here =
            || Self { account: context.account.to_string(), region: context.region.to_string(), name: text.to_owned() };
        named.unwrap_or_else(here)
    }

    /// Where its document lives.
    pub fn scope(&self) -> Scope {
        Scope { account: self.account.as_str().into(), region: self.region.as_str().into() }
    }

    /// The layer's ARN.
    pub fn arn(&self) -> String {
        let partition = slam_cloud_core::arn::partition_of(&self.region);
        format!("arn:{partition}:lambda:{}:{}:layer:{}", self.region, self.account, self.name)
    }

    /// The ARN of one of its versions.
    pub fn version_arn(&self, number: impl std::fmt::Display) -> String {
        format!("{}:{number}", self.arn())
    }

    /// Makes sure that the caller's own layer is named, for what changes it.
    ///
    /// # Errors
    /// When it is of another account or region.
    pub fn own(self, context: &Context) -> AwsResult<Self> {
        if self.account != *context.account {
            return Err(AwsError::new("AccessDeniedException", 403, "").with("Type", "User"));
        }
        if self.region != *context.region {
            return Err(not_found("The resource you requested does not exist."));
        }
        Ok(self)
    }

    /// Whether it is of another account than the caller's.
    pub fn is_foreign(&self, context: &Context) -> bool {
        self.account != *context.account
    }

    /// Whether it is of the caller's region.
    pub fn is_near(&self, context: &Context) -> bool {
        self.region == *context.region
    }
}

/// Takes the ARN of a layer's version apart, whose form the wire has checked.
///
/// # Errors
/// When it names a layer that AWS itself keeps.
pub fn parse_version(context: &Context, arn: &str) -> AwsResult<(LayerName, u64)> {
    let parts = arn.rsplit_once(':').filter(|(layer, _)| !layer.ends_with(":awslayer"));
    let parts = parts.and_then(|(layer, number)| Some((LayerName::parse(context, layer), number.parse().ok()?)));
    parts.ok_or_else(|| unsupported(&format!("the layer {arn}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_core::Principal;

    fn context() -> Context {
        Context::new("000000000000", "us-east-1", Principal::Anonymous)
    }

    fn check(text: &str, arn: &str) {
        assert_eq!(LayerName::parse(&context(), text).arn(), arn);
    }

    #[test]
    fn a_layer_is_named_by_name_or_arn() {
        check("tools", "arn:aws:lambda:us-east-1:000000000000:layer:tools");
        let foreign = "arn:aws:lambda:eu-west-1:123456789012:layer:tools";
        check(foreign, foreign);
        assert_eq!(LayerName::parse(&context(), foreign).own(&context()).unwrap_err().code, "AccessDeniedException");
    }

    #[test]
    fn a_version_is_named_by_its_arn() {
        let arn = "arn:aws:lambda:us-east-1:000000000000:layer:tools:12";
        let (name, number) = parse_version(&context(), arn).unwrap();
        assert_eq!((name.version_arn(number).as_str(), number), (arn, 12));
        assert_eq!(parse_version(&context(), "arn:aws:lambda:::awslayer:AmazonLinux1803").unwrap_err().status, 501);
    }

    #[test]
    fn the_order_of_layers_matters() {
        let layer = |hash: &str| AttachedLayer {
            arn: String::new(),
            code: Code { hash: hash.into(), sha256: String::new(), size: 1 },
        };
        assert_eq!(set(&[]), None);
        assert_eq!(set(&[layer("a")]).as_deref(), Some("a"));
        assert_ne!(set(&[layer("a"), layer("b")]), set(&[layer("b"), layer("a")]));
    }
}
