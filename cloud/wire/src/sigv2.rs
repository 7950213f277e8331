//! URLs presigned with Signature Version 2, for S3 alone: boto3 still makes them by default for other endpoints.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html>

use crate::host;
use crate::sigv4::Failure;
use crate::uri;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, Mac};
use http::request::Parts;
use sha1::Sha1;
use slam_cloud_core::Timestamp;
use std::collections::BTreeMap;
use subtle::ConstantTimeEq;

/// What such a URL presents, not verified yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Presented {
    /// Whose key signed it.
    pub access_key_id: String,
    /// The token of temporary credentials.
    pub token: Option<String>,
    signature: String,
    expires: String,
    parameters: Vec<(String, String)>,
}

impl Presented {
    /// Reads what a URL presents; `None` when it is not signed in this way.
    pub fn of(head: &Parts) -> Option<Self> {
        let query = head.uri.query()?;
        if !query.contains("AWSAccessKeyId=") {
            return None;
        }
        let parameters = uri::query(query);
        let parameter = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        Some(Self {
            access_key_id: parameter("AWSAccessKeyId")?,
            token: parameter("x-amz-security-token"),
            signature: parameter("Signature")?,
            expires: parameter("Expires")?,
            parameters,
        })
    }

    /// Verifies the URL.
    ///
    /// # Errors
    /// Why S3 would refuse it.
    pub fn verify(&self, secret: &str, head: &Parts, now: Timestamp) -> Result<(), Failure> {
        let expires = self.expires.parse::<i64>().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        let Some(expires) = expires else {
            return Err(Failure::BadQuery("Expires must be a number of seconds since 1970".to_owned()));
        };
        if now > expires {
            return Err(Failure::PresignedExpired { signed_at: expires, expires: 0, now });
        }
        let path = head.uri.path();
        // With the bucket in the host name, the signature still is over a path that begins with it.
        let with_bucket = head
            .headers
            .get("host")
            .and_then(|host| host.to_str().ok())
            .and_then(host::bucket)
            .map(|bucket| format!("/{bucket}{path}"));
        // A bucket's own path ends with a slash in what is signed, whether it does in the URL or not.
        let is_bucket = path.len() > 1 && !path[1..].contains('/');
        let of_bucket = is_bucket.then(|| format!("{path}/"));
        let resources = std::iter::once(path.to_owned()).chain(with_bucket).chain(of_bucket);
        let fits = resources.map(|resource| BASE64.encode(hmac(secret, &self.string_to_sign(head, &resource))));
        let fits =
            fits.fold(false, |fits, expected| fits | bool::from(expected.as_bytes().ct_eq(self.signature.as_bytes())));
        if fits { Ok(()) } else { Err(Failure::Mismatch) }
    }

    fn string_to_sign(&self, head: &Parts, resource: &str) -> String {
        let header = |name: &str| {
            let header = head.headers.get(name).and_then(|value| value.to_str().ok());
            let parameter = self.parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
            header.or(parameter).unwrap_or_default().trim().to_owned()
        };
        let mut amazon = BTreeMap::new();
        for (name, value) in &self.parameters {
            if name.starts_with("x-amz-") {
                amazon.insert(name.clone(), value.trim().to_owned());
            }
        }
        for (name, value) in &head.headers {
            if name.as_str().starts_with("x-amz-") {
                amazon.insert(name.as_str().to_owned(), value.to_str().unwrap_or_default().trim().to_owned());
            }
        }
        let amazon: String = amazon.into_iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let mut signed: Vec<String> = self
            .parameters
            .iter()
            .filter(|(name, _)| SUBRESOURCES.contains(&name.as_str()))
            .map(|(name, value)| if value.is_empty() { name.clone() } else { format!("{name}={value}") })
            .collect();
        signed.sort();
        let question_mark = if signed.is_empty() { "" } else { "?" };
        let Self { expires, .. } = self;
        let (md5, content_type) = (header("content-md5"), header("content-type"));
        let query = signed.join("&");
        format!("{}\n{md5}\n{content_type}\n{expires}\n{amazon}{resource}{question_mark}{query}", head.method)
    }
}

