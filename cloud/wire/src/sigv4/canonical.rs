//! The canonical request: the text that both sides hash.

use super::{Failure, Presented};
use http::request::Parts;
use percent_encoding::percent_decode;
use std::fmt::Write as _;

/// The canonical request of a request as it arrived.
pub(super) fn canonical_request(presented: &Presented, head: &Parts, payload_hash: &str) -> Result<String, Failure> {
    let s3 = presented.service == "s3";
    if s3 {
        all_amazon_headers_signed(presented, head)?;
    }
    let path = head.uri.path();
    // S3's keys may contain `//` and `..`, and its clients encode the path once; all others encode it twice.
    let path = if s3 { encoded(&percent_decode(path.as_bytes()).collect::<Vec<_>>(), true) } else { normalized(path) };
    let query = canonical_query(head.uri.query().unwrap_or_default(), s3);
    let headers = canonical_headers(presented, head)?;
    let names = presented.signed_headers.join(";");
    Ok(format!("{}\n{path}\n{query}\n{headers}\n{names}\n{payload_hash}", head.method))
}

/// S3 refuses `x-amz-…` headers that are not covered by the signature: they change what the request does.
fn all_amazon_headers_signed(presented: &Presented, head: &Parts) -> Result<(), Failure> {
    let unsigned = head.headers.keys().map(|name| name.as_str()).filter(|name| {
        name.starts_with("x-amz-")
            // In a presigned request these repeat what the query string, which is signed, says.
            && !(presented.expires.is_some() && matches!(*name, "x-amz-content-sha256"))
            && !presented.signed_headers.iter().any(|signed| signed == name)
    });
    let unsigned: Vec<&str> = unsigned.collect();
    if unsigned.is_empty() { Ok(()) } else { Err(Failure::HeadersNotSigned(unsigned.join(", "))) }
}

/// The path without empty and dot segments, its bytes encoded (a second time, as it arrives encoded).
fn normalized(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let mut path_again = String::from("/");
    path_again.push_str(&segments.join("/"));
    if path.ends_with('/') && !segments.is_empty() {
        path_again.push('/');
    }
    encoded(path_again.as_bytes(), true)
}

/// The parameters but the signature itself, encoded and sorted. But for S3, a plus is the space that it is read as (recorded:
/// `test_publish_by_path_parameters`, whose client signs `%20` and sends a plus).
fn canonical_query(query: &str, s3: bool) -> String {
    let parameters = query.split('&').filter(|parameter| !parameter.is_empty());
    let mut parameters: Vec<(String, String)> = parameters
        .map(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            (recoded(name, s3), recoded(value, s3))
        })
        .filter(|(name, _)| name != "X-Amz-Signature")
        .collect();
    parameters.sort();
    let parameters: Vec<String> = parameters.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    parameters.join("&")
}

fn canonical_headers(presented: &Presented, head: &Parts) -> Result<String, Failure> {
    let mut lines = String::new();
    for name in &presented.signed_headers {
        let _ = write!(lines, "{name}:");
        for (index, value) in head.headers.get_all(name).iter().enumerate() {
            let value = std::str::from_utf8(value.as_bytes()).map_err(|_| Failure::Mismatch)?;
            let separator = if index == 0 { "" } else { "," };
            let _ = write!(lines, "{separator}{}", value.split_ascii_whitespace().collect::<Vec<_>>().join(" "));
        }
        lines.push('\n');
    }
    Ok(lines)
}

fn recoded(text: &str, s3: bool) -> String {
    let spaced = |byte| if byte == b'+' && !s3 { b' ' } else { byte };
    let bytes: Vec<u8> = text.bytes().map(spaced).collect();
    encoded(&percent_decode(&bytes).collect::<Vec<_>>(), false)
}

/// AWS's URI encoding: everything but unreserved characters, and the slash in paths.
fn encoded(bytes: &[u8], slash: bool) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(*byte)),
            b'/' if slash => text.push('/'),
            // Writing to a string cannot fail.
            byte => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    text
}
