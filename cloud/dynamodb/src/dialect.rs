//! Where DynamoDB differs from other services in what it enforces and how it says it.

use slam_cloud_core::dialect::Dialect;

/// DynamoDB's, and its streams': their codes carry a namespace, which clients cut off.
pub static DIALECT: Dialect = Dialect { namespace, ..Dialect::DEFAULT };

fn namespace(code: &str) -> &'static str {
    const COMMON: [&str; 8] = [
        "AccessDeniedException",
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "SerializationException",
        "UnknownOperationException",
        "UnrecognizedClientException",
        "ExpiredTokenException",
    ];
    match code {
        "ValidationException" => "com.amazon.coral.validate#",
        code if COMMON.contains(&code) => "com.amazon.coral.service#",
        _ => "com.amazonaws.dynamodb.v20120810#",
    }
}
