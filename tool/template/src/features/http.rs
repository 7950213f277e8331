//! The REST API that passes every request on to the function.
//!
//! Its methods are the same for all stages; a stage variable picks the alias. A deployment is a snapshot of the
//! methods, so its logical id is a hash of them: a change of the methods makes a new one, to which the stages move.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use slam_project::{ApiLogs, logical_name};

use super::api_logs;
use crate::ids::{API, API_ID_OUTPUT, FUNCTION, alias_id, endpoint_output};
use crate::render::Draft;

const ROOT_METHOD: &str = "ApiRootMethod";
const RESOURCE: &str = "ApiResource";
const METHOD: &str = "ApiMethod";
const ON_AWS: &str = "OnAws";

pub(crate) fn add(draft: &mut Draft<'_>) {
    let mut api = json!({
        "Name": draft.project.name,
        // Everything is binary to API Gateway: it passes bodies on as they are, and the adapter knows what is text.
        "BinaryMediaTypes": ["*/*"],
        "EndpointConfiguration": {"Types": ["REGIONAL"]},
    });
    if let Some(description) = &draft.project.description {
        api["Description"] = json!(description);
    }
    let root = json!({"Fn::GetAtt": [API, "RootResourceId"]});
    let resource = json!({"RestApiId": {"Ref": API}, "ParentId": root, "PathPart": "{proxy+}"});
    let (root_method, proxy_method) = (method(root), method(json!({"Ref": RESOURCE})));
    let deployment = deployment_id(&[&api["BinaryMediaTypes"], &root_method, &resource, &proxy_method]);

    draft.resource(API, "AWS::ApiGateway::RestApi", api);
    draft.resource(ROOT_METHOD, "AWS::ApiGateway::Method", root_method);
    draft.resource(RESOURCE, "AWS::ApiGateway::Resource", resource);
    draft.resource(METHOD, "AWS::ApiGateway::Method", proxy_method);
    draft.insert(
        &*deployment,
        json!({
            "Type": "AWS::ApiGateway::Deployment",
            "DependsOn": [ROOT_METHOD, METHOD],
            "Properties": {"RestApiId": {"Ref": API}},
        }),
    );
    draft.output(API_ID_OUTPUT, json!({"Ref": API}));
    // Conditions cannot look into a text, so AWS's own suffixes are named; the embedded cloud has another.
    let suffix = |suffix: &str| json!({"Fn::Equals": [{"Ref": "AWS::URLSuffix"}, suffix]});
    let on_aws = json!({"Fn::Or": [suffix("amazonaws.com"), suffix("amazonaws.com.cn")]});
    draft.conditions.insert(ON_AWS.to_owned(), on_aws);
    for stage in draft.stages.clone() {
        add_stage(draft, &stage.name, stage.api_logs, &deployment);
    }
}

fn method(resource: Value) -> Value {
    let function = format!("${{{FUNCTION}.Arn}}:${{!stageVariables.STAGE}}");
    let uri = format!(
        "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/2015-03-31/functions/{function}/invocations"
    );
    json!({
        "RestApiId": {"Ref": API},
        "ResourceId": resource,
        "HttpMethod": "ANY",
        "AuthorizationType": "NONE",
        "Integration": {"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": {"Fn::Sub": uri}},
    })
}

fn deployment_id(parts: &[&Value]) -> String {
    let text: Vec<_> = parts.iter().map(ToString::to_string).collect();
    format!("ApiDeployment{}", hex::encode_upper(&Sha256::digest(text.join("\n"))[..5]))
}

fn add_stage(draft: &mut Draft<'_>, stage: &str, logs: ApiLogs, deployment: &str) {
    let id = logical_name(stage);
    let mut resource = json!({
        "Type": "AWS::ApiGateway::Stage",
        "Properties": {
            "RestApiId": {"Ref": API},
            "DeploymentId": {"Ref": deployment},
            "StageName": stage,
            "Variables": {"STAGE": stage},
        },
    });
    api_logs::turn_on(&mut resource, &id, logs);
    draft.insert(format!("{id}ApiStage"), resource);
    let source =
        format!("arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{API}}}/{stage}/*");
    let permission = json!({
        "Action": "lambda:InvokeFunction",
        "FunctionName": {"Ref": alias_id(stage)},
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": {"Fn::Sub": source},
    });
    draft.resource(format!("{id}ApiLambdaPermission"), "AWS::Lambda::Permission", permission);
    let url = format!("${{Scheme}}://${{{API}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{stage}/");
    let scheme = json!({"Scheme": {"Fn::If": [ON_AWS, "https", "http"]}});
    draft.output(endpoint_output(stage), json!({"Fn::Sub": [url, scheme]}));
}
