//! Which bodies are bytes.
//!
//! AWS: "Content type conversions in API Gateway" and "Enabling binary support": a body is binary when its media type
//! is one of the API's; `*/*` stands for all. Responses go by the first type of the Accept header.

use crate::request::media_type;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use std::borrow::Cow;

/// An API's binary media types.
#[derive(Clone, Debug, Default)]
pub struct BinaryMediaTypes {
    all: bool,
    types: Vec<String>,
}

impl BinaryMediaTypes {
    /// Those of an API.
    pub fn new(types: &[String]) -> Self {
        Self {
            all: types.iter().any(|kind| kind == "*/*"),
            types: types.iter().map(|kind| kind.to_ascii_lowercase()).collect(),
        }
    }

    /// Whether a body of this Content-Type is bytes.
    pub fn contain(&self, content_type: &str) -> bool {
        self.all || (!self.types.is_empty() && self.types.contains(&media_type(content_type)))
    }

    /// Whether a client that accepts this wants bytes.
    pub fn accepted_by(&self, accept: Option<&str>) -> bool {
        self.all || self.contain(accept.and_then(|accept| accept.split(',').next()).unwrap_or_default())
    }
}

/// A body in an event: text as it is, bytes in base 64. `None` for an empty one.
pub fn event_body<'b>(body: &'b [u8], binary: bool) -> Option<Cow<'b, str>> {
    if body.is_empty() {
        None
    } else if binary {
        Some(STANDARD.encode(body).into())
    } else {
        Some(String::from_utf8_lossy(body))
    }
}

/// Base 64 as clients and functions write it, blanks and missing padding allowed.
pub fn decode_base64(text: &str) -> Option<Bytes> {
    use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::STANDARD,
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    LENIENT.decode(text.trim()).map(Bytes::from).ok()
}

/// What `contentHandling` makes of a request's body, which is text or bytes; `None` when base 64 cannot be decoded.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings-workflow.html>; recorded:
/// test_apigw_s3_binary_support_request.
pub fn converted_request(body: Bytes, handling: Option<&str>, binary: bool) -> Option<Bytes> {
    match (handling, binary) {
        (Some("CONVERT_TO_TEXT"), true) => Some(STANDARD.encode(body).into()),
        (Some("CONVERT_TO_BINARY"), false) => decode_base64(std::str::from_utf8(&body).ok()?),
        (_, true) => Some(body),
        (_, false) => Some(text(body)),
    }
}

/// The same of a response's, for a client that accepts text or bytes. Recorded:
/// test_apigw_s3_binary_support_response_no_content_handling.
pub fn converted_response(body: Bytes, handling: Option<&str>, binary: bool, accepted: bool) -> Option<Bytes> {
    match (handling, binary, accepted) {
        (None, true, false) => Some(STANDARD.encode(body).into()),
        (None, false, true) => decode_base64(std::str::from_utf8(&body).ok()?),
        _ => converted_request(body, handling, binary),
    }
}

/// Text is UTF-8: what is none of it is replaced.
fn text(body: Bytes) -> Bytes {
    match String::from_utf8_lossy(&body) {
        Cow::Borrowed(_) => body,
        Cow::Owned(text) => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn types(types: &[&str]) -> BinaryMediaTypes {
        BinaryMediaTypes::new(&types.iter().map(|kind| (*kind).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_body_is_bytes_by_its_exact_media_type() {
        for (binary, content_type, expected) in [
            (&["image/png"][..], "image/png", true),
            (&["image/png"], "IMAGE/PNG; q=1", true),
            (&["image/png"], "image/jpeg", false),
            (&["image/*"], "image/png", false),
            (&["*/*"], "application/json", true),
            (&["*/*"], "", true),
            (&[], "image/png", false),
        ] {
            assert_eq!(types(binary).contain(content_type), expected, "{binary:?} {content_type}");
        }
    }

    #[test]
    fn bodies_are_converted_by_what_they_are_and_what_is_wanted() {
        let raw = Bytes::from_static(b"\x8b");
        let (text, binary) = (Some("CONVERT_TO_TEXT"), Some("CONVERT_TO_BINARY"));
        for (handling, is_binary, accepted, sent, expected) in [
            (None, false, false, &b"\x8b"[..], Some("\u{fffd}".as_bytes())),
            (None, true, true, b"\x8b", Some(&raw[..])),
            (None, true, false, b"\x8b", Some(b"iw==")),
            (None, false, true, b"iw==", Some(&raw[..])),
            (None, false, true, b"{}", None),
            (text, true, true, b"\x8b", Some(b"iw==")),
            (text, false, true, b"text", Some(b"text")),
            (binary, false, false, b"iw==", Some(&raw[..])),
            (binary, false, false, b"{}", None),
            (binary, true, false, b"\x8b", Some(&raw[..])),
        ] {
            let found = converted_response(Bytes::copy_from_slice(sent), handling, is_binary, accepted);
            assert_eq!(found.as_deref(), expected, "{handling:?} {is_binary} {accepted}");
        }
    }

    #[test]
    fn a_client_is_given_bytes_by_what_it_accepts_first() {
        for (binary, accept, expected) in [
            (&["image/png"][..], Some("image/png,*/*"), true),
            (&["image/png"], Some("text/html,image/png"), false),
            (&["image/png"], Some("*/*"), false),
            (&["image/png"], None, false),
            (&["*/*"], Some("text/html"), true),
            (&["*/*"], None, true),
        ] {
            assert_eq!(types(binary).accepted_by(accept), expected, "{binary:?} {accept:?}");
        }
    }
}
