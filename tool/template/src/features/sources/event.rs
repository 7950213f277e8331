//! Rules of EventBridge's buses.

use super::{Allowed, Placed, failures_arn};
use crate::draft::Draft;
use serde_json::json;
use slam_project::{EventInput, EventTrigger, Stage};

/// Who calls.
const SERVICE: &str = "events.amazonaws.com";

pub fn add(draft: &mut Draft<'_>, stage: &Stage, placed: &Placed<'_>, trigger: &EventTrigger, allowed: &mut Allowed) {
    let id = placed.id(&stage.name);
    let rule = json!({"Fn::GetAtt": [id, "Arn"]});
    let mut target = json!({"Id": "Function", "Arn": placed.alias(stage)});
    match &trigger.input {
        Some(EventInput::Constant(value)) => target["Input"] = json!(value.to_string()),
        Some(EventInput::Template { paths, template }) => {
            let mut transformer = json!({"InputTemplate": template});
            if !paths.is_empty() {
                transformer["InputPathsMap"] = json!(paths);
            }
            target["InputTransformer"] = transformer;
        }
        None => {}
    }
    if let Some(policy) = super::retry_policy(trigger.retries, trigger.age) {
        target["RetryPolicy"] = policy;
    }
    if let Some(failures) = &trigger.failures {
        target["DeadLetterConfig"] = json!({"Arn": failures_arn(draft.project, &stage.name, failures)});
        allowed.failures(stage, failures, SERVICE, rule.clone());
    }
    let mut properties = json!({
        "Description": placed.described(draft.project),
        "EventPattern": trigger.pattern,
        "Targets": [target],
    });
    if let Some(bus) = &trigger.bus {
        properties["EventBusName"] = bus.clone();
    }
    if !placed.source.enabled {
        properties["State"] = json!("DISABLED");
    }
    draft.resource(id, "AWS::Events::Rule", properties);
    placed.add_permission(draft, stage, SERVICE, json!({"SourceArn": rule}));
}
