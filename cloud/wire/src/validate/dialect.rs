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

    /// Whether AWS tells of a member of the input after all others, wherever its model has it (recorded:
    /// `test_layer_exceptions`).
    pub(super) fn is_last(&self, member: &str) -> bool {
        self.service == "lambda" && member == "CompatibleArchitectures"
    }

    /// The values that AWS lists for an enumeration at this place, where they are other ones than its model's.
    pub(super) fn listed(&self, path: &str) -> Option<&'static [&'static str]> {
        match (self.service, path) {
            ("lambda", "compatibleRuntime") => Some(&KNOWN_RUNTIMES),
            ("lambda", "compatibleRuntimes") => Some(&OFFERED_RUNTIMES),
            _ => None,
        }
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

/// The runtimes that AWS offers now, in the order in which its messages list them: of a function (recorded:
/// `test_create_lambda_exceptions`), and of a layer that is said to be compatible with one (`test_layer_exceptions`; it
/// accepts more than that: `test_layer_compatibilities`).
pub static OFFERED_RUNTIMES: [&str; 25] = [
    "nodejs20.x",
    "python3.14",
    "provided.al2023",
    "python3.12",
    "python3.13",
    "nodejs24.x",
    "nodejs22.x",
    "java25",
    "python3.10",
    "python3.11",
    "java21",
    "ruby3.3",
    "ruby3.4",
    "ruby3.2",
    "python3.8",
    "python3.9",
    "java17",
    "nodejs16.x",
    "dotnet10",
    "dotnet8",
    "java11",
    "dotnet6",
    "nodejs18.x",
    "provided.al2",
    "java8.al2",
];

/// What AWS lists for a runtime to look layers up by, AWS's own ones among it (recorded: `test_layer_exceptions`).
static KNOWN_RUNTIMES: [&str; 56] = [
    "ruby3.5",
    "ruby2.6",
    "dotnetcore1.0",
    "python3.7",
    "nodejs8.10",
    "nasa",
    "ruby2.7",
    "python2.7-greengrass",
    "dotnetcore2.0",
    "python3.8",
    "java21",
    "dotnet6",
    "dotnetcore2.1",
    "python3.9",
    "java11",
    "nodejs6.10",
    "provided",
    "dotnetcore3.1",
    "dotnet8",
    "java25",
    "java17",
    "nodejs",
    "nodejs4.3",
    "java8.al2",
    "go1.x",
    "dotnet10",
    "nodejs20.x",
    "go1.9",
    "byol",
    "nodejs10.x",
    "provided.al2023",
    "nodejs22.x",
    "python3.10",
    "java8",
    "nodejs12.x",
    "python3.11",
    "nodejs24.x",
    "nodejs8.x",
    "python3.12",
    "nodejs14.x",
    "nodejs8.9",
    "nodejs26.x",
    "python3.13",
    "python3.14",
    "nodejs16.x",
    "python3.15",
    "provided.al2",
    "nodejs4.3-edge",
    "nodejs18.x",
    "ruby3.2",
    "python3.4",
    "ruby3.3",
    "ruby3.4",
    "ruby2.5",
    "python3.6",
    "python2.7",
];
