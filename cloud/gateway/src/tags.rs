//! Tags of what API Gateway has, in both versions.

use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_kit::tags::{self, Refused};
use std::collections::BTreeMap;

/// Whether a resource may have these tags.
///
/// # Errors
/// `BadRequestException`
pub fn check(tags: &BTreeMap<String, String>) -> AwsResult<()> {
    tags::check(tags, &["aws:cloudformation:"]).map_err(|refused| {
        let message = match refused {
            Refused::TooMany => "A resource can have at most 50 tags".to_owned(),
            Refused::Reserved(name) => format!("Invalid tag key {name}: the prefix aws: is reserved"),
            other => other.to_string(),
        };
        AwsError::bad_request("BadRequestException", message)
    })
}
