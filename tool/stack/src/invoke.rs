//! `slam invoke`: call the function of a stage.

use crate::error::{StackError, while_doing};
use crate::{Session, deployed};
use slam_aws::lambda::primitives::Blob;
use slam_aws::lambda::types::{InvocationType, LogType};

/// How to call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvokeMode {
    /// Wait for the result.
    Wait,
    /// Put it in the function's queue and go.
    NoWait,
    /// Only check that the call would be allowed.
    DryRun,
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// The HTTP status of the call: 200, 202 for [`InvokeMode::NoWait`], 204 for [`InvokeMode::DryRun`].
    pub status: i32,
    /// The version that ran.
    pub version: Option<String>,
    /// `Unhandled` when the function failed.
    pub error: Option<String>,
    /// The result, or the error: JSON, unless a streamed answer was taken whole.
    pub payload: Vec<u8>,
    /// The last lines of the log, when it was waited for.
    pub log: Option<String>,
}

/// Calls a function of `stage` with `payload`; `None` is the project's own function.
///
/// # Errors
/// When the stack or the stage is missing, or Lambda refuses the call. A function that fails is no error here.
pub async fn invoke(
    session: &Session<'_>,
    function: Option<&str>,
    stage: &str,
    payload: &serde_json::Value,
    mode: InvokeMode,
) -> Result<Invocation, StackError> {
    let stack = deployed::require(session).await?;
    stack.require_stage(stage)?;
    let answer = session
        .clients
        .lambda
        .invoke()
        .function_name(stack.function(session, function)?)
        .qualifier(stage)
        .invocation_type(match mode {
            InvokeMode::Wait => InvocationType::RequestResponse,
            InvokeMode::NoWait => InvocationType::Event,
            InvokeMode::DryRun => InvocationType::DryRun,
        })
        .set_log_type((mode == InvokeMode::Wait).then_some(LogType::Tail))
        .payload(Blob::new(payload.to_string()))
        .send()
        .await
        .map_err(while_doing!("invoking the function"))?;
    Ok(Invocation {
        status: answer.status_code(),
        version: answer.executed_version().map(str::to_owned),
        error: answer.function_error().map(str::to_owned),
        payload: answer.payload().map_or_else(Vec::new, |blob| blob.as_ref().to_vec()),
        log: answer.log_result().and_then(decode_log),
    })
}

fn decode_log(encoded: &str) -> Option<String> {
    slam_aws::decode_base64(encoded).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}
