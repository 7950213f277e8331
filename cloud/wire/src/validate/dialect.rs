//! Where AWS's services differ in what they enforce and how they say it.

/// How one service validates.
pub(super) struct Dialect {
    service: &'static str,
    /// The error's code.
    pub code: &'static str,
    /// Whether members of the body are named with the input: `createRestApiInput.name`.
    pub names_input: bool,
    /// Whether scalars in a list are told not to be null, beside the other demands.
    pub scalars_not_null: bool,
}

impl Dialect {
    pub(super) fn of(service: &'static str) -> Self {
        let code = match service {
            "iam" | "sts" | "cloudformation" => "ValidationError",
            "logs" => "InvalidParameterException",
            _ => "ValidationException",
        };
        Self { service, code, names_input: service == "apigateway", scalars_not_null: service == "lambda" }
    }

    /// Whether an enumeration's values are enforced. Lambda answers a wrong runtime in other words and with another
    /// code (recorded: test_create_lambda_exceptions), so the service itself does.
    pub(super) fn enforces_values(&self, path: &str) -> bool {
        !(self.service == "lambda" && path == "runtime")
    }
}

/// An enumeration's values in the order in which AWS lists them, where an answer was recorded; it is that of a hash
/// table, so it cannot be told from the model.
pub(super) fn ordered(values: &'static [&'static str]) -> &'static [&'static str] {
    let same = |order: &&&[&str]| order.len() == values.len() && values.iter().all(|value| order.contains(value));
    RECORDED.iter().find(same).copied().unwrap_or(values)
}

/// From answers recorded on AWS (LocalStack's snapshots, Apache-2.0).
static RECORDED: [&[&str]; 14] = [
    &["HEAD", "POST", "PATCH", "DELETE", "PUT", "GET", "OPTIONS"],
    &["HTTP", "MOCK", "AWS_PROXY", "HTTP_PROXY", "AWS"],
    &["LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"],
    &["MILLISECOND", "MICROSECOND"],
    &["PRIVATE", "EDGE", "REGIONAL"],
    &["PublishedVersions", "None"],
    &["RESPONSE_STREAM", "BUFFERED"],
    &["Terminate", "Allow"],
    &["add", "remove", "move", "test", "replace", "copy"],
    &["ipv4", "dualstack"],
    &["w3c", "raw", "json", "plain", "parquet"],
    &["x86_64", "arm64"],
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
