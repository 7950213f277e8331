//! What subscribers are sent.
//! <https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html>

use super::endpoint::Protocol;
use super::publication::{Kind, Publication};
use serde_json::{Map, Value, json};

/// What an envelope needs beside the publication.
pub struct Sender<'a> {
    /// Where SNS answers.
    pub endpoint: &'a str,
    /// Where the certificate is.
    pub certificate: Option<&'a str>,
    /// The ARN of the subscription.
    pub subscription: &'a str,
}

/// A publication as one protocol's subscribers see it.
pub struct Envelope<'a> {
    publication: &'a Publication,
    topic_arn: String,
    text: String,
    subscribe_url: Option<String>,
    unsubscribe_url: String,
    certificate: Option<&'a str>,
}

impl<'a> Envelope<'a> {
    /// The envelope for a subscription.
    pub fn new(publication: &'a Publication, protocol: Protocol, sender: &Sender<'a>) -> Self {
        let Sender { endpoint, certificate, subscription } = *sender;
        let topic_arn = publication.topic().arn();
        let text = match publication.kind {
            Kind::Notification => publication.text_for(protocol).into_owned(),
            Kind::Confirmation { .. } => format!(
                "You have chosen to subscribe to the topic {topic_arn}.\nTo confirm the subscription, visit the SubscribeURL \
                 included in this message."
            ),
            Kind::Farewell { .. } => format!(
                "You have chosen to deactivate subscription {subscription}.\nTo cancel this operation and restore the \
                 subscription, visit the SubscribeURL included in this message."
            ),
        };
        let confirm =
            |token: &str| format!("{endpoint}/?Action=ConfirmSubscription&TopicArn={topic_arn}&Token={token}");
        Self {
            subscribe_url: publication.kind.token().map(confirm),
            unsubscribe_url: format!("{endpoint}/?Action=Unsubscribe&SubscriptionArn={subscription}"),
            publication,
            topic_arn,
            text,
            certificate,
        }
    }

    /// What is signed: each field that there is, by its name and its value, a line each.
    /// <https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html>
    pub fn signed(&self) -> String {
        let publication = self.publication;
        let timestamp = publication.timestamp();
        let fields = [
            ("Message", Some(&*self.text)),
            ("MessageId", Some(&*publication.id)),
            ("Subject", publication.subject.as_deref()),
            ("SubscribeURL", self.subscribe_url.as_deref()),
            ("Timestamp", Some(&*timestamp)),
            ("Token", publication.kind.token()),
            ("TopicArn", Some(&*self.topic_arn)),
            ("Type", Some(publication.kind.name())),
        ];
        fields.iter().filter_map(|(name, value)| Some(format!("{name}\n{}\n", (*value)?))).collect()
    }

    /// The JSON that queues and servers get, its fields in AWS's order (recorded: `test_message_attributes_not_missing`,
    /// `test_message_to_fifo_sqs`, `test_subscribe_external_http_endpoint`).
    pub fn json(&self, signature: Option<&str>) -> String {
        let publication = self.publication;
        let is_notification = publication.kind == Kind::Notification;
        let mut fields = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                fields.insert(name.to_owned(), value);
            }
        };
        put("Type", Some(json!(publication.kind.name())));
        put("MessageId", Some(json!(publication.id)));
        put("Token", publication.kind.token().map(|token| json!(token)));
        put("SequenceNumber", publication.sequence_number().map(|number| json!(number)));
        put("TopicArn", Some(json!(self.topic_arn)));
        put("Subject", publication.subject.as_ref().map(|subject| json!(subject)));
        put("Message", Some(json!(self.text)));
        put("SubscribeURL", self.subscribe_url.as_ref().map(|url| json!(url)));
        put("Timestamp", Some(json!(publication.timestamp())));
        if let (Some(version), Some(signature)) = (publication.signature, signature) {
            put("SignatureVersion", Some(json!(version.to_string())));
            put("Signature", Some(json!(signature)));
            put("SigningCertURL", self.certificate.map(|url| json!(url)));
        }
        put("UnsubscribeURL", is_notification.then(|| json!(self.unsubscribe_url)));
        put("MessageAttributes", (!publication.attributes.is_empty()).then(|| self.attributes()));
        Value::Object(fields).to_string()
    }

    /// The event that a function gets (recorded: `test_python_lambda_subscribe_sns_topic`; that `SignatureVersion` is 1 also where
    /// the signature is one of version 2: `test_publish_lambda_verify_signature`).
    pub fn event(&self, subscription: &str, signature: Option<&str>) -> String {
        let publication = self.publication;
        json!({"Records": [{
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription,
            "Sns": {
                "Type": publication.kind.name(),
                "MessageId": publication.id,
                "TopicArn": self.topic_arn,
                "Subject": publication.subject,
                "Message": self.text,
                "Timestamp": publication.timestamp(),
                "SignatureVersion": "1",
                "Signature": signature.unwrap_or_default(),
                "SigningCertUrl": self.certificate.unwrap_or_default(),
                "UnsubscribeUrl": self.unsubscribe_url,
                "MessageAttributes": self.attributes(),
            },
        }]})
        .to_string()
    }

    fn attributes(&self) -> Value {
        let attributes = self.publication.attributes.iter();
        let told = attributes.map(|(name, it)| (name.clone(), json!({"Type": it.kind, "Value": it.value})));
        Value::Object(told.collect())
    }
}
