//! To queues, as whoever sends to them; their policies decide.

use super::to::{Answer, Failure, Letter, To};
use crate::SnsService;
use crate::model::name::FIFO;
use crate::model::publication::Publication;
use serde_json::json;
use slam_cloud_core::{Arn, AwsError};
use slam_cloud_kit::delivery::queue_url;
use slam_cloud_wire::sqs::{MessageAttributeValue, SendMessage};

/// Sends to the queue of an ARN. A FIFO queue gets the group and what the message is known again by, a standard one the group of a
/// standard topic's message alone (recorded: `test_message_to_fifo_sqs`, `test_fifo_topic_to_regular_sqs`,
/// `test_publish_message_group_id`). Attributes go along beside the message alone (recorded: `test_message_attributes_not_missing`).
///
/// # Errors
/// What SQS answers.
pub async fn send(
    service: &SnsService,
    to: &To,
    queue: &str,
    publication: &Publication,
    letter: Letter,
) -> Result<Answer, Failure> {
    let arn = Arn::parse(queue).ok_or_else(|| AwsError::bad_request("InvalidAddress", "the endpoint is no ARN"))?;
    let attributes = publication.attributes.iter().map(|(name, attribute)| {
        let bytes = attribute.bytes().map(Into::into);
        let value = MessageAttributeValue {
            data_type: attribute.kind.clone(),
            string_value: bytes.is_none().then(|| attribute.value.clone()),
            binary_value: bytes,
            ..MessageAttributeValue::default()
        };
        (name.clone(), value)
    });
    let is_fifo = arn.resource.ends_with(FIFO);
    let is_of_fifo = publication.number.is_some();
    let message = SendMessage {
        queue_url: queue_url(queue),
        message_body: letter.body,
        message_attributes: (letter.is_raw && !publication.attributes.is_empty()).then(|| attributes.collect()),
        message_group_id: publication.group.clone().filter(|_| is_fifo == is_of_fifo),
        message_deduplication_id: publication.deduplication.clone().filter(|_| is_fifo),
        ..SendMessage::default()
    };
    let context = to.context(&arn.region, publication);
    let request = context.request_id.to_string();
    let sent = service.cloud.call(context, message).await?;
    Ok(Answer { status: 200, told: json!({"sqsRequestId": request, "sqsMessageId": sent.message_id}).to_string() })
}
