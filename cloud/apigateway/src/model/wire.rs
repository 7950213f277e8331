//! The shapes that clients see, made from what the store holds.

use super::{
    Account, ApiKey, Authorizer, Deployment, DocumentationPart, DocumentationVersion, GatewayResponse, Integration,
    IntegrationResponse, Method, MethodResponse, MethodSetting, Model, RequestValidator, Resource, RestApi, Stage,
    Texts, Throttle, UsagePlan,
};
use slam_cloud_core::Timestamp;
use slam_cloud_wire::apigateway as wire;
use std::collections::BTreeMap;

fn moment(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(seconds).ok()
}

fn unless_empty(texts: &Texts) -> Option<Texts> {
    (!texts.is_empty()).then(|| texts.clone())
}

impl From<&RestApi> for wire::RestApi {
    fn from(api: &RestApi) -> Self {
        Self {
            id: Some(api.id.clone()),
            name: Some(api.name.clone()),
            description: api.description.clone(),
            created_date: moment(api.created),
            version: api.version.clone(),
            binary_media_types: (!api.binary_media_types.is_empty()).then(|| api.binary_media_types.clone()),
            minimum_compression_size: api.minimum_compression_size,
            api_key_source: Some(api.api_key_source.clone()),
            endpoint_configuration: Some(wire::EndpointConfiguration {
                types: Some(vec![api.endpoint_type.clone()]),
                ip_address_type: Some(api.ip_address_type.clone()),
                vpc_endpoint_ids: None,
            }),
            policy: api.policy.clone(),
            tags: unless_empty(&api.tags),
            disable_execute_api_endpoint: Some(api.disable_execute_api_endpoint),
            root_resource_id: Some(api.root_resource_id.clone()),
            ..Self::default()
        }
    }
}

/// A resource, with its methods in full or by their verbs alone (`embed`).
pub fn resource(resource: &Resource, with_methods: bool) -> wire::Resource {
    let methods = resource.methods.iter().map(|(verb, method)| {
        let shown = if with_methods { method.into() } else { wire::Method::default() };
        (verb.clone(), shown)
    });
    wire::Resource {
        id: Some(resource.id.clone()),
        parent_id: resource.parent_id.clone(),
        path_part: resource.path_part.clone(),
        path: Some(resource.path.clone()),
        resource_methods: (!resource.methods.is_empty()).then(|| methods.collect()),
    }
}

impl From<&Method> for wire::Method {
    fn from(method: &Method) -> Self {
        let responses = method.responses.iter().map(|(status, response)| (status.clone(), response.into()));
        Self {
            http_method: Some(method.http_method.clone()),
            authorization_type: Some(method.authorization_type.name().into()),
            authorizer_id: method.authorizer_id.clone(),
            authorization_scopes: Some(method.authorization_scopes.clone()).filter(|scopes| !scopes.is_empty()),
            api_key_required: Some(method.api_key_required),
            request_validator_id: method.request_validator_id.clone(),
            operation_name: method.operation_name.clone(),
            request_parameters: method.request_parameters.clone(),
            request_models: method.request_models.clone(),
            method_responses: (!method.responses.is_empty()).then(|| responses.collect()),
            method_integration: method.integration.as_ref().map(Into::into),
        }
    }
}

impl From<&MethodResponse> for wire::MethodResponse {
    fn from(response: &MethodResponse) -> Self {
        Self {
            status_code: Some(response.status_code.clone()),
            response_parameters: response.response_parameters.clone(),
            response_models: response.response_models.clone(),
        }
    }
}

impl From<&Integration> for wire::Integration {
    fn from(integration: &Integration) -> Self {
        use super::IntegrationType::{Http, HttpProxy};
        let responses = integration.responses.iter().map(|(status, response)| (status.clone(), response.into()));
        Self {
            r#type: Some(integration.kind.name().into()),
            http_method: integration.http_method.clone(),
            uri: integration.uri.clone(),
            connection_type: matches!(integration.kind, Http | HttpProxy).then(|| "INTERNET".into()),
            credentials: integration.credentials.clone(),
            request_parameters: integration.request_parameters.clone(),
            request_templates: integration.request_templates.clone(),
            passthrough_behavior: Some(integration.passthrough_behavior.name().into()),
            content_handling: integration.content_handling.clone(),
            timeout_in_millis: Some(integration.timeout_in_millis),
            cache_namespace: Some(integration.cache_namespace.clone()),
            cache_key_parameters: Some(integration.cache_key_parameters.clone()),
            integration_responses: (!integration.responses.is_empty()).then(|| responses.collect()),
            // Recorded answers about buffered integrations do not have it.
            response_transfer_mode: (integration.response_transfer_mode == super::ResponseTransferMode::Stream)
                .then(|| integration.response_transfer_mode.name().into()),
            ..Self::default()
        }
    }
}

