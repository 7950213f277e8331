//! Actions of other services: what a route asks EventBridge or SQS, as the integration's role.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services.html>. The answer is what the
//! service answers in its JSON protocol (in which form AWS hands on SQS's answers is not documented).

use super::answer::Answer;
use super::compiled::CompiledIntegration;
use super::exchange::Exchange;
use super::failure::Failure;
use super::{lambda, mapped};
use crate::ApiGatewayV2;
use crate::model::subtype::Subtype;
use bytes::Bytes;
use http::request::Parts;
use serde_json::{Map, Value, json};
use slam_cloud_core::dialect::Dialect;
use slam_cloud_core::schema::{Protocol, Schema};
use slam_cloud_core::shape::Shape as _;
use slam_cloud_core::{AwsError, Context, Operation, ServiceModel};
use slam_cloud_wire::protocol::{self, Voice};
use slam_cloud_wire::{events, sqs};
use std::sync::Arc;

/// Performs the action.
///
/// # Errors
/// 500 when the role cannot be taken on, 503 when the service takes too long.
pub async fn perform(
    service: &Arc<ApiGatewayV2>,
    exchange: &Exchange<'_>,
    integration: &CompiledIntegration,
    subtype: Subtype,
) -> Result<Answer, Failure> {
    let mut parameters = Map::new();
    for (name, expression) in &integration.parameters {
        // What leads to nothing is not sent.
        if let Some(value) = mapped::selected(exchange, expression) {
            parameters.insert(name.clone(), value.into());
        }
    }
    let credentials = integration.credentials.as_deref();
    let mut context = lambda::caller(service, exchange, credentials, &exchange.route_arn())
        .await
        .map_err(|error| Failure::Internal(error.to_string()))?;
    if let Some(Value::String(region)) = parameters.shift_remove("Region") {
        context.region = region.as_str().into();
    }
    let performed = async {
        match subtype {
            Subtype::PutEvents => put_events(service, context, parameters).await,
            Subtype::SendMessage => send::<sqs::SendMessage>(service, context, &sqs::SERVICE, parameters).await,
            Subtype::ReceiveMessage => send::<sqs::ReceiveMessage>(service, context, &sqs::SERVICE, parameters).await,
            Subtype::DeleteMessage => send::<sqs::DeleteMessage>(service, context, &sqs::SERVICE, parameters).await,
            Subtype::PurgeQueue => send::<sqs::PurgeQueue>(service, context, &sqs::SERVICE, parameters).await,
        }
    };
    let waited = tokio::time::timeout(integration.timeout, performed).await;
    waited.unwrap_or_else(|_| Err(Failure::Unavailable("The integration did not answer in time".into())))
}

/// The parameters are an entry's.
async fn put_events(
    service: &ApiGatewayV2,
    context: Context,
    parameters: Map<String, Value>,
) -> Result<Answer, Failure> {
    let entries = member(events::PutEvents::MODEL.input, "Entries");
    let entry = match entries {
        Some(Schema::List(entries)) => typed(entries.member, parameters),
        _ => parameters,
    };
    let parameters = Map::from_iter([("Entries".to_owned(), json!([entry]))]);
    send::<events::PutEvents>(service, context, &events::SERVICE, parameters).await
}

async fn send<O: Operation>(
    service: &ApiGatewayV2,
    context: Context,
    model: &'static ServiceModel,
    parameters: Map<String, Value>,
) -> Result<Answer, Failure> {
    let voice = Voice::new(model, Protocol::Json("1.1"), &Dialect::DEFAULT);
    let request_id = context.request_id.to_string();
    let asked = read::<O>(&voice, &Value::from(typed(O::MODEL.input, parameters)));
    let answered = match asked {
        Ok(input) => service.cloud.call(context, input).await,
        Err(error) => Err(error),
    };
    let response = match answered {
        Ok(output) => protocol::encode(&voice, O::MODEL, output.into_value(), &request_id).map(|body| whole(&body)),
        Err(error) => protocol::encode_error(&voice, &error, &request_id),
    };
    Ok(Answer::json(response.status().as_u16(), response.into_body()))
}

fn read<O: Operation>(voice: &Voice, parameters: &Value) -> Result<O, AwsError> {
    let (head, ()): (Parts, ()) = http::Request::new(()).into_parts();
    let input = O::from_value(protocol::decode(voice, O::MODEL, &head, &Bytes::from(parameters.to_string()))?)?;
    input.check_supported()?;
    Ok(input)
}

fn whole(body: &slam_cloud_core::Body) -> Bytes {
    Bytes::copy_from_slice(body.at_hand())
}

/// Parameters are texts; members that are something else have it written as JSON in them.
fn typed(schema: &'static Schema, parameters: Map<String, Value>) -> Map<String, Value> {
    let typed = parameters.into_iter().map(|(name, value)| {
        let value = match (member(schema, &name), value) {
            (None | Some(Schema::String(_)), value) => value,
            (Some(_), Value::String(text)) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
            (Some(_), value) => value,
        };
        (name, value)
    });
    typed.collect()
}

fn member(schema: &'static Schema, name: &str) -> Option<&'static Schema> {
    let structure = schema.structure()?;
    structure.members.iter().find(|member| member.name == name).map(|member| member.schema)
}
