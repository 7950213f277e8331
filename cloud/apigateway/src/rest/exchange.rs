//! One request on its way through a stage, and what `$context` tells of it.

use super::authorized::Authorized;
use super::compiled::{CompiledMethod, CompiledResource, CompiledStage};
use crate::model::ApiKey;
use slam_cloud_core::{AwsError, Context};
use slam_cloud_gateway::arrival::Arrival;
use slam_cloud_gateway::request::Request;
use std::sync::Arc;

/// A request with the method it is for.
pub struct Exchange<'a> {
    /// The stage.
    pub stage: &'a Arc<CompiledStage>,
    /// The matched resource.
    pub resource: &'a CompiledResource,
    /// The matched method.
    pub method: &'a CompiledMethod,
    /// The request.
    pub request: Request,
    /// Its names.
    pub arrival: &'a Arrival,
    /// The verified caller, when the method asks for one.
    pub caller: Option<Caller>,
    /// Why the request's signature does not count.
    pub refused: Option<AwsError>,
    /// What the method's authorizer told.
    pub authorized: Option<Authorized>,
    /// The client's API key, when the method asks for one.
    pub api_key: Option<Arc<ApiKey>>,
}

/// Who signed a request.
pub struct Caller {
    /// In whose name the request is allowed.
    pub context: Context,
    /// The access key of the signature.
    pub access_key: Option<String>,
}

impl<'a> Exchange<'a> {
    /// A request of which it is not known who sends it.
    pub fn new(
        stage: &'a Arc<CompiledStage>,
        resource: &'a CompiledResource,
        method: &'a CompiledMethod,
        request: Request,
        arrival: &'a Arrival,
    ) -> Self {
        Self { stage, resource, method, request, arrival, caller: None, refused: None, authorized: None, api_key: None }
    }

    /// The host that the client used, port included: links made of it lead back here. AWS's has no port.
    pub fn domain_name(&self) -> &str {
        domain_name(&self.request)
    }

    /// The first label of an `execute-api` host, the API's id else.
    pub fn domain_prefix(&self) -> &str {
        domain_prefix(self.stage, &self.request)
    }

    /// `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/VERB/path`
    pub fn method_arn(&self, path: &str) -> String {
        let Self { stage, request, .. } = self;
        let resource = format!("{}/{}/{}/{}", stage.api_id, stage.name, request.method, path.trim_start_matches('/'));
        stage.context.arn("execute-api", resource)
    }

    /// `$context`: what templates, parameter mappings and access logs see.
    pub fn context_document(&self) -> serde_json::Value {
        let mut document = document(self.stage, Some(self.resource), &self.request, self.arrival);
        document["authorizer"] = self.authorized.as_ref().map(Authorized::of_context).into();
        document["identity"] = self.identity();
        document
    }

    fn identity(&self) -> serde_json::Value {
        let user_agent = self.request.header("user-agent");
        let source_ip = &self.request.source_ip;
        let mut identity = match &self.caller {
            None => stranger(&self.request),
            Some(caller) => serde_json::json!({
                "accessKey": caller.access_key,
                "accountId": &*caller.context.account,
                "caller": caller.context.principal.user_id(),
                "sourceIp": source_ip,
                "user": caller.context.principal.user_id(),
                "userAgent": user_agent,
                "userArn": caller.context.principal.arn(),
            }),
        };
        if let Some(key) = &self.api_key {
            identity["apiKey"] = key.value.as_str().into();
            identity["apiKeyId"] = key.id.as_str().into();
        }
        identity
    }

    /// One variable of `$context` by its path: `identity.sourceIp`.
    pub fn context_variable(&self, path: &str) -> Option<String> {
        variable(&self.context_document(), path)
    }
}

fn domain_name(request: &Request) -> &str {
    request.header("host").unwrap_or_default()
}

fn domain_prefix<'a>(stage: &'a CompiledStage, request: &'a Request) -> &'a str {
    match domain_name(request).split_once(".execute-api.") {
        Some((prefix, _)) => prefix,
        None => &stage.api_id,
    }
}

fn stranger(request: &Request) -> serde_json::Value {
    serde_json::json!({"sourceIp": request.source_ip, "userAgent": request.header("user-agent")})
}

/// `$context` of a request of which it is not known who sends it, and perhaps not for which resource.
pub fn document(
    stage: &CompiledStage,
    resource: Option<&CompiledResource>,
    request: &Request,
    arrival: &Arrival,
) -> serde_json::Value {
    serde_json::json!({
        "accountId": &*stage.context.account,
        "apiId": stage.api_id,
        "authorizer": null,
        "deploymentId": stage.deployment_id,
        "domainName": domain_name(request),
        "domainPrefix": domain_prefix(stage, request),
        "extendedRequestId": arrival.extended_request_id,
        "httpMethod": request.method.as_str(),
        "identity": stranger(request),
        "path": request.full_path,
        "protocol": request.protocol,
        "requestId": arrival.request_id,
        "requestTime": arrival.common_log_time(),
        "requestTimeEpoch": arrival.time.as_millisecond(),
        "resourceId": resource.map(|resource| resource.id.as_str()),
        "resourcePath": resource.map(|resource| resource.path.as_str()),
        "stage": stage.name,
        "xrayTraceId": arrival.trace,
        "requestOverride": {"header": {}, "path": {}, "querystring": {}},
        "responseOverride": {"header": {}},
    })
}

/// One variable of a `$context` by its path.
pub fn variable(context: &serde_json::Value, path: &str) -> Option<String> {
    let mut value = context;
    for name in path.split('.') {
        value = value.get(name)?;
    }
    match value {
        serde_json::Value::Null => None,
        value => Some(super::source::text_of(value.clone())),
    }
}
