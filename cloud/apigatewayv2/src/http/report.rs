//! A stage's access log.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html>

use super::answer::Answer;
use super::context;
use super::exchange::Exchange;
use super::failure::Failure;
use crate::{ApiGatewayV2, LOG_DELIVERY};
use slam_cloud_gateway::logs::Lines;
use slam_cloud_kit::service_logs::Destination;
use std::sync::Arc;

/// Notes a request that was answered.
pub fn report(service: &Arc<ApiGatewayV2>, exchange: &Exchange<'_>, answer: &Answer, failure: Option<&Failure>) {
    let stage = exchange.stage;
    let Some((group, format)) = &stage.access_log else { return };
    let line = format.line(|name| variable(exchange, answer, failure, name));
    // Whom the policy of the log group lets in.
    let source = stage.context.arn("logs", "*");
    let lines = Lines {
        context: stage.context.as_service(LOG_DELIVERY, Some(&source)),
        role: None,
        destination: Destination { group: group.clone(), stream: stage.log_stream.clone(), own_group: false },
        timestamp: exchange.arrival.time.as_millisecond(),
        messages: vec![line],
    };
    service.logs.write(&service.cloud, &service.roles, lines);
}

/// Access logs know more than mappings: what came of the request.
fn variable(exchange: &Exchange<'_>, answer: &Answer, failure: Option<&Failure>, name: &str) -> Option<String> {
    let integrated = exchange.integrated.as_ref();
    let milliseconds = |duration: std::time::Duration| duration.as_millis().to_string();
    match name {
        "status" => Some(answer.status.to_string()),
        "responseLength" => Some(answer.body.len().to_string()),
        "responseLatency" => Some(milliseconds(exchange.arrival.began.elapsed())),
        "dataProcessed" => Some((exchange.request.body.len() + answer.body.len()).to_string()),
        "integration.latency" | "integrationLatency" => integrated.map(|integrated| milliseconds(integrated.latency)),
        "integration.status" => integrated?.status.map(|status| status.to_string()),
        // "For Lambda proxy integrations, the status code returned from AWS Lambda, not from the backend function code."
        "integrationStatus" | "integration.integrationStatus" => {
            integrated.map(|integrated| if integrated.status.is_some() { "200" } else { "-" }.to_owned())
        }
        "integrationErrorMessage" | "integration.error" => {
            integrated?;
            failure.and_then(Failure::reason).map(str::to_owned)
        }
        "error.message" => failure.map(|failure| failure.parts().1.to_owned()),
        "error.messageString" => failure.map(|failure| format!("\"{}\"", failure.parts().1)),
        "error.responseType" => failure.map(|failure| failure.parts().2.to_owned()),
        name => context::variable(exchange, name),
    }
}
