//! The account's limits and endpoints.

use crate::DynamoDb;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::dynamodb as wire;
use std::sync::Arc;

/// AWS's quotas of a new account (Developer Guide, "Quotas in Amazon DynamoDB").
pub(super) async fn describe_limits(
    _: Arc<DynamoDb>,
    _: Context,
    _: wire::DescribeLimits,
) -> AwsResult<wire::DescribeLimitsOutput> {
    Ok(wire::DescribeLimitsOutput {
        account_max_read_capacity_units: Some(80_000),
        account_max_write_capacity_units: Some(80_000),
        table_max_read_capacity_units: Some(40_000),
        table_max_write_capacity_units: Some(40_000),
    })
}

pub(super) async fn describe_endpoints(
    service: Arc<DynamoDb>,
    _: Context,
    _: wire::DescribeEndpoints,
) -> AwsResult<wire::DescribeEndpointsResponse> {
    let address = service.cloud.settings().url_suffix();
    Ok(wire::DescribeEndpointsResponse { endpoints: vec![wire::Endpoint { address, cache_period_in_minutes: 1_440 }] })
}
