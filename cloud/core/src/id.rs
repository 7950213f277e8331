//! Identifiers in the forms AWS gives them.
//!
//! The id of what a request makes follows from the request's own id ([`made_by`], [`access_key_made_by`]), which nobody can guess and
//! no client chooses. So a service that makes a request can note its id before it is made, and find what was made when it was
//! ended before it heard of it.

use sha2::{Digest as _, Sha256};

/// A request id: a UUID in its canonical form.
pub fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// The id of a request that is made for what has this name. The name has a random part.
pub fn request_for(name: &str) -> String {
    let digest = Sha256::digest(name.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// `length` lower-case letters and digits, at most 32: the id of the `what` that a request makes, of which it makes one.
pub fn made_by(request_id: &str, what: &str, length: usize) -> String {
    spelled(LOWER_ALPHANUMERIC, &derived(request_id, what)[..length.min(32)])
}

/// A UUID: the id of the `what` that a request makes, of which it makes one.
pub fn uuid_made_by(request_id: &str, what: &str) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&derived(request_id, what)[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// The id of the access key that a request makes for a user.
pub fn access_key_made_by(request_id: &str) -> String {
    format!("AKIA{}", spelled(BASE32, &derived(request_id, "AccessKey")[..16]))
}

fn derived(request_id: &str, what: &str) -> [u8; 32] {
    Sha256::new_with_prefix(what).chain_update([0]).chain_update(request_id).finalize().into()
}

fn spelled(alphabet: &[u8], bytes: &[u8]) -> String {
    bytes.iter().map(|byte| alphabet[usize::from(*byte) % alphabet.len()] as char).collect()
}

const LOWER_ALPHANUMERIC: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// `length` characters of `alphabet`, unpredictable.
fn random(alphabet: &[u8], length: usize) -> String {
    let mut bytes = vec![0_u8; length];
    if getrandom::fill(&mut bytes).is_err() {
        // Without the kernel's generator a UUID's still serves: identifiers must be unique, not secret.
        let uuids: Vec<u8> = (0..=length / 16).flat_map(|_| uuid::Uuid::new_v4().into_bytes()).collect();
        bytes.copy_from_slice(&uuids[..length]);
    }
    spelled(alphabet, &bytes)
}

/// Lower-case letters and digits: `a1b2c3d4e5`.
pub fn lower_alphanumeric(length: usize) -> String {
    random(LOWER_ALPHANUMERIC, length)
}

/// The characters of base 32: `AB2C3D`.
pub fn base32(length: usize) -> String {
    random(BASE32, length)
}

/// The id of an access key of a kind, `AKIA` or `ASIA`.
pub fn access_key(kind: &str) -> String {
    format!("{kind}{}", base32(16))
}

/// Upper-case letters and digits: `1A2B3C4D5E6F7`.
pub fn upper_alphanumeric(length: usize) -> String {
    random(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", length)
}

/// A secret of `length` characters in base-64's alphabet, as AWS's secret access keys are (40).
///
/// # Errors
/// When the kernel's random generator cannot be read: a secret must never come from a weaker source.
pub fn secret(length: usize) -> Result<String, getrandom::Error> {
    chosen(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", length)
}

/// Letters of both cases: `AbCdEf`.
///
/// # Errors
/// When the kernel's random generator cannot be read.
pub fn letters(length: usize) -> Result<String, getrandom::Error> {
    chosen(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", length)
}

/// `length` characters of an alphabet in ASCII, each as likely as any other.
///
/// # Errors
/// When the kernel's random generator cannot be read.
pub fn chosen(alphabet: &[u8], length: usize) -> Result<String, getrandom::Error> {
    (0..length).map(|_| below(alphabet.len()).map(|index| alphabet[index] as char)).collect()
}

/// A number below another one (which is not 0), each as likely as any other.
///
/// # Errors
/// When the kernel's random generator cannot be read.
pub fn below(bound: usize) -> Result<usize, getrandom::Error> {
    let bound = bound.max(1) as u64;
    // What is left over of the range above its last whole multiple of the bound would favour the first numbers.
    let multiple = u64::MAX - u64::MAX % bound;
    loop {
        let number = getrandom::u64()?;
        if number < multiple {
            return Ok((number % bound) as usize);
        }
    }
}
