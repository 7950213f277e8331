//! What is logged of deliveries, where a topic wants that.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html>

use super::to::{Answer, Failure, PRINCIPAL, To};
use crate::SnsService;
use crate::model::endpoint::Protocol;
use crate::model::publication::{Kind, Publication};
use serde_json::json;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_kit::role::Roles;
use slam_cloud_kit::service_logs::Destination;
use slam_cloud_wire::logs::InputLogEvent;
use std::sync::Arc;

/// Who writes the logs.
pub struct Feedback {
    roles: Roles,
}

impl Feedback {
    /// Nobody has written yet.
    pub fn new() -> Self {
        Self { roles: Roles::new(PRINCIPAL, "sns") }
    }

    /// Forgets whom SNS acted as.
    pub fn clear(&self) {
        self.roles.clear();
    }
}

/// Logs an attempt as the role that the topic names for it, if it does (recorded: `test_delivery_lambda`).
pub async fn tell(
    service: &SnsService,
    to: &To,
    publication: &Publication,
    begun: i64,
    result: &Result<Answer, Failure>,
) {
    let Some(topic) = to.settings.as_ref().filter(|topic| !topic.settings.feedback.is_empty()) else { return };
    if publication.kind != Kind::Notification {
        return;
    }
    let kind = match to.subscription.protocol {
        Protocol::Sqs => "SQS",
        Protocol::Lambda => "Lambda",
        Protocol::Http | Protocol::Https => "HTTP",
        // Topics have no attributes for these.
        Protocol::Email | Protocol::EmailJson | Protocol::Sms => return,
    };
    let set = |attribute: &str| topic.settings.feedback.get(&format!("{kind}{attribute}"));
    let role = match result {
        Ok(_) => set("SuccessFeedbackRoleArn").filter(|_| {
            // Of a hundred messages so many, by their ids.
            let rate: u8 = set("SuccessFeedbackSampleRate").and_then(|rate| rate.parse().ok()).unwrap_or(0);
            let digits = publication.id.get(..8).and_then(|digits| u32::from_str_radix(digits, 16).ok());
            digits.is_some_and(|number| number % 100 < u32::from(rate))
        }),
        Err(_) => set("FailureFeedbackRoleArn"),
    };
    let Some(role) = role else { return };
    let line = line(to, publication, service.now() - begun, result);
    if let Err(error) = write(service, to, role, result.is_err(), line).await {
        tracing::warn!(topic = to.topic.arn(), %error, "a delivery cannot be logged");
    }
}

fn line(to: &To, publication: &Publication, took: i64, result: &Result<Answer, Failure>) -> String {
    use md5::{Digest as _, Md5};
    let (status, answer) = match result {
        Ok(answer) => (answer.status, answer.told.clone()),
        Err(failure) => (failure.error.status, failure.error.to_string()),
    };
    let text = publication.text_for(to.subscription.protocol);
    json!({
        "notification": {
            "messageMD5Sum": hex::encode(Md5::digest(text.as_bytes())),
            "messageId": publication.id,
            "topicArn": to.topic.arn(),
            "timestamp": publication.timestamp().replace('T', " ").trim_end_matches('Z'),
        },
        "delivery": {
            "deliveryId": slam_cloud_core::id::request_id(),
            "destination": to.subscription.endpoint,
            "providerResponse": answer,
            "dwellTimeMs": took,
            "statusCode": status,
        },
        "status": if result.is_ok() { "SUCCESS" } else { "FAILURE" },
    })
    .to_string()
}

async fn write(service: &SnsService, to: &To, role: &str, is_failure: bool, message: String) -> AwsResult<()> {
    let scope = &to.topic.scope;
    let context = Context::of_service(Arc::clone(&scope.account), Arc::clone(&scope.region), PRINCIPAL);
    let (roles, arn) = (&service.deliveries.feedback.roles, to.topic.arn());
    let acting = roles.take_on_for(&service.cloud, &context, role, Some(&arn)).await?;
    let end = if is_failure { "/Failure" } else { "" };
    let destination = Destination {
        group: format!("sns/{}/{}/{}{end}", scope.region, scope.account, to.topic.name),
        stream: slam_cloud_core::id::request_id(),
        own_group: true,
    };
    let events = vec![InputLogEvent { timestamp: service.now(), message }];
    destination.write(&service.cloud, &acting, events, &mut false).await
}
