//! API Gateway's second version: HTTP APIs and what hangs on them.

mod api;
mod authorizer;
mod deployment;
mod integration;
mod route;
mod stage;

use super::types::Service;
use super::{Input, Properties, Retag, Work};
use api::Api;
use authorizer::Authorizer;
use deployment::Deployment;
use integration::Integration;
use route::Route;
use serde_json::{Map, Value};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::apigatewayv2 as wire;
use stage::Stage;

/// What can be deployed of it.
pub(super) const SERVICE: Service = Service {
    gone: &["NotFoundException"],
    types: &[
        (include_str!("../../../schemas/AWS-ApiGatewayV2-Api.json"), &Api),
        (include_str!("../../../schemas/AWS-ApiGatewayV2-Authorizer.json"), &Authorizer),
        (include_str!("../../../schemas/AWS-ApiGatewayV2-Deployment.json"), &Deployment),
        (include_str!("../../../schemas/AWS-ApiGatewayV2-Integration.json"), &Integration),
        (include_str!("../../../schemas/AWS-ApiGatewayV2-Route.json"), &Route),
        (include_str!("../../../schemas/AWS-ApiGatewayV2-Stage.json"), &Stage),
    ],
};

/// Changes the tags of what a path leads to.
async fn retag(work: &Work, path: String, tags: &Retag) -> AwsResult<()> {
    let (partition, region) = (work.context.partition(), &work.context.region);
    let place = Input::of("ResourceArn", format!("arn:{partition}:apigateway:{region}::{path}"));
    tags.apply::<wire::TagResource, wire::UntagResource>(work, place).await
}

/// A map of texts for an update, which takes away what it maps to `nothing`: what was there before and is no longer.
fn with_removals(before: &Map<String, Value>, after: &Map<String, Value>, name: &str, nothing: &Value) -> Value {
    let entries =
        |properties| Properties(properties).object(name).map(|Properties(entries)| entries.clone()).unwrap_or_default();
    let gone = entries(before).into_iter().map(|(key, _)| (key, nothing.clone()));
    let mut map: Map<String, Value> = gone.collect();
    map.extend(entries(after));
    map.into()
}
