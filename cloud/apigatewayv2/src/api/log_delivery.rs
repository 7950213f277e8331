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
/// `BadRequestException` when the caller may not, CloudWatch Logs says no, or the policy that is there cannot be read.
pub(super) async fn permit(service: &ApiGatewayV2, context: &Context, log: Option<&AccessLog>) -> AwsResult<()> {
    let Some(arn) = log.and_then(|log| log.destination_arn.as_deref()) else { return Ok(()) };
    // <https://github.com/hashicorp/terraform-provider-aws/issues/16450>
    let refused = |error| bad_request(format!("Insufficient permissions to enable logging: {error}"));
    let asking = context.via(crate::SERVICE);
    let stream = format!("{arn}:log-stream:*");
    let describe = DescribeResourcePolicies::default();
    let policies = service.cloud.call(asking.clone(), describe).await.map_err(refused)?.resource_policies;
    let mine = policies.into_iter().flatten().find(|policy| policy.policy_name.as_deref() == Some(POLICY));
    let kept = mine.and_then(|policy| policy.policy_document);
    let mut document = match &kept {
        Some(text) => serde_json::from_str(text).unwrap_or_default(),
        None => json!({"Version": "2012-10-17", "Statement": []}),
    };
    let unreadable = || {
        bad_request(format!("Insufficient permissions to enable logging: the resource policy {POLICY} cannot be read"))
    };
    if !allow(&mut document, &context.account, stream).ok_or_else(unreadable)? {
        return Ok(());
    }
    let put = PutResourcePolicy {
        policy_name: Some(POLICY.into()),
        policy_document: Some(document.to_string()),
        ..PutResourcePolicy::default()
    };
    service.cloud.call(asking, put).await.map(drop).map_err(refused)
}

/// Lets deliveries write a stream, beside whatever else a policy says, and tells whether it did not yet. Nothing is done, and none
/// is told, where the document is no policy.
fn allow(document: &mut Value, account: &str, stream: String) -> Option<bool> {
    let statements = document.get_mut("Statement")?;
    if statements.is_object() {
        *statements = json!([statements.take()]);
    }
    let statements = statements.as_array_mut()?;
    let mut own = json!({
        "Sid": POLICY,
        "Effect": "Allow",
        "Principal": {"Service": crate::LOG_DELIVERY},
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Condition": {"StringEquals": {"aws:SourceAccount": account}},
    });
    for statement in statements.iter_mut() {
        let mut others = statement.clone();
        let resource = others.as_object_mut()?.remove("Resource");
        if others == own {
            // One statement has all streams, as long as nobody else has changed it: there is not room for many.
            let mut resources = match resource {
                Some(Value::Array(resources)) => resources,
                other => other.into_iter().collect(),
            };
            if resources.iter().any(|resource| *resource == stream) {
                return Some(false);
            }
            resources.push(stream.into());
            statement["Resource"] = resources.into();
            return Some(true);
        }
    }
    if statements.iter().any(|statement| statement["Sid"] == POLICY) {
        own.as_object_mut()?.remove("Sid");
    }
    own["Resource"] = json!([stream]);
    statements.push(own);
    Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(resource: Value) -> Value {
        let mut document = json!({"Statement": []});
        allow(&mut document, "1", "x".into());
        document["Statement"][0]["Resource"] = resource;
        document["Statement"][0].take()
    }

    fn check(statements: Value, expected: Option<Value>) {
        let mut document = json!({"Version": "2012-10-17", "Statement": statements});
        let changed = allow(&mut document, "1", "new".into());
        assert_eq!(changed.map(|_| document["Statement"].clone()), expected, "{statements}");
    }

    #[test]
    fn what_owners_say_stays() {
        let other = json!({"Sid": "mine", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
        let fresh = own(json!(["new"]));
        check(json!([]), Some(json!([fresh])));
        check(other.clone(), Some(json!([other, fresh])));
        check(json!([other, own(json!(["old"]))]), Some(json!([other, own(json!(["old", "new"]))])));
        check(json!([own(json!("old")), other]), Some(json!([own(json!(["old", "new"])), other])));
        check(json!([own(json!(["new"]))]), Some(json!([own(json!(["new"]))])));
        let mut changed = own(json!(["old"]));
        changed["Effect"] = "Deny".into();
        let mut nameless = fresh;
        nameless.as_object_mut().map(|members| members.remove("Sid"));
        check(json!([changed]), Some(json!([changed, nameless])));
        for unreadable in [json!("x"), json!(["x"]), json!(null)] {
            check(unreadable, None);
        }
        assert_eq!(allow(&mut json!({}), "1", "new".into()), None);
    }
}
