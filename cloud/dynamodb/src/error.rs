//! The engine's errors in AWS's form.

use dynoxide::DynoxideError;
use serde_json::Value;
use slam_cloud_core::AwsError;

/// AWS's code, status, message and members of an engine's error.
pub(crate) fn convert(error: DynoxideError) -> AwsError {
    if let DynoxideError::UnsupportedCapability(what) = &error {
        return AwsError::unsupported(what);
    }
    let kind = error.error_type();
    let code = kind.rsplit('#').next().unwrap_or(kind);
    let status = error.status_code();
    if status >= 500 {
        tracing::error!(%error, "the database failed");
    }
    let converted = AwsError::new(code, status, error.to_string());
    // Only these two carry more than a message.
    let member = match error {
        DynoxideError::TransactionCanceledException(..) => "CancellationReasons",
        DynoxideError::ConditionalCheckFailedException(_, Some(_)) => "Item",
        _ => return converted,
    };
    let body: Value = serde_json::from_str(&error.to_json()).unwrap_or_default();
    match body.get(member) {
        Some(value) => converted.with(member, value.clone()),
        None => converted,
    }
}
