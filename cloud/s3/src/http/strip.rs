//! Takes the traces of a signature off a request: the server has verified it, and s3s shall not try.

use crate::error::{Answer, Fault};
use ::http::request::Parts;
use ::http::uri::PathAndQuery;
use ::http::{HeaderName, HeaderValue, header};
use percent_encoding::percent_decode_str;
use std::str::FromStr;

/// What the chunks of a body are signed with, beside the secret.
pub struct Signature {
    /// The access key's id.
    pub access_key: String,
    /// `20261123/us-east-1/s3/aws4_request`
    pub scope: String,
    /// `x-amz-date`
    pub date: String,
    /// The signature of the headers, which the first chunk's continues.
    pub seed: String,
}

/// The parameters of a presigned URL, the last three those of Signature Version 2.
const PRESIGNED: [&str; 10] = [
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-signedheaders",
    "x-amz-signature",
    "x-amz-security-token",
    "awsaccesskeyid",
    "signature",
    "expires",
];

/// Takes the signature off; answers what a header's was made of.
///
/// # Errors
/// When the target cannot be put together again.
pub fn signature(parts: &mut Parts) -> Answer<Option<Signature>> {
    strip_query(parts)?;
    let authorization = parts.headers.remove(header::AUTHORIZATION);
    let date = parts.headers.get("x-amz-date").and_then(|date| date.to_str().ok()).unwrap_or_default();
    Ok(authorization.and_then(|value| parse(value.to_str().ok()?, date)))
}

fn parse(authorization: &str, date: &str) -> Option<Signature> {
    let fields = authorization.strip_prefix("AWS4-HMAC-SHA256")?;
    let field = |name: &str| fields.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='));
    let (access_key, scope) = field("Credential")?.split_once('/')?;
    Some(Signature {
        access_key: access_key.to_owned(),
        scope: scope.to_owned(),
        date: date.to_owned(),
        seed: field("Signature")?.to_owned(),
    })
}

/// Takes the signature out of a presigned URL, and makes headers of what SDKs have put into it instead.
fn strip_query(parts: &mut Parts) -> Answer<()> {
    let Some(query) = parts.uri.query() else { return Ok(()) };
    let name_of = |pair: &str| pair.split('=').next().unwrap_or_default().to_ascii_lowercase();
    let pairs: Vec<&str> = query.split('&').collect();
    if !pairs.iter().any(|pair| matches!(&*name_of(pair), "x-amz-signature" | "awsaccesskeyid")) {
        return Ok(());
    }
    let mut kept = Vec::new();
    for pair in pairs {
        let name = name_of(pair);
        if PRESIGNED.contains(&name.as_str()) {
            continue;
        }
        if is_header(&name)
            && let Ok(header) = HeaderName::from_str(&name)
        {
            let value = percent_decode_str(pair.split_once('=').map_or("", |(_, value)| value)).decode_utf8_lossy();
            if let Ok(value) = HeaderValue::from_str(&value)
                && !parts.headers.contains_key(&header)
            {
                parts.headers.insert(header, value);
            }
            continue;
        }
        kept.push(pair);
    }
    let kept = kept.join("&");
    set_query(parts, &kept)
}

/// Whether a presigned URL's parameter stands for a header. Conditions do (asserted on
/// AWS: test_pre_signed_url_if_match).
fn is_header(name: &str) -> bool {
    const CONDITIONS: [&str; 4] = ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"];
    name.starts_with("x-amz-") || matches!(name, "content-type" | "content-md5") || CONDITIONS.contains(&name)
}

/// Replaces a target's query.
///
/// # Errors
/// When the target cannot be put together again.
pub fn set_query(parts: &mut Parts, query: &str) -> Answer<()> {
    let target = match query.is_empty() {
        true => parts.uri.path().to_owned(),
        false => format!("{}?{query}", parts.uri.path()),
    };
    let invalid = || Fault::new("InvalidURI", 400, "Couldn't parse the specified URI.");
    let mut uri = parts.uri.clone().into_parts();
    uri.path_and_query = Some(PathAndQuery::from_str(&target).map_err(|_| invalid())?);
    parts.uri = ::http::Uri::from_parts(uri).map_err(|_| invalid())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_presigned_url_loses_its_signature_and_gives_its_headers() {
        let uri = "/b/k%20x?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20261123%2Fus-east-1%2Fs3%2Faws4_request\
                   &X-Amz-Signature=abc&versionId=v&x-amz-meta-a=b%20c&If-Match=e&response-content-type=text%2Fplain";
        let (mut parts, ()) = ::http::Request::get(uri).body(()).unwrap().into_parts();
        assert!(signature(&mut parts).unwrap().is_none());
        assert_eq!(parts.uri, "/b/k%20x?versionId=v&response-content-type=text%2Fplain");
        assert_eq!(parts.headers["x-amz-meta-a"], "b c");
        assert_eq!(parts.headers["if-match"], "e");
    }

    #[test]
    fn a_header_tells_what_chunks_are_signed_with() {
        let authorization = "AWS4-HMAC-SHA256 Credential=AKIA/20261123/us-east-1/s3/aws4_request, \
                             SignedHeaders=host;x-amz-date, Signature=abc";
        let found = parse(authorization, "20261123T000000Z").unwrap();
        assert_eq!((found.access_key.as_str(), found.seed.as_str()), ("AKIA", "abc"));
        assert_eq!(found.scope, "20261123/us-east-1/s3/aws4_request");
    }
}
