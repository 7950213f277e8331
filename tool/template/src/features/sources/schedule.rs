//! Schedules of EventBridge Scheduler, which calls the alias as a role of the stage's.

use super::{Placed, failures_arn};
use crate::draft::Draft;
use crate::ids::schedules_role_id;
use crate::policy::{allow, policy, trust_from};
use serde_json::{Value, json};
use slam_project::{ScheduleTrigger, Stage, Trigger};

/// Schedules of a stack are in the group that every account has.
const GROUP: &str = "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule-group/default";

pub fn add(draft: &mut Draft<'_>, stage: &Stage, placed: &Placed<'_>, trigger: &ScheduleTrigger) {
    let role = schedules_role_id(&stage.name);
    let mut target = json!({"Arn": placed.alias(stage), "RoleArn": {"Fn::GetAtt": [role, "Arn"]}});
    if let Some(input) = &trigger.input {
        target["Input"] = json!(input.to_string());
    }
    if let Some(policy) = super::retry_policy(trigger.retries, trigger.age) {
        target["RetryPolicy"] = policy;
    }
    if let Some(failures) = &trigger.failures {
        target["DeadLetterConfig"] = json!({"Arn": failures_arn(draft.project, &stage.name, failures)});
    }
    let window = match trigger.flexible {
        Some(minutes) => json!({"Mode": "FLEXIBLE", "MaximumWindowInMinutes": minutes}),
        None => json!({"Mode": "OFF"}),
    };
    let mut properties = json!({
        "Description": placed.described(draft.project),
        "ScheduleExpression": trigger.expression,
        "FlexibleTimeWindow": window,
        "Target": target,
    });
    if let Some(timezone) = &trigger.timezone {
        properties["ScheduleExpressionTimezone"] = json!(timezone);
    }
    if !placed.source.enabled {
        properties["State"] = json!("DISABLED");
    }
    draft.resource(placed.id(&stage.name), "AWS::Scheduler::Schedule", properties);
}

/// The role that calls what the stage has schedules for, and nothing else.
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html#setting-up-execution-role>
pub fn add_role(draft: &mut Draft<'_>, stage: &Stage, sources: &[&Placed<'_>]) {
    let (mut aliases, mut lost): (Vec<Value>, Vec<Value>) = Default::default();
    for placed in sources {
        let Trigger::Schedule(trigger) = &placed.source.trigger else { continue };
        if !aliases.contains(&placed.alias(stage)) {
            aliases.push(placed.alias(stage));
        }
        let arn = trigger.failures.as_ref().map(|failures| failures_arn(draft.project, &stage.name, failures));
        lost.extend(arn.filter(|arn| !lost.contains(arn)));
    }
    if aliases.is_empty() {
        return;
    }
    let mut statements = vec![allow(json!(["lambda:InvokeFunction"]), Value::Array(aliases))];
    if !lost.is_empty() {
        statements.push(allow(json!(["sqs:SendMessage"]), Value::Array(lost)));
    }
    // Nobody else's schedules may act as it.
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    let condition =
        json!({"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}, "aws:SourceArn": {"Fn::Sub": GROUP}}});
    let properties = json!({
        "AssumeRolePolicyDocument": trust_from("scheduler.amazonaws.com", condition),
        "Policies": [policy("Schedules", statements)],
    });
    draft.resource(schedules_role_id(&stage.name), "AWS::IAM::Role", properties);
}
