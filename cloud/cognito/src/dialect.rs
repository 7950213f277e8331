//! Where Cognito differs from other services in how it says what is wrong.

use slam_cloud_core::dialect::Dialect;

/// Cognito's: what its model does not allow is an `InvalidParameterException` (API reference, "Common errors" of each operation).
pub static DIALECT: Dialect = Dialect { invalid_code: "InvalidParameterException", ..Dialect::DEFAULT };
