//! ACLs in requests, what they decide, and whose an object is.
//!
//! A bucket has no ACLs while it enforces its owner's ownership, as every new one does. Where it does not, ACLs may grant
//! something to its owner and to the groups; grants to other accounts are refused by name, and so is an object that would
//! not be the bucket owner's: "Controlling ownership of objects and disabling ACLs for your bucket" in the S3 User Guide.

use crate::backend::{Backend, access_denied, is_at_home};
use crate::call::text;
use crate::error::{Answer, Fault, MALFORMED_XML};
use crate::model::acl::{Acl, Grant, Grantee, Permission};
use crate::model::bucket::{Bucket, canonical_id};
use http::HeaderMap;
use s3s::dto;
use slam_cloud_core::Principal;

/// The headers that grant something by themselves.
pub const GRANTS: &str = "x-amz-grant-";
/// Which of them grants what, in the order in which ACLs tell it.
const OF_HEADERS: [(&str, Permission); 5] = [
    ("x-amz-grant-full-control", Permission::FullControl),
    ("x-amz-grant-read", Permission::Read),
    ("x-amz-grant-write", Permission::Write),
    ("x-amz-grant-read-acp", Permission::ReadAcp),
    ("x-amz-grant-write-acp", Permission::WriteAcp),
];
/// The grants that an ACL may have ("Access control list (ACL) overview").
const MAX_GRANTS: usize = 100;

/// What an ACL is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// A bucket.
    Bucket,
    /// An object.
    Object,
}

/// The ACL in a request's headers, or the canned one that a service asks for; `None` where nothing is said.
///
/// # Errors
/// As recorded in `test_s3_bucket_acl_exceptions`, and as [`check`].
pub fn given(bucket: &Bucket, headers: &HeaderMap, canned: Option<&str>, of: Of) -> Answer<Option<Acl>> {
    let canned = text(headers, "x-amz-acl").or(canned);
    let granting = || headers.keys().map(|name| name.as_str()).filter(|name| name.starts_with(GRANTS));
    if let Some(unknown) = granting().find(|name| OF_HEADERS.iter().all(|(known, _)| known != name)) {
        return Err(Fault::unsupported(format_args!("the header {unknown} of s3")));
    }
    let acl = match (canned, granting().next()) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(Fault::invalid_request("Specifying both Canned ACLs and Header Grants is not allowed"));
        }
        (Some(name), None) => of_name(name, of)?,
        (None, Some(_)) => of_headers(bucket, headers)?,
    };
    check(bucket, &acl)?;
    Ok(Some(acl))
}

fn of_name(name: &str, of: Of) -> Answer<Acl> {
    match Acl::canned(name) {
        // There is no EC2 here that could read it.
        None if name == "aws-exec-read" => Err(Fault::unsupported("the ACL aws-exec-read of s3")),
        Some(acl) if of == Of::Bucket || name != "log-delivery-write" => Ok(acl),
        _ => Err(Fault::invalid_argument("", "x-amz-acl", name)),
    }
}

fn of_headers(bucket: &Bucket, headers: &HeaderMap) -> Answer<Acl> {
    let mut grants = Vec::new();
    for (name, permission) in OF_HEADERS {
        let Some(value) = text(headers, name) else { continue };
        for grantee in value.split(',') {
            let grantee = grantee_of_header(bucket, grantee)?;
            let unknown = || Fault::invalid_argument("Argument format not recognized", name, value);
            grants.push(Grant { grantee: grantee.ok_or_else(unknown)?, permission });
        }
    }
    checked(grants)
}

/// `uri="…"`, `id="…"` or `emailAddress="…"`; `None` for what has another form.
fn grantee_of_header(bucket: &Bucket, text: &str) -> Answer<Option<Grantee>> {
    let Some((kind, value)) = text.trim().split_once('=') else { return Ok(None) };
    let value = value.trim().trim_matches('"');
    match kind.trim() {
        "uri" => of_uri(value, "uri").map(Some),
        "id" => of_id(bucket, value, "id").map(Some),
        "emailAddress" => Err(by_mail()),
        _ => Ok(None),
    }
}

fn of_uri(uri: &str, name: &'static str) -> Answer<Grantee> {
    Grantee::of_uri(uri).ok_or_else(|| Fault::invalid_argument("Invalid group uri", name, uri))
}

