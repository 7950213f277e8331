//! Stages: what answers in the name of each. An alias of every function and, where there is an API, a stage of it.
//!
//! A stage has all this from the first time on that something is deployed or published to it, and nothing of it
//! before: whoever asks for a stage that was never published gets API Gateway's own refusal, and not code that nobody
//! has released. Its tables, its part of the role and its variables are there from the start.

use super::api_parts::{ApiParts, RestParts};
use super::endpoint::endpoint;
use super::routes::{self, Answering};
use super::{api_logs, function_url, http_api, plans, sources, tasks, throttle};
use crate::draft::Draft;
use crate::ids::{
    API, STATIC_PARAMETER, STATIC_STAGE_VARIABLE, alias_id, api_stage_id, endpoint_output, function_id, version_output,
};
use crate::versions::new_alias;
use serde_json::json;
use slam_project::{Code, Project, Stage, StaticFiles, Via, logical_name};

/// What a stage is a stage of.
#[derive(Debug)]
pub struct Parts<'p> {
    /// The functions, the project's own, `None`, first.
    pub functions: Vec<Option<String>>,
    /// The API in front of them.
    pub api: Option<ApiParts>,
    /// What else calls the functions.
    pub sources: Vec<sources::Placed<'p>>,
}

/// Everything of one stage. It begins at the deployed code; what it was published to is carried over afterwards.
pub fn add(draft: &mut Draft<'_>, stage: &Stage, parts: &Parts<'_>) {
    for function in &parts.functions {
        let name = function.as_deref();
        draft.insert(alias_id(&stage.name, name), new_alias(&stage.name, name));
        add_retries(draft, stage, name);
        tasks::add_source(draft, stage, name);
    }
    sources::add(draft, stage, &parts.sources);
    draft.output(version_output(&stage.name), json!("$LATEST"));
    match &parts.api {
        Some(ApiParts::Rest(api)) => add_api_stage(draft, stage, api),
        Some(ApiParts::Http(routes)) => http_api::add(draft, stage, routes),
        Some(ApiParts::Url) => function_url::add(draft, stage),
        None => return,
    }
    api_logs::add_groups(draft, stage);
}

/// How often a failed task is tried again is a setting of the alias that runs it.
fn add_retries(draft: &mut Draft<'_>, stage: &Stage, name: Option<&str>) {
    let tasks = draft.project.tasks.filter(|tasks| tasks.via == Via::Lambda);
    let Some(retries) = tasks.and_then(|tasks| tasks.retries) else { return };
    let function = draft.project.all_functions().find(|function| function.name.as_deref() == name);
    if !function.is_some_and(|function| matches!(function.code, Code::App { .. })) {
        return;
    }
    let alias = alias_id(&stage.name, name);
    let properties = json!({
        "FunctionName": {"Ref": function_id(name)},
        "Qualifier": stage.name,
        "MaximumRetryAttempts": retries,
    });
    let resource = json!({"Type": "AWS::Lambda::EventInvokeConfig", "DependsOn": alias, "Properties": properties});
    draft.insert(format!("{alias}Retries"), resource);
}

/// The stages that share a stage's REST API, the stage itself first.
fn sharing<'p>(project: &'p Project, stage: &'p Stage) -> Vec<&'p Stage> {
    let deployments = project.deployments().into_iter().map(|deployment| deployment.stages);
    let having = |stages: &Vec<&Stage>| stages.iter().any(|other| other.name == stage.name);
    let others = deployments.into_iter().find(having).unwrap_or_default().into_iter();
    std::iter::once(stage).chain(others.filter(|other| other.name != stage.name)).collect()
}

/// Where the REST API has methods: at the paths of functions and of static files, and at those of which a stage says something.
fn paths(sharing: &[&Stage], api: &RestParts, files: Option<&StaticFiles>) -> Vec<String> {
    let said = sharing.iter().flat_map(|stage| stage.settings.paths());
    let own = api.routes.iter().map(|route| route.path.as_str());
    let mut paths: Vec<String> = Vec::new();
    for path in said.chain(own).chain(files.map(|files| files.url.as_str())) {
        if !paths.iter().any(|other| other == path) {
            paths.push(path.to_owned());
        }
    }
    paths
}

fn add_api_stage(draft: &mut Draft<'_>, stage: &Stage, api: &RestParts) {
    let (name, id) = (&stage.name, logical_name(&stage.name));
    let mut resource = json!({
        "Type": "AWS::ApiGateway::Stage",
        "Properties": {
            "RestApiId": {"Ref": API},
            "DeploymentId": {"Ref": api.deployment},
            "StageName": name,
            "Variables": {"STAGE": name},
        },
    });
    if api.static_files {
        resource["Properties"]["Variables"][STATIC_STAGE_VARIABLE] = json!({"Ref": STATIC_PARAMETER});
    }
    api_logs::turn_on(&mut resource, &id, stage.api_logs);
    let sharing = sharing(draft.project, stage);
    let files = draft.project.static_files.as_ref().filter(|_| api.static_files);
    let beside =
        files.is_some_and(|files| sharing.iter().any(|stage| stage.settings.paths().any(|path| path == files.url)));
    throttle::limit_rest(&mut resource, stage, &paths(&sharing, api, files), files.map(|files| (files, beside)));
    draft.insert(api_stage_id(name), resource);
    for Answering { function, path } in &api.routes {
        let of_function = function.as_deref().map(logical_name).unwrap_or_default();
        let source = format!(
            "arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{API}}}/{name}/*{}",
            routes::below(path)
        );
        let permission = json!({
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": alias_id(name, function.as_deref())},
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": {"Fn::Sub": source},
        });
        draft.resource(format!("{id}{of_function}ApiLambdaPermission"), "AWS::Lambda::Permission", permission);
    }
    for deciding in &api.deciding {
        deciding.allow(draft, stage, API);
    }
    plans::add(draft, stage);
    draft.output(endpoint_output(name), endpoint(API, &format!("{name}/")));
}
