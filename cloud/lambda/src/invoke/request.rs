//! From the API's input to an event and the version that gets it.

use crate::error::{recursive_invocation, too_large};
use crate::model::function::Target;
use crate::model::limits::{EVENT, REQUEST};
use crate::model::{Function, FunctionName, lineage, trace};
use crate::pool::plan::Plan;
use crate::runtime::api::Event;
use base64::Engine as _;
use bytes::Bytes;
use slam_cloud_core::{AwsError, AwsResult, Context};

/// The longest client context, in base-64.
const CLIENT_CONTEXT: usize = 3583;

/// What a synchronous or asynchronous invocation carries.
#[derive(Clone, Debug)]
pub struct Request {
    /// The event, JSON.
    pub payload: Bytes,
    /// The client context, JSON.
    pub client_context: Option<String>,
    /// The X-Ray trace header.
    pub trace: String,
    /// The request id that the function sees.
    pub id: String,
}

impl Request {
    /// Checks what a client sent.
    ///
    /// # Errors
    /// When the event is too large or is not JSON.
    pub fn new(
        context: &Context,
        payload: Option<Bytes>,
        client_context: Option<&str>,
        asynchronous: bool,
    ) -> AwsResult<Self> {
        let payload = payload.filter(|payload| !payload.is_empty()).unwrap_or_else(|| Bytes::from_static(b"{}"));
        if asynchronous && payload.len() > EVENT {
            return Err(AwsError::new(
                "RequestTooLargeException",
                413,
                format!(
                    "{} byte payload is too large for the Event invocation type (limit {EVENT} bytes)",
                    payload.len()
                ),
            )
            .with("Type", "User"));
        }
        if payload.len() > REQUEST {
            return Err(too_large(format!(
                "Request must be smaller than {REQUEST} bytes for the InvokeFunction operation"
            )));
        }
        // As the function's own parser will see it; AWS refuses before it starts anything.
        if let Err(error) = serde_json::from_slice::<serde::de::IgnoredAny>(&payload) {
            return Err(invalid_content(format!("Could not parse payload into json: {error}")));
        }
        let client_context = client_context.map(decode).transpose()?;
        let trace = context.trace.as_deref().map_or_else(trace::begin, str::to_owned);
        Ok(Self { payload, client_context, trace, id: context.request_id.to_string() })
    }

    /// The event for a function that was named so.
    ///
    /// # Errors
    /// When it is one too many in a loop, which the function may not run in.
    pub fn event(&self, context: &Context, function: &Function, name: &FunctionName) -> AwsResult<Event> {
        let (trace, times) = lineage::invoked(&self.trace, &name.arn(context));
        if times >= lineage::MOST && !function.may_loop {
            return Err(recursive_invocation());
        }
        Ok(Event {
            id: self.id.clone(),
            arn: name.qualified_arn(context),
            deadline: 0,
            trace,
            client_context: self.client_context.clone(),
            payload: self.payload.clone(),
            streams: false,
        })
    }
}

fn decode(context: &str) -> AwsResult<String> {
    if context.len() > CLIENT_CONTEXT {
        return Err(invalid_content(format!("Client context must be smaller than {CLIENT_CONTEXT} bytes")));
    }
    let decoded = base64::engine::general_purpose::STANDARD.decode(context).ok();
    let text = decoded.and_then(|bytes| String::from_utf8(bytes).ok());
    let document = text.and_then(|text| serde_json::from_str::<serde_json::Value>(&text).ok());
    // Written anew, on one line: it travels in a header.
    document
        .map(|document| document.to_string())
        .ok_or_else(|| invalid_content("Client context must be a valid Base64-encoded JSON object.".into()))
}

fn invalid_content(message: String) -> AwsError {
    let message = format!("Could not parse request body into json: {message}");
    AwsError::bad_request("InvalidRequestContentException", message).with("Type", "User")
}

/// The plan for one invocation of what was named: an alias chooses by its weights.
///
/// # Errors
/// When there is no such version or alias.
pub fn plan(context: &Context, function: &Function, name: &FunctionName) -> AwsResult<Plan> {
    let Target { version, alias } = function.version(context, name.qualifier.as_deref())?;
    let chosen = alias.filter(|alias| !alias.weights.is_empty());
    let chosen = chosen.and_then(|alias| function.labelled(alias.choose(chance())));
    Ok(Plan::new(context, function, chosen.unwrap_or(version)))
}

/// A number from 0 to 1, evenly spread.
fn chance() -> f64 {
    let bytes = uuid::Uuid::new_v4().into_bytes();
    f64::from(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])) / f64::from(u32::MAX)
}
