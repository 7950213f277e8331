//! ACLs in headers, and whose an object is.
//!
//! A bucket has no ACLs while it enforces its owner's ownership, as every new one does. Where it does not, an ACL that says
//! more than that the owner has full control is refused by name, and so is an object that would not be the bucket owner's:
//! "Controlling ownership of objects and disabling ACLs for your bucket" in the S3 User Guide.

use crate::backend::{access_denied, is_at_home};
use crate::call::text;
use crate::error::{Answer, Fault};
use crate::model::bucket::Bucket;
use http::HeaderMap;
use slam_cloud_core::Principal;

/// The headers that grant something by themselves.
pub const GRANTS: &str = "x-amz-grant-";

/// Checks the ACL in a request's headers.
///
/// # Errors
/// As [`check_canned`]; grants are refused likewise.
pub fn check(bucket: &Bucket, headers: &HeaderMap) -> Answer<()> {
    if let Some(name) = headers.keys().map(|name| name.as_str()).find(|name| name.starts_with(GRANTS)) {
        return Err(if bucket.enforces_ownership() { not_allowed() } else { unsupported(name) });
    }
    check_canned(bucket, text(headers, "x-amz-acl"))
}

/// Checks a canned ACL.
///
/// # Errors
/// `AccessControlListNotSupported` where ownership is enforced, `AccessDenied` where public ones are blocked,
/// `NotImplemented` for what other buckets of AWS take, `InvalidArgument` for what is none.
pub fn check_canned(bucket: &Bucket, acl: Option<&str>) -> Answer<()> {
    const PUBLIC: [&str; 3] = ["public-read", "public-read-write", "authenticated-read"];
    let blocked = bucket.public_access_block.is_some_and(|block| block.block_public_acls);
    match acl {
        None | Some("private" | "bucket-owner-full-control") => Ok(()),
        Some(known) if PUBLIC.contains(&known) || is_other_canned(known) => Err(match bucket.enforces_ownership() {
            true => not_allowed(),
            false if blocked && PUBLIC.contains(&known) => access_denied(),
            false => unsupported(known),
        }),
        Some(other) => Err(Fault::invalid_argument("", "x-amz-acl", other)),
    }
}

fn is_other_canned(acl: &str) -> bool {
    ["aws-exec-read", "bucket-owner-read", "log-delivery-write"].contains(&acl)
}

/// Checks that an object that is written becomes the bucket owner's, who alone owns objects here.
///
/// # Errors
/// `NotImplemented` for an object that would belong to its writer.
pub fn check_writer(bucket: &Bucket, writer: &Principal, operation: &str, headers: &HeaderMap) -> Answer<()> {
    let writes = ["PutObject", "CopyObject", "CreateMultipartUpload"].contains(&operation);
    let given = bucket.ownership.as_deref() == Some("BucketOwnerPreferred")
        && text(headers, "x-amz-acl") == Some("bucket-owner-full-control");
    if !writes || given || bucket.enforces_ownership() || is_at_home(writer, &bucket.owner) {
        return Ok(());
    }
    let ownership = bucket.ownership.as_deref().unwrap_or("ObjectWriter");
    Err(Fault::unsupported(format_args!("an object of another account's in a bucket with ObjectOwnership {ownership}")))
}

/// `AccessControlListNotSupported`: ownership is enforced, so there are no ACLs.
pub fn not_allowed() -> Fault {
    Fault::new("AccessControlListNotSupported", 400, "The bucket does not allow ACLs")
}

/// What a bucket with ACLs would take.
pub fn unsupported(acl: &str) -> Fault {
    Fault::unsupported(format_args!("the ACL {acl} of s3"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(ownership: Option<&str>) -> Bucket {
        let mut bucket = Bucket::new("b".into(), "000000000000".into(), "us-east-1".into(), String::new(), 0);
        bucket.ownership = ownership.map(str::to_owned);
        bucket.public_access_block = None;
        bucket
    }

    #[test]
    fn an_acl_is_private_or_refused_by_name() {
        let check = |ownership: Option<&str>, acl: &str, expected: Option<&str>| {
            let code = check_canned(&bucket(ownership), Some(acl)).err().map(|fault| fault.error.code);
            assert_eq!(code.as_deref(), expected, "{ownership:?} {acl}");
        };
        for ownership in [Some("BucketOwnerEnforced"), Some("BucketOwnerPreferred"), Some("ObjectWriter"), None] {
            check(ownership, "private", None);
            check(ownership, "bucket-owner-full-control", None);
            check(ownership, "nonsense", Some("InvalidArgument"));
        }
        check(Some("BucketOwnerEnforced"), "public-read", Some("AccessControlListNotSupported"));
        check(Some("ObjectWriter"), "public-read", Some("NotImplemented"));
        check(Some("BucketOwnerPreferred"), "log-delivery-write", Some("NotImplemented"));
        check(None, "authenticated-read", Some("NotImplemented"));
    }

    #[test]
    fn a_strangers_object_is_refused_where_it_would_stay_its_own() {
        let stranger = Principal::Root { account: "111111111111".into() };
        let owner = Principal::Root { account: "000000000000".into() };
        let mut headers = HeaderMap::new();
        let check = |ownership, writer, headers: &HeaderMap, accepted| {
            let result = check_writer(&bucket(ownership), writer, "PutObject", headers);
            assert_eq!(result.is_ok(), accepted, "{ownership:?} {writer:?}");
        };
        check(Some("BucketOwnerEnforced"), &stranger, &headers, true);
        check(Some("ObjectWriter"), &owner, &headers, true);
        check(Some("ObjectWriter"), &stranger, &headers, false);
        check(Some("BucketOwnerPreferred"), &stranger, &headers, false);
        headers.insert("x-amz-acl", "bucket-owner-full-control".parse().expect("a value"));
        check(Some("BucketOwnerPreferred"), &stranger, &headers, true);
        check(None, &stranger, &headers, false);
    }
}
