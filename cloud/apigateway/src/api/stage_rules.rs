//! What the settings of a stage may be.

use crate::error::{bad_request, limit_exceeded};
use crate::model::Texts;
use slam_cloud_core::{AwsError, AwsResult};

/// AWS: "Quotas for configuring and running a REST API".
const VARIABLES: usize = 100;
const VARIABLE_NAME_LENGTH: usize = 64;
const VARIABLE_LENGTH: usize = 512;

/// A cluster would have to cache; its size alone means nothing.
pub(super) fn refuse_cache(enabled: Option<bool>) -> AwsResult<()> {
    match enabled {
        Some(true) => Err(AwsError::unsupported("a stage's cache cluster (cacheClusterEnabled)")),
        _ => Ok(()),
    }
}

pub(super) fn check_variable_count(variables: &Texts) -> AwsResult<()> {
    if variables.len() > VARIABLES { Err(limit_exceeded("stage variables")) } else { Ok(()) }
}

pub(super) fn check_variable(name: &str, value: &str) -> AwsResult<()> {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if name.is_empty() || name.len() > VARIABLE_NAME_LENGTH || !name.bytes().all(word) {
        return Err(bad_request(format!(
            "Invalid stage variable name: {name}. Please use alphanumeric characters and underscores."
        )));
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b" -._~:/?#&=,".contains(&byte);
    if value.len() > VARIABLE_LENGTH || !value.bytes().all(allowed) {
        return Err(bad_request(format!(
            "Invalid stage variable value: {value}. Please use values with alphanumeric characters and the symbols ' ', -', '.', '_', ':', '/', '?', '&', '=', and ','."
        )));
    }
    Ok(())
}
