//! The account's settings of SMS.

use crate::error::invalid_text;
use crate::model::sms_attributes::SmsAttributes;
use crate::{SETTINGS, SnsService};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::sns as wire;
use std::sync::Arc;

/// SetSMSAttributes: all or none.
pub async fn set(
    service: Arc<SnsService>,
    context: Context,
    input: wire::SetSMSAttributes,
) -> AwsResult<wire::SetSMSAttributesResponse> {
    let change = |current: Option<&SmsAttributes>| {
        let mut settings = current.cloned().unwrap_or_default();
        input.attributes.iter().try_for_each(|(name, value)| settings.set(name, value))?;
        Ok(Some(settings))
    };
    service.sms.update::<AwsError>(&Scope::regional(&context), SETTINGS, change).await?;
    Ok(wire::SetSMSAttributesResponse {})
}

/// GetSMSAttributes: all that are set, or those of them that are asked for.
pub async fn get(
    service: Arc<SnsService>,
    context: Context,
    input: wire::GetSMSAttributes,
) -> AwsResult<wire::GetSMSAttributesResponse> {
    let settings = service.sms.get(&Scope::regional(&context), SETTINGS);
    let mut told = settings.map_or_else(|| SmsAttributes::default().told(), |settings| settings.told());
    let asked = input.attributes.unwrap_or_default();
    if let Some(unknown) = asked.iter().find(|name| !SmsAttributes::NAMES.contains(&&***name)) {
        return Err(invalid_text(format_args!("{unknown} is not a valid attribute")));
    }
    if !asked.is_empty() {
        told.retain(|name, _| asked.contains(name));
    }
    Ok(wire::GetSMSAttributesResponse { attributes: Some(told) })
}
