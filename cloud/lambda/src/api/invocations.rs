//! Invoke and InvokeWithResponseStream.

use crate::LambdaService;
use crate::invoke::request::{Request, plan};
use crate::model::FunctionName;
use crate::pool::environment::Execution;
use crate::pool::{End, Reply};
use base64::Engine as _;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use slam_cloud_core::{AwsResult, Context, EventStream};
use slam_cloud_wire::lambda as wire;
use std::sync::Arc;

/// Invoke.
pub(super) async fn invoke(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::Invoke,
) -> AwsResult<wire::InvocationResponse> {
    let context = FunctionName::at_home(&context, &input.function_name);
    let name = FunctionName::parse(&context, &input.function_name, input.qualifier.as_deref())?;
    let function = service.function(&context, &name)?;
    let plan = plan(&context, &function, &name)?;
    let kind = input.invocation_type.as_deref().unwrap_or("RequestResponse");
    let request = Request::new(&context, input.payload, input.client_context.as_deref(), kind == "Event")?;
    match kind {
        "DryRun" => Ok(wire::InvocationResponse { status_code: Some(204), ..Default::default() }),
        "Event" => {
            // Whether it is one too many in a loop is seen when it is its turn, for its destination to be told.
            service.queue.accept(&context, &name, request).await?;
            Ok(wire::InvocationResponse { status_code: Some(202), ..Default::default() })
        }
        _ => {
            let event = request.event(&context, &function, &name)?;
            let execution = service.pool.execute(Arc::new(plan), event).await?;
            let tail = input.log_type.as_deref() == Some("Tail");
            Ok(wire::InvocationResponse {
                status_code: Some(200),
                // All failures are unhandled: no runtime reports handled ones any more.
                function_error: execution.failed.then(|| "Unhandled".to_owned()),
                log_result: tail.then(|| base64::engine::general_purpose::STANDARD.encode(&execution.tail)),
                payload: Some(execution.payload),
                executed_version: Some(execution.version),
                durable_execution_arn: None,
            })
        }
    }
}

type Events = BoxStream<'static, wire::InvokeWithResponseStreamResponseEvent>;

/// InvokeWithResponseStream. A function that does not stream is answered in one piece.
pub(super) async fn invoke_with_response_stream(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::InvokeWithResponseStream,
) -> AwsResult<wire::InvokeWithResponseStreamResponse> {
    let context = FunctionName::at_home(&context, &input.function_name);
    let name = FunctionName::parse(&context, &input.function_name, input.qualifier.as_deref())?;
    let function = service.function(&context, &name)?;
    let plan = plan(&context, &function, &name)?;
    let request = Request::new(&context, input.payload, input.client_context.as_deref(), false)?;
    if input.invocation_type.as_deref() == Some("DryRun") {
        return Ok(wire::InvokeWithResponseStreamResponse { status_code: Some(204), ..Default::default() });
    }
    let version = plan.version.label.clone();
    let tail = input.log_type.as_deref() == Some("Tail");
    let event = request.event(&context, &function, &name)?;
    let events = match service.pool.stream(Arc::new(plan), event).await? {
        Reply::Whole(execution) => whole(execution, tail),
        Reply::Streamed { pieces, end } => {
            let pieces = stream::unfold(pieces, |mut pieces| async move { Some((pieces.recv().await?, pieces)) });
            pieces.map(chunk).chain(stream::once(completed(end, tail))).boxed()
        }
    };
    Ok(wire::InvokeWithResponseStreamResponse {
        status_code: Some(200),
        executed_version: Some(version),
        event_stream: Some(EventStream::new(events)),
        response_stream_content_type: None,
    })
}

fn whole(mut execution: Execution, tail: bool) -> Events {
    let payload = std::mem::take(&mut execution.payload);
    if execution.failed {
        execution.payload = payload;
        // Its type is in the document, as an invocation that is not streamed has it.
        execution.error_type = None;
        return stream::iter([complete(&execution, tail)]).boxed();
    }
    stream::iter([chunk(payload), complete(&execution, tail)]).boxed()
}

async fn completed(end: End, tail: bool) -> wire::InvokeWithResponseStreamResponseEvent {
    match end.await {
        Ok(Ok(execution)) => complete(&execution, tail),
        // The cloud is shutting down.
        Ok(Err(error)) => failed("ServiceException", error.message, None),
        Err(_) => failed("ServiceException", "the invocation was lost".into(), None),
    }
}

fn chunk(payload: Bytes) -> wire::InvokeWithResponseStreamResponseEvent {
    let chunk = wire::InvokeResponseStreamUpdate { payload: Some(payload) };
    wire::InvokeWithResponseStreamResponseEvent { payload_chunk: Some(chunk), invoke_complete: None }
}

/// The last event. Of an error in the middle it has the type and the document that the runtime gave.
fn complete(execution: &Execution, tail: bool) -> wire::InvokeWithResponseStreamResponseEvent {
    let log = tail.then(|| base64::engine::general_purpose::STANDARD.encode(&execution.tail));
    if execution.failed {
        let details = String::from_utf8_lossy(&execution.payload).into_owned();
        return failed(execution.error_type.as_deref().unwrap_or("Unhandled"), details, log);
    }
    let complete = wire::InvokeWithResponseStreamCompleteEvent { log_result: log, ..Default::default() };
    wire::InvokeWithResponseStreamResponseEvent { invoke_complete: Some(complete), payload_chunk: None }
}

fn failed(code: &str, details: String, log: Option<String>) -> wire::InvokeWithResponseStreamResponseEvent {
    let complete = wire::InvokeWithResponseStreamCompleteEvent {
        error_code: Some(code.to_owned()),
        error_details: Some(details),
        log_result: log,
    };
    wire::InvokeWithResponseStreamResponseEvent { invoke_complete: Some(complete), payload_chunk: None }
}
