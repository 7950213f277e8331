//! Where Lambda differs from other services in what it enforces and how it says it.

use slam_cloud_core::dialect::Dialect;

/// Lambda's. A wrong runtime of a function it answers in other words and with another code (recorded:
/// `test_create_lambda_exceptions`), so the service itself does; of `CompatibleArchitectures` it tells last (recorded:
/// `test_layer_exceptions`).
pub static DIALECT: Dialect = Dialect {
    scalars_not_null: true,
    unenforced: &["runtime"],
    told_last: &["CompatibleArchitectures"],
    listed: &[("compatibleRuntime", &KNOWN_RUNTIMES), ("compatibleRuntimes", &OFFERED_RUNTIMES)],
    orders: &ORDERS,
    message_member: |code| if CAPITAL_MESSAGE.contains(&code) { "Message" } else { "message" },
    ..Dialect::DEFAULT
};

/// From answers recorded on AWS (LocalStack's snapshots, Apache-2.0), of a URL's modes in `test_lambda_url_invalid_invoke_mode`.
static ORDERS: [&[&str]; 6] = [
    &["LATEST", "AT_TIMESTAMP", "TRIM_HORIZON"],
    &["MILLISECOND", "MICROSECOND"],
    &["PublishedVersions", "None"],
    &["RESPONSE_STREAM", "BUFFERED"],
    &["Terminate", "Allow"],
    &["x86_64", "arm64"],
];

/// The errors whose text is called `Message` in its model; the others' is called `message`.
static CAPITAL_MESSAGE: [&str; 30] = [
    "CodeSigningConfigNotFoundException",
    "CodeVerificationFailedException",
    "DurableExecutionAlreadyStartedException",
    "EC2AccessDeniedException",
    "EC2ThrottledException",
    "EC2UnexpectedException",
    "EFSIOException",
    "EFSMountConnectivityException",
    "EFSMountFailureException",
    "EFSMountTimeoutException",
    "ENILimitReachedException",
    "InvalidCodeSignatureException",
    "InvalidRuntimeException",
    "InvalidSecurityGroupIDException",
    "InvalidSubnetIDException",
    "InvalidZipFileException",
    "KMSAccessDeniedException",
    "KMSDisabledException",
    "KMSInvalidStateException",
    "KMSNotFoundException",
    "NoPublishedVersionException",
    "PublicPolicyException",
    "RecursiveInvocationException",
    "ResourceInUseException",
    "ResourceNotFoundException",
    "ServiceException",
    "ServiceQuotaExceededException",
    "SnapStartException",
    "SnapStartNotReadyException",
    "SubnetIPAddressLimitReachedException",
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

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_core::{Operation, Shape};
    use slam_cloud_wire::protocol::Voice;
    use slam_cloud_wire::{lambda, validate};

    // lambda_/test_lambda_api.snapshot.json, TestLambdaLayer::test_layer_exceptions
    #[test]
    fn runtimes_of_a_layer_are_enumerated_without_more_ado() {
        let layer = lambda::PublishLayerVersion {
            layer_name: "l".into(),
            compatible_runtimes: Some(vec!["invalidruntime".into(), "nodejs20.x".into()]),
            compatible_architectures: Some(vec!["invalidarch".into(), "x86_64".into()]),
            ..Default::default()
        };
        let voice = Voice::preferred(&lambda::SERVICE, &DIALECT);
        let error = validate(&voice, lambda::PublishLayerVersion::MODEL, &layer.into_value()).unwrap_err();
        assert_eq!(
            error.message,
            "2 validation errors detected: Value '[invalidruntime, nodejs20.x]' at 'compatibleRuntimes' failed to \
             satisfy constraint: Member must satisfy enum value set: [nodejs20.x, python3.14, provided.al2023, \
             python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, python3.11, java21, ruby3.3, \
             ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, java11, dotnet6, \
             nodejs18.x, provided.al2, java8.al2]; Value '[invalidarch, x86_64]' at 'compatibleArchitectures' failed \
             to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, \
             arm64], Member must not be null]",
        );
    }
}
