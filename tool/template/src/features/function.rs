//! The function.

use serde_json::{Value, json};
use slam_project::HANDLER;

use super::package;
use crate::ids::{FUNCTION, FUNCTION_ARN_OUTPUT, FUNCTION_LOG_GROUP, ROLE};
use crate::render::Draft;

pub(crate) fn add(draft: &mut Draft<'_>) {
    let function = &draft.project.function;
    let environment = draft.project.lambda_environment(&draft.stages);
    let variables: Value =
        Value::Object(environment.into_iter().map(|(name, value)| (name, Value::String(value))).collect());
    let mut properties = json!({
        "Runtime": function.runtime,
        "Architectures": [function.architecture.as_str()],
        "Handler": HANDLER,
        "MemorySize": function.memory,
        "Timeout": function.timeout,
        "Role": {"Fn::GetAtt": [ROLE, "Arn"]},
        "Code": package::code(draft),
        "Environment": {"Variables": variables},
        "LoggingConfig": {"LogGroup": {"Ref": FUNCTION_LOG_GROUP}},
    });
    if let Some(description) = &draft.project.description {
        properties["Description"] = json!(description);
    }
    if let Some(vpc) = &function.vpc {
        properties["VpcConfig"] = json!({"SecurityGroupIds": vpc.security_groups, "SubnetIds": vpc.subnets});
    }
    draft.resource(FUNCTION, "AWS::Lambda::Function", properties);
    draft.output(FUNCTION_ARN_OUTPUT, json!({"Fn::GetAtt": [FUNCTION, "Arn"]}));
}
