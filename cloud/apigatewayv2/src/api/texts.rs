//! The lengths of names and descriptions.

use crate::error::bad_request;
use slam_cloud_core::AwsResult;

/// AWS's lengths of names: `StringWithLengthBetween1And128`.
pub(super) fn named(name: &str) -> AwsResult<String> {
    match name.chars().count() {
        1..=128 => Ok(name.to_owned()),
        _ => Err(bad_request("Name must be between 1 and 128 characters long")),
    }
}

/// `StringWithLengthBetween0And1024`; an empty one is none.
pub(super) fn checked_description(description: Option<String>) -> AwsResult<Option<String>> {
    match description {
        Some(text) if text.chars().count() > 1024 => {
            Err(bad_request("Description must be at most 1024 characters long"))
        }
        text => Ok(text.filter(|text| !text.is_empty())),
    }
}
