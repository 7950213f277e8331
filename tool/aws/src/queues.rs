//! What SQS has: queues and their messages, which are counted, sent and moved back.

use crate::question::{Service, Targeted};
use crate::{Clients, ServiceError};
use serde_json::{Value, json};

/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html>
const SQS: Targeted = Targeted {
    service: Service { id: "SQS", name: "sqs" },
    target: "AmazonSQS",
    content_type: "application/x-amz-json-1.0",
};

/// A message to be sent.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// What it says.
    pub body: String,
    /// The group that keeps its order, in a FIFO queue or topic.
    pub group: Option<String>,
    /// What makes it the same message as another one, in a FIFO queue or topic.
    pub deduplication: Option<String>,
    /// Names and texts beside the body.
    pub attributes: Vec<(String, String)>,
}

impl Message {
    /// The attributes as SQS takes them.
    fn attributes(&self) -> Value {
        let written = self.attributes.iter().map(|(name, text)| {
            let value = json!({"DataType": "String", "StringValue": text});
            (name.clone(), value)
        });
        Value::Object(written.collect())
    }
}

/// A task that moves messages from a dead-letter queue back to where they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageMove {
    /// `RUNNING`, `COMPLETED`, `CANCELLING`, `CANCELLED` or `FAILED`.
    pub status: String,
    /// How many it has moved.
    pub moved: u64,
    /// How many there were to move, where SQS tells.
    pub of: Option<u64>,
    /// Why it failed.
    pub why: Option<String>,
}

impl Clients {
    /// The URL of a queue; `None` when there is none of this name.
    ///
    /// # Errors
    /// When nobody answers, or the credentials may not ask.
    pub async fn queue_url(&self, name: &str) -> Result<Option<String>, ServiceError> {
        match self.asker.ask(SQS, "GetQueueUrl", &json!({"QueueName": name})).await {
            Ok(answer) => Ok(answer["QueueUrl"].as_str().map(str::to_owned)),
            Err(error) if error.code.as_deref().is_some_and(is_gone) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The ARN of a queue.
    ///
    /// # Errors
    /// When nobody answers, or the credentials may not ask.
    pub async fn queue_arn(&self, url: &str) -> Result<String, ServiceError> {
        let input = json!({"QueueUrl": url, "AttributeNames": ["QueueArn"]});
        let answer = self.asker.ask(SQS, "GetQueueAttributes", &input).await?;
        Ok(answer["Attributes"]["QueueArn"].as_str().unwrap_or_default().to_owned())
    }

    /// About how many messages a queue has, waiting, hidden and delayed; `None` when there is no such queue.
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html>
    ///
    /// # Errors
    /// When nobody answers, or the credentials may not ask.
    pub async fn queue_messages(&self, url: &str) -> Result<Option<u64>, ServiceError> {
        let names = ["", "NotVisible", "Delayed"].map(|state| format!("ApproximateNumberOfMessages{state}"));
        let input = json!({"QueueUrl": url, "AttributeNames": names});
        match self.asker.ask(SQS, "GetQueueAttributes", &input).await {
            Ok(answer) => {
                let count = |name: &String| answer["Attributes"][name].as_str()?.parse::<u64>().ok();
                Ok(Some(names.iter().filter_map(count).sum()))
            }
            Err(error) if error.code.as_deref().is_some_and(is_gone) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Sends a message, after `delay` seconds, and gives its id.
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>
    ///
    /// # Errors
    /// What SQS answers instead, or why it cannot be asked.
    pub async fn send_message(&self, url: &str, message: &Message, delay: Option<u64>) -> Result<String, ServiceError> {
        let mut input = json!({"QueueUrl": url, "MessageBody": message.body});
        if !message.attributes.is_empty() {
            input["MessageAttributes"] = message.attributes();
        }
        for (name, text) in [("MessageGroupId", &message.group), ("MessageDeduplicationId", &message.deduplication)] {
            if let Some(text) = text {
                input[name] = json!(text);
            }
        }
        if let Some(delay) = delay {
            input["DelaySeconds"] = json!(delay);
        }
        let answer = self.asker.ask(SQS, "SendMessage", &input).await?;
        Ok(answer["MessageId"].as_str().unwrap_or_default().to_owned())
    }

    /// Begins to move the messages of a dead-letter queue back to where they were, `rate` in a second at most.
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html>
    ///
    /// # Errors
    /// What SQS answers instead, or why it cannot be asked.
    pub async fn start_message_move(&self, dead_queue: &str, rate: Option<u64>) -> Result<(), ServiceError> {
        let mut input = json!({"SourceArn": dead_queue});
        if let Some(rate) = rate {
            input["MaxNumberOfMessagesPerSecond"] = json!(rate);
        }
        self.asker.ask(SQS, "StartMessageMoveTask", &input).await.map(drop)
    }

    /// The last task that moved messages of a dead-letter queue.
    ///
    /// # Errors
    /// What SQS answers instead, or why it cannot be asked.
    pub async fn message_move(&self, dead_queue: &str) -> Result<Option<MessageMove>, ServiceError> {
        let input = json!({"SourceArn": dead_queue, "MaxResults": 1});
        let answer = self.asker.ask(SQS, "ListMessageMoveTasks", &input).await?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Ok(answer["Results"].as_array().and_then(|tasks| tasks.first()).map(|task| MessageMove {
            status: text(&task["Status"]).unwrap_or_default(),
            moved: task["ApproximateNumberOfMessagesMoved"].as_u64().unwrap_or_default(),
            of: task["ApproximateNumberOfMessagesToMove"].as_u64(),
            why: text(&task["FailureReason"]),
        }))
    }
}

fn is_gone(code: &str) -> bool {
    code.contains("QueueDoesNotExist") || code.contains("NonExistentQueue")
}