fn hmac(secret: &str, text: &str) -> Vec<u8> {
    let mut mac = <Hmac<Sha1> as Mac>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The parameters that are signed.
const SUBRESOURCES: [&str; 35] = [
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "defaultObjectAcl",
    "delete",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "partNumber",
    "policy",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "select",
    "select-type",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    fn verify(request: http::request::Builder, seconds: i64) -> Result<(), Failure> {
        let (head, ()) = request.body(()).unwrap().into_parts();
        Presented::of(&head).unwrap().verify(SECRET, &head, Timestamp::from_second(seconds).unwrap())
    }

    // Both URLs were made by botocore 1.44.5.
    const GET: &str = "/bucket/a%20b/%C3%BC?versionId=7&response-content-type=text%2Fx%20y&AWSAccessKeyId=AKIDEXAMPLE\
                       &Signature=3moMw5KNwiiIWu1G5SyZwqBtEAU%3D&x-amz-security-token=TOKEN&Expires=1795450500";
    const PUT: &str = "/k?AWSAccessKeyId=AKIDEXAMPLE&Signature=b%2BxslJgVPOwhzfU7Xq%2BQ6y0lSxA%3D\
                       &content-type=text%2Fplain&Expires=1795450500";

    #[test]
    fn urls_made_by_boto3_verify() {
        assert_eq!(verify(Request::get(GET).header("host", "127.0.0.1:4566"), 1_795_450_000), Ok(()));
        assert_eq!(verify(Request::put(PUT).header("host", "bucket.localhost:4566"), 1_795_450_000), Ok(()));
    }

    // As botocore 1.44.8 signs them: the path that is signed is /bucket/ in all of them.
    #[test]
    fn urls_of_buckets_verify() {
        let check = |request: http::request::Builder, host: &str| {
            assert_eq!(verify(request.header("host", host), 1_795_450_000), Ok(()));
        };
        let list =
            "encoding-type=url&AWSAccessKeyId=AKIDEXAMPLE&Signature=fPfgpxvJW9P5Sv93NuGBe8fK3PE%3D&Expires=1795450500";
        let head = "AWSAccessKeyId=AKIDEXAMPLE&Signature=RoIQncYCK7Eoc%2F2CRi64bJuWLZs%3D&Expires=1795450500";
        let location =
            "location&AWSAccessKeyId=AKIDEXAMPLE&Signature=W%2F2Q%2B1%2FQrd%2BUUloCOvqAB2rXWMo%3D&Expires=1795450500";
        check(Request::get(format!("/bucket?{list}")), "127.0.0.1:4566");
        check(Request::get(format!("/?{list}")), "bucket.localhost:4566");
        check(Request::head(format!("/bucket?{head}")), "127.0.0.1:4566");
        check(Request::get(format!("/bucket?{location}")), "127.0.0.1:4566");
        let object = Request::get(format!("/bucket/k?{list}")).header("host", "127.0.0.1:4566");
        assert_eq!(verify(object, 1_795_450_000), Err(Failure::Mismatch));
    }

    #[test]
    fn what_was_changed_does_not_verify() {
        let get = |uri: &str| verify(Request::get(uri).header("host", "127.0.0.1:4566"), 1_795_450_000);
        assert_eq!(get(&GET.replace("versionId=7", "versionId=8")), Err(Failure::Mismatch));
        assert_eq!(get(&GET.replace("TOKEN", "OTHER")), Err(Failure::Mismatch));
        assert_eq!(get(&GET.replace("1795450500", "1795459999")), Err(Failure::Mismatch));
        assert_eq!(get(&GET.replace("/bucket/", "/bucket2/")), Err(Failure::Mismatch));
        let deleted = verify(Request::delete(GET).header("host", "127.0.0.1:4566"), 1_795_450_000);
        assert_eq!(deleted, Err(Failure::Mismatch));
        let with_acl = Request::get(GET).header("host", "127.0.0.1:4566").header("x-amz-acl", "public-read");
        assert_eq!(verify(with_acl, 1_795_450_000), Err(Failure::Mismatch));
    }

    #[test]
    fn urls_expire() {
        let late = verify(Request::get(GET).header("host", "127.0.0.1:4566"), 1_795_450_501);
        assert!(matches!(late, Err(Failure::PresignedExpired { .. })));
    }
}
