//! Where DynamoDB differs from other services in what it enforces and how it says it.

use slam_cloud_core::dialect::{Dialect, Front};

/// DynamoDB's, and its streams': their codes carry a namespace, which clients cut off.
pub static DIALECT: Dialect = Dialect {
    front: Front::Coral,
    namespace,
    message_member: |code| if CAPITAL_MESSAGE.contains(&code) { "Message" } else { "message" },
    ..Dialect::DEFAULT
};

/// The errors that have a `Message` (asserted on AWS: dynalite's suite, test/helpers.js; dynoxide-rs 3.2.0, src/errors.rs).
const CAPITAL_MESSAGE: [&str; 3] = ["AccessDeniedException", "SerializationException", "TransactionCanceledException"];

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
