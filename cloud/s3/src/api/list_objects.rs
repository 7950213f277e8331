//! ListObjects, ListObjectsV2 and ListObjectVersions.

use super::{check_encoding, encode, page_size, rewrite};
use crate::backend::Backend;
use crate::call::Call;
use crate::error::{Answer, Fault};
use crate::model::bucket::{Bucket, owner};
use crate::model::object::{Version, is_version_id};
use crate::store::{Entry, Listing, Start};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use s3s::dto;

/// A page in the shapes of the answers.
struct Page {
    contents: Vec<dto::Object>,
    prefixes: Vec<dto::CommonPrefix>,
    /// The last key or prefix, where there is more.
    last: Option<String>,
    truncated: bool,
}

fn page(listing: Listing<Version>, bucket: &Bucket, with_owner: bool, encoding: Option<&dto::EncodingType>) -> Page {
    let mut page = Page { contents: Vec::new(), prefixes: Vec::new(), last: None, truncated: listing.truncated };
    for entry in listing.entries {
        match entry {
            Entry::Item(version) => {
                page.last = Some(version.key.clone());
                page.contents.push(dto::Object {
                    checksum_algorithm: version.details.checksum_algorithms(),
                    checksum_type: version.details.checksum_type(),
                    e_tag: Some(version.etag()),
                    last_modified: Some(version.modified()),
                    owner: with_owner.then(|| owner(&bucket.owner)),
                    restore_status: None,
                    size: i64::try_from(version.size).ok(),
                    storage_class: Some(dto::ObjectStorageClass::from(version.details.storage_class().to_owned())),
                    key: Some(encode(version.key, encoding)),
                });
            }
            Entry::Prefix(prefix) => {
                page.last = Some(prefix.clone());
                page.prefixes.push(dto::CommonPrefix { prefix: Some(encode(prefix, encoding)) });
            }
        }
    }
    page.last = page.last.filter(|_| page.truncated);
    page
}

fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    Some(items).filter(|items| !items.is_empty())
}

fn check_attributes(attributes: Option<&dto::OptionalObjectAttributesList>) -> Answer<()> {
    match attributes {
        Some(attributes) if !attributes.is_empty() => {
            Err(Fault::unsupported("the header x-amz-optional-object-attributes"))
        }
        _ => Ok(()),
    }
}

/// ListObjects.
pub async fn list(backend: &Backend, call: &Call, input: dto::ListObjectsInput) -> Answer<dto::ListObjectsOutput> {
    call.reply_rewritten(rewrite::objects);
    let bucket = backend.bucket(&input.bucket)?;
    check_attributes(input.optional_object_attributes.as_ref())?;
    let encoding = input.encoding_type;
    check_encoding(encoding.as_ref())?;
    let max = page_size(input.max_keys, "max-keys")?;
    let start = Start {
        bucket: bucket.key,
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone(),
        after: input.marker.clone().filter(|marker| !marker.is_empty()),
        after_id: None,
        forgiving: false,
        max,
    };
    call.reply("x-amz-bucket-region", &bucket.region);
    let page = page(backend.objects.list(start).await?, &bucket, true, encoding.as_ref());
    let encode = |text: String| encode(text, encoding.as_ref());
    Ok(dto::ListObjectsOutput {
        name: Some(input.bucket),
        prefix: Some(encode(input.prefix.unwrap_or_default())),
        marker: Some(encode(input.marker.unwrap_or_default())),
        max_keys: i32::try_from(max).ok(),
        is_truncated: Some(page.truncated),
        contents: some(page.contents),
        common_prefixes: some(page.prefixes),
        // Told only with a delimiter (API reference, ListObjects).
        next_marker: page.last.filter(|_| input.delimiter.is_some()).map(encode),
        delimiter: input.delimiter.filter(|delimiter| !delimiter.is_empty()).map(encode),
        encoding_type: encoding,
        request_charged: None,
    })
}

