//! Questions to services of which the tool asks one thing alone: in AWS's JSON protocol, through the SDK's own runtime. Their
//! crates would compile for a minute, for a hundred operations that nobody calls.
//! <https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html>

use crate::error::{ServiceError, innermost};
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
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
use aws_smithy_types::retry::RetryConfig;
use aws_types::region::SigningRegion;
use aws_types::{SdkConfig, SigningName};
use serde_json::Value;

/// A service that speaks JSON.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// Its id in AWS's configuration files.
    pub id: &'static str,
    /// Its name in signatures and endpoints.
    pub name: &'static str,
    /// What stands before its operations in `X-Amz-Target`.
    pub target: &'static str,
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

    /// Calls an operation.
    ///
    /// # Errors
    /// What the service answers instead, or why it cannot be asked.
    pub async fn ask(&self, service: Service, operation: &'static str, input: &Value) -> Result<Value, ServiceError> {
        let unknown = |what: &str| ServiceError { code: None, message: format!("no {what} are known") };
        let http = self.config.http_client().ok_or_else(|| unknown("connections"))?;
        let url = self.url(service).await?;
        let target = format!("{}.{operation}", service.target);
        let question = Operation::builder()
            .service_name(service.id)
            .operation_name(operation)
            .http_client(http)
            .endpoint_url(&url)
            .standard_retry(&self.config.retry_config().cloned().unwrap_or_else(RetryConfig::standard))
            .retry_classifier(TransientErrorClassifier::<ServiceError>::new())
            .retry_classifier(HttpStatusCodeClassifier::default())
            .runtime_plugin(self.signing(service).ok_or_else(|| unknown("credentials"))?)
            .serializer(move |input: String| {
                let mut request = HttpRequest::new(SdkBody::from(input));
                request.set_method("POST")?;
                request.headers_mut().insert("content-type", "application/x-amz-json-1.1");
                request.headers_mut().insert("x-amz-target", target.clone());
                Ok(request)
            })
            .deserializer(answer)
            .build();
        question.invoke(input.to_string()).await.map_err(|error| match error.as_service_error() {
            Some(answer) => answer.clone(),
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

fn answer(response: &HttpResponse) -> Result<Value, OrchestratorError<ServiceError>> {
    let value: Value = serde_json::from_slice(response.body().bytes().unwrap_or_default()).unwrap_or_default();
    if response.status().is_success() {
        return Ok(value);
    }
    let text = |names: &[&str]| names.iter().find_map(|name| value[*name].as_str()).map(str::to_owned);
    // `com.amazonaws.ssm#ThrottlingException:…` in some services' answers.
    let code = text(&["__type", "code"]).map(|code| {
        let code = code.rsplit('#').next().unwrap_or_default();
        code.split(':').next().unwrap_or_default().to_owned()
    });
    let message = text(&["message", "Message"]).unwrap_or_else(|| format!("status {}", response.status().as_u16()));
    Err(OrchestratorError::operation(ServiceError { code, message }))
}
