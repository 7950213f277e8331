//! Tags of secrets.

use crate::SecretsManagerService;
use crate::error::{invalid_parameter, marked_for_deletion};
use crate::model::name::Reference;
use crate::model::secret::Secret;
use slam_cloud_core::{AwsResult, Context, Timestamp};
use slam_cloud_kit::tags::{Tags, check, remove};
use slam_cloud_wire::secretsmanager as wire;
use std::sync::Arc;

/// What CloudFormation marks its resources with.
const OWN: [&str; 1] = ["aws:cloudformation:"];

/// Tags of a request, with AWS's limits.
///
/// # Errors
/// What is wrong with them.
pub fn checked(tags: Vec<wire::Tag>) -> AwsResult<Tags> {
    let tags = tags.into_iter().map(|tag| {
        let key = tag.key.ok_or_else(|| invalid_parameter("A tag must have a Key."))?;
        Ok((key, tag.value.unwrap_or_default()))
    });
    let tags = tags.collect::<AwsResult<Tags>>()?;
    check_all(&tags).map(|()| tags)
}

fn check_all(tags: &Tags) -> AwsResult<()> {
    check(tags, &OWN).map_err(|refused| invalid_parameter(refused.to_string()))
}

/// Changes the tags of a secret.
async fn change(
    service: &SecretsManagerService,
    context: &Context,
    id: &str,
    change: impl FnOnce(&mut Tags),
) -> AwsResult<()> {
    let change = |secret: &mut Secret| {
        if secret.deletion.is_some() {
            return Err(marked_for_deletion());
        }
        let tags = secret.tags.get_or_insert_default();
        change(tags);
        check_all(tags)?;
        secret.changed = Timestamp::now();
        Ok(())
    };
    service.secrets.change(context, &Reference::parse(context, id), change).await.map(drop)
}

/// TagResource.
pub async fn tag(
    service: Arc<SecretsManagerService>,
    context: Context,
    input: wire::TagResource,
) -> AwsResult<wire::TagResourceOutput> {
    let added = checked(input.tags)?;
    change(&service, &context, &input.secret_id, |tags| tags.extend(added)).await?;
    Ok(wire::TagResourceOutput {})
}

/// UntagResource.
pub async fn untag(
    service: Arc<SecretsManagerService>,
    context: Context,
    input: wire::UntagResource,
) -> AwsResult<wire::UntagResourceOutput> {
    change(&service, &context, &input.secret_id, |tags| remove(tags, &input.tag_keys)).await?;
    Ok(wire::UntagResourceOutput {})
}
