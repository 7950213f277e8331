//! Where API Gateway differs from other services in what it enforces and how it says it.

use slam_cloud_core::dialect::Dialect;

/// API Gateway's.
pub static DIALECT: Dialect = Dialect {
    names_input: true,
    // Recorded: test_update_method_response_negative_tests.
    told_last: &["statusCode"],
    orders: &ORDERS,
    ..Dialect::DEFAULT
};

/// From answers recorded on AWS (LocalStack's snapshots, Apache-2.0).
static ORDERS: [&[&str]; 7] = [
    &["HEAD", "POST", "PATCH", "DELETE", "PUT", "GET", "OPTIONS"],
    &["HTTP", "MOCK", "AWS_PROXY", "HTTP_PROXY", "AWS"],
    &["PRIVATE", "EDGE", "REGIONAL"],
    &["add", "remove", "move", "test", "replace", "copy"],
    &["ipv4", "dualstack"],
    &[
        "RESPONSE_BODY",
        "RESPONSE",
        "METHOD",
        "MODEL",
        "AUTHORIZER",
        "RESPONSE_HEADER",
        "RESOURCE",
        "PATH_PARAMETER",
        "REQUEST_BODY",
        "QUERY_PARAMETER",
        "API",
        "REQUEST_HEADER",
    ],
    &[
        "REQUEST_TOO_LARGE",
        "RESOURCE_NOT_FOUND",
        "AUTHORIZER_CONFIGURATION_ERROR",
        "MISSING_AUTHENTICATION_TOKEN",
        "BAD_REQUEST_BODY",
        "INVALID_SIGNATURE",
        "INVALID_API_KEY",
        "BAD_REQUEST_PARAMETERS",
        "AUTHORIZER_FAILURE",
        "UNAUTHORIZED",
        "INTEGRATION_TIMEOUT",
        "ACCESS_DENIED",
        "DEFAULT_4XX",
        "DEFAULT_5XX",
        "WAF_FILTERED",
        "QUOTA_EXCEEDED",
        "THROTTLED",
        "API_CONFIGURATION_ERROR",
        "UNSUPPORTED_MEDIA_TYPE",
        "INTEGRATION_FAILURE",
        "EXPIRED_TOKEN",
    ],
];
