//! Documents of requests that s3s reads otherwise than AWS, or not to the end: looked through before it does.

use super::MAX_XML;
use super::operation::Operation;
use crate::Body;
use crate::api::access::keys;
use crate::call::{Brought, Call, Trailers, text};
use crate::error::payload::PayloadError;
use crate::error::{Answer, Fault};
use crate::model::checksum::{self, Algorithm};
use ::http::header;
use ::http::request::Parts;
use bytes::Bytes;
use md5::{Digest, Md5};
use s3s::dto::{Tag, Tagging};
use s3s::xml::{Deserialize, Deserializer};
use std::sync::Arc;

/// Elements that s3s does not know: it calls a document with one malformed. Found by comparing its shapes with the model of
/// botocore 1.44.8, member by member; `tests/test_every_operation.py` sends each member of each operation.
const UNREAD: [(&str, &[&str]); 2] = [
    ("PutBucketEncryption", &["BlockedEncryptionTypes"]),
    (
        "CompleteMultipartUpload",
        &["ChecksumMD5", "ChecksumSHA512", "ChecksumXXHASH128", "ChecksumXXHASH3", "ChecksumXXHASH64"],
    ),
];

/// Looks through the document of an operation, tells what it brings, and makes of it what s3s takes.
///
/// # Errors
/// `NotImplemented` for an element that s3s would not read, `MalformedXML` for what is no document.
pub async fn prepare(
    Operation(operation): Operation,
    parts: &mut Parts,
    body: &mut Body,
    brought: &mut Brought,
    call: &mut Call,
) -> Answer<()> {
    let is_said_of = operation == "DeleteObjects" || (operation.starts_with("Put") && operation != "PutObject");
    let is_read = is_said_of || operation == "CreateBucket" || UNREAD.iter().any(|(name, _)| *name == operation);
    if !is_read {
        return Ok(());
    }
    let bytes = read(body).await?;
    if is_said_of {
        call.flaw = check_digests(parts, &call.trailers, &bytes).err();
    }
    let document = String::from_utf8_lossy(&bytes);
    if let Some((_, unread)) = UNREAD.iter().find(|(name, _)| *name == operation) {
        refuse(unread, operation, &document)?;
    }
    match operation {
        "CreateBucket" => {
            brought.location_constraint = keys::location_constraint(&document);
            call.tags = bucket_tags(&document)?.map(Arc::new);
        }
        "PutBucketTagging" | "PutObjectTagging" => {
            brought.tags = tags_of(&document);
            if is_without_tags(&document) {
                replace(parts, body, "<Tagging><TagSet></TagSet></Tagging>");
            }
        }
        // s3s would call that malformed before it looks for the upload (recorded: test_multipart_no_such_upload).
        "CompleteMultipartUpload" if bytes.is_empty() => replace(parts, body, "<CompleteMultipartUpload/>"),
        _ => {}
    }
    Ok(())
}

/// Checks what is said of a document's bytes against them: `Content-MD5`, and a checksum in a header or after the body.
fn check_digests(parts: &Parts, trailers: &Trailers, document: &[u8]) -> Answer<()> {
    if let Some(said) = text(&parts.headers, "content-md5") {
        let (said, computed) = (checksum::parse_md5(said)?, Md5::digest(document).into());
        if said != computed {
            return Err(checksum::bad_md5(said, computed, false));
        }
    }
    for algorithm in Algorithm::ALL {
        let header = format!("x-amz-checksum-{}", algorithm.lower_name());
        let Some(said) = text(&parts.headers, &header).map(str::to_owned).or_else(|| trailers.get(&header)) else {
            continue;
        };
        algorithm.check(&said)?;
        let mut hasher = algorithm.hasher();
        hasher.update(document);
        if hasher.finish() != said {
            return Err(algorithm.bad_digest());
        }
    }
    Ok(())
}

async fn read(body: &mut Body) -> Answer<Bytes> {
    body.store_all_limited(MAX_XML).await.map_err(|error| {
        error.downcast::<PayloadError>().map_or_else(|_| Fault::malformed_xml(), |error| (*error).into())
    })
}

fn replace(parts: &mut Parts, body: &mut Body, document: &str) {
    *body = Body::from(document.to_owned());
    parts.headers.remove(header::CONTENT_LENGTH);
}

fn refuse(unread: &[&str], operation: &str, document: &str) -> Answer<()> {
    match unread.iter().find(|name| document.contains(&format!("<{name}"))) {
        Some(name) => Err(Fault::unsupported(format_args!("the parameter {name} of {operation}"))),
        None => Ok(()),
    }
}

/// Whether a document of tags lacks the set, which s3s requires and S3 does not (recorded:
/// test_put_object_tagging_none_value).
fn is_without_tags(document: &str) -> bool {
    let root = document.trim_start().split_inclusive("?>").last().unwrap_or_default().trim();
    let Some((attributes, content)) = root.strip_prefix("<Tagging").and_then(|rest| rest.split_once('>')) else {
        return false;
    };
    (attributes.ends_with('/') && content.is_empty()) || content.trim() == "</Tagging>"
}

/// The tags in CreateBucket's document, which s3s does not read.
fn bucket_tags(document: &str) -> Answer<Option<Vec<Tag>>> {
    let Some((_, tags)) = document.split_once("<Tags>") else { return Ok(None) };
    let (tags, _) = tags.split_once("</Tags>").ok_or_else(Fault::malformed_xml)?;
    let tagging = format!("<Tagging><TagSet>{tags}</TagSet></Tagging>");
    let tagging = Tagging::deserialize(&mut Deserializer::new(tagging.as_bytes()));
    Ok(Some(tagging.map_err(|_| Fault::malformed_xml())?.tag_set))
}

/// The tags in a document that sets some; none in what is no such document, which s3s will refuse.
fn tags_of(document: &str) -> Vec<(String, String)> {
    let tagging = Tagging::deserialize(&mut Deserializer::new(document.as_bytes()));
    let set = tagging.map(|tagging| tagging.tag_set).unwrap_or_default();
    set.into_iter().filter_map(|tag| Some((tag.key?, tag.value?))).collect()
}
