//! What a usage plan may be.

use crate::error::{bad_request, not_found};
use crate::model::{Period, Quota, Throttle, UsagePlan};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::apigateway as wire;

/// Recorded: test_usage_plan_crud.
pub(super) fn invalid_stage() -> AwsError {
    bad_request("Invalid API Stage specified")
}

/// Recorded: test_usage_plan_crud.
pub(super) fn unknown_stage(plan: &UsagePlan, api: &str, stage: &str) -> AwsError {
    not_found(format!("Invalid API Stage {{api: {api}, stage: {stage}}} specified for usageplan {}", plan.id))
}

/// Limits that somebody names.
pub(super) fn throttle(limits: &wire::ThrottleSettings) -> AwsResult<Throttle> {
    if limits.burst_limit.is_some_and(|burst| burst < 0) {
        return Err(bad_request("Usage Plan throttle burst limit must not be negative"));
    }
    if limits.rate_limit.is_some_and(|rate| rate < 0.0 || !rate.is_finite()) {
        return Err(bad_request("Usage Plan throttle rate limit must not be negative"));
    }
    Ok(Throttle { burst_limit: limits.burst_limit, rate_limit: limits.rate_limit })
}

/// A quota that has what one needs.
pub(super) fn checked_quota(limit: Option<i64>, offset: i64, period: Option<Period>) -> AwsResult<Quota> {
    let period = period.ok_or_else(|| bad_request("Usage Plan quota must have a period"))?;
    let limit = limit.filter(|limit| *limit >= 0);
    let limit = limit.ok_or_else(|| bad_request("Usage Plan quota must have a limit that is not negative"))?;
    if (0..=period.last_offset()).contains(&offset) {
        return Ok(Quota { limit, offset, period });
    }
    Err(bad_request(match period {
        Period::Day => "Usage Plan quota offset must be zero in the DAY period",
        Period::Week => "Usage Plan quota offset must be between zero and six inclusive in the WEEK period",
        Period::Month => "Usage Plan quota offset must be between zero and 27 inclusive in the MONTH period",
    }))
}
