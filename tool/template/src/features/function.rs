//! The functions.

use super::{named, package};
use crate::draft::Draft;
use crate::ids::{STATIC_PARAMETER, function_arn_output, function_id, log_group_id, role_id};
use serde_json::{Value, json};
use slam_project::variables::SLAM_STATIC;
use slam_project::{Code, Function};

pub fn add(draft: &mut Draft<'_>) {
    for function in draft.project.all_functions() {
        let mut resource = json!({"Type": "AWS::Lambda::Function", "Properties": properties(draft, function)});
        let name = function.name.as_deref();
        if let Some(name) = name {
            // By this it is known as one of the project's functions, and not one of the user's own resources.
            resource["Metadata"] = json!({"Slam": {"Function": name}});
        }
        let id = function_id(name);
        draft.output(function_arn_output(name), json!({"Fn::GetAtt": [id, "Arn"]}));
        draft.insert(id, resource);
    }
}

fn properties(draft: &Draft<'_>, function: &Function) -> Value {
    let environment = draft.project.named_environment(function, &draft.stages, &named::mark);
    let mut variables: Value =
        Value::Object(environment.into_iter().map(|(name, value)| (name, named::value(value))).collect());
    if draft.project.static_files.is_some() && function.name.is_none() {
        // Other files are another version, although the code may be the same: Lambda publishes only what differs.
        variables[SLAM_STATIC] = json!({"Ref": STATIC_PARAMETER});
    }
    let mut properties = json!({
        "Runtime": function.runtime,
        "Architectures": [function.architecture.as_str()],
        "Handler": function.handler(),
        "MemorySize": function.memory,
        "Timeout": function.timeout,
        "Role": {"Fn::GetAtt": [role_id(function), "Arn"]},
        "Code": package::code(draft, function),
        "Environment": {"Variables": variables},
        "LoggingConfig": {"LogGroup": {"Ref": log_group_id(function.name.as_deref())}},
    });
    if let Some(description) = &draft.project.description {
        properties["Description"] = json!(description);
    }
    if let Some(vpc) = &function.vpc {
        properties["VpcConfig"] = json!({"SecurityGroupIds": vpc.security_groups, "SubnetIds": vpc.subnets});
    }
    // What is a layer of ours comes first: a later layer's files lie over those of an earlier one.
    let own = matches!(function.code, Code::App { .. }).then(|| package::layer(draft, function)).flatten();
    let layers: Vec<Value> = own.into_iter().chain(function.layers.clone()).collect();
    if !layers.is_empty() {
        properties["Layers"] = Value::Array(layers);
    }
    properties
}
