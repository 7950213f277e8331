//! API Gateway: REST APIs and what hangs on them, and the clients that have keys for them.

mod account;
mod api_key;
mod authorizer;
mod definition;
mod deployment;
mod gateway_response;
mod method;
mod model;
mod patch;
mod request_validator;
mod resource;
mod rest_api;
mod stage;
mod usage_plan;
mod usage_plan_key;

use super::types::Service;
use super::{Input, Retag, Work};
use account::Account;
use api_key::ApiKey;
use authorizer::Authorizer;
use deployment::Deployment;
use gateway_response::GatewayResponse;
use method::Method;
use model::Model;
use request_validator::RequestValidator;
use resource::Resource;
use rest_api::RestApi;
use slam_cloud_core::AwsResult;
use slam_cloud_wire::apigateway as wire;
use stage::Stage;
use usage_plan::UsagePlan;
use usage_plan_key::UsagePlanKey;

/// What can be deployed of it.
pub(super) const SERVICE: Service = Service {
    gone: &["NotFoundException"],
    types: &[
        (include_str!("../../../schemas/AWS-ApiGateway-Account.json"), &Account),
        (include_str!("../../../schemas/AWS-ApiGateway-ApiKey.json"), &ApiKey),
        (include_str!("../../../schemas/AWS-ApiGateway-Authorizer.json"), &Authorizer),
        (include_str!("../../../schemas/AWS-ApiGateway-Deployment.json"), &Deployment),
        (include_str!("../../../schemas/AWS-ApiGateway-GatewayResponse.json"), &GatewayResponse),
        (include_str!("../../../schemas/AWS-ApiGateway-Method.json"), &Method),
        (include_str!("../../../schemas/AWS-ApiGateway-Model.json"), &Model),
        (include_str!("../../../schemas/AWS-ApiGateway-RequestValidator.json"), &RequestValidator),
        (include_str!("../../../schemas/AWS-ApiGateway-Resource.json"), &Resource),
        (include_str!("../../../schemas/AWS-ApiGateway-RestApi.json"), &RestApi),
        (include_str!("../../../schemas/AWS-ApiGateway-Stage.json"), &Stage),
        (include_str!("../../../schemas/AWS-ApiGateway-UsagePlan.json"), &UsagePlan),
        (include_str!("../../../schemas/AWS-ApiGateway-UsagePlanKey.json"), &UsagePlanKey),
    ],
};

/// Changes the tags of what a path leads to.
async fn retag(work: &Work, path: String, tags: &Retag) -> AwsResult<()> {
    let (partition, region) = (work.context.partition(), &work.context.region);
    let place = Input::of("ResourceArn", format!("arn:{partition}:apigateway:{region}::{path}"));
    tags.apply::<wire::TagResource, wire::UntagResource>(work, place).await
}
