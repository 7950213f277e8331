//! Function URLs: each stage's alias of the project's own function has one.
//!
//! Where IAM decides, nobody outside of the account is let in, and within it policies of users and roles say who.
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>

use super::http_api;
use crate::draft::Draft;
use crate::ids::{FUNCTION, alias_id, endpoint_output};
use serde_json::json;
use slam_project::{Authorizer, Stage, logical_name};

/// The function URL of a stage, and what lets everybody call the function by it: both permissions are needed.
/// <https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html>
pub fn add(draft: &mut Draft<'_>, stage: &Stage) {
    let (id, alias) = (logical_name(&stage.name), alias_id(&stage.name, None));
    let url = format!("{id}FunctionUrl");
    let stream = draft.project.streams(&draft.project.function);
    let signed = stage.settings.access.all == Some(Authorizer::Iam);
    let mut properties = json!({
        "TargetFunctionArn": {"Fn::GetAtt": [FUNCTION, "Arn"]},
        "Qualifier": stage.name,
        "AuthType": if signed { "AWS_IAM" } else { "NONE" },
        "InvokeMode": if stream { "RESPONSE_STREAM" } else { "BUFFERED" },
    });
    if let Some(cors) = &stage.settings.cors {
        properties["Cors"] = http_api::cors_of(cors);
    }
    draft.insert(&*url, json!({"Type": "AWS::Lambda::Url", "DependsOn": alias, "Properties": properties}));
    draft.output(endpoint_output(&stage.name), json!({"Fn::GetAtt": [url, "FunctionUrl"]}));
    if signed {
        return;
    }
    let everybody = json!({
        "Action": "lambda:InvokeFunctionUrl",
        "FunctionName": {"Ref": alias},
        "FunctionUrlAuthType": "NONE",
        "Principal": "*",
    });
    draft.resource(format!("{url}Permission"), "AWS::Lambda::Permission", everybody);
    let invocation = json!({
        "Action": "lambda:InvokeFunction",
        "FunctionName": {"Ref": alias},
        "InvokedViaFunctionUrl": true,
        "Principal": "*",
    });
    draft.resource(format!("{url}InvokePermission"), "AWS::Lambda::Permission", invocation);
}
