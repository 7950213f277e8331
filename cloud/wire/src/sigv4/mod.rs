//! AWS Signature Version 4: who signed a request, and whether the signature is theirs.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>

mod canonical;
mod failure;
mod presented;

pub use failure::Failure;
pub use presented::Presented;

use canonical::canonical_request;
use hmac::{Hmac, Mac};
use http::request::Parts;
use sha2::{Digest, Sha256};
use slam_cloud_core::Timestamp;
use subtle::ConstantTimeEq;

/// How far a signature's date may be from now, in seconds.
const TOLERANCE: i64 = 15 * 60;

/// The same of a service: deployed APIs take five minutes, as measured on AWS.
fn tolerance(service: &str) -> i64 {
    if service == "execute-api" { 5 * 60 } else { TOLERANCE }
}

/// The payload hash of requests whose body is not signed.
pub const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// Verifies a request against what was presented with it. `payload_hash` is the hash of the body that arrived, or
/// what S3 takes literally (`UNSIGNED-PAYLOAD`, `STREAMING-…`, or a hash that is checked while the body streams).
///
/// # Errors
/// Why AWS would refuse the request.
pub fn verify(
    presented: &Presented,
    secret: &str,
    head: &Parts,
    payload_hash: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    check_date(presented, now)?;
    let canonical = canonical_request(presented, head, payload_hash)?;
    let Presented { amz_date: date, day, region, service, .. } = presented;
    let scope = format!("{day}/{region}/{service}/aws4_request");
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex_sha256(canonical.as_bytes()));
    let key = signing_key(secret, day, region, service);
    let expected = hex::encode(hmac(&key, text.as_bytes()));
    if bool::from(expected.as_bytes().ct_eq(presented.signature.as_bytes())) { Ok(()) } else { Err(Failure::Mismatch) }
}

fn check_date(presented: &Presented, now: Timestamp) -> Result<(), Failure> {
    let signed_at = presented.signed_at;
    let tolerance = tolerance(&presented.service);
    let age = now.as_second() - signed_at.as_second();
    match presented.expires {
        Some(expires) if age > expires => Err(Failure::PresignedExpired { signed_at, expires, now }),
        Some(_) if age < -tolerance => Err(Failure::NotYetCurrent { signed_at, now, tolerance }),
        Some(_) => Ok(()),
        None if age > tolerance => Err(Failure::Expired { signed_at, now, tolerance }),
        None if age < -tolerance => Err(Failure::NotYetCurrent { signed_at, now, tolerance }),
        None => Ok(()),
    }
}

fn signing_key(secret: &str, day: &str, region: &str, service: &str) -> [u8; 32] {
    let key = hmac(format!("AWS4{secret}").as_bytes(), day.as_bytes());
    let key = hmac(&key, region.as_bytes());
    let key = hmac(&key, service.as_bytes());
    hmac(&key, b"aws4_request")
}

fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// SHA-256 in hexadecimal, as signatures use it.
pub fn hex_sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests;
