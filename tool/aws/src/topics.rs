//! What SNS has: topics that messages are published to.

use crate::question::{Question, Service};
use crate::queues::Message;
use crate::{Clients, ServiceError};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// <https://docs.aws.amazon.com/sns/latest/api/welcome.html>
const SNS: Service = Service { id: "SNS", name: "sns" };
const VERSION: &str = "2010-03-31";

impl Clients {
    /// Publishes a message to a topic, and gives its id.
    /// <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>
    ///
    /// # Errors
    /// What SNS answers instead, or why it cannot be asked.
    pub async fn publish(&self, topic: &str, message: &Message, subject: Option<&str>) -> Result<String, ServiceError> {
        let mut form = vec![
            ("Action".to_owned(), "Publish".to_owned()),
            ("Version".to_owned(), VERSION.to_owned()),
            ("TopicArn".to_owned(), topic.to_owned()),
            ("Message".to_owned(), message.body.clone()),
        ];
        let more = [
            ("Subject", subject),
            ("MessageGroupId", message.group.as_deref()),
            ("MessageDeduplicationId", message.deduplication.as_deref()),
        ];
        form.extend(more.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.to_owned()))));
        for (number, (name, text)) in (1..).zip(&message.attributes) {
            let entry = format!("MessageAttributes.entry.{number}");
            form.push((format!("{entry}.Name"), name.clone()));
            form.push((format!("{entry}.Value.DataType"), "String".to_owned()));
            form.push((format!("{entry}.Value.StringValue"), text.clone()));
        }
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let pairs: Vec<String> =
            form.iter().map(|(name, text)| format!("{}={}", encoded(name), encoded(text))).collect();
        let question = Question {
            operation: "Publish",
            method: "POST",
            path: "/".to_owned(),
            headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
            body: pairs.join("&").into_bytes(),
        };
        let answer = self.asker.send(SNS, question).await?;
        Ok(answer.xml_text("MessageId").unwrap_or_default())
    }
}
