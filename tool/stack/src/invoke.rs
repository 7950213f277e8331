//! `slam invoke`: call the function of a stage.

use crate::error::{StackError, service};
use crate::{Session, deployed};
use slam_aws::Invoke;

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
    pub status: u16,
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
    let call = Invoke {
        function: stack.function(session, function)?,
        qualifier: stage,
        invocation_type: match mode {
            InvokeMode::Wait => "RequestResponse",
            InvokeMode::NoWait => "Event",
            InvokeMode::DryRun => "DryRun",
        },
        wants_log: mode == InvokeMode::Wait,
    };
    let invoked = session.clients.invoke(call, payload.to_string().into_bytes()).await;
    let invoked = invoked.map_err(service("invoking the function"))?;
    Ok(Invocation {
        status: invoked.status,
        version: invoked.version,
        error: invoked.error,
        payload: invoked.payload,
        log: invoked.log.map(|log| String::from_utf8_lossy(&log).into_owned()),
    })
}
