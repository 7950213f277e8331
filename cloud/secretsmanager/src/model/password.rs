//! Passwords made at random (API reference, GetRandomPassword).

use crate::error::invalid_parameter;
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::secretsmanager::GetRandomPassword;

/// The length where none is asked for.
const LENGTH: i64 = 32;
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const NUMBERS: &str = "0123456789";
const PUNCTUATION: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const SPACE: &str = " ";

/// Makes one.
///
/// # Errors
/// When nothing is left to make it of, or it is too short for one character of each kind.
pub fn make(input: &GetRandomPassword) -> AwsResult<String> {
    let asked = |flag: Option<bool>| flag.unwrap_or(false);
    let excluded = input.exclude_characters.as_deref().unwrap_or_default();
    let kinds = [
        (LOWER, !asked(input.exclude_lowercase)),
        (UPPER, !asked(input.exclude_uppercase)),
        (NUMBERS, !asked(input.exclude_numbers)),
        (PUNCTUATION, !asked(input.exclude_punctuation)),
        (SPACE, asked(input.include_space)),
    ];
    let kept = |kind: &str| kind.bytes().filter(|byte| !excluded.as_bytes().contains(byte)).collect::<Vec<u8>>();
    let kinds = kinds.into_iter().filter(|(_, included)| *included).map(|(kind, _)| kept(kind));
    let kinds: Vec<Vec<u8>> = kinds.filter(|kind| !kind.is_empty()).collect();
    if kinds.is_empty() {
        return Err(invalid_parameter("The password can't be made of nothing: all its characters are excluded."));
    }
    let length = usize::try_from(input.password_length.unwrap_or(LENGTH)).unwrap_or_default();
    let mut password = String::new();
    if input.require_each_included_type.unwrap_or(true) {
        if length < kinds.len() {
            return Err(invalid_parameter("Password length is too short based on the required types."));
        }
        for kind in &kinds {
            password.push_str(&chosen(kind, 1)?);
        }
    }
    password.push_str(&chosen(&kinds.concat(), length - password.len())?);
    shuffled(password.into_bytes())
}

fn chosen(alphabet: &[u8], length: usize) -> AwsResult<String> {
    slam_cloud_core::id::chosen(alphabet, length).map_err(AwsError::internal)
}

/// So that nobody knows where the characters are that each kind must have.
fn shuffled(mut characters: Vec<u8>) -> AwsResult<String> {
    for last in (1..characters.len()).rev() {
        let other = slam_cloud_core::id::below(last + 1).map_err(AwsError::internal)?;
        characters.swap(last, other);
    }
    String::from_utf8(characters).map_err(AwsError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(password: &str, kind: &str) -> bool {
        password.chars().any(|character| kind.contains(character))
    }

    #[test]
    fn a_password_has_what_is_asked_for() {
        let all = make(&GetRandomPassword::default()).unwrap();
        assert_eq!(all.len(), 32);
        assert!([LOWER, UPPER, NUMBERS, PUNCTUATION].into_iter().all(|kind| has(&all, kind)) && !has(&all, SPACE));
        let numbers = GetRandomPassword {
            password_length: Some(500),
            exclude_lowercase: Some(true),
            exclude_uppercase: Some(true),
            exclude_punctuation: Some(true),
            exclude_characters: Some("01".into()),
            ..Default::default()
        };
        let numbers = make(&numbers).unwrap();
        assert!(numbers.bytes().all(|byte| (b'2'..=b'9').contains(&byte)), "{numbers}");
        let short = GetRandomPassword { password_length: Some(5), include_space: Some(true), ..Default::default() };
        let short = make(&short).unwrap();
        assert!([LOWER, UPPER, NUMBERS, PUNCTUATION, SPACE].into_iter().all(|kind| has(&short, kind)), "{short}");
    }

    #[test]
    fn what_cannot_be_made_is_refused() {
        let short = |require| GetRandomPassword {
            password_length: Some(3),
            require_each_included_type: require,
            ..Default::default()
        };
        let message = "Password length is too short based on the required types.";
        assert_eq!(make(&short(None)).unwrap_err().message, message);
        assert_eq!(make(&short(Some(false))).unwrap().len(), 3);
        let nothing = GetRandomPassword {
            exclude_lowercase: Some(true),
            exclude_uppercase: Some(true),
            exclude_punctuation: Some(true),
            exclude_characters: Some(NUMBERS.into()),
            ..Default::default()
        };
        assert_eq!(make(&nothing).unwrap_err().code, "InvalidParameterException");
    }
}
