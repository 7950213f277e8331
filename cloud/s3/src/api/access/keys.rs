//! The condition keys of S3 (Service Authorization Reference, "Condition keys for Amazon S3"; S3 API Reference, "Bucket
//! Policy examples using condition keys" and "Amazon S3 Signature Version 4 Authentication Specific Policy Keys").

use super::Target;
use crate::backend::{Backend, is_at_home};
use crate::call::text;
use crate::error::Answer;
use crate::model::bucket::Bucket;
use crate::model::tags;
use http::request::Parts;
use slam_cloud_core::{Access, Principal, Timestamp};

/// What the head of a request tells before its signature is taken off and its conditions are normalised.
pub fn of_head(parts: &Parts) -> Vec<(&'static str, String)> {
    let header = text(&parts.headers, "authorization");
    let query = parts.uri.query().unwrap_or_default();
    let parameter = |wanted: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
    };
    let mut keys = Vec::new();
    for (name, key) in [("x-amz-content-sha256", "s3:x-amz-content-sha256"), ("if-match", "s3:if-match")] {
        if let Some(value) = text(&parts.headers, name) {
            keys.push((key, value.to_owned()));
        }
    }
    if let Some(header) = header {
        let version = header.split(' ').next().unwrap_or_default();
        keys.push(("s3:authType", "REST-HEADER".to_owned()));
        keys.push(("s3:signatureversion", version.to_owned()));
    } else if let Some(version) = parameter("X-Amz-Algorithm") {
        keys.push(("s3:authType", "REST-QUERY-STRING".to_owned()));
        keys.push(("s3:signatureversion", version.to_owned()));
        // "This condition works only for presigned URLs", in milliseconds.
        if let Some(signed) = parameter("X-Amz-Date").and_then(moment) {
            let age = Timestamp::now().as_millisecond() - signed.as_millisecond();
            keys.push(("s3:signatureAge", age.max(0).to_string()));
        }
    } else if parameter("AWSAccessKeyId").is_some() {
        keys.push(("s3:authType", "REST-QUERY-STRING".to_owned()));
        keys.push(("s3:signatureversion", "AWS".to_owned()));
    }
    keys
}

/// `20261129T021500Z`
fn moment(text: &str) -> Option<Timestamp> {
    let digits = text.get(..15).filter(|_| text.is_ascii() && text.len() == 16)?;
    let (day, time) = digits.split_once('T')?;
    let iso = format!(
        "{}-{}-{}T{}:{}:{}Z",
        day.get(..4)?,
        day.get(4..6)?,
        day.get(6..8)?,
        time.get(..2)?,
        time.get(2..4)?,
        time.get(4..6)?
    );
    iso.parse().ok()
}

/// The keys that a request brings along.
pub fn of_request(mut access: Access, operation: &str, target: &Target<'_>) -> Access {
    const PARAMETERS: [(&str, &str); 4] = [
        ("prefix", "s3:prefix"),
        ("delimiter", "s3:delimiter"),
        ("max-keys", "s3:max-keys"),
        ("versionId", "s3:VersionId"),
    ];
    /// Their keys are `s3:` and the header's name.
    const HEADERS: [&str; 13] = [
        "x-amz-acl",
        "x-amz-bucket-namespace",
        "x-amz-copy-source",
        "x-amz-grant-full-control",
        "x-amz-grant-read",
        "x-amz-grant-read-acp",
        "x-amz-grant-write",
        "x-amz-grant-write-acp",
        "x-amz-metadata-directive",
        "x-amz-object-ownership",
        "x-amz-server-side-encryption",
        "x-amz-storage-class",
        "if-none-match",
    ];
    for (name, key) in PARAMETERS {
        if let Some(value) = target.parameter(name) {
            access = access.condition(key, value);
        }
    }
    for name in HEADERS {
        if let Some(value) = text(target.headers, name) {
            access = access.condition(format!("s3:{name}"), value);
        }
    }
    for (key, value) in &target.brought.head {
        access = access.condition(*key, value);
    }
    if let Some(region) = &target.brought.location_constraint {
        access = access.condition("s3:LocationConstraint", region);
    }
    if let Some(creates) = creates_object(operation) {
        access = access.condition("s3:ObjectCreationOperation", creates.to_string());
    }
    // As with `aws:SecureTransport`: loopback leaves the machine as little as TLS leaves its tunnel.
    access = access.condition("s3:TlsVersion", "1.3");
    of_tags(access, target)
}

