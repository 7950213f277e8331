//! Attributes of messages.

use crate::error::invalid_value;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::sns as wire;
use std::collections::BTreeMap;

/// The longest name, in bytes.
const NAME: usize = 256;

/// Attributes by their names.
pub type Attributes = BTreeMap<String, Attribute>;

/// An attribute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its type: `String`, `Number.int` …
    pub kind: String,
    /// Its value; of a binary one in base 64.
    pub value: String,
}

impl Attribute {
    /// Whether it is binary.
    pub fn is_binary(&self) -> bool {
        base(&self.kind) == "Binary"
    }

    /// Its bytes, if it is binary.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        if self.is_binary() { STANDARD.decode(&self.value).ok() } else { None }
    }

    /// Its size within a message, with its name's.
    pub fn size(&self, name: &str) -> usize {
        let value = if self.is_binary() { self.value.len() / 4 * 3 } else { self.value.len() };
        name.len() + self.kind.len() + value
    }
}

fn base(kind: &str) -> &str {
    kind.split('.').next().unwrap_or_default()
}

/// Reads and checks the attributes of a message (recorded: `test_empty_or_wrong_message_attributes`,
/// `test_message_attributes_prefixes`).
///
/// # Errors
/// What is wrong with one.
pub fn checked(given: BTreeMap<String, wire::MessageAttributeValue>) -> AwsResult<Attributes> {
    given.into_iter().map(|(name, value)| Ok((name.clone(), one(&name, value)?))).collect()
}

fn one(name: &str, given: wire::MessageAttributeValue) -> AwsResult<Attribute> {
    check_name(name)?;
    let kind = given.data_type;
    let field = match base(&kind) {
        // What follows the point is the sender's own, and there must be some of it.
        _ if kind.ends_with('.') && !kind.trim_end_matches('.').contains('.') => "",
        "String" | "Number" => "String",
        "Binary" => "Binary",
        _ => "",
    };
    if field.is_empty() {
        return Err(invalid_value(format!(
            "The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is \
             Binary, Number, and String."
        )));
    }
    let text = given.string_value.filter(|text| !text.is_empty());
    let bytes = given.binary_value.filter(|bytes| !bytes.is_empty()).map(|bytes| STANDARD.encode(bytes));
    let (value, other) = if field == "String" { (text, bytes) } else { (bytes, text) };
    match (value, other) {
        (Some(value), None) if is_number(&kind) && value.trim().parse::<f64>().is_err() => {
            // As several unrelated projects quote it.
            Err(invalid_value(format!("Could not cast message attribute '{name}' value to number.")))
        }
        (Some(value), None) => Ok(Attribute { kind, value }),
        (_, Some(_)) => {
            Err(invalid_value(format!("The message attribute '{name}' with type '{kind}' must use field '{field}'.")))
        }
        (None, None) => Err(invalid_value(format!(
            "The message attribute '{name}' must contain non-empty message attribute value for message attribute type '{kind}'."
        ))),
    }
}

/// Whether a value is one number; the Developer Guide's example of filter policies has an array of them, too.
fn is_number(kind: &str) -> bool {
    base(kind) == "Number" && kind != "Number.Array"
}

fn check_name(name: &str) -> AwsResult<()> {
    if name.is_empty() || name.len() > NAME {
        return Err(invalid_value("Length of message attribute name must be less than 256 bytes."));
    }
    let is_allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if let Some(other) = name.chars().find(|c| !is_allowed(c)) {
        return Err(invalid_value(format!(
            "Invalid non-alphanumeric character '#x{:X}' was found in the message attribute name. Can only include alphanumeric \
             characters, hyphens, underscores, or dots.",
            u32::from(other)
        )));
    }
    if name.starts_with('.') {
        return Err(invalid_value("Invalid message attribute name starting with character '.' was found."));
    }
    if name.ends_with('.') {
        return Err(invalid_value("Invalid message attribute name ending with character '.' was found."));
    }
    if name.contains("..") {
        return Err(invalid_value("Message attribute name can not have successive '.' character."));
    }
    Ok(())
}
