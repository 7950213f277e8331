//! The patch paths of a usage plan.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/api/patch-operations.html#UpdateUsagePlan-Patch>, and for methods
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-create-usage-plans-with-rest-api.html>.

use super::usage_plan_rules::{checked_quota, invalid_stage, throttle, unknown_stage};
use crate::error::bad_request;
use crate::model::{ApiStage, Period, Throttle, UsagePlan};
use crate::patch::{Op, Patch, invalid_path};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::apigateway as wire;
use std::collections::BTreeMap;

/// A plan in the course of an update: its quota's members come one by one.
pub(super) struct Draft {
    plan: UsagePlan,
    quota: Option<(Option<i64>, i64, Option<Period>)>,
}

impl Draft {
    /// What a plan is before its update.
    pub(super) fn of(plan: &UsagePlan) -> Self {
        let quota = plan.quota.map(|quota| (Some(quota.limit), quota.offset, Some(quota.period)));
        Self { plan: plan.clone(), quota }
    }

    /// The plan, whole again.
    pub(super) fn finish(mut self) -> AwsResult<UsagePlan> {
        self.plan.quota = self.quota.map(|(limit, offset, period)| checked_quota(limit, offset, period)).transpose()?;
        Ok(self.plan)
    }

    fn stage(&mut self, name: &str) -> AwsResult<&mut ApiStage> {
        let (api, stage) = name.split_once(':').ok_or_else(invalid_stage)?;
        let missing = unknown_stage(&self.plan, api, stage);
        self.plan.api_stages.iter_mut().find(|own| own.api_id == api && own.stage == stage).ok_or(missing)
    }
}

/// Applies one operation.
pub(super) fn apply(draft: &mut Draft, patch: &Patch) -> AwsResult<()> {
    match (patch.op, &patch.target()[..]) {
        (Op::Replace, ["name"]) if patch.text().is_empty() => {
            return Err(bad_request("Usage Plan name must be non-empty"));
        }
        (Op::Replace, ["name"]) => draft.plan.name = patch.text(),
        (Op::Replace, ["description"]) => draft.plan.description = patch.optional_text(),
        (Op::Replace | Op::Remove, ["productCode"]) => draft.plan.product_code = patch.optional_text(),
        (Op::Add, ["apiStages"]) => add_stage(draft, &patch.text())?,
        (Op::Remove, ["apiStages"]) => {
            let name = patch.text();
            let found = draft.stage(&name)?.clone();
            draft.plan.api_stages.retain(|own| *own != found);
        }
        (Op::Replace | Op::Add, ["apiStages", stage, "throttle"]) => {
            let throttles = throttles(&patch.text())?;
            draft.stage(stage)?.throttle = throttles;
        }
        (Op::Remove, ["apiStages", stage, "throttle"]) => draft.stage(stage)?.throttle.clear(),
        (
            Op::Replace | Op::Add,
            ["apiStages", stage, "throttle", resource @ .., verb, limit @ ("rateLimit" | "burstLimit")],
        ) => {
            let method = format!("{}/{verb}", resource.join("/"));
            set(draft.stage(stage)?.throttle.entry(method).or_default(), limit, &patch.text())?;
        }
        (Op::Remove, ["apiStages", stage, "throttle", resource @ .., verb]) => {
            let method = format!("{}/{verb}", resource.join("/"));
            draft.stage(stage)?.throttle.remove(&method);
        }
        (Op::Remove, ["throttle"]) => draft.plan.throttle = None,
        (Op::Replace | Op::Add, ["throttle", limit @ ("rateLimit" | "burstLimit")]) => {
            set(draft.plan.throttle.get_or_insert_default(), limit, &patch.text())?;
        }
        (Op::Remove, ["quota"]) => draft.quota = None,
        (Op::Replace | Op::Add, ["quota", member @ ("limit" | "offset" | "period")]) => {
            let quota = draft.quota.get_or_insert((None, 0, None));
            let invalid = || bad_request(format!("Invalid value for the Usage Plan quota {member}"));
            match *member {
                "limit" => quota.0 = Some(patch.text().parse().map_err(|_| invalid())?),
                "offset" => quota.1 = patch.text().parse().map_err(|_| invalid())?,
                _ => quota.2 = Some(Period::parse(&patch.text()).ok_or_else(invalid)?),
            }
        }
        _ => return Err(invalid_path(&patch.path)),
    }
    Ok(())
}

fn add_stage(draft: &mut Draft, name: &str) -> AwsResult<()> {
    let (api, stage) = name.split_once(':').ok_or_else(invalid_stage)?;
    if draft.plan.covers(api, stage).is_none() {
        let throttle = BTreeMap::new();
        draft.plan.api_stages.push(ApiStage { api_id: api.to_owned(), stage: stage.to_owned(), throttle });
    }
    Ok(())
}

fn set(limits: &mut Throttle, limit: &str, value: &str) -> AwsResult<()> {
    let invalid = || bad_request(format!("Invalid value for the Usage Plan throttle {limit}"));
    let mut named = wire::ThrottleSettings { burst_limit: limits.burst_limit, rate_limit: limits.rate_limit };
    match limit {
        "burstLimit" => named.burst_limit = Some(value.parse().map_err(|_| invalid())?),
        _ => named.rate_limit = Some(value.parse().map_err(|_| invalid())?),
    }
    *limits = throttle(&named)?;
    Ok(())
}

/// `{"/pets/GET":{"rateLimit":1.0,"burstLimit":1}}`
fn throttles(text: &str) -> AwsResult<BTreeMap<String, Throttle>> {
    let invalid = || bad_request("Invalid Usage Plan method throttling");
    let methods: BTreeMap<String, serde_json::Value> = serde_json::from_str(text).map_err(|_| invalid())?;
    let methods = methods.into_iter().map(|(method, limits)| {
        let named = wire::ThrottleSettings {
            burst_limit: limits.get("burstLimit").map(|burst| burst.as_i64().ok_or_else(invalid)).transpose()?,
            rate_limit: limits.get("rateLimit").map(|rate| rate.as_f64().ok_or_else(invalid)).transpose()?,
        };
        Ok((method, throttle(&named)?))
    });
    methods.collect()
}
