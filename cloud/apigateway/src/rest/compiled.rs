//! A stage ready to serve: everything that can be known before a request comes is worked out once.

use super::body_models::BodyValidator;
use super::compiled_authorizer::{self as authorizers, CompiledAuthorizer};
use super::compiled_token::{self as tokens, CompiledToken};
use super::customization::{Customized, customized};
use super::routes::Routes;
use super::source::Source;
use super::target::{Target, target};
use crate::model::{
    AuthorizationType, Authorizer, Deployment, Integration, IntegrationResponse, IntegrationType, LoggingLevel, Method,
    PassthroughBehavior, ResponseTransferMode, ResponseType, RestApi, Stage, Texts,
};
use crate::vtl::{Template, TemplateError};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::java::Pattern;
use slam_cloud_core::{Context, Principal};
use slam_cloud_gateway::log_format::LogFormat;
use slam_cloud_gateway::media::BinaryMediaTypes;
use slam_cloud_gateway::throttle::Throttle;
use slam_cloud_kit::sampling::Sampling;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// A stage with the deployment it serves.
pub struct CompiledStage {
    /// The API's account and region; nobody calls.
    pub context: Context,
    /// The API.
    pub api_id: String,
    /// The stage's name.
    pub name: String,
    /// What it serves.
    pub deployment_id: String,
    /// Whether `execute-api` is switched off for the API.
    pub disabled: bool,
    /// Which requests are traced, where the stage traces any.
    pub sampling: Option<Sampling>,
    /// Paths to numbers in [`Self::resources`].
    pub routes: Routes,
    /// What is deployed.
    pub resources: Vec<CompiledResource>,
    /// What `${stageVariables.x}` stands for.
    pub variables: Texts,
    /// Whose bodies are bytes.
    pub binary: BinaryMediaTypes,
    /// From how many bytes on responses are compressed.
    pub compression: Option<usize>,
    /// How long a stream may be silent.
    pub idle: Duration,
    /// The resource policy.
    pub policy: Option<String>,
    /// Where clients' API keys are.
    pub key_source: KeySource,
    /// What API Gateway answers itself, where the owner wants it otherwise.
    pub responses: HashMap<ResponseType, Customized>,
    /// Where requests are noted: a log group and a line.
    pub access_log: Option<(String, LogFormat)>,
    /// The role as which logs are written.
    pub log_role: Option<String>,
    /// The log stream of this stage until it is compiled anew.
    pub log_stream: String,
}

/// A deployed resource.
pub struct CompiledResource {
    /// Its id.
    pub id: String,
    /// `/users/{id}`
    pub path: String,
    /// By verb.
    pub methods: HashMap<String, CompiledMethod>,
}

impl CompiledResource {
    /// The method for a verb: its own, else `ANY`.
    pub fn method(&self, verb: &str) -> Option<&CompiledMethod> {
        self.methods.get(verb).or_else(|| self.methods.get("ANY"))
    }
}

/// Where clients' API keys are
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-key-source.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// In the header `x-api-key`.
    Header,
    /// In what the authorizer answers.
    Authorizer,
}

/// Who may call a method.
pub enum Authorization {
    /// Everybody.
    None,
    /// Whoever signs the request and is allowed to.
    AwsIam,
    /// Whom an authorizer's function lets in.
    Custom(Arc<CompiledAuthorizer>),
    /// Whoever has a token that an authorizer takes.
    Token(Box<CompiledToken>),
    /// Nobody: why.
    Invalid(String),
}

/// A deployed method.
pub struct CompiledMethod {
    /// `GET`, … or `ANY`.
    pub verb: String,
    /// Who may call it.
    pub authorization: Authorization,
    /// Whether clients need an API key.
    pub needs_key: bool,
    /// What must be there, when a validator asks for it: sources and names.
    pub required: Vec<(Source, String)>,
    /// What bodies must look like, when a validator asks for it.
    pub body: Option<BodyValidator>,
    /// How often it may be called.
    pub throttle: Option<Throttle>,
    /// What execution logs tell.
    pub logging: LoggingLevel,
    /// Whether they tell bodies and headers.
    pub data_trace: bool,
    /// What answers.
    pub integration: CompiledIntegration,
}

/// What answers a method.
pub struct CompiledIntegration {
    /// How.
    pub kind: IntegrationType,
    /// The backend.
    pub target: Target,
    /// The verb towards the backend.
    pub http_method: String,
    /// The role as which it is called.
    pub credentials: Option<String>,
    /// How long it may take.
    pub timeout: Duration,
    /// Whether its answer goes on as it comes.
    pub streams: bool,
    /// What is mapped: place (`header`, `querystring`, `path`), name and source.
    pub parameters: Vec<(String, String, Source)>,
    /// By content type.
    pub templates: Templates,
    /// What happens to a body without a template.
    pub passthrough: PassthroughBehavior,
    /// How the request's body is converted.
    pub content_handling: Option<String>,
    /// What becomes of answers.
    pub responses: Vec<CompiledResponse>,
}

