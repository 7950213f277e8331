//! Where EventBridge differs from other services in how it says what is wrong.

use slam_cloud_core::dialect::Dialect;

/// EventBridge's.
pub static DIALECT: Dialect = Dialect {
    // Recorded: `test_create_connection_invalid_parameters`, `test_create_api_destination_invalid_parameters`.
    orders: &[
        &["BASIC", "OAUTH_CLIENT_CREDENTIALS", "API_KEY"],
        &["HEAD", "POST", "PATCH", "DELETE", "PUT", "GET", "OPTIONS"],
    ],
    // `put` is taken, too (recorded: `test_api_destinations`).
    unenforced: &["authParameters.oAuthParameters.httpMethod"],
    ..Dialect::DEFAULT
};