/// ListObjectsV2.
pub async fn list_v2(
    backend: &Backend,
    call: &Call,
    input: dto::ListObjectsV2Input,
) -> Answer<dto::ListObjectsV2Output> {
    call.reply_rewritten(rewrite::objects);
    let bucket = backend.bucket(&input.bucket)?;
    check_attributes(input.optional_object_attributes.as_ref())?;
    let encoding = input.encoding_type;
    check_encoding(encoding.as_ref())?;
    let max = page_size(input.max_keys, "max-keys")?;
    let after = input.continuation_token.as_deref().map(|token| {
        let bytes = BASE64.decode(token).ok().filter(|bytes| !bytes.is_empty());
        bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| {
            Fault::new("InvalidArgument", 400, "The continuation token provided is incorrect")
                .with("ArgumentName", "continuation-token")
        })
    });
    let start = Start {
        bucket: bucket.key,
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone(),
        after: after.transpose()?.or_else(|| input.start_after.clone().filter(|key| !key.is_empty())),
        after_id: None,
        forgiving: false,
        max,
    };
    let continued = input.continuation_token.is_some();
    call.reply("x-amz-bucket-region", &bucket.region);
    let with_owner = input.fetch_owner == Some(true);
    let page = page(backend.objects.list(start).await?, &bucket, with_owner, encoding.as_ref());
    let encode = |text: String| encode(text, encoding.as_ref());
    Ok(dto::ListObjectsV2Output {
        name: Some(input.bucket),
        prefix: Some(encode(input.prefix.unwrap_or_default())),
        max_keys: i32::try_from(max).ok(),
        key_count: i32::try_from(page.contents.len() + page.prefixes.len()).ok(),
        continuation_token: input.continuation_token,
        is_truncated: Some(page.truncated),
        next_continuation_token: page.last.map(|last| BASE64.encode(last)),
        contents: some(page.contents),
        common_prefixes: some(page.prefixes),
        delimiter: input.delimiter.filter(|delimiter| !delimiter.is_empty()).map(encode),
        encoding_type: encoding.clone(),
        // A token stands for the place to start after.
        start_after: input.start_after.filter(|_| !continued).map(encode),
        request_charged: None,
    })
}

/// ListObjectVersions.
pub async fn list_versions(
    backend: &Backend,
    _: &Call,
    input: dto::ListObjectVersionsInput,
) -> Answer<dto::ListObjectVersionsOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    check_attributes(input.optional_object_attributes.as_ref())?;
    let encoding = input.encoding_type;
    check_encoding(encoding.as_ref())?;
    let key_marker = input.key_marker.clone().filter(|marker| !marker.is_empty());
    let id_marker = input.version_id_marker.clone();
    if id_marker.is_some() && input.key_marker.is_none() {
        let message = "A version-id marker cannot be specified without a key marker.";
        return Err(Fault::invalid_argument(message, "version-id-marker", id_marker.unwrap_or_default()));
    }
    let max = page_size(input.max_keys, "max-keys")?;
    let start = Start {
        bucket: bucket.key,
        prefix: input.prefix.clone().unwrap_or_default(),
        delimiter: input.delimiter.clone(),
        after: key_marker,
        after_id: id_marker.clone().filter(|id| !id.is_empty()),
        // Clients delete what was told, page by page (recorded:
        // test_list_objects_versions_with_prefix_only_and_pagination).
        forgiving: id_marker.as_deref().is_some_and(is_version_id),
        max,
    };
    let listing = backend.objects.list_versions(start).await?.ok_or_else(|| {
        Fault::invalid_argument("Invalid version id specified", "version-id-marker", id_marker.unwrap_or_default())
    })?;
    let truncated = listing.truncated;
    let encode = |text: String| encode(text, encoding.as_ref());
    let (mut versions, mut markers, mut prefixes, mut last) = (Vec::new(), Vec::new(), Vec::new(), None);
    for entry in listing.entries {
        match entry {
            Entry::Prefix(prefix) => {
                last = Some((prefix.clone(), None));
                prefixes.push(dto::CommonPrefix { prefix: Some(encode(prefix)) });
            }
            Entry::Item(version) => {
                last = Some((version.key.clone(), Some(version.version.clone())));
                match version.marker {
                    true => markers.push(dto::DeleteMarkerEntry {
                        is_latest: Some(version.latest),
                        last_modified: Some(version.modified()),
                        owner: Some(owner(&bucket.owner)),
                        key: Some(encode(version.key)),
                        version_id: Some(version.version),
                    }),
                    false => versions.push(dto::ObjectVersion {
                        checksum_algorithm: version.details.checksum_algorithms(),
                        checksum_type: version.details.checksum_type(),
                        e_tag: Some(version.etag()),
                        is_latest: Some(version.latest),
                        last_modified: Some(version.modified()),
                        owner: Some(owner(&bucket.owner)),
                        restore_status: None,
                        size: i64::try_from(version.size).ok(),
                        storage_class: Some(dto::ObjectVersionStorageClass::from(
                            version.details.storage_class().to_owned(),
                        )),
                        key: Some(encode(version.key)),
                        version_id: Some(version.version),
                    }),
                }
            }
        }
    }
    let (next_key, next_id) = last.filter(|_| truncated).unzip();
    Ok(dto::ListObjectVersionsOutput {
        common_prefixes: some(prefixes),
        delete_markers: some(markers),
        delimiter: input.delimiter.filter(|delimiter| !delimiter.is_empty()).map(encode),
        is_truncated: Some(truncated),
        key_marker: Some(encode(input.key_marker.unwrap_or_default())),
        max_keys: i32::try_from(max).ok(),
        name: Some(input.bucket),
        next_key_marker: next_key.map(encode),
        next_version_id_marker: next_id.flatten(),
        prefix: Some(encode(input.prefix.unwrap_or_default())),
        request_charged: None,
        version_id_marker: Some(input.version_id_marker.unwrap_or_default()),
        versions: some(versions),
        encoding_type: encoding.clone(),
    })
}
