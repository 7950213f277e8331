//! Targets of rules: who gets the events.

use super::api_destination;
use super::http::TargetHttp;
use super::input::Input;
use super::log;
use super::name::BusName;
use serde::{Deserialize, Serialize};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Arn, AwsError, AwsResult, Context};
use slam_cloud_kit::delivery::Patience;
use slam_cloud_wire::events as wire;

/// The retries, and the age in seconds, of a target that says nothing of them, which are the most that it may have.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html>
const PATIENCE: Patience = Patience { retries: 185, age: 86_400 };

/// A target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// Its id, within its rule.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// The role that calls it.
    pub role: Option<String>,
    /// What it is given in the place of the event.
    pub input: Option<Input>,
    /// What it says of requests to an API destination.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<TargetHttp>,
    /// The group of the messages to a FIFO queue.
    pub message_group: Option<String>,
    /// The ARN of the queue that is told of what is given up.
    pub dead_letters: Option<String>,
    /// How often it is tried again, where it says that.
    pub retries: Option<i64>,
    /// How old a delivery may become in seconds, where it says that.
    pub age: Option<i64>,
}

/// What an ARN means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A function.
    Function,
    /// A queue.
    Queue,
    /// A topic.
    Topic,
    /// A log group, by its name.
    LogGroup(String),
    /// A bus.
    Bus(BusName),
    /// A server outside.
    ApiDestination,
}

impl Target {
    /// Reads a request's target.
    ///
    /// # Errors
    /// What is wrong with it, and what the cloud does not have, by name.
    pub fn read(context: &Context, mut target: wire::Target) -> AwsResult<Self> {
        let input = Input::read(&mut target)?;
        let policy = target.retry_policy.unwrap_or_default();
        let read = Self {
            id: target.id,
            arn: target.arn,
            role: target.role_arn,
            input,
            http: target.http_parameters.map(TargetHttp::read),
            message_group: target.sqs_parameters.and_then(|parameters| parameters.message_group_id),
            dead_letters: target.dead_letter_config.and_then(|config| config.arn),
            retries: policy.maximum_retry_attempts,
            age: policy.maximum_event_age_in_seconds,
        };
        match read.kind(context)? {
            // As clients report it.
            Kind::Queue if read.arn.ends_with(".fifo") && read.message_group.is_none() => {
                let message = format!("Parameter(s) SqsParameters must be specified for target: {}.", read.id);
                return Err(AwsError::validation(message));
            }
            Kind::Bus(bus) if *bus.scope.region != *context.region && read.role.is_none() => {
                return Err(AwsError::validation(format!("RoleArn is required for target {}.", read.arn)));
            }
            // A bus gets the events themselves.
            Kind::Bus(_) if read.input.is_some() => {
                let message = format!(
                    "Input, InputPath and InputTransformer are not for event buses, which target {} is.",
                    read.id
                );
                return Err(AwsError::validation(message));
            }
            // It is the role that may invoke it.
            // <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html>
            Kind::ApiDestination if read.role.is_none() => {
                return Err(AwsError::validation(format!("RoleArn is required for target {}.", read.arn)));
            }
            Kind::LogGroup(_) => log::check(&read.id, read.input.as_ref())?,
            _ => {}
        }
        match read.kind(context)? {
            kind if kind != Kind::Queue && read.message_group.is_some() => {
                let message = format!("SqsParameters are for queues, which target {} is not.", read.id);
                return Err(AwsError::validation(message));
            }
            kind if kind != Kind::ApiDestination && read.http.is_some() => {
                let message = format!("HttpParameters are for API destinations, which target {} is not.", read.id);
                return Err(AwsError::validation(message));
            }
            _ => {}
        }
        match read.dead_letters.as_deref().map(Arn::parse) {
            Some(Some(queue)) if queue.service == "sqs" && *queue.region == *context.region => Ok(read),
            None => Ok(read),
            _ => Err(AwsError::validation(format!(
                "Parameter DeadLetterConfig.Arn of target {} is not valid. Reason: It must be the ARN of a queue of this region.",
                read.id
            ))),
        }
    }

    /// What it is.
    ///
    /// # Errors
    /// When it is nothing that this cloud can call; by name, where AWS can.
    pub fn kind(&self, context: &Context) -> AwsResult<Kind> {
        let invalid = || {
            AwsError::validation(format!(
                "Parameter {} is not valid. Reason: Provided Arn is not in correct format.",
                self.arn
            ))
        };
        let arn = Arn::parse(&self.arn).filter(|arn| arn.partition == context.partition()).ok_or_else(invalid)?;
        let is_here = *arn.region == *context.region;
        match &*arn.service {
            _ if arn.resource.is_empty() || arn.service.is_empty() => Err(invalid()),
            "lambda" if arn.resource.starts_with("function:") && is_here => Ok(Kind::Function),
            "sqs" if is_here => Ok(Kind::Queue),
            "sns" if is_here => Ok(Kind::Topic),
            // With the end by which policies mean its streams, too.
            "logs" if is_here && *arn.account == *context.account => {
                let name = arn.resource.strip_prefix("log-group:").map(|name| name.strip_suffix(":*").unwrap_or(name));
                name.filter(|name| !name.is_empty()).map(|name| Kind::LogGroup(name.to_owned())).ok_or_else(invalid)
            }
            "events" => match (BusName::of_arn(&self.arn), api_destination::of_arn(&self.arn)) {
                (Some(bus), _) => Ok(Kind::Bus(bus)),
                // One of the rule's own.
                (None, Some((scope, ..))) if scope == Scope::regional(context) => Ok(Kind::ApiDestination),
                (None, Some(_)) => Err(invalid()),
                (None, None) => Err(self.unsupported()),
            },
            _ => Err(self.unsupported()),
        }
    }

    /// A target that AWS has and this cloud has not.
    fn unsupported(&self) -> AwsError {
        AwsError::unsupported(format_args!("the target {} of rules", self.arn))
    }

    /// How often, and how long, it is tried again.
    pub fn patience(&self) -> Patience {
        Patience { retries: self.retries.unwrap_or(PATIENCE.retries), age: self.age.unwrap_or(PATIENCE.age) }
    }

    /// As it is told.
    pub fn told(&self) -> wire::Target {
        let policy = wire::RetryPolicy { maximum_retry_attempts: self.retries, maximum_event_age_in_seconds: self.age };
        let mut told = wire::Target {
            id: self.id.clone(),
            arn: self.arn.clone(),
            role_arn: self.role.clone(),
            http_parameters: self.http.as_ref().map(TargetHttp::told),
            sqs_parameters: self
                .message_group
                .clone()
                .map(|group| wire::SqsParameters { message_group_id: Some(group) }),
            dead_letter_config: self.dead_letters.clone().map(|arn| wire::DeadLetterConfig { arn: Some(arn) }),
            retry_policy: (self.retries.is_some() || self.age.is_some()).then_some(policy),
            ..wire::Target::default()
        };
        if let Some(input) = &self.input {
            input.tell(&mut told);
        }
        told
    }
}
