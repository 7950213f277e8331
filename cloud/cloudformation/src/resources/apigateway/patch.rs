//! The steps by which API Gateway changes what exists.

use crate::resources::properties::Properties;
use serde_json::{Map, Value};
use slam_cloud_wire::apigateway::PatchOperation;

/// A property, the path of what it becomes, and what it is when it is not given.
pub(super) type Field = (&'static str, &'static str, Option<&'static str>);

/// One step.
pub(super) fn patch(op: &str, path: impl Into<String>, value: Option<String>) -> PatchOperation {
    PatchOperation { op: Some(op.to_owned()), path: Some(path.into()), value, from: None }
}

/// A name inside a path.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The steps to what changed among these properties.
pub(super) fn replaced(
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    fields: &[Field],
) -> Vec<PatchOperation> {
    let changed = fields.iter().filter(|(property, ..)| before.get(*property) != after.get(*property));
    let step = |(property, path, absent): &Field| {
        patch("replace", *path, Properties(after).document(property).or_else(|| absent.map(str::to_owned)))
    };
    changed.map(step).collect()
}
