//! Point-in-time recovery as a setting of tables. Restoring is refused by name, as every operation that is not here.

use crate::DynamoDb;
use crate::model::Backups;
use crate::names::table_name;
use slam_cloud_core::{AwsError, AwsResult, Context, Timestamp};
use slam_cloud_wire::dynamodb as wire;
use std::sync::Arc;

/// Days that AWS keeps when the caller does not say.
const DAYS: i64 = 35;

pub(super) async fn describe(
    service: Arc<DynamoDb>,
    context: Context,
    input: wire::DescribeContinuousBackups,
) -> AwsResult<wire::DescribeContinuousBackupsOutput> {
    let table = existing(&service, &context, &input.table_name).await?;
    let backups = service.tables.get(&context, &table).backups.clone();
    Ok(wire::DescribeContinuousBackupsOutput { continuous_backups_description: Some(description(backups)) })
}

pub(super) async fn update(
    service: Arc<DynamoDb>,
    context: Context,
    input: wire::UpdateContinuousBackups,
) -> AwsResult<wire::UpdateContinuousBackupsOutput> {
    let table = existing(&service, &context, &input.table_name).await?;
    let wanted = input.point_in_time_recovery_specification;
    let present = service.tables.get(&context, &table).backups.clone();
    let backups = wanted.point_in_time_recovery_enabled.then(|| Backups {
        since: present.as_ref().map_or_else(Timestamp::now, |backups| backups.since),
        days: wanted.recovery_period_in_days.or(present.map(|backups| backups.days)).unwrap_or(DAYS),
    });
    service.tables.set_backups(&context, &table, backups.clone()).await?;
    Ok(wire::UpdateContinuousBackupsOutput { continuous_backups_description: Some(description(backups)) })
}

async fn existing(service: &DynamoDb, context: &Context, given: &str) -> AwsResult<String> {
    let name = table_name(context, given)?;
    match service.engines.table(context, name).await? {
        Some(_) => Ok(name.to_owned()),
        None => Err(AwsError::bad_request("TableNotFoundException", format!("Table not found: {name}"))),
    }
}

fn description(backups: Option<Backups>) -> wire::ContinuousBackupsDescription {
    let recovery = match backups {
        None => wire::PointInTimeRecoveryDescription {
            point_in_time_recovery_status: Some("DISABLED".to_owned()),
            ..wire::PointInTimeRecoveryDescription::default()
        },
        Some(backups) => wire::PointInTimeRecoveryDescription {
            point_in_time_recovery_status: Some("ENABLED".to_owned()),
            recovery_period_in_days: Some(backups.days),
            earliest_restorable_date_time: Some(backups.since),
            latest_restorable_date_time: Some(Timestamp::now()),
        },
    };
    wire::ContinuousBackupsDescription {
        continuous_backups_status: "ENABLED".to_owned(),
        point_in_time_recovery_description: Some(recovery),
    }
}
