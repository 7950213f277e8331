//! AWS's own managed policies, with their documents.
//!
//! `policies.tsv` is their index: name, path, version in force, when it was made and last changed. Their documents are
//! line by line in `documents.deflate`, in the same order: 3.5 MB, of which a cloud needs a few lines, so a document is
//! taken out when it is first asked for, and the rest is dropped again.
//!
//! Both come from moto 5.2.5 (Apache-2.0; as of 2026-10-01) through `cargo xtask iam`. They are those of the partition
//! `aws`.

use flate2::bufread::DeflateDecoder;
use slam_cloud_core::{Arn, AwsError, AwsResult, Timestamp};
use std::io::BufRead as _;
use std::sync::{LazyLock, OnceLock};

/// A managed policy of AWS's.
#[derive(Debug)]
pub struct AwsPolicy {
    /// `AWSLambdaBasicExecutionRole`
    pub name: &'static str,
    /// `/service-role/`
    pub path: &'static str,
    /// The id of the version in force: `v1`.
    pub version: &'static str,
    /// When AWS made it.
    pub created: Timestamp,
    /// When AWS last changed it.
    pub updated: Timestamp,
    /// The line of its document.
    line: usize,
    document: OnceLock<String>,
}

static INDEX: &str = include_str!("policies.tsv");
static DOCUMENTS: &[u8] = include_bytes!("documents.deflate");

static POLICIES: LazyLock<Vec<AwsPolicy>> =
    LazyLock::new(|| INDEX.lines().enumerate().filter_map(|(number, line)| AwsPolicy::read(number, line)).collect());

impl AwsPolicy {
    fn read(line: usize, text: &'static str) -> Option<Self> {
        let mut fields = text.split('\t');
        let (name, path, version) = (fields.next()?, fields.next()?, fields.next()?);
        let mut date = || fields.next()?.parse().ok();
        Some(Self { name, path, version, created: date()?, updated: date()?, line, document: OnceLock::new() })
    }

    /// The document in force.
    pub fn document(&self) -> &str {
        self.document.get_or_init(|| {
            let mut lines = std::io::BufReader::new(DeflateDecoder::new(DOCUMENTS)).lines();
            lines.nth(self.line).and_then(Result::ok).unwrap_or_default()
        })
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

    /// Whether only AWS itself attaches it: to the roles of its services, or to a session of the root user.
    ///
    /// IAM User Guide, "Create a service-linked role": its policy "cannot be attached to any other IAM entity".
    pub fn is_for_aws_alone(&self) -> bool {
        ["/aws-service-role/", "/root-task/"].contains(&self.path)
    }
}

/// All of them, by name.
pub fn all() -> &'static [AwsPolicy] {
    &POLICIES
}

/// The one of that ARN; `None` for a policy that AWS does not have, or that is not AWS's.
///
/// # Errors
/// `NotImplemented` for one that has another document in another partition than `aws`: what AWS names there differs.
pub fn find(arn: &str) -> AwsResult<Option<&'static AwsPolicy>> {
    let Some(Arn { partition, account, resource, .. }) = Arn::parse(arn) else { return Ok(None) };
    let Some(path_and_name) = resource.strip_prefix("policy").filter(|_| account == "aws") else { return Ok(None) };
    let name = path_and_name.rsplit('/').next().unwrap_or_default();
    let found = POLICIES.binary_search_by(|policy| policy.name.cmp(name)).ok().map(|at| &POLICIES[at]);
    let found = found.filter(|policy| path_and_name.strip_suffix(name) == Some(policy.path));
    match found {
        Some(policy) if partition != "aws" && policy.document().contains("arn:aws:") => {
            Err(AwsError::unsupported(format_args!("the AWS policy {} of the partition {partition}", policy.name)))
        }
        found => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::identity::{self, Kind};

    #[test]
    fn every_document_can_be_evaluated() {
        assert_eq!(all().len(), INDEX.lines().count());
        let documents = std::io::BufReader::new(DeflateDecoder::new(DOCUMENTS)).lines();
        let documents: Vec<String> = documents.map(|line| line.expect("the documents can be inflated")).collect();
        assert_eq!(all().len(), documents.len());
        for (policy, text) in all().iter().zip(&documents) {
            assert!(crate::policy::Policy::parse(text).is_ok(), "{}", policy.name);
            assert_eq!(identity::check(text, Kind::Managed), Ok(()), "{}", policy.name);
        }
        for at in [0, all().len() - 1] {
            assert_eq!(all()[at].document(), documents[at]);
        }
    }

    #[test]
    fn a_policy_is_found_by_its_path_and_name() {
        let check = |arn: &str, expected: Option<&str>| {
            let found = find(arn).expect("it is of the partition aws");
            assert_eq!(found.map(|policy| policy.name), expected, "{arn}");
        };
        check("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole", Some("AWSLambdaBasicExecutionRole"));
        check("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole", None);
        check("arn:aws:iam::000000000000:policy/AdministratorAccess", None);
        // AWS took it back in 2021.
        check("arn:aws:iam::aws:policy/AWSLambdaFullAccess", None);
        check("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess", Some("ViewOnlyAccess"));
    }

    #[test]
    fn in_other_partitions_what_names_resources_of_this_one_is_refused() {
        let china = |name: &str| find(&format!("arn:aws-cn:iam::aws:policy/{name}"));
        assert!(china("service-role/AWSLambdaBasicExecutionRole").is_ok_and(|policy| policy.is_some()));
        assert!(china("AWSLambda_FullAccess").is_err_and(|error| error.message.contains("AWSLambda_FullAccess")));
        assert!(china("Nonsense").is_ok_and(|policy| policy.is_none()));
    }
}
