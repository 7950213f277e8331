//! What is kept of a message, beside its body and where it stands: written once, when it is sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use slam_cloud_wire::sqs as wire;
use std::collections::BTreeMap;

/// A message's attributes by their names.
pub type Attributes = BTreeMap<String, Attribute>;

/// What is kept of a message.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Content {
    /// The MD5 of its body.
    pub md5: String,
    /// Who sent it, by the id that policies know (`AIDA…`, `AROA…:session`, an account).
    pub sender: String,
    /// Its attributes.
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
    /// `AWSTraceHeader`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// Its deduplication id, in a FIFO queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deduplication: Option<String>,
}

/// An attribute of a message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribute {
    /// `String`, `Number`, `Binary`, each with or without a label: `Number.float`.
    pub kind: String,
    /// Its value.
    #[serde(flatten)]
    pub value: Value,
}

/// An attribute's value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Value {
    /// Text, or a number as it was written.
    Text(String),
    /// Bytes; base 64 where they are kept.
    #[serde(serialize_with = "write_bytes", deserialize_with = "read_bytes")]
    Binary(Vec<u8>),
}

fn write_bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&BASE64.encode(bytes))
}

fn read_bytes<'a, D: Deserializer<'a>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    BASE64.decode(text).map_err(serde::de::Error::custom)
}

impl Attribute {
    /// As ReceiveMessage answers it.
    pub fn told(&self) -> wire::MessageAttributeValue {
        let (string_value, binary_value) = match &self.value {
            Value::Text(text) => (Some(text.clone()), None),
            Value::Binary(bytes) => (None, Some(Bytes::copy_from_slice(bytes))),
        };
        wire::MessageAttributeValue { string_value, binary_value, data_type: self.kind.clone(), ..Default::default() }
    }
}
