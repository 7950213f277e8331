//! The managed policies of AWS that the embedded cloud knows, with AWS's own documents.
//!
//! `policies.json` holds them as `aws iam get-policy` and `get-policy-version` answer them; another policy of AWS's is
//! unknown here rather than guessed.

use serde::{Deserialize, Deserializer};
use slam_cloud_core::{Arn, Timestamp};
use std::sync::LazyLock;

/// A managed policy of AWS's.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct AwsPolicy {
    /// `AWSLambdaBasicExecutionRole`
    pub name: String,
    /// `/service-role/`
    pub path: String,
    /// The id of the version in force: `v1`.
    pub version: String,
    /// When AWS made it.
    pub created: Timestamp,
    /// When AWS last changed it.
    pub updated: Timestamp,
    #[serde(deserialize_with = "text")]
    document: String,
}

static POLICIES: LazyLock<Vec<AwsPolicy>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("policies.json")).expect("the table of policies is well-formed")
});

/// A document is kept as text, as every policy is.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    serde_json::Value::deserialize(deserializer).map(|document| document.to_string())
}

impl AwsPolicy {
    /// The document in force.
    pub fn document(&self) -> &str {
        &self.document
    }

    /// Its ARN in a partition.
    pub fn arn(&self, partition: &str) -> String {
        format!("arn:{partition}:iam::aws:policy{}{}", self.path, self.name)
    }

    /// Its unique id, which here is derived from its name.
    pub fn id(&self) -> String {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let letters = self.name.bytes().cycle().take(68).enumerate().filter_map(|(at, byte)| {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            (at % 4 == 3).then(|| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(hash >> 32) as usize % 32]))
        });
        format!("ANPA{}", letters.collect::<String>())
    }
}

/// All of them, by name.
pub fn all() -> &'static [AwsPolicy] {
    &POLICIES
}

/// The one of that ARN.
pub fn find(arn: &str) -> Option<&'static AwsPolicy> {
    let arn = Arn::parse(arn)?;
    let path_and_name = arn.resource.strip_prefix("policy")?;
    if arn.account != "aws" {
        return None;
    }
    POLICIES
        .iter()
        .find(|policy| path_and_name.strip_prefix(policy.path.as_str()).is_some_and(|name| name == policy.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_can_be_evaluated() {
        for policy in all() {
            let text = policy.document();
            assert!(crate::policy::Policy::parse(text).is_ok(), "{}", policy.name);
            assert_eq!(crate::policy::validate::identity(text), Ok(()), "{}", policy.name);
        }
    }

    #[test]
    fn a_policy_is_found_by_its_path_and_name() {
        assert!(find("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole").is_some());
        assert!(find("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole").is_none());
        assert!(find("arn:aws:iam::000000000000:policy/AdministratorAccess").is_none());
    }
}
