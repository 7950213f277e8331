//! Makes of what AWS takes what s3s takes: s3s is stricter about some headers and parameters.

use super::{host, rewrite};
use crate::error::Answer;
use ::http::request::Parts;
use ::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use s3s::dto::Range;

/// The headers that are kept with an object and may hold any UTF-8; s3s takes visible ASCII alone.
const SYSTEM_METADATA: [HeaderName; 4] =
    [header::CACHE_CONTROL, header::CONTENT_DISPOSITION, header::CONTENT_ENCODING, header::CONTENT_LANGUAGE];

/// Parameters that are numbers; AWS ignores those that are empty (recorded: test_list_parts_empty_part_number_marker).
const NUMBERS: [&str; 5] = ["max-buckets", "max-keys", "max-parts", "max-uploads", "part-number-marker"];

/// Adapts a request.
///
/// # Errors
/// When the target cannot be put together again.
pub fn request(parts: &mut Parts) -> Answer<()> {
    headers(&mut parts.headers);
    // It belongs to uploads and copies; S3 ignores it elsewhere (recorded: test_s3_checksum_no_automatic_sdk_calculation).
    if parts.method == Method::PUT && !parts.headers.contains_key("x-amz-copy-source") {
        parts.headers.remove("x-amz-checksum-algorithm");
    }
    let Some(query) = parts.uri.query() else { return Ok(()) };
    let is_empty_number = |pair: &&str| NUMBERS.contains(&pair.strip_suffix('=').unwrap_or_default());
    if !query.split('&').any(|pair| is_empty_number(&pair)) {
        return Ok(());
    }
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_empty_number(pair)).collect();
    let kept = kept.join("&");
    super::strip::set_query(parts, &kept)
}

fn headers(headers: &mut HeaderMap) {
    // An unreadable range is none (RFC 9110, section 14.2; recorded: test_get_object_range).
    if headers.get(header::RANGE).is_some_and(|range| !range.to_str().is_ok_and(is_range)) {
        headers.remove(header::RANGE);
    }
    // What s3s does not see is taken from the call's own headers ([`crate::call::Call::system_metadata`]).
    for name in SYSTEM_METADATA {
        if headers.get(&name).is_some_and(|value| value.to_str().is_err()) {
            headers.remove(name);
        }
    }
    // A URL of S3, too (asserted on AWS: test_s3_timestamp_precision).
    replace(headers, &HeaderName::from_static("x-amz-copy-source"), |source| {
        let (host, path) = source.split_once("://")?.1.split_once('/')?;
        Some(host::parse(host).0.map_or_else(|| path.to_owned(), |bucket| format!("{bucket}/{path}")))
    });
    // What looks like encoded words and cannot be decoded is text (recorded: test_user_metadata_rfc2047_bad_b64_encoded; what
    // AWS answers later is made of the undecodable bytes).
    for (_, value) in headers.iter_mut().filter(|(name, _)| name.as_str().starts_with("x-amz-meta-")) {
        if let Some(Ok(encoded)) = value.to_str().ok().and_then(rewrite::undecodable).map(HeaderValue::try_from) {
            *value = encoded;
        }
    }
    // A form's encoding of a space (asserted on AWS: test_copy_object_special_character_plus_for_space).
    replace(headers, &HeaderName::from_static("x-amz-copy-source"), |source| {
        source.contains('+').then(|| source.replace('+', "%20"))
    });
    // Entity tags come without quotes as well, and may hold what none does (recorded:
    // test_put_object_if_match_validation).
    for name in [header::IF_MATCH, header::IF_NONE_MATCH] {
        replace(headers, &name, |tag| {
            let is_bare = tag != "*" && !tag.starts_with("W/") && !tag.contains('"');
            is_bare.then(|| format!("\"{tag}\""))
        });
    }
}

fn is_range(range: &str) -> bool {
    range != "bytes=-" && Range::parse(range).is_ok()
}

fn replace(headers: &mut HeaderMap, name: &HeaderName, change: impl FnOnce(&str) -> Option<String>) {
    let changed = headers.get(name).and_then(|value| change(value.to_str().ok()?));
    if let Some(Ok(value)) = changed.map(HeaderValue::try_from) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_become_what_s3s_takes() {
        let check = |name: &'static str, value: &str, expected: Option<&str>| {
            let mut found = HeaderMap::new();
            found.insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
            headers(&mut found);
            assert_eq!(found.get(name).map(|value| value.to_str().unwrap()), expected, "{name}: {value}");
        };
        check("range", "bytes=0-1", Some("bytes=0-1"));
        check("range", "bytes=-", None);
        check("range", "bytes=0-1,3-4", None);
        check("x-amz-copy-source", "b%2Fa+c%2B", Some("b%2Fa%20c%2B"));
        check("x-amz-copy-source", "http://127.0.0.1:4566/b/k%2F1", Some("b/k%2F1"));
        check("x-amz-copy-source", "https://b.s3.eu-west-1.amazonaws.com/k", Some("b/k"));
        check("x-amz-meta-a", "=?UTF-8?B?=GGG?=", Some("=?UTF-8?B?PT9VVEYtOD9CPz1HR0c/PQ==?="));
        check("x-amz-meta-a", "=?UTF-8?B?w4Q=?= =?UTF-8?Q?=C3=84?=", Some("=?UTF-8?B?w4Q=?= =?UTF-8?Q?=C3=84?="));
        check("x-amz-meta-a", "=?what?", Some("=?what?"));
        check("if-match", "bad-char_/", Some("\"bad-char_/\""));
        check("if-match", "\"a\"", Some("\"a\""));
        check("if-none-match", "*", Some("*"));
        check("cache-control", "no-store", Some("no-store"));
        check("cache-control", "Ä", None);
    }

    #[test]
    fn empty_numbers_are_none() {
        let uri = "/b/k?uploadId=x&part-number-marker=&prefix=&max-parts=2";
        let (mut parts, ()) = ::http::Request::get(uri).body(()).unwrap().into_parts();
        request(&mut parts).unwrap();
        assert_eq!(parts.uri, "/b/k?uploadId=x&prefix=&max-parts=2");
    }
}
