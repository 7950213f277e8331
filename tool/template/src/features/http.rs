//! The REST API that passes every request on to a function.
//!
//! Its methods are the same for all stages; a stage variable picks the alias. A deployment is a snapshot of the
//! methods, so its logical id is a hash of them: a change of the methods makes a new one, to which the stages move.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use slam_project::{ApiLogs, Project, logical_name};

use super::{api_logs, routes, static_files};
use crate::ids::{API, API_ID_OUTPUT, STATIC_PARAMETER, alias_id, api_stage_id, endpoint_output};
use crate::render::Draft;

const ON_AWS: &str = "OnAws";

/// Whether anything answers requests.
pub(crate) fn is_wanted(project: &Project) -> bool {
    !routes::of(project).is_empty()
}

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
    let media_types = api["BinaryMediaTypes"].clone();
    draft.resource(API, "AWS::ApiGateway::RestApi", api);
    let routes = routes::add(draft);
    let deployment = deployment_id(std::iter::once(&media_types).chain(&routes.snapshot));
    draft.insert(
        &*deployment,
        json!({
            "Type": "AWS::ApiGateway::Deployment",
            "DependsOn": routes.methods,
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

fn deployment_id<'v>(parts: impl Iterator<Item = &'v Value>) -> String {
    let text: Vec<_> = parts.map(ToString::to_string).collect();
    format!("ApiDeployment{}", hex::encode_upper(&Sha256::digest(text.join("\n"))[..5]))
}

/// A path and all below it in the ARN of a method, where variables of a path and the verb `ANY` are `*`: so the console and
/// SAM write it.
fn below(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "*" } else { part });
    let path = parts.collect::<Vec<_>>().join("/");
    if path.is_empty() { path } else { path + "*" }
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
    if draft.project.static_files.is_some() {
        resource["Properties"]["Variables"][static_files::STAGE_VARIABLE] = json!({"Ref": STATIC_PARAMETER});
    }
    api_logs::turn_on(&mut resource, &id, logs);
    draft.insert(api_stage_id(stage), resource);
    for route in routes::of(draft.project) {
        let of_function = route.function.map(logical_name).unwrap_or_default();
        let source = format!(
            "arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{API}}}/{stage}/*{}",
            below(route.path)
        );
        let permission = json!({
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": alias_id(stage, route.function)},
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": {"Fn::Sub": source},
        });
        draft.resource(format!("{id}{of_function}ApiLambdaPermission"), "AWS::Lambda::Permission", permission);
    }
    let url = format!("${{Scheme}}://${{{API}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{stage}/");
    let scheme = json!({"Scheme": {"Fn::If": [ON_AWS, "https", "http"]}});
    draft.output(endpoint_output(stage), json!({"Fn::Sub": [url, scheme]}));
}
