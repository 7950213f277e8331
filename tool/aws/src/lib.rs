//! AWS as the tool sees it: the SDK's clients, configured once.
//!
//! This is the one crate that compiles the SDK; everything else in the tool reaches it through the modules
//! re-exported here. A [`Target`] says which cloud is meant: AWS itself, the embedded cloud, or any other endpoint.
//!
//! What the tool asks a few things of has no client ([`question`]): [`api_keys`], [`buses`], [`functions`], [`log_events`], [`queues`],
//! [`secrets`], [`tables`], [`topics`].

mod api_keys;
mod buses;
mod error;
mod functions;
mod log_events;
mod question;
mod queues;
mod secrets;
mod tables;
mod topics;

pub use api_keys::ApiKey;
pub use aws_sdk_cloudformation as cloudformation;
pub use aws_sdk_s3 as s3;
pub use aws_sdk_sts as sts;
pub use aws_smithy_types::error::display::DisplayErrorContext;
pub use aws_types::region::Region;
pub use buses::BusEvent;
pub use error::{ServiceError, service_error};
pub use functions::{Invoke, Invoked};
pub use log_events::{LogEvent, LogEvents};
pub use queues::{Message, MessageMove};
pub use tables::Counted;

use aws_types::SdkConfig;
use aws_types::service_config::ServiceConfigKey;
use question::Asker;

/// Which cloud to talk to. What is `None` is found as every AWS tool finds it (environment, profiles, roles).
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// The endpoint's URL, for anything but AWS itself.
    pub endpoint: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The profile in AWS's configuration files.
    pub profile: Option<String>,
    /// A fixed access key: id and secret.
    pub access_key: Option<(String, String)>,
}

/// One client per service. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Clients {
    /// CloudFormation.
    pub cloudformation: cloudformation::Client,
    /// S3, with the bucket in the path where the endpoint is not AWS's own.
    pub s3: s3::Client,
    /// STS.
    pub sts: sts::Client,
    /// The region that was found.
    pub region: Option<String>,
    /// The services that are reached elsewhere than at AWS.
    pub endpoints: Vec<Endpoint>,
    asker: Asker,
}

/// A service that is reached elsewhere than at AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The service, as AWS's configuration files name it: `CloudFormation`.
    pub service: &'static str,
    /// Its URL.
    pub url: String,
}

impl Clients {
    /// Configures the clients. Credentials are looked up at the first call, not here.
    pub async fn connect(target: &Target) -> Self {
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(aws_smithy_http_client::tls::Provider::Rustls(
                aws_smithy_http_client::tls::rustls_provider::CryptoMode::Ring,
            ))
            .build_https();
        let mut loader = aws_config::defaults(aws_config::BehaviorVersion::v2026_01_12()).http_client(http);
        if let Some(endpoint) = &target.endpoint {
            loader = loader.endpoint_url(endpoint);
        }
        if let Some(region) = &target.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = &target.profile {
            loader = loader.profile_name(profile);
        }
        if let Some((id, secret)) = &target.access_key {
            let key = aws_credential_types::Credentials::new(id, secret, None, None, "slam");
            loader = loader.credentials_provider(key);
        }
        let config = loader.load().await;
        let endpoints = endpoints(&config);
        let own_s3 = endpoints.iter().any(|endpoint| endpoint.service == S3);
        Self {
            cloudformation: cloudformation::Client::new(&config),
            s3: s3::Client::from_conf(s3::config::Builder::from(&config).force_path_style(own_s3).build()),
            sts: sts::Client::new(&config),
            region: config.region().map(ToString::to_string),
            asker: Asker::new(&config),
            endpoints,
        }
    }

    /// The account that the credentials belong to. Nobody can be denied this question.
    /// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
    ///
    /// # Errors
    /// When there are no usable credentials, or nobody answers.
    pub async fn account(&self) -> Result<String, ServiceError> {
        let answer = self.sts.get_caller_identity().send().await.map_err(|error| service_error(&error))?;
        match answer.account() {
            Some(account) if !account.is_empty() => Ok(account.to_owned()),
            _ => Err(ServiceError { code: None, message: "GetCallerIdentity was answered without an account".into() }),
        }
    }
}

const S3: &str = "S3";

/// The services of [`Clients`], by their ids in AWS's configuration files.
const SERVICES: &[&str] =
    &["CloudFormation", S3, "Lambda", "DynamoDB", "CloudWatch Logs", "STS", "SSM", "Secrets Manager", "API Gateway"];

fn endpoints(config: &SdkConfig) -> Vec<Endpoint> {
    let find = |service: &'static str| Some(Endpoint { service, url: endpoint_of(config, service)? });
    SERVICES.iter().copied().filter_map(find).collect()
}

/// Where a service is reached if not at AWS, found as its client finds it: an endpoint given in the program, one for the
/// service alone, one for all. <https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>
fn endpoint_of(config: &SdkConfig, service: &str) -> Option<String> {
    let of_service = || {
        let key = ServiceConfigKey::builder().service_id(service).env("AWS_ENDPOINT_URL").profile("endpoint_url");
        config.service_config()?.load_config(key.build().ok()?)
    };
    let is_given = config.get_origin("endpoint_url").is_client_config();
    let own = if is_given { None } else { of_service() };
    own.or_else(|| config.endpoint_url().map(str::to_owned))
}

/// Decodes base-64, as the log tail of an invocation comes.
pub fn decode_base64(text: &str) -> Option<Vec<u8>> {
    aws_smithy_types::base64::decode(text).ok()
}

/// Encodes in base-64, as Lambda writes the hashes of packages.
pub fn encode_base64(bytes: &[u8]) -> String {
    aws_smithy_types::base64::encode(bytes)
}
