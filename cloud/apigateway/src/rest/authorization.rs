//! Who may call a method: IAM for `AWS_IAM`, the API's resource policy where there is one.
//!
//! AWS: "How API Gateway resource policies affect authorization workflow".

use super::compiled::CompiledStage;
use super::exchange::{Caller, Exchange};
use super::gateway_response::GatewayResponse;
use crate::model::AuthorizationType;
use slam_cloud_core::{Access, Cloud, Context};

/// Decides about a request.
///
/// # Errors
/// 403, with IAM's sentence.
pub fn check(cloud: &Cloud, exchange: &Exchange<'_>) -> Result<(), GatewayResponse> {
    let Exchange { stage, method, request, caller, .. } = exchange;
    let policy = stage.policy.clone();
    let context = match (method.authorization, caller) {
        (AuthorizationType::AwsIam, None) => return Err(GatewayResponse::MissingAuthenticationToken),
        (AuthorizationType::AwsIam, Some(caller)) => caller.context.clone(),
        (AuthorizationType::None, _) if policy.is_none() => return Ok(()),
        (AuthorizationType::None, _) => anonymous(stage, exchange),
    };
    let access =
        Access::new("execute-api:Invoke", exchange.method_arn(&request.decoded_path())).resource_policy(policy);
    cloud
        .authorize(&context, &access)
        .map_err(|error| GatewayResponse::AccessDenied(mask(&error.message, &stage.context.account)))
}

fn anonymous(stage: &CompiledStage, exchange: &Exchange<'_>) -> Context {
    let mut context = stage.context.clone();
    context.request_id = exchange.arrival.request_id.as_str().into();
    context.source_ip = exchange.request.source_ip.parse().ok();
    context.user_agent = exchange.request.header("user-agent").map(Into::into);
    context
}

/// AWS hides the API's account in the resource it names, all but the last four digits.
fn mask(message: &str, account: &str) -> String {
    let (hidden, shown) = account.split_at(account.len().saturating_sub(4));
    let stars = "*".repeat(hidden.len());
    match message.split_once("on resource: ") {
        Some((before, after)) => {
            let after = after.replacen(&format!(":{account}:"), &format!(":{stars}{shown}:"), 1);
            format!("{before}on resource: {after}")
        }
        None => message.to_owned(),
    }
}

/// The caller of a signed request, with the access key of its signature.
pub fn caller(context: Context, headers: &http::HeaderMap, query: Option<&str>) -> Caller {
    let in_header = headers.get("authorization").and_then(|value| value.to_str().ok());
    let in_header = in_header.and_then(|text| text.split_once("Credential=")).map(|(_, rest)| rest);
    let in_query = query.and_then(|query| query.split_once("X-Amz-Credential=")).map(|(_, rest)| rest);
    let access_key = in_header
        .or(in_query)
        .map(|credential| credential.chars().take_while(char::is_ascii_alphanumeric).collect::<String>());
    Caller { context, access_key }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_hidden_in_the_resource() {
        let message = "User: arn:aws:iam::123456789012:user/x is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:123456789012:abc/dev/GET/";
        let masked = "User: arn:aws:iam::123456789012:user/x is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********9012:abc/dev/GET/";
        assert_eq!(mask(message, "123456789012"), masked);
    }
}
