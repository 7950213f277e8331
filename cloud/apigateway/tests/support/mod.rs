//! A cloud with API Gateway alone, called by the account's root user.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use bytes::Bytes;
use slam_cloud_apigateway::{ApiGateway, register};
use slam_cloud_core::{AwsResult, Body, Clock, Cloud, Context, Operation};
use slam_cloud_gateway::BODY;
use slam_cloud_gateway::request::{DataPlaneRequest, Form};
use slam_cloud_testing::TestCloud;
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

pub const ACCOUNT: &str = "111111111111";

pub struct Gateway {
    pub cloud: Cloud,
    service: Arc<ApiGateway>,
    pub test: TestCloud,
}

impl Gateway {
    pub fn new() -> Self {
        Self::of(TestCloud::at(ACCOUNT, "us-east-1", register))
    }

    /// One whose time is that of a clock.
    pub fn timed(clock: Clock) -> Self {
        Self::of(TestCloud::timed(clock, register))
    }

    /// The same after a restart.
    pub fn again(self) -> Self {
        Self::of(self.test.again(register))
    }

    fn of((test, service): (TestCloud, Arc<ApiGateway>)) -> Self {
        Self { cloud: test.cloud.clone(), service, test }
    }

    pub async fn call<O: Operation>(&self, operation: O) -> AwsResult<O::Output> {
        self.test.call(operation).await
    }

    /// What an operation that must fail answers, as `code: message`.
    pub async fn error<O: Operation>(&self, operation: O) -> String {
        self.test.error(operation).await
    }

    pub async fn api(&self) -> wire::RestApi {
        self.call(wire::CreateRestApi { name: "test".into(), ..Default::default() }).await.unwrap()
    }

    pub async fn resource(&self, api: &str, parent: &str, part: &str) -> String {
        let input = wire::CreateResource { rest_api_id: api.into(), parent_id: parent.into(), path_part: part.into() };
        self.call(input).await.unwrap().id.unwrap()
    }

    pub async fn method(&self, api: &str, resource: &str, verb: &str) {
        let input = wire::PutMethod {
            rest_api_id: api.into(),
            resource_id: resource.into(),
            http_method: verb.into(),
            authorization_type: "NONE".into(),
            ..Default::default()
        };
        self.call(input).await.unwrap();
    }

    /// A method whose request template and response template are given.
    pub async fn mock(&self, api: &str, resource: &str, verb: &str, request: &str, response: &str) {
        self.method(api, resource, verb).await;
        let templates = |text: &str| Some([("application/json".to_owned(), text.to_owned())].into());
        let integration = wire::PutIntegration {
            rest_api_id: api.into(),
            resource_id: resource.into(),
            http_method: verb.into(),
            r#type: "MOCK".into(),
            request_templates: templates(request),
            ..Default::default()
        };
        self.call(integration).await.unwrap();
        let response = wire::PutIntegrationResponse {
            rest_api_id: api.into(),
            resource_id: resource.into(),
            http_method: verb.into(),
            status_code: "200".into(),
            response_templates: templates(response),
            ..Default::default()
        };
        self.call(response).await.unwrap();
    }

    pub async fn deploy(&self, api: &str, stage: &str) -> String {
        let input =
            wire::CreateDeployment { rest_api_id: api.into(), stage_name: Some(stage.into()), ..Default::default() };
        self.call(input).await.unwrap().id.unwrap()
    }

    /// A request to an API's own port.
    pub async fn send(&self, api: &str, request: http::Request<&[u8]>) -> http::Response<Bytes> {
        self.send_as(None, api, request).await
    }

    /// A request that the account's root user signed.
    pub async fn send_as_root(&self, api: &str, request: http::Request<&[u8]>) -> http::Response<Bytes> {
        self.send_as(Some(self.test.root()), api, request).await
    }

    async fn send_as(
        &self,
        caller: Option<Context>,
        api: &str,
        request: http::Request<&[u8]>,
    ) -> http::Response<Bytes> {
        let (head, body) = self.begin(caller, api, request).await.into_parts();
        http::Response::from_parts(head, body.collect().await.unwrap())
    }

    /// The answer as soon as its head is there.
    pub async fn begin(
        &self,
        caller: Option<Context>,
        api: &str,
        request: http::Request<&[u8]>,
    ) -> http::Response<Body> {
        let (parts, body) = request.into_parts();
        let request = DataPlaneRequest {
            api_id: api.into(),
            form: Form::Port,
            parts,
            body: (body.len() <= BODY).then(|| Bytes::copy_from_slice(body)),
            client: "127.0.0.1".parse().unwrap(),
            port: 4600,
            caller,
            refused: None,
        };
        self.service.answer(request).await
    }

    pub async fn get(&self, api: &str, uri: &str) -> (u16, String) {
        let response = self.send(api, http::Request::get(uri).body(&b""[..]).unwrap()).await;
        (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
    }
}

/// One patch operation.
pub fn patch(op: &str, path: &str, value: Option<&str>) -> Option<Vec<wire::PatchOperation>> {
    let text = |text: &str| Some(text.to_owned());
    Some(vec![wire::PatchOperation { op: text(op), path: text(path), value: value.map(str::to_owned), from: None }])
}
