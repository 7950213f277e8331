//! Targets of rules.

use super::{PAGE, page};
use crate::EventsService;
use crate::error::{invalid_token, no_such_rule, too_many};
use crate::model::name::BusName;
use crate::model::rule::Rule;
use crate::model::target::Target;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_kit::paging;
use slam_cloud_wire::events as wire;
use std::sync::Arc;

/// The targets of a rule (recorded: `test_add_exceed_fife_targets_per_rule`).
const TARGETS: usize = 5;

/// PutTargets: one whose id the rule has replaces that.
pub async fn put(
    service: Arc<EventsService>,
    context: Context,
    input: wire::PutTargets,
) -> AwsResult<wire::PutTargetsResponse> {
    let bus = BusName::own(&context, input.event_bus_name.as_deref())?;
    service.store.rule(&bus, &input.rule)?;
    let targets = input.targets.into_iter().map(|target| Target::read(&context, target));
    let targets = targets.collect::<AwsResult<Vec<_>>>()?;
    let change = |there: Option<&Rule>| {
        let mut rule = there.ok_or_else(|| no_such_rule(&bus.name, &input.rule))?.clone();
        for target in targets {
            match rule.targets.iter_mut().find(|other| other.id == target.id) {
                Some(there) => *there = target,
                None => rule.targets.push(target),
            }
        }
        if rule.targets.len() > TARGETS { Err(too_many()) } else { Ok(Some(rule)) }
    };
    service.store.change_rule(&bus, &input.rule, change).await?;
    Ok(wire::PutTargetsResponse { failed_entry_count: Some(0), failed_entries: Some(Vec::new()) })
}

/// RemoveTargets: an id that the rule does not have fails by itself.
pub async fn remove(
    service: Arc<EventsService>,
    context: Context,
    input: wire::RemoveTargets,
) -> AwsResult<wire::RemoveTargetsResponse> {
    let bus = BusName::own(&context, input.event_bus_name.as_deref())?;
    let mut failed = Vec::new();
    let change = |there: Option<&Rule>| {
        let mut rule = there.ok_or_else(|| no_such_rule(&bus.name, &input.rule))?.clone();
        for id in &input.ids {
            match rule.targets.iter().position(|target| target.id == *id) {
                Some(position) => drop(rule.targets.remove(position)),
                None => failed.push(wire::RemoveTargetsResultEntry {
                    target_id: Some(id.clone()),
                    error_code: Some("ResourceNotFoundException".to_owned()),
                    error_message: Some(format!("Rule {} does not have the target {id}.", input.rule)),
                }),
            }
        }
        Ok(Some(rule))
    };
    service.store.change_rule(&bus, &input.rule, change).await?;
    let count = i64::try_from(failed.len()).unwrap_or(i64::MAX);
    Ok(wire::RemoveTargetsResponse { failed_entry_count: Some(count), failed_entries: Some(failed) })
}

/// ListTargetsByRule.
pub async fn list(
    service: Arc<EventsService>,
    context: Context,
    input: wire::ListTargetsByRule,
) -> AwsResult<wire::ListTargetsByRuleResponse> {
    let bus = BusName::own(&context, input.event_bus_name.as_deref())?;
    let rule = service.store.rule(&bus, &input.rule)?;
    let after = input.next_token.map(|token| paging::key_of(&token).ok_or_else(invalid_token)).transpose()?;
    // In the order in which they came (recorded: `test_put_multiple_targets_with_same_arn_single_rule`).
    let targets = rule.targets.iter().map(Target::told).collect();
    let page = paging::by_id(targets, |target| &target.id, after.as_deref(), paging::size(input.limit, PAGE, PAGE));
    let next_token = page.next.as_deref().map(paging::token);
    Ok(wire::ListTargetsByRuleResponse { targets: Some(page.items), next_token })
}

/// ListRuleNamesByTarget.
pub async fn rule_names(
    service: Arc<EventsService>,
    context: Context,
    input: wire::ListRuleNamesByTarget,
) -> AwsResult<wire::ListRuleNamesByTargetResponse> {
    let bus = BusName::own(&context, input.event_bus_name.as_deref())?;
    service.store.bus(&bus)?;
    let has_target = |rule: &Rule| rule.targets.iter().any(|target| target.arn == input.target_arn);
    let rules = service.store.rules(&bus).into_iter().filter(|rule| has_target(rule));
    let names = rules.map(|rule| (rule.name.clone(), rule.name.clone()));
    let (names, next_token) = page(names, input.next_token.as_deref(), input.limit)?;
    Ok(wire::ListRuleNamesByTargetResponse { rule_names: Some(names), next_token })
}
