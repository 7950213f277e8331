//! Where CloudFormation differs from other services in what it enforces and how it says it.

use slam_cloud_core::dialect::Dialect;

/// Services that speak forms have a code of their own.
pub static DIALECT: Dialect = Dialect { invalid_code: "ValidationError", ..Dialect::DEFAULT };
