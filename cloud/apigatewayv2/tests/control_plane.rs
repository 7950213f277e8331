//! What the control plane takes, refuses and keeps, on a cloud of this service alone.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use futures_util::future::BoxFuture;
use slam_cloud_apigatewayv2::register;
use slam_cloud_core::plane::Plane;
use slam_cloud_core::ports::Ports;
use slam_cloud_core::{Cloud, Context, Principal};
use slam_cloud_testing::{ACCOUNT, REGION, TestCloud};
use slam_cloud_wire::apigatewayv2 as wire;
use std::io;
use std::sync::Arc;

const SERVER: &str = "http://example.com";

async fn api(test: &TestCloud) -> String {
    let input = wire::CreateApi { name: "test".into(), protocol_type: "HTTP".into(), ..Default::default() };
    test.call(input).await.unwrap().api_id.unwrap()
}

async fn integration(test: &TestCloud, api_id: &str) -> String {
    let input = wire::CreateIntegration {
        api_id: api_id.into(),
        integration_type: "HTTP_PROXY".into(),
        integration_uri: Some(SERVER.into()),
        integration_method: Some("ANY".into()),
        payload_format_version: Some("1.0".into()),
        ..Default::default()
    };
    test.call(input).await.unwrap().integration_id.unwrap()
}

fn route(api_id: &str, key: &str) -> wire::CreateRoute {
    wire::CreateRoute { api_id: api_id.into(), route_key: key.into(), ..Default::default() }
}

fn stage(api_id: &str, name: &str) -> wire::CreateStage {
    wire::CreateStage { api_id: api_id.into(), stage_name: name.into(), ..Default::default() }
}

/// "Quotas for configuring and running an HTTP API".
#[tokio::test]
async fn an_api_has_its_limits() {
    let (test, _) = TestCloud::new(register);
    let api = api(&test).await;
    for number in 0..10 {
        test.call(stage(&api, &format!("s{number}"))).await.unwrap();
    }
    assert!(test.error(stage(&api, "more")).await.contains("Maximum number of stages"));
    for number in 0..300 {
        test.call(route(&api, &format!("GET /{number}"))).await.unwrap();
    }
    assert!(test.error(route(&api, "GET /more")).await.contains("Maximum number of routes"));
    let page = |token| wire::GetRoutes { api_id: api.clone(), max_results: Some("200".into()), next_token: token };
    let first = test.call(page(None)).await.unwrap();
    let second = test.call(page(first.next_token.clone())).await.unwrap();
    assert_eq!((first.items.unwrap().len(), second.items.unwrap().len(), second.next_token), (200, 100, None));
    for most in ["0", "-1", "x"] {
        let input = wire::GetRoutes { api_id: api.clone(), max_results: Some(most.into()), next_token: None };
        assert!(test.error(input).await.starts_with("BadRequestException"), "{most}");
    }
}

#[tokio::test]
async fn stages_that_deploy_by_themselves_keep_one_copy() {
    let (test, _) = TestCloud::new(register);
    let api = api(&test).await;
    let automatic = |name| wire::CreateStage { auto_deploy: Some(true), ..stage(&api, name) };
    let empty = test.call(automatic("$default")).await.unwrap();
    assert_eq!(empty.deployment_id, None);
    let said = "Deployment attempt failed: Unable to deploy API because no routes exist in this API";
    assert_eq!(empty.last_deployment_status_message.unwrap(), said);
    test.call(automatic("dev")).await.unwrap();
    for key in ["GET /a", "GET /b", "$default"] {
        test.call(route(&api, key)).await.unwrap();
        let deployments = wire::GetDeployments { api_id: api.clone(), ..Default::default() };
        let deployments = test.call(deployments).await.unwrap().items.unwrap();
        assert_eq!(deployments.len(), 1);
        let stages = wire::GetStages { api_id: api.clone(), ..Default::default() };
        for stage in test.call(stages).await.unwrap().items.unwrap() {
            assert_eq!(stage.deployment_id, deployments[0].deployment_id);
        }
    }
}

