//! Identifiers in the forms AWS gives them.

/// A request id: a UUID in its canonical form.
pub fn request_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// `length` characters of `alphabet`, unpredictable.
fn random(alphabet: &[u8], length: usize) -> String {
    let mut bytes = vec![0_u8; length];
    if getrandom::fill(&mut bytes).is_err() {
        // Without the kernel's generator a UUID's still serves: identifiers must be unique, not secret.
        let uuids: Vec<u8> = (0..=length / 16).flat_map(|_| uuid::Uuid::new_v4().into_bytes()).collect();
        bytes.copy_from_slice(&uuids[..length]);
    }
    bytes.iter().map(|byte| alphabet[usize::from(*byte) % alphabet.len()] as char).collect()
}

/// Lower-case letters and digits: `a1b2c3d4e5`.
pub fn lower_alphanumeric(length: usize) -> String {
    random(b"abcdefghijklmnopqrstuvwxyz0123456789", length)
}

/// The characters of base 32: `AB2C3D`.
pub fn base32(length: usize) -> String {
    random(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", length)
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
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = vec![0_u8; length];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| alphabet[usize::from(*byte) % alphabet.len()] as char).collect())
}
