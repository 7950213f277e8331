//! AWS's own signing test suite (see fixtures/sigv4/NOTICE), and what it does not cover.

use super::*;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use slam_cloud_core::schema::Protocol;
use std::path::PathBuf;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn suite() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/sigv4")
}

/// Reads a request as the suite writes it: one line, headers, an empty line, the body.
fn read(text: &str) -> Option<(Parts, String)> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end_matches('\n'), ""));
    let mut lines = head.lines();
    let request_line = lines.next()?.strip_suffix(" HTTP/1.1")?;
    let (method, target) = request_line.split_once(' ')?;
    let mut request = Request::new(());
    *request.method_mut() = method.parse::<Method>().ok()?;
    *request.uri_mut() = target.parse::<Uri>().ok()?;
    for line in lines {
        let (name, value) = line.split_once(':')?;
        request.headers_mut().append(name.parse::<HeaderName>().ok()?, value.trim().parse::<HeaderValue>().ok()?);
    }
    Some((request.into_parts().0, body.to_owned()))
}

fn moment(presented: &Presented) -> Timestamp {
    presented.signed_at
}

/// Every vector verifies, and none verifies with one character of its signature changed.
#[test]
fn the_published_vectors_verify() {
    let mut verified = 0;
    let mut folders: Vec<_> = std::fs::read_dir(suite()).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let unnormalized = folder.to_string_lossy().ends_with("-unnormalized");
        for kind in ["header", "query"] {
            let file = folder.join(format!("{kind}-signed-request.txt"));
            let text = std::fs::read_to_string(&file).unwrap();
            // What no HTTP server lets through: a folded header, raw bytes and spaces in the request line.
            let Some((head, body)) = read(&text) else { continue };
            let presented = Presented::of(&head).unwrap().unwrap();
            let payload = hex_sha256(body.as_bytes());
            let result = verify(&presented, SECRET, &head, &payload, moment(&presented));
            // Clients may choose not to normalise; no service of AWS but S3 is signed for that way. Nor does any of
            // ours take a token that was added to the query string after signing.
            if unnormalized || (kind == "query" && folder.ends_with("post-sts-header-after")) {
                continue;
            }
            assert!(result.is_ok(), "{}: {:?}", file.display(), result.err());
            verified += 1;
            let mut forged = presented.clone();
            let last = if forged.signature.ends_with('0') { "1" } else { "0" };
            forged.signature.replace_range(63.., last);
            assert_eq!(verify(&forged, SECRET, &head, &payload, moment(&presented)).err(), Some(Failure::Mismatch));
        }
    }
    assert!(verified >= 50, "only {verified} vectors were read");
}

const AUTHORIZATION: &str = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
    SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";

fn request(authorization: &str, date: &str) -> Parts {
    Request::get("/")
        .header("host", "example.amazonaws.com")
        .header("x-amz-date", date)
        .header("authorization", authorization)
        .body(())
        .unwrap()
        .into_parts()
        .0
}

/// Signed by botocore, which sends a space as a plus and signs it as `%20`.
#[test]
fn a_plus_in_a_query_string_is_a_space() {
    let signature = "df7d947b3b89191b3495b2111c81e32424d58b97073c680f6079298dfffcd258";
    let (start, _) = AUTHORIZATION.rsplit_once('=').unwrap();
    let mut head = request(&format!("{start}={signature}"), "20150830T123600Z");
    head.method = Method::POST;
    let mut verified = |query: &str| {
        head.uri = format!("/?{query}").parse().unwrap();
        let presented = Presented::of(&head).unwrap().unwrap();
        verify(&presented, SECRET, &head, &hex_sha256(b""), presented.signed_at).is_ok()
    };
    assert!(verified("Action=Publish&Message=test+message"));
    assert!(verified("Action=Publish&Message=test%20message"));
    assert!(!verified("Action=Publish&Message=test%2Bmessage"));
}

