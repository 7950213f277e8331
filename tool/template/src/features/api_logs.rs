//! The API's logs, for stages that ask for them.
//!
//! API Gateway writes logs of REST APIs with a role that is set once for an account and region, in
//! `AWS::ApiGateway::Account`. A stack that takes this role along when it is deleted leaves the setting dangling, and
//! silences every other API of the account; so both are retained, and nobody has them who does not ask for logs.
//! Execution logs go to a group that API Gateway names; it is made here first, so that it goes with the stack.

use super::logs;
use crate::draft::Draft;
use crate::ids::{API, API_ACCOUNT, API_LOG_ROLE};
use crate::policy::{aws_policy, trust};
use serde_json::{Value, json};
use slam_project::{ApiLogs, Stage, logical_name};

/// A line per request, as JSON.
const ACCESS_FORMAT: &str = concat!(
    r#"{"time":"$context.requestTime","requestId":"$context.requestId","ip":"$context.identity.sourceIp","#,
    r#""method":"$context.httpMethod","path":"$context.path","protocol":"$context.protocol","#,
    r#""status":"$context.status","length":"$context.responseLength","latency":"$context.responseLatency","#,
    r#""error":"$context.error.message"}"#
);

/// The log groups of a stage that asks for logs.
pub fn add_groups(draft: &mut Draft<'_>, stage: &Stage) {
    if stage.api_logs == ApiLogs::None {
        return;
    }
    let name = format!("/slam/${{AWS::StackName}}/api/{}", stage.name);
    logs::group(draft, &access_group(&logical_name(&stage.name)), json!({"Fn::Sub": name}));
    if stage.api_logs == ApiLogs::Full {
        let name = format!("API-Gateway-Execution-Logs_${{{API}}}/{}", stage.name);
        logs::group(draft, &execution_group(&logical_name(&stage.name)), json!({"Fn::Sub": name}));
    }
}

/// The role that API Gateway writes logs with, for a stack with at least one stage that asks for them.
pub fn add_account(draft: &mut Draft<'_>) {
    let policy = aws_policy("service-role/AmazonAPIGatewayPushToCloudWatchLogs");
    let trust = trust("apigateway.amazonaws.com");
    let role = json!({"AssumeRolePolicyDocument": trust, "ManagedPolicyArns": [policy]});
    retained(draft, API_LOG_ROLE, "AWS::IAM::Role", role);
    let account = json!({"CloudWatchRoleArn": {"Fn::GetAtt": [API_LOG_ROLE, "Arn"]}});
    retained(draft, API_ACCOUNT, "AWS::ApiGateway::Account", account);
}

fn retained(draft: &mut Draft<'_>, id: &str, kind: &str, properties: Value) {
    let resource = json!({
        "Type": kind,
        "DeletionPolicy": "Retain",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    });
    draft.insert(id, resource);
}

/// Turns the logs of a stage on, once what they need is there. `id` is the stage's part of logical ids.
pub fn turn_on(stage: &mut Value, id: &str, logs: ApiLogs) {
    if logs == ApiLogs::None {
        return;
    }
    stage["Properties"]["AccessLogSetting"] = access(id);
    let mut after = vec![API_ACCOUNT.to_owned()];
    if logs == ApiLogs::Full {
        stage["Properties"]["MethodSettings"] =
            json!([{"HttpMethod": "*", "ResourcePath": "/*", "LoggingLevel": "INFO"}]);
        after.push(execution_group(id));
    }
    stage["DependsOn"] = json!(after);
}

/// Turns the log of requests of an HTTP API on, which takes no role: API Gateway is let into the group when it is named.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html>
pub fn turn_on_access(stage: &mut Value, id: &str, logs: ApiLogs) {
    if logs != ApiLogs::None {
        stage["Properties"]["AccessLogSettings"] = access(id);
    }
}

fn access(id: &str) -> Value {
    json!({"DestinationArn": {"Fn::GetAtt": [access_group(id), "Arn"]}, "Format": ACCESS_FORMAT})
}

fn access_group(id: &str) -> String {
    format!("{id}ApiAccessLogGroup")
}

fn execution_group(id: &str) -> String {
    format!("{id}ApiExecutionLogGroup")
}
