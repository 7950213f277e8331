//! How SNS says what is wrong.

use crate::error::DENIED;
use slam_cloud_core::dialect::Dialect;

/// SNS's: a denial has a code of its own, and of the model's demands it tells as other services of its protocol do (recorded:
/// `test_empty_or_wrong_message_attributes`).
pub static DIALECT: Dialect =
    Dialect { invalid_code: "ValidationError", denied_code: Some(DENIED), ..Dialect::DEFAULT };