fn of_id(bucket: &Bucket, id: &str, name: &'static str) -> Answer<Grantee> {
    if id == canonical_id(&bucket.owner) {
        return Ok(Grantee::Owner);
    }
    if !is_canonical_id(id) {
        return Err(Fault::invalid_argument("Invalid id", name, id));
    }
    Err(Fault::unsupported(format_args!(
        "the grantee {id}: a grant to another account than the bucket's owner, in an ACL of s3"
    )))
}

fn is_canonical_id(id: &str) -> bool {
    id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn by_mail() -> Fault {
    Fault::unsupported("a grantee by its e-mail address in an ACL of s3")
}

/// The ACL in a document.
///
/// # Errors
/// As recorded in `test_s3_bucket_acl_exceptions`, and as [`check`].
pub fn of_document(bucket: &Bucket, policy: &dto::AccessControlPolicy) -> Answer<Acl> {
    let owner = policy.owner.as_ref().and_then(|owner| owner.id.as_deref()).ok_or_else(malformed)?;
    let grants = policy.grants.as_ref().ok_or_else(malformed)?;
    let permission = |grant: &dto::Grant| Permission::parse(grant.permission.as_ref()?.as_str());
    let permissions: Vec<Permission> = grants.iter().map(permission).collect::<Option<_>>().ok_or_else(malformed)?;
    if !is_canonical_id(owner) {
        return Err(Fault::invalid_argument("Invalid id", "CanonicalUser/ID", owner));
    }
    let mut read = Vec::new();
    for (grant, permission) in grants.iter().zip(permissions) {
        read.push(Grant { grantee: grantee_of_document(bucket, grant.grantee.as_ref())?, permission });
    }
    // An ACL does not change whose something is.
    if owner != canonical_id(&bucket.owner) {
        return Err(access_denied());
    }
    let acl = checked(read)?;
    check(bucket, &acl)?;
    Ok(acl)
}

fn grantee_of_document(bucket: &Bucket, grantee: Option<&dto::Grantee>) -> Answer<Grantee> {
    let grantee = grantee.ok_or_else(malformed)?;
    match (grantee.type_.as_str(), &grantee.id, &grantee.uri) {
        ("CanonicalUser", Some(id), _) => of_id(bucket, id, "CanonicalUser/ID"),
        ("Group", _, Some(uri)) => of_uri(uri, "Group/URI"),
        ("AmazonCustomerByEmail", ..) => Err(by_mail()),
        _ => Err(malformed()),
    }
}

fn checked(grants: Vec<Grant>) -> Answer<Acl> {
    if grants.len() > MAX_GRANTS { Err(malformed()) } else { Ok(Acl(grants)) }
}

fn malformed() -> Fault {
    Fault::new("MalformedACLError", 400, MALFORMED_XML)
}

/// Checks an ACL against what a bucket lets ACLs say.
///
/// # Errors
/// `AccessControlListNotSupported` where ownership is enforced, `AccessDenied` where public ones are blocked.
fn check(bucket: &Bucket, acl: &Acl) -> Answer<()> {
    if bucket.enforces_ownership() && !acl.is_private() {
        return Err(Fault::new("AccessControlListNotSupported", 400, "The bucket does not allow ACLs"));
    }
    if acl.is_public() && bucket.public_access_block.is_some_and(|block| block.block_public_acls) {
        return Err(access_denied());
    }
    Ok(())
}

/// Whether a bucket's or object's ACL grants an action to a caller ("Mapping of ACL permissions and access policy
/// permissions"). WRITE is for new objects and what they bring along; nobody deletes by it what is the owner's.
///
/// # Errors
/// When the store fails.
pub async fn grants(
    backend: &Backend,
    bucket: &Bucket,
    object: Option<(&str, Option<&str>)>,
    operation: &str,
    action: &str,
    caller: &Principal,
) -> Answer<bool> {
    let ignored = bucket.public_access_block.is_some_and(|block| block.ignore_public_acls);
    if bucket.enforces_ownership() || ignored {
        return Ok(false);
    }
    let by_bucket = |wanted| bucket.acl.as_ref().is_some_and(|acl| acl.grants(caller, wanted));
    let wanted = match action {
        "s3:ListBucket" | "s3:ListBucketVersions" | "s3:ListBucketMultipartUploads" => {
            return Ok(by_bucket(Permission::Read));
        }
        "s3:GetBucketAcl" => return Ok(by_bucket(Permission::ReadAcp)),
        "s3:PutBucketAcl" => return Ok(by_bucket(Permission::WriteAcp)),
        "s3:PutObject" => return Ok(by_bucket(Permission::Write)),
        "s3:PutObjectAcl" if operation != "PutObjectAcl" => return Ok(by_bucket(Permission::Write)),
        "s3:GetObject" | "s3:GetObjectVersion" => Permission::Read,
        "s3:GetObjectAcl" | "s3:GetObjectVersionAcl" => Permission::ReadAcp,
        "s3:PutObjectAcl" | "s3:PutObjectVersionAcl" => Permission::WriteAcp,
        _ => return Ok(false),
    };
    let Some((key, version)) = object else { return Ok(false) };
    match backend.objects.version(bucket.key, key.to_owned(), version.map(str::to_owned)).await? {
        Some(version) => Ok(version.details.acl.is_some_and(|acl| acl.grants(caller, wanted))),
        // Who may see the list is told that something is not there (API reference, GetObject).
        None => Ok(by_bucket(Permission::Read)),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(ownership: Option<&str>) -> Bucket {
        let mut bucket = Bucket::new("b".into(), "000000000000".into(), "us-east-1".into(), String::new(), 0);
        bucket.ownership = ownership.map(str::to_owned);
        bucket.public_access_block = None;
        bucket
    }

    fn code<T>(answer: Answer<T>) -> Option<String> {
        answer.err().map(|fault| fault.error.code.into_owned())
    }

    #[test]
    fn canned_acls_are_for_buckets_that_have_acls() {
        let check = |ownership: Option<&str>, acl: &str, expected: Option<&str>| {
            let found = code(given(&bucket(ownership), &HeaderMap::new(), Some(acl), Of::Object));
            assert_eq!(found.as_deref(), expected, "{ownership:?} {acl}");
        };
        for ownership in [Some("BucketOwnerEnforced"), Some("BucketOwnerPreferred"), Some("ObjectWriter"), None] {
            check(ownership, "private", None);
            check(ownership, "bucket-owner-full-control", None);
            check(ownership, "nonsense", Some("InvalidArgument"));
            check(ownership, "log-delivery-write", Some("InvalidArgument"));
            check(ownership, "aws-exec-read", Some("NotImplemented"));
        }
        check(Some("BucketOwnerEnforced"), "public-read", Some("AccessControlListNotSupported"));
        check(Some("ObjectWriter"), "public-read", None);
        check(None, "authenticated-read", None);
    }

    // Recorded: test_s3_bucket_acl_exceptions.
    #[test]
    fn headers_grant_to_the_owner_and_the_groups() {
        let check = |name: &'static str, value: &str, expected: Result<Vec<(Grantee, Permission)>, &str>| {
            let headers = HeaderMap::from_iter([(http::HeaderName::from_static(name), value.parse().expect(value))]);
            let found = given(&bucket(Some("ObjectWriter")), &headers, None, Of::Bucket);
            let found = found.map(|acl| acl.unwrap_or_default().0.iter().map(|g| (g.grantee, g.permission)).collect());
            assert_eq!(found.map_err(|fault| fault.error.message), expected.map_err(str::to_owned), "{name}: {value}");
        };
        let all = "uri=\"http://acs.amazonaws.com/groups/global/AllUsers\"";
        check("x-amz-grant-read", all, Ok(vec![(Grantee::AllUsers, Permission::Read)]));
        let owner = canonical_id("000000000000");
        let both = [(Grantee::AllUsers, Permission::ReadAcp), (Grantee::Owner, Permission::ReadAcp)];
        check("x-amz-grant-read-acp", &format!("{all}, id={owner}"), Ok(both.to_vec()));
        check("x-amz-grant-write", "uri=\"http://acs.amazonaws.com/groups/s3/FakeGroup\"", Err("Invalid group uri"));
        check("x-amz-grant-write", "fakekey=\"1234\"", Err("Argument format not recognized"));
        check("x-amz-grant-write", "id=\"wrong-id\"", Err("Invalid id"));
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
