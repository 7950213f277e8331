//! Messages of queues as functions see them (AWS: "Using Lambda with Amazon SQS").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;
use slam_cloud_wire::sqs;
use std::collections::BTreeMap;

/// A message in an event.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record<'m> {
    message_id: &'m str,
    receipt_handle: &'m str,
    body: &'m str,
    attributes: &'m BTreeMap<String, String>,
    message_attributes: BTreeMap<&'m str, Attribute<'m>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    md5_of_message_attributes: Option<&'m str>,
    md5_of_body: &'m str,
    event_source: &'static str,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: &'m str,
    aws_region: &'m str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Attribute<'m> {
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<&'m str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
    string_list_values: [&'static str; 0],
    binary_list_values: [&'static str; 0],
    data_type: &'m str,
}

/// A system attributes' map of a message without any.
static NONE: BTreeMap<String, String> = BTreeMap::new();

impl<'m> Record<'m> {
    /// A message of the queue with this ARN.
    pub fn of(message: &'m sqs::Message, queue: &'m str, region: &'m str) -> Self {
        let attributes = message.message_attributes.iter().flatten().map(|(name, attribute)| {
            let told = Attribute {
                string_value: attribute.string_value.as_deref(),
                binary_value: attribute.binary_value.as_ref().map(|bytes| BASE64.encode(bytes)),
                string_list_values: [],
                binary_list_values: [],
                data_type: &attribute.data_type,
            };
            (name.as_str(), told)
        });
        Self {
            message_id: message.message_id.as_deref().unwrap_or_default(),
            receipt_handle: message.receipt_handle.as_deref().unwrap_or_default(),
            body: message.body.as_deref().unwrap_or_default(),
            attributes: message.attributes.as_ref().unwrap_or(&NONE),
            message_attributes: attributes.collect(),
            md5_of_message_attributes: message.md5_of_message_attributes.as_deref(),
            md5_of_body: message.md5_of_body.as_deref().unwrap_or_default(),
            event_source: "aws:sqs",
            event_source_arn: queue,
            aws_region: region,
        }
    }
}