impl From<&IntegrationResponse> for wire::IntegrationResponse {
    fn from(response: &IntegrationResponse) -> Self {
        Self {
            status_code: Some(response.status_code.clone()),
            selection_pattern: response.selection_pattern.clone(),
            response_parameters: response.response_parameters.clone(),
            response_templates: response.response_templates.clone(),
            content_handling: response.content_handling.clone(),
        }
    }
}

/// A deployment, with what it contains when the caller asked to embed that.
pub fn deployment(deployment: &Deployment, with_summary: bool) -> wire::Deployment {
    wire::Deployment {
        id: Some(deployment.id.clone()),
        description: deployment.description.clone(),
        created_date: moment(deployment.created),
        api_summary: with_summary.then(|| summary(&deployment.api)),
    }
}

fn summary(api: &RestApi) -> BTreeMap<String, BTreeMap<String, wire::MethodSnapshot>> {
    let mut paths: BTreeMap<String, BTreeMap<String, wire::MethodSnapshot>> = BTreeMap::new();
    for (resource, method) in api.methods() {
        let snapshot = wire::MethodSnapshot {
            authorization_type: Some(method.authorization_type.name().into()),
            api_key_required: Some(method.api_key_required),
        };
        paths.entry(resource.path.clone()).or_default().insert(method.http_method.clone(), snapshot);
    }
    paths
}

impl From<&Stage> for wire::Stage {
    fn from(stage: &Stage) -> Self {
        let settings = stage.method_settings.iter().map(|(method, setting)| (method.clone(), setting.into()));
        Self {
            deployment_id: Some(stage.deployment_id.clone()),
            stage_name: Some(stage.name.clone()),
            description: stage.description.clone(),
            documentation_version: stage.documentation_version.clone(),
            cache_cluster_enabled: Some(false),
            cache_cluster_size: stage.cache_cluster_size.clone(),
            cache_cluster_status: Some("NOT_AVAILABLE".into()),
            method_settings: Some(settings.collect()),
            variables: unless_empty(&stage.variables),
            access_log_settings: stage.access_log.as_ref().map(|log| wire::AccessLogSettings {
                format: log.format.clone(),
                destination_arn: log.destination_arn.clone(),
            }),
            tracing_enabled: Some(stage.tracing_enabled),
            tags: unless_empty(&stage.tags),
            created_date: moment(stage.created),
            last_updated_date: moment(stage.last_updated),
            ..Self::default()
        }
    }
}

impl From<&MethodSetting> for wire::MethodSetting {
    fn from(setting: &MethodSetting) -> Self {
        Self {
            metrics_enabled: Some(setting.metrics_enabled),
            logging_level: setting.logging_level.map(|level| level.name().into()),
            data_trace_enabled: Some(setting.data_trace_enabled),
            throttling_burst_limit: Some(setting.throttling_burst_limit),
            throttling_rate_limit: Some(setting.throttling_rate_limit),
            caching_enabled: Some(setting.caching_enabled),
            cache_ttl_in_seconds: Some(setting.cache_ttl_in_seconds),
            cache_data_encrypted: Some(setting.cache_data_encrypted),
            require_authorization_for_cache_control: Some(setting.require_authorization_for_cache_control),
            unauthorized_cache_control_header_strategy: Some(
                setting.unauthorized_cache_control_header_strategy.clone(),
            ),
        }
    }
}

impl From<&Model> for wire::Model {
    fn from(model: &Model) -> Self {
        Self {
            id: Some(model.id.clone()),
            name: Some(model.name.clone()),
            description: model.description.clone(),
            schema: Some(model.schema.clone()),
            content_type: Some(model.content_type.clone()),
        }
    }
}

impl From<&RequestValidator> for wire::RequestValidator {
    fn from(validator: &RequestValidator) -> Self {
        Self {
            id: Some(validator.id.clone()),
            name: validator.name.clone(),
            validate_request_body: Some(validator.validate_request_body),
            validate_request_parameters: Some(validator.validate_request_parameters),
        }
    }
}