#[tokio::test]
async fn an_api_goes_with_everything_it_has() {
    let (test, _) = TestCloud::new(register);
    let (kept, gone) = (api(&test).await, api(&test).await);
    for id in [&kept, &gone] {
        test.call(route(id, "$default")).await.unwrap();
        test.call(stage(id, "dev")).await.unwrap();
        let deployment =
            wire::CreateDeployment { api_id: id.clone(), stage_name: Some("dev".into()), ..Default::default() };
        test.call(deployment).await.unwrap();
    }
    test.call(wire::DeleteApi { api_id: gone.clone() }).await.unwrap();
    let (test, _) = test.again(register);
    assert_eq!(
        test.error(wire::GetApi { api_id: gone.clone() }).await,
        format!("NotFoundException: Invalid API identifier specified 000000000000:{gone}")
    );
    let stage = test.call(wire::GetStage { api_id: kept.clone(), stage_name: "dev".into() }).await.unwrap();
    assert!(stage.deployment_id.is_some());
}

#[tokio::test]
async fn an_update_changes_what_is_given() {
    let (test, _) = TestCloud::new(register);
    let api = api(&test).await;
    let integration = integration(&test, &api).await;
    let target = Some(format!("integrations/{integration}"));
    let created = wire::CreateRoute { operation_name: Some("one".into()), target, ..route(&api, "GET /a") };
    let made = test.call(created).await.unwrap();
    let update = wire::UpdateRoute {
        api_id: api.clone(),
        route_id: made.route_id.clone().unwrap(),
        route_key: Some("POST /a".into()),
        authorization_type: Some("AWS_IAM".into()),
        ..Default::default()
    };
    let changed = test.call(update).await.unwrap();
    assert_eq!((changed.route_key.as_deref(), changed.target), (Some("POST /a"), made.target));
    assert_eq!(
        (changed.operation_name.as_deref(), changed.authorization_type.as_deref()),
        (Some("one"), Some("AWS_IAM"))
    );
    let update = wire::UpdateIntegration {
        api_id: api.clone(),
        integration_id: integration,
        timeout_in_millis: Some(100),
        ..Default::default()
    };
    let changed = test.call(update).await.unwrap();
    assert_eq!((changed.integration_uri.as_deref(), changed.timeout_in_millis), (Some(SERVER), Some(100)));
    let default = test.call(route(&api, "$default")).await.unwrap().route_id.unwrap();
    let update =
        wire::UpdateRoute { api_id: api, route_id: default, route_key: Some("GET /b".into()), ..Default::default() };
    assert_eq!(test.error(update).await, "BadRequestException: The $default route key can't be modified.");
}

/// Opens ports while somebody changes the name of the API.
struct Renaming(Cloud);

impl Ports for Renaming {
    fn open<'a>(&'a self, owner: &'a str, _: Option<u16>, _: Arc<dyn Plane>) -> BoxFuture<'a, io::Result<u16>> {
        Box::pin(async move {
            let root = Context::new(ACCOUNT, REGION, Principal::Root { account: ACCOUNT.into() });
            let rename = wire::UpdateApi { api_id: owner.into(), name: Some("renamed".into()), ..Default::default() };
            self.0.call(root, rename).await.map(|_| 4700).map_err(io::Error::other)
        })
    }

    fn close<'a>(&'a self, _: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    fn of(&self, _: &str) -> Option<u16> {
        None
    }

    fn all(&self) -> Vec<(String, u16)> {
        Vec::new()
    }
}

#[tokio::test]
async fn a_port_that_moves_takes_no_change_of_its_api_back() {
    let (test, _) = TestCloud::new(register);
    let api = api(&test).await;
    let (test, _) = test.again(|cloud, store, registry| {
        registry.ports(Arc::new(Renaming(cloud.clone())));
        register(cloud, store, registry)
    });
    test.cloud.start().await.unwrap();
    assert_eq!(test.call(wire::GetApi { api_id: api }).await.unwrap().name.unwrap(), "renamed");
}

/// Whoever gives a role away says so in its ARN, for `iam:PassRole` to be asked of it.
#[tokio::test]
async fn a_role_is_named_as_one() {
    let (test, _) = TestCloud::new(register);
    let api = api(&test).await;
    let create = |credentials: &str| wire::CreateIntegration {
        api_id: api.clone(),
        integration_type: "HTTP_PROXY".into(),
        integration_uri: Some(SERVER.into()),
        integration_method: Some("ANY".into()),
        payload_format_version: Some("1.0".into()),
        credentials_arn: Some(credentials.into()),
        ..Default::default()
    };
    test.call(create("arn:aws:iam::000000000000:role/${stageVariables.r}")).await.unwrap();
    let hidden = test.error(create("arn:aws:iam::000000000000:${stageVariables.r}")).await;
    assert!(hidden.starts_with("NotImplemented") && hidden.contains("CredentialsArn"), "{hidden}");
    assert!(test.error(create("r")).await.starts_with("BadRequestException"));
}
