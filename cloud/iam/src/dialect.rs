//! Where IAM and STS differ from other services in what they enforce and how they say it.

use slam_cloud_core::dialect::Dialect;

/// Services that speak forms have a code of their own.
pub static DIALECT: Dialect = Dialect { invalid_code: "ValidationError", ..Dialect::DEFAULT };