#[test]
fn signatures_are_valid_for_a_quarter_of_an_hour() {
    let text = std::fs::read_to_string(suite().join("get-vanilla/header-signed-request.txt")).unwrap();
    let (head, _) = read(&text).unwrap();
    let presented = Presented::of(&head).unwrap().unwrap();
    let at = |seconds: i64| {
        let now = Timestamp::from_second(presented.signed_at.as_second() + seconds).unwrap();
        verify(&presented, SECRET, &head, &hex_sha256(b""), now).err()
    };
    assert_eq!(at(899), None);
    assert!(matches!(at(901), Some(Failure::Expired { .. })));
    assert_eq!(at(-899), None);
    assert!(matches!(at(-901), Some(Failure::NotYetCurrent { .. })));
    let error = at(16 * 60).unwrap().into_error(Protocol::Query);
    assert_eq!(error.code, "SignatureDoesNotMatch");
    assert_eq!(
        error.message,
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123700Z (20150830T125200Z - 15 min.)"
    );
}

#[test]
fn presigned_urls_expire() {
    let text = std::fs::read_to_string(suite().join("get-vanilla/query-signed-request.txt")).unwrap();
    let (head, _) = read(&text).unwrap();
    let presented = Presented::of(&head).unwrap().unwrap();
    assert_eq!(presented.expires, Some(3600));
    let late = Timestamp::from_second(presented.signed_at.as_second() + 3601).unwrap();
    let failure = verify(&presented, SECRET, &head, &hex_sha256(b""), late).err();
    assert!(matches!(failure, Some(Failure::PresignedExpired { .. })));
}

#[test]
fn what_is_malformed_says_what_is_missing() {
    let check = |authorization: &str, date: &str, expected: &str| {
        let failure = Presented::of(&request(authorization, date)).unwrap_err();
        let message = failure.into_error(Protocol::Query).message;
        assert!(message.contains(expected), "{message}");
    };
    check("Bearer x", "20150830T123600Z", "Unsupported AWS 'algorithm': 'Bearer'");
    check("AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request", "20150830T123600Z", "requires 'Signature' parameter");
    check(&AUTHORIZATION.replace("/service", ""), "20150830T123600Z", "exactly 5 slash-delimited elements");
    check(AUTHORIZATION, "yesterday", "ISO-8601 'basic format'");
    check(AUTHORIZATION, "20150831T123600Z", "Date in Credential scope does not match");
    check(&AUTHORIZATION.replace("host;", ""), "20150830T123600Z", "'Host' or ':authority' must be a 'SignedHeader'");
}

#[test]
fn a_request_is_signed_once() {
    let mut head = request(AUTHORIZATION, "20150830T123600Z");
    head.uri = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256".parse().unwrap();
    assert_eq!(Presented::of(&head), Err(Failure::TwoMechanisms));
    head.headers.clear();
    assert!(matches!(Presented::of(&head), Err(Failure::BadQuery(_))));
    head.uri = "/".parse().unwrap();
    assert_eq!(Presented::of(&head), Ok(None));
}

#[test]
fn s3_refuses_amazon_headers_that_are_not_signed() {
    let mut head = request(&AUTHORIZATION.replace("/service", "/s3"), "20150830T123600Z");
    head.headers.insert("x-amz-acl", HeaderValue::from_static("public-read"));
    let presented = Presented::of(&head).unwrap().unwrap();
    let failure = verify(&presented, SECRET, &head, UNSIGNED_PAYLOAD, presented.signed_at).err();
    assert_eq!(failure, Some(Failure::HeadersNotSigned("x-amz-acl".to_owned())));
}

#[test]
fn s3_tells_of_a_presigned_urls_credential() {
    let mut head = request(AUTHORIZATION, "20150830T123600Z");
    head.headers.remove("authorization");
    let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%252F20150830&X-Amz-Date=20150830T123600Z\
                 &X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=x";
    head.uri = format!("/?{query}").parse().unwrap();
    let failure = Presented::of(&head).unwrap_err();
    let told = failure.clone().into_error(Protocol::RestXml);
    assert_eq!((&*told.code, told.status), ("AuthorizationQueryParametersError", 400));
    assert!(told.message.starts_with("Error parsing the X-Amz-Credential parameter;"), "{told}");
    let told = failure.into_error(Protocol::Query);
    assert_eq!(&*told.code, "IncompleteSignature");
}