impl From<&GatewayResponse> for wire::GatewayResponse {
    fn from(response: &GatewayResponse) -> Self {
        Self {
            response_type: Some(response.kind.name().into()),
            status_code: response.status_code.clone(),
            response_parameters: Some(response.parameters.clone()),
            response_templates: Some(response.templates.clone()),
            default_response: Some(response.is_default),
        }
    }
}

impl From<&DocumentationPart> for wire::DocumentationPart {
    fn from(part: &DocumentationPart) -> Self {
        Self {
            id: Some(part.id.clone()),
            location: Some(wire::DocumentationPartLocation {
                r#type: part.location.kind.clone(),
                path: part.location.path.clone(),
                method: part.location.method.clone(),
                status_code: part.location.status_code.clone(),
                name: part.location.name.clone(),
            }),
            properties: Some(part.properties.clone()),
        }
    }
}

impl From<&DocumentationVersion> for wire::DocumentationVersion {
    fn from(version: &DocumentationVersion) -> Self {
        Self {
            version: Some(version.version.clone()),
            created_date: moment(version.created),
            description: version.description.clone(),
        }
    }
}

impl From<&Account> for wire::Account {
    fn from(account: &Account) -> Self {
        Self {
            cloudwatch_role_arn: account.cloudwatch_role_arn.clone(),
            throttle_settings: Some(wire::ThrottleSettings {
                burst_limit: Some(MethodSetting::BURST),
                rate_limit: Some(MethodSetting::RATE),
            }),
            features: Some(vec!["UsagePlans".into()]),
            api_key_version: Some("4".into()),
        }
    }
}

impl ApiKey {
    /// The key, with its value or without.
    pub fn shape(&self, with_value: bool) -> wire::ApiKey {
        wire::ApiKey {
            id: Some(self.id.clone()),
            value: with_value.then(|| self.value.clone()),
            name: self.name.clone(),
            customer_id: self.customer_id.clone(),
            description: self.description.clone(),
            enabled: Some(self.enabled),
            created_date: moment(self.created),
            last_updated_date: moment(self.last_updated),
            stage_keys: Some(self.stage_keys.clone()),
            tags: unless_empty(&self.tags),
        }
    }
}

impl From<&Throttle> for wire::ThrottleSettings {
    fn from(throttle: &Throttle) -> Self {
        Self { burst_limit: throttle.burst_limit, rate_limit: throttle.rate_limit }
    }
}

impl UsagePlan {
    /// The plan.
    pub fn shape(&self) -> wire::UsagePlan {
        let stages = self.api_stages.iter().map(|stage| {
            let throttles = stage.throttle.iter().map(|(method, throttle)| (method.clone(), throttle.into()));
            wire::ApiStage {
                api_id: Some(stage.api_id.clone()),
                stage: Some(stage.stage.clone()),
                throttle: (!stage.throttle.is_empty()).then(|| throttles.collect()),
            }
        });
        wire::UsagePlan {
            id: Some(self.id.clone()),
            name: Some(self.name.clone()),
            description: self.description.clone(),
            api_stages: Some(stages.collect()),
            throttle: self.throttle.as_ref().map(Into::into),
            quota: self.quota.map(|quota| wire::QuotaSettings {
                limit: Some(quota.limit),
                offset: Some(quota.offset),
                period: Some(quota.period.name().into()),
            }),
            product_code: self.product_code.clone(),
            tags: unless_empty(&self.tags),
        }
    }
}

impl From<&Authorizer> for wire::Authorizer {
    fn from(authorizer: &Authorizer) -> Self {
        Self {
            id: Some(authorizer.id.clone()),
            name: Some(authorizer.name.clone()),
            r#type: Some(authorizer.kind.name().into()),
            auth_type: Some(authorizer.auth_type.clone()),
            authorizer_uri: Some(authorizer.uri.clone()).filter(|uri| !uri.is_empty()),
            authorizer_credentials: authorizer.credentials.clone(),
            identity_source: authorizer.identity_source.clone(),
            identity_validation_expression: authorizer.identity_validation_expression.clone(),
            authorizer_result_ttl_in_seconds: authorizer.result_ttl_in_seconds,
            provider_ar_ns: Some(authorizer.provider_arns.clone()).filter(|arns| !arns.is_empty()),
            jwt_configuration: authorizer.jwt.as_ref().map(Into::into),
        }
    }
}
