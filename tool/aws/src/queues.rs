//! What SQS has: messages in queues.

use crate::question::{Service, Targeted};
use crate::{Clients, ServiceError};
use serde_json::json;

/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html>
const SQS: Targeted = Targeted {
    service: Service { id: "SQS", name: "sqs" },
    target: "AmazonSQS",
    content_type: "application/x-amz-json-1.0",
};

impl Clients {
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
}

fn is_gone(code: &str) -> bool {
    code.contains("QueueDoesNotExist") || code.contains("NonExistentQueue")
}
