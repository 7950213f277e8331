//! Whom a subscription is for.

use super::name::{FIFO, Reference};
use crate::error::{invalid, invalid_because};
use serde::{Deserialize, Serialize};
use slam_cloud_core::{Arn, AwsError, AwsResult};

/// The protocol of a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// A queue.
    Sqs,
    /// A function.
    Lambda,
    /// A server.
    Http,
    /// A server, with TLS.
    Https,
}

impl Protocol {
    /// Reads a protocol.
    ///
    /// # Errors
    /// `NotImplemented` for those that AWS has beside, by their names.
    pub fn read(text: &str) -> AwsResult<Self> {
        match text {
            "sqs" => Ok(Self::Sqs),
            "lambda" => Ok(Self::Lambda),
            "http" => Ok(Self::Http),
            "https" => Ok(Self::Https),
            "email" | "email-json" | "sms" | "application" | "firehose" => {
                Err(AwsError::unsupported(format_args!("the protocol {text} of subscriptions")))
            }
            other => Err(invalid_because("Protocol", format_args!("Invalid protocol type: {other}"))),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqs => "sqs",
            Self::Lambda => "lambda",
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// Whether it is a server's.
    pub fn is_http(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }
}

/// Checks an endpoint (recorded: `test_subscribe_sqs_queue_url`, `test_subscribe_unknown_sqs_queue`, `test_validations_for_fifo`).
///
/// # Errors
/// When the protocol has no such endpoint, or the topic's subscribers cannot be of its kind.
pub fn check(protocol: Protocol, endpoint: &str, topic: &Reference) -> AwsResult<()> {
    let arn = Arn::parse(endpoint).filter(|arn| !arn.region.is_empty() && !arn.account.is_empty());
    let arn = |service: &str| arn.as_ref().filter(|arn| arn.service == service && !arn.resource.is_empty());
    match protocol {
        Protocol::Sqs => {
            let queue = arn("sqs").ok_or_else(|| invalid("SQS endpoint ARN"))?;
            if queue.resource.ends_with(FIFO) && !topic.is_fifo() {
                let reason = "FIFO SQS Queues can not be subscribed to standard SNS topics";
                // As it was recorded, said twice.
                return Err(invalid(format_args!("Invalid parameter: Endpoint Reason: {reason}")));
            }
            Ok(())
        }
        // Developer Guide, "FIFO topics": message delivery, "SQS queues" alone.
        _ if topic.is_fifo() => {
            Err(invalid(format_args!("Invalid protocol type: {} for FIFO topics", protocol.name())))
        }
        Protocol::Lambda => arn("lambda").map(|_| ()).ok_or_else(|| invalid("Lambda endpoint ARN")),
        Protocol::Http | Protocol::Https => {
            let wanted = format!("{}://", protocol.name());
            if !endpoint.starts_with(&wanted) {
                return Err(invalid("Endpoint must match the specified protocol"));
            }
            let uri = endpoint.parse::<http::Uri>().ok().filter(|uri| uri.host().is_some_and(|host| !host.is_empty()));
            uri.map(|_| ()).ok_or_else(|| invalid("Endpoint"))
        }
    }
}
