//! Where CloudWatch Logs differs from other services in what it enforces and how it says it.

use slam_cloud_core::dialect::Dialect;

/// CloudWatch Logs'. The order is from answers recorded on AWS (LocalStack's snapshots, Apache-2.0).
pub static DIALECT: Dialect = Dialect {
    invalid_code: "InvalidParameterException",
    orders: &[&["w3c", "raw", "json", "plain", "parquet"]],
    ..Dialect::DEFAULT
};
