//! What clients have used of their quotas.

use super::paging::page;
use super::usage_plan_keys::known_plan;
use crate::ApiGateway;
use crate::error::{bad_request, no_api_key};
use crate::model::{Quota, Usage, UsagePlan};
use crate::patch::{self, Op};
use crate::store::key;
use jiff::ToSpan as _;
use jiff::civil::Date;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::apigateway as wire;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The longest time that is answered at once, in days.
const DAYS: i64 = 92;

/// Only quotas are counted.
fn quota_of(plan: &UsagePlan) -> AwsResult<Quota> {
    plan.quota.ok_or_else(|| AwsError::unsupported("the usage of a usage plan without a quota"))
}

fn used(service: &ApiGateway, scope: &Scope, plan: &UsagePlan, key_id: &str) -> Usage {
    let usage = service.store.usage.get(scope, &key(&plan.id, key_id));
    usage.map(|usage| Usage::clone(&usage)).unwrap_or_default()
}

/// Answers, for each day of a time, what was used and what remained.
pub async fn get(service: Arc<ApiGateway>, context: Context, input: wire::GetUsage) -> AwsResult<wire::Usage> {
    let scope = Scope::regional(&context);
    let plan = known_plan(&service, &scope, &input.usage_plan_id)?;
    let quota = quota_of(&plan)?;
    let date = |text: &str, which: &str| {
        text.parse::<Date>()
            .map_err(|_| bad_request(format!("Invalid {which} date specified: {text}. It must be YYYY-MM-DD")))
    };
    let (start, end) = (date(&input.start_date, "start")?, date(&input.end_date, "end")?);
    if start > end || start.checked_add(DAYS.days()).is_ok_and(|last| last < end) {
        return Err(bad_request(format!("The end date must be at most {DAYS} days after the start date")));
    }
    if let Some(key_id) = &input.key_id
        && !plan.keys.contains(key_id)
    {
        return Err(no_api_key());
    }
    let wanted = |id: &&String| input.key_id.as_ref().is_none_or(|key_id| key_id == *id);
    let keys: Vec<&String> = plan.keys.iter().filter(wanted).collect();
    let (keys, position) = page(keys, |id| id, input.position.as_deref(), input.limit);
    let values = keys.into_iter().map(|id| {
        let usage = used(&service, &scope, &plan, id);
        let days = start.series(1.day()).take_while(|day| *day <= end);
        (id.clone(), days.map(|day| vec![usage.used(day), usage.remaining(&quota, day)]).collect())
    });
    Ok(wire::Usage {
        usage_plan_id: Some(plan.id.clone()),
        start_date: Some(input.start_date),
        end_date: Some(input.end_date),
        position,
        items: Some(values.collect()),
    })
}

/// Has more of this period's quota remain, or less.
pub async fn update(service: Arc<ApiGateway>, context: Context, input: wire::UpdateUsage) -> AwsResult<wire::Usage> {
    let patches = patch::read(input.patch_operations)?;
    let scope = Scope::regional(&context);
    let plan = known_plan(&service, &scope, &input.usage_plan_id)?;
    if !plan.keys.contains(&input.key_id) {
        return Err(no_api_key());
    }
    let quota = quota_of(&plan)?;
    let today = service.today();
    let mut remaining = None;
    for patch in &patches {
        match (patch.op, &patch.target()[..]) {
            (Op::Replace, ["remaining"]) => {
                let value = patch.text().parse().ok().filter(|value: &i64| *value >= 0);
                remaining = Some(value.ok_or_else(|| bad_request("Invalid value for the remaining quota"))?);
            }
            _ => return Err(patch.unsupported("/remaining")),
        }
    }
    let changed = service
        .store
        .usage
        .update(&scope, &key(&plan.id, &input.key_id), |usage| {
            let mut usage = usage.cloned().unwrap_or_default();
            if let Some(remaining) = remaining {
                usage.leave(&quota, today, remaining);
            }
            Ok::<_, AwsError>(Some(usage))
        })
        .await?
        .unwrap_or_default();
    let values = vec![vec![changed.used(today), changed.remaining(&quota, today)]];
    Ok(wire::Usage {
        usage_plan_id: Some(plan.id.clone()),
        start_date: Some(today.to_string()),
        end_date: Some(today.to_string()),
        position: None,
        items: Some(BTreeMap::from([(input.key_id, values)])),
    })
}
