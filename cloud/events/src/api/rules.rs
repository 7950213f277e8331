//! Rules.

use super::{page, tags};
use crate::EventsService;
use crate::error::{invalid_pattern, no_such_rule};
use crate::model::name::BusName;
use crate::model::rule::Rule;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_kit::pattern::Pattern;
use slam_cloud_kit::schedule::Schedule;
use slam_cloud_wire::events as wire;
use std::sync::Arc;

/// What a request says of a rule, checked.
fn checked(bus: &BusName, input: &wire::PutRule) -> AwsResult<()> {
    if let Some(pattern) = &input.event_pattern {
        Pattern::parse(pattern).map_err(invalid_pattern)?;
    }
    match &input.schedule_expression {
        Some(_) if !bus.is_default() => {
            return Err(AwsError::validation("ScheduleExpression is supported only on the default event bus."));
        }
        // The text is quoted in many reports.
        Some(expression) if Schedule::of_rule(expression).is_none() => {
            return Err(AwsError::validation("Parameter ScheduleExpression is not valid."));
        }
        None if input.event_pattern.is_none() => {
            return Err(AwsError::validation("Parameter(s) EventPattern or ScheduleExpression must be specified."));
        }
        _ => {}
    }
    match input.state.as_deref() {
        Some(state) if state.starts_with("ENABLED_WITH") => Err(AwsError::unsupported(format_args!(
            "the state {state} of rules, as nothing here tells CloudTrail's events,"
        ))),
        _ => Ok(()),
    }
}

/// PutRule: it replaces all of a rule but its targets and tags.
pub async fn put(
    service: Arc<EventsService>,
    context: Context,
    mut input: wire::PutRule,
) -> AwsResult<wire::PutRuleResponse> {
    // An empty one beside a pattern is none: AWS took it where `test_object_created_put` was recorded.
    input.schedule_expression = input.schedule_expression.filter(|expression| !expression.is_empty());
    let bus = BusName::own(&context, input.event_bus_name.as_deref())?;
    checked(&bus, &input)?;
    let given = tags::checked(input.tags.unwrap_or_default())?;
    let now = service.cloud.clock().now();
    let name = input.name;
    let change = |there: Option<&Rule>| {
        let (tags, targets) = match there {
            Some(there) => (there.tags.clone(), there.targets.clone()),
            None => (given, Vec::new()),
        };
        let enabled = input.state.as_deref() != Some("DISABLED");
        // A schedule that stays as it is goes on as it did.
        let same = there.filter(|there| there.schedule == input.schedule_expression && there.enabled && enabled);
        let mut rule = Rule {
            name: name.clone(),
            bus: bus.name.clone(),
            pattern: input.event_pattern,
            schedule: input.schedule_expression,
            enabled,
            description: input.description,
            role: input.role_arn,
            tags,
            targets,
            since: same.map_or(now, |there| there.since),
            next: same.and_then(|there| there.next),
        };
        rule.next = rule.next.or_else(|| rule.after(now));
        Ok(Some(rule))
    };
    service.store.change_rule(&bus, &name, change).await?;
    Ok(wire::PutRuleResponse { rule_arn: Some(bus.rule_arn(&name)) })
}

/// DescribeRule.
pub async fn describe(
    service: Arc<EventsService>,
    context: Context,
    input: wire::DescribeRule,
) -> AwsResult<wire::DescribeRuleResponse> {
    let bus = BusName::own(&context, input.event_bus_name.as_deref())?;
    let told = service.store.rule(&bus, &input.name)?.summary(&bus);
    Ok(wire::DescribeRuleResponse {
        name: told.name,
        arn: told.arn,
        event_pattern: told.event_pattern,
        schedule_expression: told.schedule_expression,
        state: told.state,
        description: told.description,
        role_arn: told.role_arn,
        managed_by: None,
        event_bus_name: told.event_bus_name,
        created_by: Some(context.account.to_string()),
    })
}

/// ListRules.
pub async fn list(
    service: Arc<EventsService>,
    context: Context,
    input: wire::ListRules,
) -> AwsResult<wire::ListRulesResponse> {
    let bus = BusName::own(&context, input.event_bus_name.as_deref())?;
    service.store.bus(&bus)?;
    let prefix = input.name_prefix.unwrap_or_default();
    let rules = service.store.rules(&bus).into_iter().filter(|rule| rule.name.starts_with(&prefix));
    let rules = rules.map(|rule| (rule.name.clone(), rule.summary(&bus)));
    let (rules, next_token) = page(rules, input.next_token.as_deref(), input.limit)?;
    Ok(wire::ListRulesResponse { rules: Some(rules), next_token })
}

async fn set_enabled(
    service: &EventsService,
    context: &Context,
    (bus, name): (Option<&str>, &str),
    enabled: bool,
) -> AwsResult<()> {
    let bus = BusName::own(context, bus)?;
    let now = service.cloud.clock().now();
    let change = |there: Option<&Rule>| {
        let mut rule = there.ok_or_else(|| no_such_rule(&bus.name, name))?.clone();
        if rule.enabled != enabled {
            (rule.enabled, rule.since) = (enabled, now);
            rule.next = rule.after(now);
        }
        Ok(Some(rule))
    };
    service.store.change_rule(&bus, name, change).await
}

/// EnableRule.
pub async fn enable(
    service: Arc<EventsService>,
    context: Context,
    input: wire::EnableRule,
) -> AwsResult<wire::EnableRuleOutput> {
    set_enabled(&service, &context, (input.event_bus_name.as_deref(), &input.name), true).await?;
    Ok(wire::EnableRuleOutput {})
}

/// DisableRule.
pub async fn disable(
    service: Arc<EventsService>,
    context: Context,
    input: wire::DisableRule,
) -> AwsResult<wire::DisableRuleOutput> {
    set_enabled(&service, &context, (input.event_bus_name.as_deref(), &input.name), false).await?;
    Ok(wire::DisableRuleOutput {})
}

/// DeleteRule: of one that is not there, too (API reference). It must have no targets (recorded: `test_delete_rule_with_targets`).
pub async fn delete(
    service: Arc<EventsService>,
    context: Context,
    input: wire::DeleteRule,
) -> AwsResult<wire::DeleteRuleOutput> {
    let bus = BusName::own(&context, input.event_bus_name.as_deref())?;
    let change = |there: Option<&Rule>| match there {
        Some(rule) if !rule.targets.is_empty() => {
            Err(AwsError::validation("Rule can't be deleted since it has targets."))
        }
        _ => Ok(None),
    };
    service.store.change_rule(&bus, &input.name, change).await?;
    Ok(wire::DeleteRuleOutput {})
}
