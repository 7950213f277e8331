//! Invoke.

use crate::LambdaService;
use crate::invoke::request::{Request, plan};
use crate::model::FunctionName;
use crate::model::errors::unsupported;
use base64::Engine as _;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::lambda as wire;
use std::sync::Arc;

/// Invoke.
pub(super) async fn invoke(
    service: Arc<LambdaService>,
    context: Context,
    input: wire::Invoke,
) -> AwsResult<wire::InvocationResponse> {
    for (given, parameter) in
        [(input.durable_execution_name.is_some(), "DurableExecutionName"), (input.tenant_id.is_some(), "TenantId")]
    {
        if given {
            return Err(unsupported(&format!("the parameter {parameter} of Invoke")));
        }
    }
    let name = FunctionName::parse(&context, &input.function_name, input.qualifier.as_deref())?;
    let function = service.function(&context, &name)?;
    let plan = plan(&context, &function, &name)?;
    let kind = input.invocation_type.as_deref().unwrap_or("RequestResponse");
    let request = Request::new(&context, input.payload, input.client_context.as_deref(), kind == "Event")?;
    match kind {
        "DryRun" => Ok(wire::InvocationResponse { status_code: Some(204), ..Default::default() }),
        "Event" => {
            service.queue.accept(&context, &name, request).await?;
            Ok(wire::InvocationResponse { status_code: Some(202), ..Default::default() })
        }
        _ => {
            let arn = name.qualified_arn(&context);
            let execution = service.pool.execute(Arc::new(plan), request.event(arn)).await?;
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
