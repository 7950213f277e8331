//! One piece of work on one resource.

use super::input::Input;
use super::kind::Kind;
use super::tags;
use crate::model::Physical;
use serde_json::{Map, Value};
use slam_cloud_core::{AwsResult, Cloud, Context, Operation, id};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// AWS's own tags that tell which resource of which stack something is.
const MARKS: [&str; 2] = ["aws:cloudformation:stack-id", "aws:cloudformation:logical-id"];

/// One piece of work on one resource.
pub struct Work {
    /// The resource's type.
    pub kind: &'static Kind,
    /// The door.
    pub cloud: Cloud,
    /// In whose name.
    pub context: Context,
    /// The stack's ARN.
    pub stack_id: String,
    /// Its properties, evaluated, in the schema's types.
    pub properties: Map<String, Value>,
    /// The stack's tags and AWS's own ones about the stack.
    pub tags: Vec<(String, String)>,
    /// The name from the properties, or the one made for it.
    pub name: String,
    /// What already exists of a creation that is not done yet.
    existing: Mutex<Option<String>>,
    /// The properties that an update has carried out already.
    done: Mutex<BTreeSet<String>>,
}

impl Work {
    /// A piece of work. What the service names itself is made by a request whose id follows from the name that is noted before.
    pub fn new(
        kind: &'static Kind,
        cloud: Cloud,
        mut context: Context,
        stack_id: &str,
        properties: Map<String, Value>,
        tags: Vec<(String, String)>,
        name: String,
    ) -> Self {
        let stack_id = stack_id.to_owned();
        if kind.naming.property.is_none() {
            context.request_id = id::request_for(&name).into();
        }
        Self {
            kind,
            cloud,
            context,
            stack_id,
            properties,
            tags,
            name,
            existing: Mutex::default(),
            done: Mutex::default(),
        }
    }

    /// Calls an operation in the stack's name.
    pub(super) async fn call<O: Operation>(&self, operation: O) -> AwsResult<O::Output> {
        self.cloud.call(self.context.clone(), operation).await
    }

    /// The same; `None` when the service says that there is no such thing.
    pub(super) async fn call_unless_gone<O: Operation>(&self, operation: O) -> AwsResult<Option<O::Output>> {
        self.kind.unless_gone(self.call(operation).await)
    }

    /// Calls an operation whose input is written as properties.
    pub(super) async fn send<O: Operation>(&self, input: Input) -> AwsResult<O::Output> {
        self.call(input.into_operation::<O>()?).await
    }

    /// The properties with the name and, where the type takes them, with all tags, for an operation whose members have
    /// their names.
    pub(super) fn input(&self) -> Input {
        let mut input = Input::new(&self.properties);
        if let Some(property) = self.kind.naming.property {
            input = input.with(property, &*self.name);
        }
        let tags = self.all_tags();
        let tagged = self.kind.schema.takes_tags() && !tags.is_empty();
        if tagged { input.with("Tags", tags) } else { input.without("Tags") }
    }

    /// Its own tags and those that its stack gives it.
    pub(super) fn all_tags(&self) -> Map<String, Value> {
        tags::all(&self.kind.schema, &self.tags, &self.properties)
    }

    /// What identifies a resource, for an operation whose members have these names. The physical id stands for what is
    /// neither a property nor an attribute.
    pub(super) fn identity(&self, old: &Physical) -> Input {
        let names = self.kind.schema.primary_identifier();
        let known = |name: &str| old.properties.get(name).or_else(|| old.attributes.get(name)).cloned();
        let known = |name: &str| known(name).filter(|_| names.len() > 1);
        Input::from_iter(names.iter().map(|name| (&**name, known(name).unwrap_or_else(|| Value::from(&*old.id)))))
    }

    /// Deletes a resource by what identifies it.
    pub(super) async fn delete<O: Operation>(&self, old: &Physical) -> AwsResult<()> {
        self.send::<O>(self.identity(old)).await.map(drop)
    }

    /// Notes that the resource exists from here on, though its creation goes on: if it fails, this is deleted.
    pub(super) fn exists(&self, id: &str) {
        *self.existing.lock().unwrap_or_else(PoisonError::into_inner) = Some(id.to_owned());
    }

    /// Notes that an update has carried out these properties, though it goes on: if it fails, these are taken back.
    /// Where a step can be repeated and taken back half done, it is noted before it begins.
    pub(super) fn did<'a>(&self, properties: impl IntoIterator<Item = &'a str>) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.extend(properties.into_iter().map(str::to_owned));
    }

    /// What a resource is after an update that failed: what it was, but for what was carried out. `written` are the
    /// properties of the update as they are written, if they have dynamic references.
    pub fn left_changed(&self, old: &Physical, written: Option<&Map<String, Value>>) -> Physical {
        let take = |property: &str, from: &Map<String, Value>, to: &mut Map<String, Value>| match from.get(property) {
            Some(value) => to.insert(property.to_owned(), value.clone()),
            None => to.remove(property),
        };
        let mut left = old.clone();
        if written.is_some() && left.declared.is_none() {
            left.declared = Some(left.properties.clone());
        }
        for property in &*self.done.lock().unwrap_or_else(PoisonError::into_inner) {
            take(property, &self.properties, &mut left.properties);
            if let Some(declared) = &mut left.declared {
                take(property, written.unwrap_or(&self.properties), declared);
            }
        }
        left
    }

    /// What exists of a creation that failed.
    pub fn left_behind(&self) -> Option<String> {
        self.existing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether a resource with these tags was made by this work: for this resource of this stack.
    pub(super) fn is_marked(&self, tags: &[(String, String)]) -> bool {
        let mut marks = self.tags.iter().filter(|(key, _)| MARKS.contains(&&**key)).peekable();
        marks.peek().is_some() && marks.all(|mark| tags.contains(mark))
    }

    /// What a creation under this name would have made.
    pub(super) fn intended(&self) -> Physical {
        Physical { id: self.name.clone(), properties: self.properties.clone(), ..Physical::default() }
    }
}
