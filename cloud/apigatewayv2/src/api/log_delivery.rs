//! Access logs are "vended": whoever turns one on must be allowed to let API Gateway's deliveries write, and a policy of
//! CloudWatch Logs then does.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html> ("Logs sent to CloudWatch Logs")

use crate::ApiGatewayV2;
use crate::error::bad_request;
use crate::model::AccessLog;
use serde_json::{Value, json};
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::logs::{DescribeResourcePolicies, PutResourcePolicy};

/// AWS's name for the policy.
const POLICY: &str = "AWSLogDeliveryWrite20150319";

/// Lets the access log of a stage be written.
///
/// # Errors
/// `BadRequestException` when the caller may not, or CloudWatch Logs says no.
pub(super) async fn permit(service: &ApiGatewayV2, context: &Context, log: Option<&AccessLog>) -> AwsResult<()> {
    let Some(arn) = log.and_then(|log| log.destination_arn.as_deref()) else { return Ok(()) };
    // <https://github.com/hashicorp/terraform-provider-aws/issues/16450>
    let refused = |error| bad_request(format!("Insufficient permissions to enable logging: {error}"));
    let asking = context.via(crate::SERVICE);
    let stream = format!("{arn}:log-stream:*");
    let describe = DescribeResourcePolicies::default();
    let policies = service.cloud.call(asking.clone(), describe).await.map_err(refused)?.resource_policies;
    let mine = policies.into_iter().flatten().find(|policy| policy.policy_name.as_deref() == Some(POLICY));
    let document = mine.and_then(|policy| policy.policy_document).and_then(|text| serde_json::from_str(&text).ok());
    let mut resources = document.as_ref().map(resources).unwrap_or_default();
    if resources.contains(&stream) {
        return Ok(());
    }
    resources.push(stream);
    let document = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": POLICY,
            "Effect": "Allow",
            "Principal": {"Service": crate::LOG_DELIVERY},
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
            "Resource": resources,
            "Condition": {"StringEquals": {"aws:SourceAccount": &*context.account}},
        }],
    });
    let put = PutResourcePolicy {
        policy_name: Some(POLICY.into()),
        policy_document: Some(document.to_string()),
        ..PutResourcePolicy::default()
    };
    service.cloud.call(asking, put).await.map(drop).map_err(refused)
}

fn resources(document: &Value) -> Vec<String> {
    let listed = document["Statement"][0]["Resource"].as_array().into_iter().flatten();
    listed.filter_map(|resource| resource.as_str().map(str::to_owned)).collect()
}
