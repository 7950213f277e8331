//! What a schedule calls: a function, a queue, or an operation of a service by its name.
//!
//! <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html>,
//! <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html>

use super::{attributes, parameters};
use crate::error::unsupported_target;
use serde::{Deserialize, Serialize};
use slam_cloud_core::{Arn, AwsError, AwsResult, Cloud, Context, OperationModel, Service, ServiceModel};
use slam_cloud_wire::scheduler as wire;
use std::sync::Arc;

/// The retries and the age, in seconds, of a target that says nothing of them, which are the most that it may have.
const RETRIES: i64 = 185;
const AGE: i64 = 86_400;
/// The largest input, in bytes.
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/scheduler-quotas.html>
const INPUT: usize = 256 * 1024;
/// With what the operations begin that universal targets do not have, as they only read.
const READS: [&str; 25] = [
    "get",
    "describe",
    "list",
    "poll",
    "receive",
    "search",
    "scan",
    "query",
    "select",
    "read",
    "lookup",
    "discover",
    "validate",
    "batchGet",
    "batchDescribe",
    "batchRead",
    "transactGet",
    "adminGet",
    "adminList",
    "testMigration",
    "retrieve",
    "testConnection",
    "translateDocument",
    "isAuthorized",
    "invokeModel",
];

/// A target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// Its ARN.
    pub arn: String,
    /// The role that calls it.
    pub role: String,
    /// What it is given.
    pub input: Option<String>,
    /// How old an invocation may become, in seconds.
    pub age: i64,
    /// How often it is tried again.
    pub retries: i64,
    /// The group of the messages to a queue.
    #[serde(default)]
    pub message_group: Option<String>,
    /// What the event on a bus is called, and who tells of it.
    #[serde(default)]
    pub event: Option<Told>,
    /// The ARN of the queue that is told of what is given up.
    #[serde(default)]
    pub dead_letters: Option<String>,
}

/// What an event on a bus is called, and who tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// `DetailType`
    pub detail_type: String,
    /// `Source`
    pub source: String,
}

/// What an ARN means.
pub enum Called {
    /// The function with this ARN.
    Function,
    /// The queue with this ARN.
    Queue,
    /// The topic with this ARN.
    Topic,
    /// The event bus with this ARN.
    Bus,
    /// An operation.
    Operation(Operation),
}

/// An operation of this cloud's.
pub struct Operation {
    /// Its service.
    pub service: Arc<dyn Service>,
    /// The service's table.
    pub table: &'static ServiceModel,
    /// Its own.
    pub model: &'static OperationModel,
}

impl Target {
    /// Reads a request's target.
    ///
    /// # Errors
    /// What is wrong with it, and what the cloud does not have, by name.
    pub fn read(cloud: &Cloud, context: &Context, target: wire::Target) -> AwsResult<Self> {
        if target.input.as_ref().is_some_and(|input| input.len() > INPUT) {
            return Err(AwsError::validation(format!("The Input of a target can have at most {INPUT} bytes.")));
        }
        let policy = target.retry_policy.unwrap_or_default();
        let read = Self {
            arn: target.arn,
            role: target.role_arn,
            input: target.input,
            age: policy.maximum_event_age_in_seconds.unwrap_or(AGE),
            retries: policy.maximum_retry_attempts.unwrap_or(RETRIES),
            message_group: target.sqs_parameters.and_then(|parameters| parameters.message_group_id),
            event: target
                .event_bridge_parameters
                .map(|parameters| Told { detail_type: parameters.detail_type, source: parameters.source }),
            dead_letters: target.dead_letter_config.and_then(|config| config.arn),
        };
        let called = read.called(cloud, context)?;
        if read.message_group.is_some() && !matches!(called, Called::Queue) {
            return Err(AwsError::validation("SqsParameters are for targets that are queues."));
        }
        // <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_EventBridgeParameters.html>
        match (&called, &read.event) {
            (Called::Bus, None) => {
                return Err(AwsError::validation("A target that is an event bus must have EventBridgeParameters."));
            }
            (Called::Bus, Some(_)) | (_, None) => {}
            (_, Some(_)) => {
                return Err(AwsError::validation("EventBridgeParameters are for targets that are event buses."));
            }
        }
        match (called, read.input.as_deref().map(attributes::tried)) {
            // <https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Target.html> (Input)
            (Called::Function | Called::Bus, Some(input))
                if serde_json::from_str::<serde_json::Value>(&input).is_err() =>
            {
                return Err(AwsError::validation(
                    "The Input of a target that is a function or an event bus must be JSON.",
                ));
            }
            (Called::Operation(_), None) => {
                let message = "A target that is an operation must have an Input: a JSON object of its parameters.";
                return Err(AwsError::validation(message));
            }
            // Whether the values are what the operation takes is seen when it is called: attributes may stand in their place.
            (Called::Operation(operation), Some(input)) => parameters::read(operation.model, &input).map(drop)?,
            (Called::Function | Called::Queue | Called::Topic | Called::Bus, _) => {}
        }
        Ok(read)
    }

