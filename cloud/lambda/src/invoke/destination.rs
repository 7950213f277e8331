//! Who is told of invocations that ended: queues, topics, functions, buckets and buses, as the function's role.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>

use super::event::{Ended, PendingEvent, Receiver};
use super::record;
use crate::error::invalid_parameter;
use crate::pool::role;
use slam_cloud_core::{Access, Arn, AwsError, AwsResult, Cloud, Context, Timestamp};
use slam_cloud_kit::delivery::{deliver, put, queue_url};
use slam_cloud_wire::events::{PutEvents, PutEventsRequestEntry};
use slam_cloud_wire::{lambda, s3, sns, sqs};
use std::sync::Arc;

/// A place that is told, by its ARN.
#[derive(Clone, Debug)]
pub struct Destination {
    arn: String,
    parsed: Arn,
    kind: Kind,
}

/// Of which service it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A queue.
    Sqs,
    /// Another function.
    Lambda,
    /// A bucket, of failures alone.
    S3,
    /// A topic.
    Sns,
    /// A bus.
    EventBridge,
}

impl Destination {
    /// The destination of an ARN, if AWS has such ones.
    pub fn parse(text: &str) -> Option<Self> {
        let parsed = Arn::parse(text)?;
        let kind = match parsed.service.as_str() {
            "sqs" => Kind::Sqs,
            "lambda" => Kind::Lambda,
            "s3" => Kind::S3,
            "sns" => Kind::Sns,
            "events" => Kind::EventBridge,
            _ => return None,
        };
        Some(Self { arn: text.to_owned(), parsed, kind })
    }

    /// Of which service it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether the role may tell it, asked at the place itself, with requests that do nothing.
    ///
    /// # Errors
    /// In AWS's words, when there is no such place, or the role may not; `NotImplemented` where the embedded cloud has none.
    pub async fn check(&self, cloud: &Cloud, as_role: &Context) -> AwsResult<()> {
        let context = self.near(as_role);
        let asked = match self.kind {
            Kind::Sqs => {
                let nothing = sqs::SendMessage { queue_url: queue_url(&self.arn), ..sqs::SendMessage::default() };
                cloud.call(context, nothing).await.map(drop)
            }
            Kind::Lambda => {
                let nothing = lambda::Invoke {
                    function_name: self.arn.clone(),
                    invocation_type: Some("DryRun".to_owned()),
                    ..lambda::Invoke::default()
                };
                cloud.call(context, nothing).await.map(drop)
            }
            Kind::S3 => self.check_bucket(cloud, context).await,
            Kind::Sns => {
                let nothing = sns::Publish { topic_arn: Some(self.arn.clone()), ..sns::Publish::default() };
                cloud.call(context, nothing).await.map(drop)
            }
            Kind::EventBridge => {
                // Without a source it is none.
                let nothing = PutEventsRequestEntry {
                    event_bus_name: Some(self.arn.clone()),
                    ..PutEventsRequestEntry::default()
                };
                cloud.call(context, PutEvents { entries: vec![nothing], endpoint_id: None }).await.map(drop)
            }
        };
        let Err(error) = asked else { return Ok(()) };
        if error.is_access_denied() || (self.kind == Kind::S3 && error.status == 403) {
            // Quoted for dead-letter queues <https://github.com/elastic/beats/issues/13963> and topics
            // <https://github.com/serverless/serverless/issues/4770>; the others are in the same form.
            return Err(invalid_parameter(format!(
                "The provided execution role does not have permissions to call {}",
                self.call()
            )));
        }
        // Recorded for functions (`test_lambda_eventinvokeconfig_exceptions`), quoted for buses
        // <https://github.com/serverless/serverless/issues/7507>; taken for the others too.
        let is_missing =
            error.status == 404 || error.code.contains("QueueDoesNotExist") || error.code.contains("NonExistent");
        if is_missing {
            return Err(invalid_parameter(format!("The destination ARN {} is invalid.", self.arn)));
        }
        if error.is_client_fault() { Ok(()) } else { Err(error) }
    }

