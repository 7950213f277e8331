//! Questions to services of which the tool asks a few things alone: through the SDK's own runtime, in AWS's JSON and query protocols. Their
//! crates would compile for minutes, for a thousand operations that nobody calls.
//! <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>
//! <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html>
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

use crate::error::{ServiceError, innermost};
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_sdk_cloudformation::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_types::region::SigningRegion;
use aws_types::{SdkConfig, SigningName};
use serde_json::Value;
use std::fmt;

/// A service that speaks JSON.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// Its id in AWS's configuration files.
    pub id: &'static str,
    /// Its name in signatures and endpoints.
    pub name: &'static str,
}

/// A service whose operations are told by a header.
#[derive(Clone, Copy, Debug)]
pub struct Targeted {
    /// The service.
    pub service: Service,
    /// What stands before its operations in `X-Amz-Target`.
    pub target: &'static str,
    /// The type of its requests' bodies: DynamoDB knows none but its own.
    pub content_type: &'static str,
}

/// A request in the making.
#[derive(Debug)]
pub struct Question {
    /// The operation's name.
    pub operation: &'static str,
    /// `GET`, `POST` …
    pub method: &'static str,
    /// The path, encoded, with its query.
    pub path: String,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// What was answered.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header; its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The text of the first element of this name, in the XML of the query protocol.
    pub fn xml_text(&self, element: &str) -> Option<String> {
        let body = String::from_utf8_lossy(&self.body);
        let (_, rest) = body.split_once(&format!("<{element}>"))?;
        let (text, _) = rest.split_once(&format!("</{element}>"))?;
        let marks = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#39;", "'"), ("&amp;", "&")];
        Some(marks.iter().fold(text.to_owned(), |text, (mark, letter)| text.replace(mark, letter)))
    }
}

/// Whoever asks.
#[derive(Clone, Debug)]
pub struct Asker {
    config: SdkConfig,
}

impl Asker {
    pub fn new(config: &SdkConfig) -> Self {
        Self { config: config.clone() }
    }

    /// Calls an operation that a header tells.
    ///
    /// # Errors
    /// What the service answers instead, or why it cannot be asked.
    pub async fn ask(&self, of: Targeted, operation: &'static str, input: &Value) -> Result<Value, ServiceError> {
        let target = format!("{}.{operation}", of.target);
        let headers = vec![("content-type", of.content_type.to_owned()), ("x-amz-target", target)];
        let body = input.to_string().into_bytes();
        let question = Question { operation, method: "POST", path: "/".to_owned(), headers, body };
        Ok(self.send(of.service, question).await?.json())
    }

    /// Calls an operation.
    ///
    /// # Errors
    /// What the service answers instead, or why it cannot be asked.
    pub async fn send(&self, service: Service, question: Question) -> Result<Answer, ServiceError> {
        let unknown = |what: &str| ServiceError { code: None, message: format!("no {what} are known") };
        let http = self.config.http_client().ok_or_else(|| unknown("connections"))?;
        let url = self.url(service).await?;
        let operation = Operation::builder()
            .service_name(service.id)
            .operation_name(question.operation)
            .http_client(http)
            .endpoint_url(&url)
            .standard_retry(&self.config.retry_config().cloned().unwrap_or_else(RetryConfig::standard))
            .retry_classifier(TransientErrorClassifier::<Refusal>::new())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .retry_classifier(AwsErrorCodeClassifier::<Refusal>::new())
            .runtime_plugin(self.signing(service).ok_or_else(|| unknown("credentials"))?)
            .serializer(|question: Question| {
                let mut request = HttpRequest::new(SdkBody::from(question.body));
                request.set_method(question.method)?;
                request.set_uri(question.path)?;
                for (name, value) in question.headers {
                    request.headers_mut().insert(name, value);
                }
                Ok(request)
            })
            .deserializer(answer)
            .build();
        operation.invoke(question).await.map_err(|error| match error.as_service_error() {
            Some(Refusal(told)) => ServiceError {
                code: told.code().map(str::to_owned),
                message: told.message().unwrap_or_default().to_owned(),
            },
            None => ServiceError { code: None, message: innermost(&error) },
        })
    }

    /// What signs requests to a service.
    fn signing(&self, service: Service) -> Option<StaticRuntimePlugin> {
        let mut layer = Layer::new("signing");
        layer.store_put(AuthSchemeOptionResolverParams::new(()));
        layer.store_put(SigningName::from_static(service.name));
        layer.store_put(SigningRegion::from(self.config.region()?.clone()));
        let mut signing_options = SigningOptions::default();
        (signing_options.double_uri_encode, signing_options.normalize_uri_path) = (true, true);
        layer.store_put(SigV4OperationSigningConfig { signing_options, ..Default::default() });
        let scheme = SharedAuthSchemeOptionResolver::new(StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]));
        let components = RuntimeComponentsBuilder::new("signing")
            .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
            .with_auth_scheme_option_resolver(Some(scheme))
            .with_identity_cache(self.config.identity_cache())
            .with_identity_resolver(SCHEME_ID, self.config.credentials_provider()?);
        Some(StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components))
    }

    /// Where a service is reached: where it is said to be, else beside CloudFormation, of which the SDK knows it in every
    /// partition of AWS.
    async fn url(&self, service: Service) -> Result<String, ServiceError> {
        if let Some(url) = crate::endpoint_of(&self.config, service.id) {
            return Ok(url);
        }
        let failed = |error: &dyn std::error::Error| ServiceError { code: None, message: innermost(error) };
        let parameters = Params::builder()
            .set_region(self.config.region().map(ToString::to_string))
            .set_use_fips(self.config.use_fips())
            .set_use_dual_stack(self.config.use_dual_stack())
            .build()
            .map_err(|error| failed(&error))?;
        let endpoint = DefaultResolver::new().resolve_endpoint(&parameters).await.map_err(|error| failed(&*error))?;
        Ok(endpoint.url().replacen("://cloudformation", &format!("://{}", service.name), 1))
    }
}

/// What a service says instead of an answer, as the SDK asks for it when it decides whether to try again.
#[derive(Debug)]
struct Refusal(ErrorMetadata);

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl std::error::Error for Refusal {}

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        &self.0
    }
}

fn answer(response: &HttpResponse) -> Result<Answer, OrchestratorError<Refusal>> {
    let headers = response.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let body = response.body().bytes().unwrap_or_default().to_vec();
    let answer = Answer { status: response.status().as_u16(), headers, body };
    if response.status().is_success() {
        return Ok(answer);
    }
    let value = answer.json();
    let text = |names: &[&str]| names.iter().find_map(|name| value[*name].as_str()).map(str::to_owned);
    // `com.amazonaws.ssm#ThrottlingException:…` in some services' answers.
    let code = answer.header("x-amzn-errortype").map(str::to_owned).or_else(|| text(&["__type", "code"])).map(|code| {
        let code = code.rsplit('#').next().unwrap_or_default();
        code.split(':').next().unwrap_or_default().to_owned()
    });
    let code = code.or_else(|| answer.xml_text("Code"));
    let message = text(&["message", "Message"]).or_else(|| answer.xml_text("Message"));
    let message = message.unwrap_or_else(|| format!("status {}", answer.status));
    let mut told = ErrorMetadata::builder().message(message);
    if let Some(code) = code {
        told = told.code(code);
    }
    Err(OrchestratorError::operation(Refusal(told.build())))
}
