//! Buckets, their names and what is configured for them.

use super::acl::Acl;
use super::notification::Notification;
use crate::error::{Answer, Fault};
use s3s::dto;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Whether a bucket keeps what is overwritten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Versioning {
    /// It never has.
    #[default]
    Never,
    /// It does.
    Enabled,
    /// It did; older versions are still there.
    Suspended,
}

/// The four settings of S3 Block Public Access.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicAccessBlock {
    /// Refuse public ACLs.
    pub block_public_acls: bool,
    /// Ignore public ACLs.
    pub ignore_public_acls: bool,
    /// Refuse public policies.
    pub block_public_policy: bool,
    /// Let a public policy serve the owner's account and AWS services alone.
    pub restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    /// What every new bucket has since April 2023.
    pub const ALL: Self = Self {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
}

/// A bucket. Names are unique over all accounts.
#[derive(Clone, Serialize, Deserialize)]
pub struct Bucket {
    /// What objects refer to: a bucket created again under the same name has another key.
    pub key: i64,
    /// Its name.
    pub name: String,
    /// The account that owns it.
    pub owner: String,
    /// Its region.
    pub region: String,
    /// Whether it was created with the location constraint `EU`, the older name of eu-west-1.
    #[serde(default)]
    pub is_eu: bool,
    /// Milliseconds since 1970.
    pub created: i64,
    /// Whether it keeps what is overwritten.
    pub versioning: Versioning,
    /// Its tags, in the order they were given.
    pub tags: Option<Vec<(String, String)>>,
    /// Its policy as it was put.
    pub policy: Option<String>,
    /// Its own S3 Block Public Access settings.
    pub public_access_block: Option<PublicAccessBlock>,
    /// Whether its default encryption was set, if only to what every bucket has.
    #[serde(default)]
    pub encryption_configured: bool,
    /// Whether S3 Bucket Keys are on; kept because AWS answers it.
    pub bucket_key_enabled: bool,
    /// `BucketOwnerEnforced`, `BucketOwnerPreferred` or `ObjectWriter`; nothing after its removal.
    pub ownership: Option<String>,
    /// Its ACL, where it is another than that of every new bucket; kept while ownership is enforced, and without effect.
    #[serde(default)]
    pub acl: Option<Acl>,
    /// Its CORS rules.
    pub cors: Option<dto::CORSConfiguration>,
    /// Its lifecycle rules.
    pub lifecycle: Option<dto::BucketLifecycleConfiguration>,
    /// `x-amz-transition-default-minimum-object-size`; kept because AWS answers it.
    pub transition_default_minimum_object_size: Option<String>,
    /// Who is told of what happens to its objects.
    #[serde(default)]
    pub notifications: Vec<Notification>,
}

impl Bucket {
    /// A new bucket with what AWS gives each.
    pub fn new(name: String, owner: String, region: String, ownership: String, now: i64) -> Self {
        Self {
            key: random_key(),
            name,
            owner,
            region,
            is_eu: false,
            created: now,
            versioning: Versioning::Never,
            tags: None,
            policy: None,
            public_access_block: Some(PublicAccessBlock::ALL),
            encryption_configured: false,
            bucket_key_enabled: false,
            ownership: Some(ownership),
            acl: None,
            cors: None,
            lifecycle: None,
            transition_default_minimum_object_size: None,
            notifications: Vec::new(),
        }
    }
}

impl Bucket {
    /// Whether all its objects are its owner's, so that there are no ACLs.
    pub fn enforces_ownership(&self) -> bool {
        self.ownership.as_deref() == Some("BucketOwnerEnforced")
    }
}

/// A positive number that no other bucket has.
fn random_key() -> i64 {
    let id = uuid::Uuid::new_v4().as_u64_pair();
    ((id.0 ^ id.1) >> 1) as i64
}

/// The canonical user id that stands for an account: 64 hexadecimal digits.
pub fn canonical_id(account: &str) -> String {
    hex::encode(Sha256::digest(format!("canonical user of {account}")))
}

/// The owner as lists and ACLs tell it.
pub fn owner(account: &str) -> dto::Owner {
    dto::Owner { display_name: None, id: Some(canonical_id(account)) }
}

/// Checks the rules for new names ("General purpose bucket naming rules"); s3s has checked the alphabet.
///
/// # Errors
/// `InvalidBucketName`.
pub fn check_name(name: &str) -> Answer<()> {
    const PREFIXES: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];
    const SUFFIXES: [&str; 5] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    let reserved =
        PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || SUFFIXES.iter().any(|suffix| name.ends_with(suffix));
    if reserved || !s3s::path::check_bucket_name(name) {
        return Err(Fault::new("InvalidBucketName", 400, "The specified bucket is not valid.").with("BucketName", name));
    }
    Ok(())
}

/// The regions that a bucket may be created in from us-east-1.
const REGIONS: [&str; 38] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// Whether there is such a region.
pub fn is_region(name: &str) -> bool {
    REGIONS.contains(&name)
}

/// The region of a new bucket, from the endpoint's region and the location constraint.
///
/// # Errors
/// As recorded in `test_different_location_constraint` and `test_bucket_constraint_aws_global`.
pub fn region_of(endpoint: &str, constraint: Option<&str>) -> Answer<String> {
    let illegal = |constraint: &str| {
        let message = format!(
            "The {constraint} location constraint is incompatible for the region specific endpoint this request was \
             sent to."
        );
        Err(Fault::new("IllegalLocationConstraintException", 400, message))
    };
    match (endpoint, constraint.filter(|constraint| !constraint.is_empty())) {
        ("us-east-1", None) => Ok("us-east-1".to_owned()),
        ("us-east-1", Some("EU")) => Ok("eu-west-1".to_owned()),
        ("us-east-1", Some(constraint)) if constraint != "us-east-1" && is_region(constraint) => {
            Ok(constraint.to_owned())
        }
        ("us-east-1", Some(constraint)) => {
            Err(Fault::new("InvalidLocationConstraint", 400, "The specified location-constraint is not valid")
                .with("LocationConstraint", constraint))
        }
        (_, None) => illegal("unspecified"),
        (endpoint, Some(constraint)) if endpoint == constraint => Ok(constraint.to_owned()),
        ("eu-west-1", Some("EU")) => Ok("eu-west-1".to_owned()),
        (_, Some(constraint)) => illegal(constraint),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_made_where_the_constraint_says() {
        let check = |endpoint, constraint, expected: Result<&str, &str>| {
            let found = region_of(endpoint, constraint).map_err(|fault| fault.error.code.into_owned());
            assert_eq!(found.as_deref().map_err(String::as_str), expected, "{endpoint} {constraint:?}");
        };
        check("us-east-1", None, Ok("us-east-1"));
        check("us-east-1", Some("eu-central-1"), Ok("eu-central-1"));
        check("us-east-1", Some("us-east-1"), Err("InvalidLocationConstraint"));
        check("us-east-1", Some("aws-global"), Err("InvalidLocationConstraint"));
        check("us-west-1", Some("us-west-1"), Ok("us-west-1"));
        check("us-west-1", Some("aws-global"), Err("IllegalLocationConstraintException"));
        check("us-west-1", None, Err("IllegalLocationConstraintException"));
    }

    #[test]
    fn reserved_names_are_refused() {
        for name in ["sthree-a", "amzn-s3-demo-bucket", "my-bucket--x-s3", "a.mrap", "ab", "Upper", "192.168.5.4"] {
            assert!(check_name(name).is_err(), "{name}");
        }
        check_name("my.example-bucket").unwrap();
    }
}
