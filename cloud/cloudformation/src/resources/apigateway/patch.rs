//! The steps by which API Gateway changes what exists.

use crate::resources::{Input, Made, Physical, Properties, Work};
use serde_json::{Map, Value, json};
use slam_cloud_core::{AwsResult, Operation};

/// A property, which is the path too but for the case of its first letter, and what it is when it is not given.
pub(super) type Field = (&'static str, Option<&'static str>);

/// One step.
pub(super) fn step(op: &str, path: impl Into<String>, value: Option<String>) -> Value {
    json!({"Op": op, "Path": path.into(), "Value": value})
}

/// A name inside a path.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The steps to what changed among these properties.
pub(super) fn steps(before: &Map<String, Value>, after: &Map<String, Value>, fields: &[Field]) -> Vec<Value> {
    let changed = fields.iter().filter(|(property, ..)| before.get(*property) != after.get(*property));
    let replace = |(property, absent): &Field| {
        let (first, rest) = property.split_at(1);
        let value = Properties(after).document(property).or_else(|| absent.map(str::to_owned));
        step("replace", format!("/{}{rest}", first.to_ascii_lowercase()), value)
    };
    changed.map(replace).collect()
}

/// Takes steps on what the input identifies, if there are any.
pub(super) async fn take<O: Operation>(work: &Work, of: Input, steps: Vec<Value>) -> AwsResult<()> {
    if steps.is_empty() { Ok(()) } else { work.send::<O>(of.with("PatchOperations", steps)).await.map(drop) }
}

/// Changes the fields of what the input identifies; nothing else of it can be changed.
pub(super) async fn update<O: Operation>(work: &Work, of: Input, old: &Physical, fields: &[Field]) -> AwsResult<Made> {
    take::<O>(work, of, steps(&old.properties, &work.properties, fields)).await?;
    Ok(Made::as_before(old))
}
