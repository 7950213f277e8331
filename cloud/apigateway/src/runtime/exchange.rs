//! One request on its way through a stage, and what `$context` tells of it.

use super::compiled::{CompiledMethod, CompiledResource, CompiledStage};
use super::request::Request;
use slam_cloud_core::{Context, Timestamp};
use std::sync::Arc;
use std::time::Instant;

/// The names and the time that a request gets on arrival.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// `x-amzn-RequestId`
    pub request_id: String,
    /// `x-amz-apigw-id`
    pub extended_request_id: String,
    /// `X-Amzn-Trace-Id`
    pub trace: String,
    /// The same as it goes on to functions and back to the client, with a parent.
    pub traced: String,
    /// When it came.
    pub time: Timestamp,
    /// The same, for measuring.
    pub began: Instant,
}

impl Arrival {
    /// Names for a request. A trace that the client sends goes on.
    pub fn new(trace: Option<&str>) -> Self {
        use base64::Engine as _;
        let time = Timestamp::now();
        let id = uuid::Uuid::new_v4();
        let random = uuid::Uuid::new_v4();
        let extended = base64::engine::general_purpose::STANDARD.encode(&random.as_bytes()[..11]);
        let trace = match trace.filter(|trace| trace.contains("Root=")) {
            Some(trace) => trace.to_owned(),
            None => {
                let unique = random.simple().to_string();
                format!("Root=1-{:08x}-{}", time.as_second(), &unique[..24])
            }
        };
        // Recorded: test_invocation_trace_id. A parent that the client names is kept.
        let traced = match trace.contains("Parent=") {
            true => trace.clone(),
            false => format!("{trace};Parent={:016x};Sampled=0", id.as_u64_pair().0),
        };
        let request_id = id.to_string();
        Self { request_id, extended_request_id: extended, trace, traced, time, began: Instant::now() }
    }

    /// `10/Mar/2020:00:03:59 +0000`
    pub fn common_log_time(&self) -> String {
        self.time.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()
    }
}

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
}

/// Who signed a request.
pub struct Caller {
    /// In whose name the request is allowed.
    pub context: Context,
    /// The access key of the signature.
    pub access_key: Option<String>,
}

impl Exchange<'_> {
    /// The host that the client used, port included: links made of it lead back here. AWS's has no port.
    pub fn domain_name(&self) -> &str {
        self.request.header("host").unwrap_or_default()
    }

    /// The first label of an `execute-api` host, the API's id else.
    pub fn domain_prefix(&self) -> &str {
        match self.domain_name().split_once(".execute-api.") {
            Some((prefix, _)) => prefix,
            None => &self.stage.api_id,
        }
    }

    /// `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/VERB/path`
    pub fn method_arn(&self, path: &str) -> String {
        let Self { stage, request, .. } = self;
        let resource = format!("{}/{}/{}/{}", stage.api_id, stage.name, request.method, path.trim_start_matches('/'));
        stage.context.arn("execute-api", resource)
    }

    /// `$context`: what templates, parameter mappings and access logs see.
    pub fn context_document(&self) -> serde_json::Value {
        let Self { stage, resource, request, arrival, .. } = self;
        serde_json::json!({
            "accountId": &*stage.context.account,
            "apiId": stage.api_id,
            "deploymentId": stage.deployment_id,
            "domainName": self.domain_name(),
            "domainPrefix": self.domain_prefix(),
            "extendedRequestId": arrival.extended_request_id,
            "httpMethod": request.method.as_str(),
            "identity": self.identity(),
            "path": request.full_path,
            "protocol": request.protocol,
            "requestId": arrival.request_id,
            "requestTime": arrival.common_log_time(),
            "requestTimeEpoch": arrival.time.as_millisecond(),
            "resourceId": resource.id,
            "resourcePath": resource.path,
            "stage": stage.name,
            "xrayTraceId": arrival.trace,
            "requestOverride": {"header": {}, "path": {}, "querystring": {}},
            "responseOverride": {"header": {}},
        })
    }

    fn identity(&self) -> serde_json::Value {
        let user_agent = self.request.header("user-agent");
        let source_ip = &self.request.source_ip;
        match &self.caller {
            None => serde_json::json!({"sourceIp": source_ip, "userAgent": user_agent}),
            Some(caller) => serde_json::json!({
                "accessKey": caller.access_key,
                "accountId": &*caller.context.account,
                "caller": caller.context.principal.user_id(),
                "sourceIp": source_ip,
                "user": caller.context.principal.user_id(),
                "userAgent": user_agent,
                "userArn": caller.context.principal.arn(),
            }),
        }
    }

    /// One variable of `$context` by its path: `identity.sourceIp`.
    pub fn context_variable(&self, path: &str) -> Option<String> {
        variable(&self.context_document(), path)
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded: test_invocation_trace_id.
    #[test]
    fn a_trace_goes_on_with_the_parent_of_the_client_or_a_new_one() {
        let root = "Root=1-3152b799-8954dae64eda91bc9a23a7e8";
        let whole = format!("{root};Parent=7fa8c0f79203be72;Sampled=1");
        assert_eq!(Arrival::new(Some(&whole)).traced, whole);
        for (sent, begin) in [(Some(root), root), (None, "Root=1-")] {
            let traced = Arrival::new(sent).traced;
            assert!(traced.starts_with(begin) && traced.contains(";Parent="), "{traced}");
        }
    }
}
