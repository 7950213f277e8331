//! Patch operations, by which every `Update…` of API Gateway speaks.
//!
//! A path is a JSON pointer (RFC 6901: `~1` is `/`, `~0` is `~`). AWS answers unknown paths in two different
//! sentences, depending on the resource; [`invalid_path`] and [`Patch::unsupported`] are these two.

use crate::error::bad_request;
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::apigateway::PatchOperation;

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// Adds to a list or map.
    Add,
    /// Takes away.
    Remove,
    /// Sets.
    Replace,
}

impl Op {
    fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }
}

/// One operation, its path taken apart.
#[derive(Clone, Debug)]
pub struct Patch {
    /// What is done.
    pub op: Op,
    /// The path as it was given.
    pub path: String,
    /// Its segments, decoded.
    pub segments: Vec<String>,
    /// The new value; absent and empty are not the same to all properties.
    pub value: Option<String>,
}

impl Patch {
    /// The segments, for matching.
    pub fn target(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }

    /// The new value, empty where there is none.
    pub fn text(&self) -> String {
        self.value.clone().unwrap_or_default()
    }

    /// The new value of a property that may be absent: empty takes it away.
    pub fn optional_text(&self) -> Option<String> {
        self.value.clone().filter(|value| !value.is_empty() && self.op != Op::Remove)
    }

    /// Whether the value is `true`; AWS takes everything else for false.
    pub fn flag(&self) -> bool {
        self.value.as_deref().is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Demands `replace`.
    ///
    /// # Errors
    /// AWS's sentence for any other operation.
    pub fn only_replace(&self) -> AwsResult<()> {
        match self.op {
            Op::Replace => Ok(()),
            _ => Err(bad_request("Invalid patch operation specified. Must be one of: [replace]")),
        }
    }

    /// The sentence of models, validators and resources for what cannot be patched; they can only be replaced.
    pub fn unsupported(&self, supported: &str) -> AwsError {
        let choice = match self.op {
            Op::Replace => format!("Must be one of: [{supported}]"),
            _ => "Please choose supported operations".to_owned(),
        };
        bad_request(format!("Invalid patch path  '{}' specified for op '{}'. {choice}", self.path, self.op.name()))
    }
}

/// The sentence of APIs, methods, integrations and responses for an unknown path.
pub fn invalid_path(path: &str) -> AwsError {
    bad_request(format!("Invalid patch path {path}"))
}

/// Reads the operations of a request.
///
/// # Errors
/// A missing path or operation, and the operations `move`, `test` and `copy`, which the embedded cloud lacks.
pub fn read(operations: Option<Vec<PatchOperation>>) -> AwsResult<Vec<Patch>> {
    operations.unwrap_or_default().into_iter().map(one).collect()
}

fn one(operation: PatchOperation) -> AwsResult<Patch> {
    let op = match operation.op.as_deref() {
        Some("add") => Op::Add,
        Some("remove") => Op::Remove,
        Some("replace") => Op::Replace,
        Some(other) => return Err(AwsError::unsupported(format_args!("the patch operation {other}"))),
        None => return Err(bad_request("Invalid patch operation specified. Must be 'add'|'remove'|'replace'")),
    };
    let path = operation.path.ok_or_else(|| invalid_path("null"))?;
    let Some(pointer) = path.strip_prefix('/') else { return Err(invalid_path(&path)) };
    let segments = pointer.split('/').map(|segment| segment.replace("~1", "/").replace("~0", "~")).collect();
    Ok(Patch { op, segments, path, value: operation.value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(op: &str, path: &str) -> AwsResult<Vec<Patch>> {
        let text = |text: &str| Some(text.to_owned());
        read(Some(vec![PatchOperation { op: text(op), path: text(path), value: text("v"), from: None }]))
    }

    #[test]
    fn a_path_is_a_json_pointer() {
        for (path, expected) in [
            ("/name", vec!["name"]),
            ("/binaryMediaTypes/image~1png", vec!["binaryMediaTypes", "image/png"]),
            ("/~1users~1{id}/GET/logging/loglevel", vec!["/users/{id}", "GET", "logging", "loglevel"]),
            ("/variables/a~01b", vec!["variables", "a~1b"]),
        ] {
            assert_eq!(patch("replace", path).unwrap()[0].target(), expected, "{path}");
        }
    }

    #[test]
    fn what_is_no_pointer_is_refused_with_its_text() {
        assert_eq!(patch("replace", "name").unwrap_err().message, "Invalid patch path name");
        let none = PatchOperation { op: Some("add".into()), ..PatchOperation::default() };
        assert_eq!(read(Some(vec![none])).unwrap_err().message, "Invalid patch path null");
    }

    /// Recorded: TestApiGatewayApiModels::test_update_model, TestApiGatewayApiResource::test_update_resource_behaviour.
    #[test]
    fn the_sentence_for_unsupported_paths_depends_on_the_operation() {
        let replace = patch("replace", "/name").unwrap().remove(0).unsupported("/description, /schema");
        assert_eq!(
            replace.message,
            "Invalid patch path  '/name' specified for op 'replace'. Must be one of: [/description, /schema]"
        );
        let add = patch("add", "/wrong-path").unwrap().remove(0).unsupported("/description, /schema");
        assert_eq!(
            add.message,
            "Invalid patch path  '/wrong-path' specified for op 'add'. Please choose supported operations"
        );
    }
}
