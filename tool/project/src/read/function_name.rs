//! What functions may be called.

/// Logical ids are made of names, and CloudFormation's are of 255 characters at most; people read them.
pub(super) const LONGEST: usize = 40;

/// Whether a function may be called so.
pub(super) fn is_one(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.len() <= LONGEST && name.bytes().all(legal)
}
