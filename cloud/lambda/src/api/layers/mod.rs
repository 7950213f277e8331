//! Layers.
//!
//! - [`versions`]: publishing and deleting.
//! - [`read`]: reading one, listing all.
//! - [`permissions`]: who else may use one.
//! - [`attach`]: the layers of a function.

mod attach;
pub(super) mod permissions;
pub(super) mod read;
pub(super) mod versions;

use crate::error::invalid_parameter;
use slam_cloud_core::AwsResult;

/// The number of a version, as requests have it.
fn number(version: i64) -> AwsResult<u64> {
    let number = u64::try_from(version).ok().filter(|number| *number > 0);
    // Recorded: `test_layer_exceptions`.
    number.ok_or_else(|| invalid_parameter("Layer Version Cannot be less than 1"))
}
