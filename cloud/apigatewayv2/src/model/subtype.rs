//! Actions of other services as integrations.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html>

use super::Texts;
use super::mapping::{Expression, Side};
use crate::error::{bad_request, invalid_mapping};
use slam_cloud_core::{AwsError, AwsResult};

/// An action of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subtype {
    /// `EventBridge-PutEvents`
    PutEvents,
    /// `SQS-SendMessage`
    SendMessage,
    /// `SQS-ReceiveMessage`
    ReceiveMessage,
    /// `SQS-DeleteMessage`
    DeleteMessage,
    /// `SQS-PurgeQueue`
    PurgeQueue,
}

/// Of services that the embedded cloud does not have.
const ELSEWHERE: [&str; 6] = [
    "AppConfig-GetConfiguration",
    "Kinesis-PutRecord",
    "StepFunctions-GetExecutionHistory",
    "StepFunctions-StartExecution",
    "StepFunctions-StartSyncExecution",
    "StepFunctions-StopExecution",
];

impl Subtype {
    /// The action that AWS names so.
    ///
    /// # Errors
    /// `BadRequestException`; an action of a service that is not here is refused by name.
    pub fn parse(name: &str) -> AwsResult<Self> {
        Ok(match name {
            "EventBridge-PutEvents" => Self::PutEvents,
            "SQS-SendMessage" => Self::SendMessage,
            "SQS-ReceiveMessage" => Self::ReceiveMessage,
            "SQS-DeleteMessage" => Self::DeleteMessage,
            "SQS-PurgeQueue" => Self::PurgeQueue,
            name if ELSEWHERE.contains(&name) => {
                return Err(AwsError::unsupported(format_args!("the integration subtype {name}")));
            }
            name => return Err(bad_request(format!("Unsupported integration subtype {name}"))),
        })
    }

    /// The parameters that must be there, and those that may.
    pub fn parameters(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::PutEvents => {
                (&["Detail", "DetailType", "Source"], &["Time", "EventBusName", "Resources", "Region", "TraceHeader"])
            }
            Self::SendMessage => (
                &["QueueUrl", "MessageBody"],
                &[
                    "DelaySeconds",
                    "MessageAttributes",
                    "MessageDeduplicationId",
                    "MessageGroupId",
                    "MessageSystemAttributes",
                    "Region",
                ],
            ),
            Self::ReceiveMessage => (
                &["QueueUrl"],
                &[
                    "AttributeNames",
                    "MaxNumberOfMessages",
                    "MessageAttributeNames",
                    "ReceiveRequestAttemptId",
                    "VisibilityTimeout",
                    "WaitTimeSeconds",
                    "Region",
                ],
            ),
            Self::DeleteMessage => (&["ReceiptHandle", "QueueUrl"], &["Region"]),
            Self::PurgeQueue => (&["QueueUrl"], &["Region"]),
        }
    }

    /// Checks the parameters of an integration.
    ///
    /// # Errors
    /// `BadRequestException`
    pub fn check(self, parameters: &Texts) -> AwsResult<()> {
        let (required, optional) = self.parameters();
        if let Some(missing) = required.iter().find(|name| !parameters.contains_key(**name)) {
            return Err(bad_request(format!("Parameter {missing} is required for this integration subtype")));
        }
        for (name, value) in parameters {
            if !required.contains(&name.as_str()) && !optional.contains(&name.as_str()) {
                return Err(bad_request(format!("Parameter {name} is not supported for this integration subtype")));
            }
            Expression::parse(value, Side::Request).map_err(invalid_mapping)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_those_of_the_reference() {
        let check = |subtype: &str, names: &[&str], expected: Option<&str>| {
            let parameters = names.iter().map(|name| ((*name).to_owned(), "x".to_owned())).collect();
            let checked = Subtype::parse(subtype).and_then(|subtype| subtype.check(&parameters));
            assert_eq!(checked.err().map(|error| error.code.into_owned()).as_deref(), expected, "{subtype} {names:?}");
        };
        check("SQS-SendMessage", &["QueueUrl", "MessageBody"], None);
        check("SQS-SendMessage", &["QueueUrl", "MessageBody", "DelaySeconds", "Region"], None);
        check("SQS-SendMessage", &["QueueUrl"], Some("BadRequestException"));
        check("SQS-SendMessage", &["QueueUrl", "MessageBody", "Source"], Some("BadRequestException"));
        check("EventBridge-PutEvents", &["Detail", "DetailType", "Source", "Time"], None);
        check("EventBridge-PutEvents", &["Detail", "Source"], Some("BadRequestException"));
        check("SQS-PurgeQueue", &["QueueUrl"], None);
        check("SQS-DeleteMessage", &["QueueUrl", "ReceiptHandle"], None);
        check("Kinesis-PutRecord", &[], Some("NotImplemented"));
        check("StepFunctions-StartExecution", &[], Some("NotImplemented"));
        check("SNS-Publish", &[], Some("BadRequestException"));
    }
}