    /// What it is.
    ///
    /// # Errors
    /// When it is nothing that this cloud can call; by name, where AWS can.
    pub fn called(&self, cloud: &Cloud, context: &Context) -> AwsResult<Called> {
        let invalid = || AwsError::validation("Provided Arn is not in correct format.");
        let arn = Arn::parse(&self.arn).filter(|arn| arn.partition == context.partition()).ok_or_else(invalid)?;
        match (&*arn.service, arn.resource.strip_prefix("aws-sdk:")) {
            ("scheduler", Some(name)) if arn.region.is_empty() && arn.account.is_empty() => {
                let (service, action) = name.split_once(':').ok_or_else(invalid)?;
                operation(cloud, &self.arn, service, action).map(Called::Operation)
            }
            ("lambda", _) if arn.resource.starts_with("function:") && *arn.region == *context.region => {
                Ok(Called::Function)
            }
            ("sqs", _) if *arn.region == *context.region && cloud.wire_entry("sqs", "SendMessage").is_some() => {
                Ok(Called::Queue)
            }
            ("sns", _) if *arn.region == *context.region && cloud.wire_entry("sns", "Publish").is_some() => {
                Ok(Called::Topic)
            }
            ("events", _)
                if arn.resource.starts_with("event-bus/")
                    && *arn.region == *context.region
                    && cloud.wire_entry("events", "PutEvents").is_some() =>
            {
                Ok(Called::Bus)
            }
            _ if arn.resource.is_empty() || arn.service.is_empty() => Err(invalid()),
            _ => Err(unsupported_target(&self.arn)),
        }
    }

    /// As it is told.
    pub fn told(&self) -> wire::Target {
        wire::Target {
            arn: self.arn.clone(),
            role_arn: self.role.clone(),
            input: self.input.clone(),
            sqs_parameters: self
                .message_group
                .clone()
                .map(|group| wire::SqsParameters { message_group_id: Some(group) }),
            event_bridge_parameters: self
                .event
                .clone()
                .map(|event| wire::EventBridgeParameters { detail_type: event.detail_type, source: event.source }),
            dead_letter_config: self.dead_letters.clone().map(|arn| wire::DeadLetterConfig { arn: Some(arn) }),
            retry_policy: Some(wire::RetryPolicy {
                maximum_event_age_in_seconds: Some(self.age),
                maximum_retry_attempts: Some(self.retries),
            }),
            ..wire::Target::default()
        }
    }
}

/// The service's name in the SDK for Java, where it is not ours.
fn sdk_name(table: &ServiceModel) -> &str {
    match table.name {
        "events" => "eventbridge",
        "logs" => "cloudwatchlogs",
        "dynamodbstreams" => "dynamodb streams",
        name => name,
    }
}

fn operation(cloud: &Cloud, arn: &str, service: &str, action: &str) -> AwsResult<Operation> {
    let (owner, table) =
        cloud.models().iter().find(|(_, table)| sdk_name(table) == service).ok_or_else(|| unsupported_target(arn))?;
    if READS.iter().any(|read| action.starts_with(read)) {
        return Err(AwsError::validation(format!("{arn} is not supported: {action} only reads.")));
    }
    let is_meant = |name: &str| {
        let (first, rest) = name.split_at(1);
        action.strip_prefix(&*first.to_ascii_lowercase()).is_some_and(|action| action == rest)
    };
    let found = table.operations.iter().find(|model| is_meant(model.name));
    match found.filter(|model| cloud.wire_entry(table.name, model.name).is_some()) {
        Some(model) => Ok(Operation { service: Arc::clone(owner), table, model }),
        None if found.is_some() || table.others.iter().any(|(name, ..)| is_meant(name)) => Err(unsupported_target(arn)),
        None => Err(AwsError::validation(format!("{action} is not an API action of {service}."))),
    }
}