/// How an answer becomes a response.
pub struct CompiledResponse {
    /// The status to answer.
    pub status: u16,
    /// Which answers it is for; none for the default.
    pub pattern: Option<Pattern>,
    /// Headers and their sources.
    pub parameters: Vec<(String, Source)>,
    /// By content type.
    pub templates: Templates,
    /// How the body is converted.
    pub content_handling: Option<String>,
}

/// Templates by content type, in their order.
#[derive(Default)]
pub struct Templates(pub Vec<(String, Result<Template, TemplateError>)>);

impl Templates {
    fn new(templates: Option<&Texts>) -> Self {
        let parsed =
            templates.into_iter().flatten().map(|(kind, text)| (kind.to_ascii_lowercase(), Template::parse(text)));
        Self(parsed.collect())
    }

    /// The template for a media type.
    pub fn get(&self, media_type: &str) -> Option<&(String, Result<Template, TemplateError>)> {
        self.0.iter().find(|(kind, _)| kind == media_type)
    }
}

/// Makes a stage ready.
pub fn compile(scope: &Scope, stage: &Stage, deployment: &Deployment, log_role: Option<String>) -> CompiledStage {
    let api = &deployment.api;
    let mut routes = Routes::default();
    let mut resources = Vec::new();
    // The methods of a stage have their authorizers' memories in common.
    let authorizers: Authorizers = api
        .authorizers
        .iter()
        .filter_map(|(id, authorizer)| Some((id.as_str(), authorizers::compile(authorizer, &stage.variables)?)))
        .map(|(id, authorizer)| (id, Arc::new(authorizer)))
        .collect();
    for resource in api.resources.values().filter(|resource| !resource.methods.is_empty()) {
        routes.insert(&resource.path, resources.len());
        let methods = resource
            .methods
            .iter()
            .map(|(verb, method)| (verb.clone(), compile_method(api, stage, &authorizers, &resource.path, method)));
        resources.push(CompiledResource {
            id: resource.id.clone(),
            path: resource.path.clone(),
            methods: methods.collect(),
        });
    }
    let access_log = stage.access_log.as_ref().and_then(|log| {
        let group = log.destination_arn.as_deref()?.split_once(":log-group:")?.1;
        Some((group.to_owned(), LogFormat::parse(log.format.as_deref()?)))
    });
    CompiledStage {
        context: Context::new(Arc::clone(&scope.account), Arc::clone(&scope.region), Principal::Anonymous),
        api_id: stage.api_id.clone(),
        name: stage.name.clone(),
        deployment_id: stage.deployment_id.clone(),
        disabled: api.disable_execute_api_endpoint,
        sampling: stage.tracing_enabled.then(Sampling::default),
        routes,
        resources,
        variables: stage.variables.clone(),
        binary: BinaryMediaTypes::new(&api.binary_media_types),
        compression: api.minimum_compression_size.and_then(|size| usize::try_from(size).ok()),
        // "For Regional or private endpoints, the timeout is 5 minutes. For edge-optimized endpoints, the timeout is 30
        // seconds." (AWS: "Stream the integration response for your proxy integrations")
        idle: Duration::from_secs(if api.endpoint_type == "EDGE" { 30 } else { 300 }),
        policy: api.policy.clone(),
        key_source: if api.api_key_source == "AUTHORIZER" { KeySource::Authorizer } else { KeySource::Header },
        responses: customized(api),
        access_log,
        log_role,
        log_stream: uuid::Uuid::new_v4().simple().to_string(),
    }
}

type Authorizers<'a> = HashMap<&'a str, Arc<CompiledAuthorizer>>;

fn authorization(api: &RestApi, authorizers: &Authorizers<'_>, method: &Method) -> Authorization {
    let missing = || Authorization::Invalid("the method's authorizer is not there".into());
    match method.authorization_type {
        AuthorizationType::None => Authorization::None,
        AuthorizationType::AwsIam => Authorization::AwsIam,
        AuthorizationType::Custom => {
            let authorizer = method.authorizer_id.as_deref().and_then(|id| authorizers.get(id));
            authorizer.map_or_else(missing, |authorizer| Authorization::Custom(Arc::clone(authorizer)))
        }
        AuthorizationType::CognitoUserPools | AuthorizationType::Jwt => {
            let authorizer = method.authorizer_id.as_deref().and_then(|id| api.authorizers.get(id));
            let token = authorizer.and_then(|authorizer| tokens::compile(authorizer, &method.authorization_scopes));
            token.map_or_else(missing, |token| Authorization::Token(Box::new(token)))
        }
    }
}

