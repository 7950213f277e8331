//! Whom a subscription is for.

use super::name::{FIFO, Reference};
use crate::error::{invalid, invalid_because, invalid_text};
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
    /// Somebody's mail. No mail is sent here, so nobody can confirm such a subscription, and it waits for ever.
    Email,
    /// The same, with the whole message as JSON.
    #[serde(rename = "email-json")]
    EmailJson,
    /// A phone. The account is in the SMS sandbox, as each is that is new, and has no verified numbers
    /// (<https://docs.aws.amazon.com/sns/latest/dg/sns-sms-sandbox.html>).
    Sms,
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
            "email" => Ok(Self::Email),
            "email-json" => Ok(Self::EmailJson),
            "sms" => Ok(Self::Sms),
            "application" | "firehose" => {
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
            Self::Email => "email",
            Self::EmailJson => "email-json",
            Self::Sms => "sms",
        }
    }

    /// Whether it is an AWS service's.
    pub fn is_managed(self) -> bool {
        matches!(self, Self::Sqs | Self::Lambda)
    }

    /// Whether its subscribers may get the message alone
    /// (<https://docs.aws.amazon.com/sns/latest/dg/sns-large-payload-raw-message-delivery.html>).
    pub fn takes_raw(self) -> bool {
        self == Self::Sqs || self.is_http()
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
        Protocol::Email | Protocol::EmailJson => {
            let is_address = endpoint.split_once('@').is_some_and(|(who, host)| {
                !who.is_empty() && !host.is_empty() && !host.contains('@') && !endpoint.contains(char::is_whitespace)
            });
            if is_address { Ok(()) } else { Err(invalid("Email address")) }
        }
        Protocol::Sms if is_phone_number(endpoint) => Ok(()),
        Protocol::Sms => Err(invalid_text(format_args!("Invalid SMS endpoint: {endpoint}"))),
    }
}

/// The digits of an E.164 number, at most 15, with single separators between them (recorded: `test_subscribe_invalid_sms`,
/// `test_subscribe_sms_obscure_phone_number`).
fn is_phone_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let groups = || digits.split(['-', '.', '/', ' ']);
    let is_number = |group: &str| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
    groups().all(is_number) && groups().map(str::len).sum::<usize>() <= 15
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_and_phones_have_addresses_of_their_own() {
        let topic = Reference::read("arn:aws:sns:us-east-1:111111111111:t").unwrap();
        let expect = |protocol, endpoint: &str, expected: Option<&str>| {
            let message = check(protocol, endpoint, &topic).err().map(|error| error.message);
            assert_eq!(message.as_deref(), expected, "{endpoint}");
        };
        for number in ["+12/34-567.890", "+1234567890", "15551234567"] {
            expect(Protocol::Sms, number, None);
        }
        for number in ["invalid-number", "+15--551234567", "NAA+15551234567", "+15551234567.", "/+15551234567"] {
            expect(Protocol::Sms, number, Some(&format!("Invalid SMS endpoint: {number}")));
        }
        expect(Protocol::Email, "ada@example.com", None);
        for address in ["ada", "@example.com", "ada@", "a@b@c", "a b@c"] {
            expect(Protocol::EmailJson, address, Some("Invalid parameter: Email address"));
        }
    }
}
