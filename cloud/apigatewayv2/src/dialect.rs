//! Where the second version of API Gateway differs from other services in what it enforces and how it says it.

use slam_cloud_core::dialect::Dialect;

/// Its inputs that the model does not allow are bad requests, the only error of the model for them.
pub static DIALECT: Dialect = Dialect { invalid_code: "BadRequestException", ..Dialect::DEFAULT };
