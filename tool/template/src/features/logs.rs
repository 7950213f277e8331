//! The functions' log groups.
//!
//! Each is a resource named after the stack, and not the `/aws/lambda/…` group that Lambda makes by itself: so its
//! retention is known, it goes with the stack, and, as the role may not make log groups, a last line written late
//! cannot bring it back.

use crate::draft::Draft;
use crate::ids::{FUNCTION_LOG_GROUP, LOG_GROUP_OUTPUT, log_group_id};
use serde_json::{Value, json};

const KIND: &str = "AWS::Logs::LogGroup";

pub fn add(draft: &mut Draft<'_>) {
    group(draft, FUNCTION_LOG_GROUP, json!({"Fn::Sub": "/slam/${AWS::StackName}"}));
    draft.output(LOG_GROUP_OUTPUT, json!({"Ref": FUNCTION_LOG_GROUP}));
    for name in draft.project.functions.iter().filter_map(|function| function.name.as_deref()) {
        group(
            draft,
            &log_group_id(Some(name)),
            json!({"Fn::Sub": format!("/slam/${{AWS::StackName}}/function/{name}")}),
        );
    }
}

/// A log group that keeps events as long as the project's logs are kept.
pub fn group(draft: &mut Draft<'_>, id: &str, name: Value) {
    let mut properties = json!({"LogGroupName": name});
    if let Some(days) = draft.project.logs.retention_days {
        properties["RetentionInDays"] = json!(days);
    }
    draft.resource(id, KIND, properties);
}