impl CompiledMethod {
    /// A method that has nothing but an authorizer.
    pub fn protected_by(authorizer: &Authorizer, variables: &Texts) -> Self {
        let by_function = authorizers::compile(authorizer, variables);
        let by_function = by_function.map(|function| Authorization::Custom(Arc::new(function)));
        let by_token = || tokens::compile(authorizer, &[]).map(|token| Authorization::Token(Box::new(token)));
        let invalid = || Authorization::Invalid("the authorizer has no configuration".into());
        Self {
            verb: "GET".into(),
            authorization: by_function.or_else(by_token).unwrap_or_else(invalid),
            needs_key: false,
            required: Vec::new(),
            body: None,
            throttle: None,
            logging: LoggingLevel::Off,
            data_trace: false,
            integration: missing_integration(),
        }
    }
}

fn compile_method(
    api: &RestApi,
    stage: &Stage,
    authorizers: &Authorizers<'_>,
    path: &str,
    method: &Method,
) -> CompiledMethod {
    let setting = stage.setting(path, &method.http_method);
    let validator = method.request_validator_id.as_ref().and_then(|id| api.request_validators.get(id));
    let validates = |asked: fn(&crate::model::RequestValidator) -> bool| validator.is_some_and(asked);
    let required = match validates(|validator| validator.validate_request_parameters) {
        true => required(method),
        false => Vec::new(),
    };
    CompiledMethod {
        verb: method.http_method.clone(),
        authorization: authorization(api, authorizers, method),
        needs_key: method.api_key_required,
        required,
        body: validates(|validator| validator.validate_request_body)
            .then(|| BodyValidator::new(api, method.request_models.as_ref())),
        throttle: setting
            .filter(|setting| setting.throttles())
            .map(|setting| Throttle::new(setting.throttling_rate_limit, setting.throttling_burst_limit)),
        logging: setting.and_then(|setting| setting.logging_level).unwrap_or(LoggingLevel::Off),
        data_trace: setting.is_some_and(|setting| setting.data_trace_enabled),
        integration: match &method.integration {
            Some(integration) => compile_integration(stage, integration),
            None => missing_integration(),
        },
    }
}

fn required(method: &Method) -> Vec<(Source, String)> {
    let declared = method.request_parameters.iter().flatten().filter(|(_, required)| **required);
    declared
        .filter_map(|(parameter, _)| {
            let name = parameter.splitn(4, '.').nth(3)?.to_owned();
            Some((Source::parse(parameter, "method.request")?, name))
        })
        .collect()
}

fn missing_integration() -> CompiledIntegration {
    CompiledIntegration {
        kind: IntegrationType::Mock,
        target: Target::Invalid("No integration defined for method".into()),
        http_method: String::new(),
        credentials: None,
        timeout: Duration::from_secs(29),
        streams: false,
        parameters: Vec::new(),
        templates: Templates::default(),
        passthrough: PassthroughBehavior::default(),
        content_handling: None,
        responses: Vec::new(),
    }
}

fn compile_integration(stage: &Stage, integration: &Integration) -> CompiledIntegration {
    let parameters = integration.request_parameters.iter().flatten().filter_map(|(to, from)| {
        let (place, name) = to.strip_prefix("integration.request.")?.split_once('.')?;
        Some((place.to_owned(), name.to_owned(), Source::parse(from, "method.request")?))
    });
    CompiledIntegration {
        kind: integration.kind,
        target: target(stage, integration),
        http_method: integration.http_method.clone().unwrap_or_default(),
        credentials: integration.credentials.clone(),
        timeout: Duration::from_millis(u64::try_from(integration.timeout_in_millis).unwrap_or(29_000)),
        streams: integration.response_transfer_mode == ResponseTransferMode::Stream,
        parameters: parameters.collect(),
        templates: Templates::new(integration.request_templates.as_ref()),
        passthrough: integration.passthrough_behavior,
        content_handling: integration.content_handling.clone(),
        responses: integration.responses.values().map(compile_response).collect(),
    }
}

fn compile_response(response: &IntegrationResponse) -> CompiledResponse {
    let pattern = response.selection_pattern.as_deref().filter(|pattern| !pattern.is_empty());
    let parameters = response.response_parameters.iter().flatten().filter_map(|(to, from)| {
        let name = to.strip_prefix("method.response.header.")?;
        Some((name.to_owned(), Source::parse(from, "integration.response")?))
    });
    CompiledResponse {
        status: response.status_code.parse().unwrap_or(500),
        // The whole text is taken, over several lines too.
        pattern: pattern.and_then(|pattern| Pattern::whole_lines(pattern).ok()),
        parameters: parameters.collect(),
        templates: Templates::new(response.response_templates.as_ref()),
        content_handling: response.content_handling.clone(),
    }
}
