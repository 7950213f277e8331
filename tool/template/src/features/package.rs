//! The bucket for packages, the parameters that say which packages are deployed, and layers of dependencies.

use crate::draft::Draft;
use crate::ids::{
    CODE_BUCKET_PARAMETER, PACKAGE_BUCKET, PACKAGE_BUCKET_OUTPUT, code_key_parameter, layer_id, layer_key_parameter,
};
use serde_json::{Value, json};
use slam_project::{Code, Function, PackagePlan};

pub fn add(draft: &mut Draft<'_>) {
    if draft.own_bucket {
        add_bucket(draft);
    } else {
        let parameter = json!({
            "Type": "String",
            "Description": "The S3 bucket where the package is stored.",
            "Default": draft.project.package.bucket,
        });
        draft.parameters.insert(CODE_BUCKET_PARAMETER.to_owned(), parameter);
        draft.output(PACKAGE_BUCKET_OUTPUT, bucket(draft));
    }
    for plan in draft.project.packages() {
        let what = plan.name.map_or_else(|| "the package".to_owned(), |name| format!("the package of {name}"));
        add_key(draft, code_key_parameter(plan.name), &what);
        if has_layer(&plan) {
            add_key(draft, layer_key_parameter(plan.name), &format!("the dependencies of {what}"));
            add_layer(draft, &plan);
        }
    }
}

fn add_key(draft: &mut Draft<'_>, name: String, what: &str) {
    let parameter = json!({"Type": "String", "Description": format!("The S3 key of {what}.")});
    draft.parameters.insert(name, parameter);
}

/// Dependencies that change get another key, by which CloudFormation makes a new version of the layer. Functions and
/// their published versions keep what they use, although Lambda deletes the old version of the layer.
/// <https://docs.aws.amazon.com/lambda/latest/dg/creating-deleting-layers.html>
fn add_layer(draft: &mut Draft<'_>, plan: &PackagePlan<'_>) {
    let function = plan.functions[0];
    let properties = json!({
        "Description": format!("Dependencies of {}", draft.project.name),
        "Content": {"S3Bucket": bucket(draft), "S3Key": {"Ref": layer_key_parameter(plan.name)}},
        "CompatibleRuntimes": [function.runtime],
        "CompatibleArchitectures": [function.architecture.as_str()],
    });
    draft.resource(layer_id(plan.name), "AWS::Lambda::LayerVersion", properties);
}

/// What is shipped as it is has no dependencies that slam knows of.
fn has_layer(plan: &PackagePlan<'_>) -> bool {
    plan.settings.layer && plan.functions.iter().any(|function| matches!(function.code, Code::App { .. }))
}

/// The bucket alone. AWS encrypts new buckets and keeps the public out without being told.
pub fn add_bucket(draft: &mut Draft<'_>) {
    let kind = "AWS::S3::Bucket";
    match &draft.project.package.bucket {
        Some(name) => draft.resource(PACKAGE_BUCKET, kind, json!({"BucketName": name})),
        None => draft.insert(PACKAGE_BUCKET, json!({"Type": kind})),
    }
    draft.output(PACKAGE_BUCKET_OUTPUT, json!({"Ref": PACKAGE_BUCKET}));
}

/// Where a function's package is.
pub fn code(draft: &Draft<'_>, function: &Function) -> Value {
    json!({"S3Bucket": bucket(draft), "S3Key": {"Ref": code_key_parameter(owner(function))}})
}

/// The layer with the dependencies of a function's package.
pub fn layer(draft: &Draft<'_>, function: &Function) -> Option<Value> {
    let settings = function.package.as_ref().unwrap_or(&draft.project.package);
    settings.layer.then(|| json!({"Ref": layer_id(owner(function))}))
}

/// Whose a function's package is.
fn owner(function: &Function) -> Option<&str> {
    function.package.as_ref().and(function.name.as_deref())
}

/// The bucket, whosever it is.
pub fn bucket(draft: &Draft<'_>) -> Value {
    json!({"Ref": if draft.own_bucket { PACKAGE_BUCKET } else { CODE_BUCKET_PARAMETER }})
}
