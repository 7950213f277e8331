//! All services, hung on the one door. A new service is one line here.

use slam_cloud_core::{Cloud, Registry, Store, StoreError};
use std::sync::Arc;

/// Makes every service, each before those that use it: they are started in this order, and reset and shut down in the
/// opposite one.
pub(crate) fn compose(cloud: &Cloud, store: &Arc<Store>, registry: &mut Registry) -> Result<(), StoreError> {
    slam_cloud_iam::register(cloud, store, registry)?;
    slam_cloud_logs::register(cloud, store, registry)?;
    slam_cloud_secretsmanager::register(cloud, store, registry)?;
    slam_cloud_ssm::register(cloud, store, registry)?;
    slam_cloud_sqs::register(cloud, store, registry)?;
    slam_cloud_sns::register(cloud, store, registry)?;
    slam_cloud_dynamodb::register(cloud, store, registry)?;
    slam_cloud_cognito::register(cloud, store, registry)?;
    slam_cloud_s3::register(cloud, store, registry)?;
    // Before the first version, which answers for APIs that nobody has.
    slam_cloud_apigatewayv2::register(cloud, store, registry)?;
    slam_cloud_apigateway::register(cloud, store, registry)?;
    slam_cloud_lambda::register(cloud, store, registry)?;
    slam_cloud_events::register(cloud, store, registry)?;
    slam_cloud_scheduler::register(cloud, store, registry)?;
    slam_cloud_cloudformation::register(cloud, store, registry)?;
    Ok(())
}
