//! Values.

use super::access::value_of;
use super::list::page_of;
use super::put::refuse_foreign;
use crate::SecretsManagerService;
use crate::error::{invalid_parameter, marked_for_deletion};
use crate::model::filter::Filter;
use crate::model::name::Reference;
use crate::model::secret::Secret;
use slam_cloud_core::{AwsResult, Context, Timestamp};
use slam_cloud_wire::secretsmanager as wire;
use std::sync::Arc;
use std::time::Duration;

/// The secrets of a page of BatchGetSecretValue.
const PAGE: usize = 20;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The day of a moment: AWS tells no more of when a secret was last read.
fn day(moment: Timestamp) -> Timestamp {
    let seconds = moment.as_second();
    Timestamp::from_second(seconds - seconds.rem_euclid(DAY.as_secs() as i64)).unwrap_or(moment)
}

/// Tells a value, and remembers the day.
async fn read(
    service: &SecretsManagerService,
    context: &Context,
    id: &str,
    version: Option<&str>,
    stage: Option<&str>,
) -> AwsResult<wire::GetSecretValueResponse> {
    let reference = Reference::parse(context, id);
    let secret = service.secrets.get(context, &reference)?;
    refuse_foreign(context, &reference)?;
    if secret.deletion.is_some() {
        return Err(marked_for_deletion());
    }
    let selected = secret.versions.select(version, stage)?;
    let answer = secret.value(&reference.scope, selected);
    let today = day(Timestamp::now());
    if secret.accessed != Some(today) || selected.accessed != Some(today) {
        let id = selected.id.clone();
        let change = |secret: &mut Secret| {
            secret.accessed = Some(today);
            if let Some(version) = secret.versions.get_mut(&id) {
                version.accessed = Some(today);
            }
            Ok(())
        };
        service.secrets.change(context, &reference, change).await?;
    }
    Ok(answer)
}

/// GetSecretValue.
pub async fn get(
    service: Arc<SecretsManagerService>,
    context: Context,
    input: wire::GetSecretValue,
) -> AwsResult<wire::GetSecretValueResponse> {
    let (version, stage) = (input.version_id.as_deref(), input.version_stage.as_deref());
    read(&service, &context, &input.secret_id, version, stage).await
}

/// BatchGetSecretValue. Each value needs the permission to read it, and what may not be read is told among the errors.
pub async fn batch(
    service: Arc<SecretsManagerService>,
    context: Context,
    input: wire::BatchGetSecretValue,
) -> AwsResult<wire::BatchGetSecretValueResponse> {
    let (ids, next_token) = match (input.secret_id_list, input.filters) {
        (Some(_), Some(_)) => {
            return Err(invalid_parameter("Either 'SecretIdList' or 'Filters' must be provided, but not both."));
        }
        (None, None) => return Err(invalid_parameter("Either 'SecretIdList' or 'Filters' must be provided.")),
        (Some(_), None) if input.max_results.is_some() => {
            return Err(invalid_parameter(
                "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.",
            ));
        }
        (Some(ids), None) => (ids, None),
        (None, filters) => {
            let filters = Filter::read(filters)?;
            let secrets = service.secrets.list(&slam_cloud_core::collection::Scope::regional(&context));
            let taken = secrets
                .into_iter()
                .filter(|secret| secret.deletion.is_none() && filters.iter().all(|filter| filter.takes(secret)));
            let page = page_of(taken.collect(), None, false, input.next_token.as_deref(), input.max_results, PAGE)?;
            (page.items.iter().map(|secret| secret.name.clone()).collect(), page.next)
        }
    };
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for id in ids {
        let read = match service.cloud.authorize(&context, &value_of(&service, &context, &id, None, None)) {
            Ok(()) => read(&service, &context, &id, None, None).await,
            Err(denied) => Err(denied),
        };
        match read {
            Ok(value) => values.push(wire::SecretValueEntry {
                arn: value.arn,
                name: value.name,
                version_id: value.version_id,
                secret_binary: value.secret_binary,
                secret_string: value.secret_string,
                version_stages: value.version_stages,
                created_date: value.created_date,
            }),
            Err(error) => errors.push(wire::APIErrorType {
                secret_id: Some(id),
                error_code: Some(if error.is_access_denied() {
                    "AccessDeniedException".to_owned()
                } else {
                    error.code.into_owned()
                }),
                message: Some(error.message),
            }),
        }
    }
    Ok(wire::BatchGetSecretValueResponse { secret_values: Some(values), next_token, errors: Some(errors) })
}
