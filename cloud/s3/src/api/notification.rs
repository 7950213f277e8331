//! GetBucketNotificationConfiguration and PutBucketNotificationConfiguration.

use crate::backend::Backend;
use crate::call::Call;
use crate::error::Answer;
use crate::model::notification;
use s3s::dto;

/// GetBucketNotificationConfiguration.
pub async fn get(
    backend: &Backend,
    _: &Call,
    input: dto::GetBucketNotificationConfigurationInput,
) -> Answer<dto::GetBucketNotificationConfigurationOutput> {
    Ok(notification::told(&backend.bucket(&input.bucket)?.notifications))
}

/// PutBucketNotificationConfiguration: replaces what there was.
pub async fn put(
    backend: &Backend,
    call: &Call,
    input: dto::PutBucketNotificationConfigurationInput,
) -> Answer<dto::PutBucketNotificationConfigurationOutput> {
    let bucket = backend.bucket(&input.bucket)?;
    let notifications = notification::read(input.notification_configuration, &bucket.region, &bucket.owner)?;
    if input.skip_destination_validation != Some(true) {
        backend.notifier.check(call, &bucket, &notifications).await?;
    }
    backend.configure(&input.bucket, |bucket| bucket.notifications = notifications).await?;
    Ok(dto::PutBucketNotificationConfigurationOutput {})
}
