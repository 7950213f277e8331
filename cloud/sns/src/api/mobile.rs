//! Mobile push: nobody has applications here, as creating one is refused by name. What is asked of one is answered as on AWS, where
//! it is not there.

use crate::SnsService;
use crate::error::{invalid_because, no_such_application, no_such_endpoint};
use crate::model::name::elements;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::sns as wire;
use std::sync::Arc;

/// The longest name of an application.
const LONGEST: usize = 256;
/// The push services (API reference, CreatePlatformApplication).
const PLATFORMS: [&str; 11] = [
    "ADM",
    "APNS",
    "APNS_SANDBOX",
    "APNS_VOIP",
    "APNS_VOIP_SANDBOX",
    "BAIDU",
    "GCM",
    "MACOS",
    "MACOS_SANDBOX",
    "MPNS",
    "WNS",
];

/// CreatePlatformApplication: refused, once it is known that AWS would do it (recorded:
/// `test_create_platform_application_invalid_name`, `test_create_platform_application_invalid_platform`,
/// `test_create_platform_application_invalid_attributes`).
pub async fn create_application(
    _: Arc<SnsService>,
    _: Context,
    input: wire::CreatePlatformApplication,
) -> AwsResult<wire::CreatePlatformApplicationResponse> {
    let name = &input.name;
    let is_of_names = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if name.is_empty() {
        return Err(invalid_because(name, "cannot be empty"));
    }
    if name.len() > LONGEST {
        return Err(invalid_because(name, format_args!("must be at most {LONGEST} characters long")));
    }
    if !name.bytes().all(is_of_names) {
        let reason = "must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'";
        return Err(invalid_because(name, reason));
    }
    if !PLATFORMS.contains(&&*input.platform) {
        return Err(invalid_because("Platform", format_args!("{} is not supported", input.platform)));
    }
    let [principal, credential] = ["PlatformPrincipal", "PlatformCredential"];
    for (one, other) in [(principal, credential), (credential, principal)] {
        if input.attributes.contains_key(one) && !input.attributes.contains_key(other) {
            return Err(invalid_because("Attributes", format_args!("{one} attribute provided without {other}")));
        }
    }
    Err(AwsError::unsupported("mobile push, to which platform applications belong,"))
}

/// ListPlatformApplications
pub async fn applications(
    _: Arc<SnsService>,
    _: Context,
    _: wire::ListPlatformApplications,
) -> AwsResult<wire::ListPlatformApplicationsResponse> {
    Ok(wire::ListPlatformApplicationsResponse { platform_applications: Some(Vec::new()), next_token: None })
}

/// What is asked of things that are not there.
macro_rules! of_nothing {
    ($($function:ident: $operation:ident -> $output:ident, $missing:ident of $arn:ident;)*) => {$(
        #[doc = stringify!($operation)]
        pub async fn $function(_: Arc<SnsService>, _: Context, input: wire::$operation) -> AwsResult<wire::$output> {
            Err($missing(&input.$arn))
        }
    )*};
}

of_nothing! {
    get_application: GetPlatformApplicationAttributes -> GetPlatformApplicationAttributesResponse,
        application of platform_application_arn;
    set_application: SetPlatformApplicationAttributes -> SetPlatformApplicationAttributesOutput,
        application of platform_application_arn;
    create_endpoint: CreatePlatformEndpoint -> CreateEndpointResponse, application of platform_application_arn;
    endpoints: ListEndpointsByPlatformApplication -> ListEndpointsByPlatformApplicationResponse,
        application of platform_application_arn;
    get_endpoint: GetEndpointAttributes -> GetEndpointAttributesResponse, endpoint of endpoint_arn;
    set_endpoint: SetEndpointAttributes -> SetEndpointAttributesOutput, endpoint of endpoint_arn;
}

/// Says that an application is not there, or that this is no ARN (recorded: `test_get_platform_application_attributes_invalid_arn`,
/// `test_get_platform_application_attributes_non_existing_app`, `test_set_platform_application_attributes_non_existing_app`,
/// `test_create_platform_endpoint_non_existent_app`).
fn application(arn: &str) -> AwsError {
    elements(arn, "PlatformApplicationArn").err().unwrap_or_else(no_such_application)
}

/// The same of an endpoint (recorded: `test_get_platform_endpoint_attributes_non_existent_endpoint`,
/// `test_set_platform_endpoint_attributes_non_existent_endpoint`, `test_set_platform_endpoint_attributes_invalid_arn`).
fn endpoint(arn: &str) -> AwsError {
    check_endpoint(arn).err().unwrap_or_else(no_such_endpoint)
}

/// `endpoint/PLATFORM/APPLICATION/ID`
fn check_endpoint(arn: &str) -> AwsResult<()> {
    elements(arn, "EndpointArn")?;
    if arn.matches('/').count() == 3 {
        return Ok(());
    }
    Err(invalid_because("EndpointArn", "Wrong number of slashes in relative portion of the ARN."))
}

/// DeletePlatformApplication, which need not be there.
pub async fn delete_application(
    _: Arc<SnsService>,
    _: Context,
    input: wire::DeletePlatformApplication,
) -> AwsResult<wire::DeletePlatformApplicationOutput> {
    elements(&input.platform_application_arn, "PlatformApplicationArn")?;
    Ok(wire::DeletePlatformApplicationOutput::default())
}

/// DeleteEndpoint: "This action is idempotent" (API reference).
pub async fn delete_endpoint(
    _: Arc<SnsService>,
    _: Context,
    input: wire::DeleteEndpoint,
) -> AwsResult<wire::DeleteEndpointOutput> {
    check_endpoint(&input.endpoint_arn)?;
    Ok(wire::DeleteEndpointOutput::default())
}
