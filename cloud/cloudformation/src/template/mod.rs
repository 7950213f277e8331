//! Templates: text to sections, and everything that can be said about a template before a stack is made of it.
//!
//! - [`yaml`], [`json`]: text to a tree, bounded and without surprises.
//! - [`sections`]: the tree to [`Template`], with AWS's complaints about its form.
//! - [`parameters`]: declarations and the values given for them.
//! - [`functions`], [`conditions`]: the intrinsic functions, evaluated against an [`functions::Environment`].
//! - [`references`]: who needs whom; cycles; references to what does not exist.

pub mod conditions;
pub mod functions;
mod json;
pub mod parameters;
pub mod references;
mod sections;
mod text;
mod yaml;

#[cfg(test)]
mod tests;
#[cfg(any(test, fuzzing))]
pub mod trial;

pub use sections::{DeletionPolicy, Template};
pub use text::as_text;

use crate::error::invalid;
use serde_json::Value;
use slam_cloud_core::{AwsError, AwsResult};

/// How deep a template may nest. AWS does not document its own bound; real templates stay far below.
const MAX_DEPTH: usize = 64;
/// The largest template by URL ("Understand CloudFormation quotas").
pub const MAX_TEMPLATE: usize = 1_000_000;

/// Text to tree: JSON when it begins with a brace, YAML otherwise.
///
/// # Errors
/// `Template format error: …` with the place.
pub fn parse_document(text: &str) -> AwsResult<Value> {
    let mut value = if text.trim_start().starts_with('{') { json::parse(text)? } else { yaml::parse(text)? };
    split_attributes(&mut value);
    match value {
        Value::Object(_) => Ok(value),
        _ => Err(malformed("unsupported structure.")),
    }
}

/// `Fn::GetAtt: A.B` is `Fn::GetAtt: [A, B]`; the attribute begins after the first dot.
fn split_attributes(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(split_attributes),
        Value::Object(entries) => {
            for (key, value) in entries {
                match value {
                    Value::String(path) if key == "Fn::GetAtt" => {
                        if let Some((resource, attribute)) = path.split_once('.') {
                            *value = Value::from(vec![resource, attribute]);
                        }
                    }
                    _ => split_attributes(value),
                }
            }
        }
        _ => {}
    }
}

fn malformed(what: impl AsRef<str>) -> AwsError {
    invalid(format!("Template format error: {}", what.as_ref()))
}

fn wrong(what: impl AsRef<str>) -> AwsError {
    invalid(format!("Template error: {}", what.as_ref()))
}