/// Whether an operation that writes creates an object, or a part of one that is not there yet (S3 User Guide, "Enforce
/// conditional writes on Amazon S3 buckets").
fn creates_object(operation: &str) -> Option<bool> {
    match operation {
        "PutObject" | "CopyObject" | "CompleteMultipartUpload" => Some(true),
        "CreateMultipartUpload" | "UploadPart" | "UploadPartCopy" => Some(false),
        _ => None,
    }
}

/// The tags that an object is to have.
fn of_tags(mut access: Access, target: &Target<'_>) -> Access {
    let in_header = text(target.headers, "x-amz-tagging").and_then(|header| tags::of_header(header).ok());
    let tags = in_header.as_deref().unwrap_or(&target.brought.tags);
    if target.key.is_none() || tags.is_empty() {
        return access;
    }
    for (key, value) in tags {
        access = access.condition(format!("s3:RequestObjectTag/{key}"), value);
    }
    access.conditions.push(("s3:RequestObjectTagKeys".into(), tags.iter().map(|(key, _)| key.clone()).collect()));
    access
}

/// The keys of an object that is there: its tags, for the actions that AWS knows them for.
///
/// # Errors
/// When the store cannot be read.
pub async fn of_object(
    mut access: Access,
    backend: &Backend,
    caller: &Principal,
    bucket: &Bucket,
    key: &str,
    version: Option<&str>,
) -> Answer<Access> {
    const ACTIONS: [&str; 12] = [
        "s3:GetObject",
        "s3:GetObjectVersion",
        "s3:GetObjectAcl",
        "s3:GetObjectVersionAcl",
        "s3:PutObjectAcl",
        "s3:PutObjectVersionAcl",
        "s3:GetObjectTagging",
        "s3:GetObjectVersionTagging",
        "s3:PutObjectTagging",
        "s3:PutObjectVersionTagging",
        "s3:DeleteObjectTagging",
        "s3:DeleteObjectVersionTagging",
    ];
    // Nobody asks where the owner's root user is not held against a policy.
    let asked =
        bucket.policy.is_some() || !(matches!(caller, Principal::Root { .. }) && is_at_home(caller, &bucket.owner));
    if !asked || !ACTIONS.contains(&&*access.action) {
        return Ok(access);
    }
    let found = backend.objects.version(bucket.key, key.to_owned(), version.map(str::to_owned)).await?;
    for (tag, value) in found.into_iter().flat_map(|version| version.details.tags) {
        access = access.condition(format!("s3:ExistingObjectTag/{tag}"), value);
    }
    Ok(access)
}

/// The region that a document of CreateBucket names.
pub fn location_constraint(document: &str) -> Option<String> {
    let (_, rest) = document.split_once("<LocationConstraint>")?;
    rest.split_once("</LocationConstraint>").map(|(region, _)| region.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(uri: &str, headers: &[(&'static str, &str)]) -> Vec<String> {
        let mut request = http::Request::get(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        let keys = of_head(&parts).into_iter();
        keys.filter(|(key, _)| *key != "s3:signatureAge").map(|(key, value)| format!("{key}={value}")).collect()
    }

    #[test]
    fn a_request_tells_how_it_is_signed() {
        assert_eq!(
            signature("/b/k", &[("authorization", "AWS4-HMAC-SHA256 Credential=A")]),
            ["s3:authType=REST-HEADER", "s3:signatureversion=AWS4-HMAC-SHA256"]
        );
        assert_eq!(
            signature("/b/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20261129T021500Z", &[]),
            ["s3:authType=REST-QUERY-STRING", "s3:signatureversion=AWS4-HMAC-SHA256"]
        );
        assert_eq!(
            signature("/b/k?AWSAccessKeyId=A&Signature=s&Expires=1", &[]),
            ["s3:authType=REST-QUERY-STRING", "s3:signatureversion=AWS"]
        );
        assert!(signature("/b/k", &[]).is_empty());
    }

    #[test]
    fn the_moment_of_a_signature() {
        assert_eq!(moment("20261129T021500Z"), "2026-11-29T02:15:00Z".parse().ok());
        assert_eq!(moment("20261329T021500Z"), None);
        assert_eq!(moment("soon"), None);
    }
}