    /// Lambda needs both permissions (AWS: "Adding a destination").
    async fn check_bucket(&self, cloud: &Cloud, context: Context) -> AwsResult<()> {
        let put = Access::new("s3:PutObject", format!("{}/aws/lambda/async/*", self.arn));
        cloud.authorize(&context, &put)?;
        let head = s3::HeadBucket { bucket: self.parsed.resource.clone(), ..s3::HeadBucket::default() };
        cloud.call(context, head).await.map(drop)
    }

    fn call(&self) -> &'static str {
        match self.kind {
            Kind::Sqs => "SendMessage on SQS",
            Kind::Lambda => "Invoke on Lambda",
            Kind::S3 => "PutObject and ListBucket on S3",
            Kind::Sns => "Publish on SNS",
            Kind::EventBridge => "PutEvents on EventBridge",
        }
    }

    /// The context where the place is.
    fn near(&self, context: &Context) -> Context {
        let mut near = context.clone();
        if !self.parsed.region.is_empty() {
            near.region = self.parsed.region.as_str().into();
        }
        near
    }
}

/// Tells one of those who are to be told of an end, as the function's role.
///
/// # Errors
/// What the place answers.
pub async fn tell(
    cloud: &Cloud,
    as_role: &Context,
    receiver: &Receiver,
    event: &PendingEvent,
    ended: &Ended,
) -> AwsResult<()> {
    let (Receiver::Destination(arn) | Receiver::DeadLetters(arn)) = receiver;
    let invalid = || AwsError::bad_request("InvalidParameterValueException", format!("{arn} is no destination"));
    let place = Destination::parse(arn).ok_or_else(invalid)?;
    let context = place.near(as_role);
    let record = || record::of(as_role, event, ended).to_string();
    match (place.kind, receiver) {
        (Kind::Sqs | Kind::Lambda | Kind::Sns, Receiver::Destination(_)) => {
            deliver(cloud, context, arn, record().into()).await
        }
        (Kind::Sqs, Receiver::DeadLetters(_)) => {
            let input = sqs::SendMessage {
                queue_url: queue_url(arn),
                message_body: event.payload.clone(),
                message_attributes: Some(record::attributes(event, ended)),
                ..sqs::SendMessage::default()
            };
            cloud.call(context, input).await.map(drop)
        }
        (Kind::S3, Receiver::Destination(_)) => {
            let input = s3::PutObject {
                bucket: place.parsed.resource.clone(),
                key: object_name(&event.function, ended.at),
                body: Some(record().into_bytes().into()),
                ..s3::PutObject::default()
            };
            cloud.call(context, input).await.map(drop)
        }
        (Kind::Sns, Receiver::DeadLetters(_)) => {
            let attribute = |(name, value): (String, sqs::MessageAttributeValue)| {
                let (data_type, string_value) = (value.data_type, value.string_value);
                (name, sns::MessageAttributeValue { data_type, string_value, binary_value: None })
            };
            let input = sns::Publish {
                topic_arn: Some(arn.clone()),
                message: event.payload.clone(),
                message_attributes: Some(record::attributes(event, ended).into_iter().map(attribute).collect()),
                ..sns::Publish::default()
            };
            cloud.call(context, input).await.map(drop)
        }
        (Kind::EventBridge, Receiver::Destination(_)) => {
            put(cloud, context, record::on_a_bus(as_role, event, ended, arn)).await
        }
        // None of another service is taken for dead letters.
        (_, Receiver::DeadLetters(_)) => Err(invalid()),
    }
}

/// `aws/lambda/async/<function-name>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<Random UUID>`
fn object_name(function: &str, at: Timestamp) -> String {
    let moment = at.strftime("%Y/%m/%d/%Y-%m-%dT%H.%M.%S");
    format!("aws/lambda/async/{function}/{moment}-{}", uuid::Uuid::new_v4())
}

/// Lambda's own context as a function's role.
///
/// # Errors
/// What STS answers.
pub async fn as_role(cloud: &Cloud, context: &Context, function: &str, role_arn: &str) -> AwsResult<Context> {
    let arn = crate::model::name::function_arn(context, function);
    let session = role::assume(cloud, role::as_lambda(context, &arn), role_arn, function).await?;
    let mut context = context.clone();
    context.principal = Arc::new(session.principal);
    context.session = None;
    context.request_id = slam_cloud_core::id::request_id().into();
    Ok(context)
}
