//! A row of the table of types, its schema read.

use super::kind::{Kind, Naming};
use super::made::Made;
use super::properties::changed;
use super::provider::Provider;
use super::retag::Retag;
use super::work::Work;
use crate::model::Physical;
use crate::registry::{Recreation, Schema};
use serde_json::{Map, Value};
use slam_cloud_core::{AwsError, AwsResult};

/// A service and its types that can be deployed.
pub(super) struct Service {
    /// The codes of its errors that say that there is no such resource.
    pub gone: &'static [&'static str],
    /// A row per type: its schema, as AWS's registry has it, and its provider.
    pub types: &'static [(&'static str, &'static dyn Provider)],
}

/// A type that can be deployed: what AWS's registry says of it, and what is done here.
pub struct ResourceType {
    kind: Kind,
    provider: &'static dyn Provider,
}

impl Service {
    /// Its types. A schema that cannot be read is left out; a test reads them all.
    pub fn read(&self) -> impl Iterator<Item = ResourceType> {
        let read = |(text, provider): &(&str, &'static dyn Provider)| {
            let kind = Kind { schema: Schema::parse(text)?, naming: provider.naming(), gone: self.gone };
            Some(ResourceType { kind, provider: *provider })
        };
        self.types.iter().filter_map(read)
    }
}

impl ResourceType {
    /// `AWS::Lambda::Function`
    pub fn name(&self) -> &str {
        self.kind.schema.type_name()
    }

    /// What is known of it.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// What AWS's registry says of it.
    pub fn schema(&self) -> &Schema {
        &self.kind.schema
    }

    /// Whether a top-level property is carried out.
    pub fn supports(&self, property: &str) -> bool {
        self.provider.supported().contains(&property)
    }

    /// Whether its tags are carried out.
    pub fn is_tagged(&self) -> bool {
        self.supports(self.kind.schema.tag_property())
    }

    /// The top-level properties that are carried out.
    pub fn supported(&self) -> &'static [&'static str] {
        self.provider.supported()
    }

    /// Whether `Fn::GetAtt` gives an attribute.
    pub fn has_attribute(&self, attribute: &str) -> bool {
        self.kind.schema.has_attribute(attribute) || self.provider.attributes().contains(&attribute)
    }

    /// How it is named.
    pub fn naming(&self) -> Naming {
        self.kind.naming
    }

    /// Whether what exists can become a stack's.
    pub fn importable(&self) -> bool {
        self.provider.importable()
    }

    /// What is wrong with properties; what is not known yet is passed over.
    pub fn check(&self, properties: &Map<String, Value>) -> Vec<String> {
        let mut found = self.kind.schema.check(properties);
        if !found.is_empty() {
            return found;
        }
        let refused = |path: &str| format!("The property {{/{path}}} is not supported by the embedded cloud yet");
        found.extend(properties.keys().filter(|name| !self.supports(name)).map(|name| refused(name)));
        let whole = Value::Object(properties.clone());
        found.extend(self.provider.refused().iter().filter(|path| reaches(&whole, path)).map(|path| refused(path)));
        if found.is_empty() {
            found.extend(self.provider.check(properties).err());
        }
        found
    }

    /// What the change of a property does: as the provider knows it from the values, or as the schema says.
    pub fn recreation(&self, property: &str, before: &Map<String, Value>, after: &Map<String, Value>) -> Recreation {
        let known = self.provider.recreation(property, before.get(property), after.get(property));
        known.unwrap_or_else(|| self.kind.schema.recreation(property))
    }

    /// Whether an error says that there is no such resource.
    pub fn is_gone(&self, error: &AwsError) -> bool {
        self.kind.is_gone(error)
    }

    /// What exists under the name of the work, for types that can be imported.
    ///
    /// # Errors
    /// What the service answers but that there is none.
    pub async fn read(&self, work: &Work) -> AwsResult<Option<Made>> {
        Ok(self.kind.unless_gone(self.provider.read(work).await)?.flatten())
    }

    /// Makes it.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn create(&self, work: &Work) -> AwsResult<Made> {
        self.provider.create(work).await
    }

    /// Changes it in place from what it was to `work.properties`.
    ///
    /// # Errors
    /// What the service answers.
    pub async fn update(&self, work: &Work, old: &Physical) -> AwsResult<Made> {
        let made = self.provider.update(work, old).await?;
        work.did(changed(&old.properties, &work.properties));
        let tags = Retag::of(work, old);
        if self.is_tagged() && !tags.is_empty() {
            self.provider.tag(work, &made, &tags).await?;
        }
        Ok(made)
    }

    /// Deletes it. What is gone already is deleted.
    ///
    /// # Errors
    /// What the service answers but that there is none.
    pub async fn delete(&self, work: &Work, old: &Physical) -> AwsResult<()> {
        self.kind.unless_gone(self.provider.delete(work, old).await).map(drop)
    }

    /// Whether it is known that nothing has the name of the work yet. Only looked for where the template gives the name and
    /// what is made has no tags of AWS's that tell whose it is.
    pub async fn finds_free(&self, work: &Work) -> bool {
        let is_named = self.naming().property.is_some_and(|property| work.properties.contains_key(property));
        let is_looked_for = is_named && self.importable() && !self.kind.schema.takes_system_tags();
        is_looked_for && matches!(self.read(work).await, Ok(None))
    }

    /// Undoes a creation of which is not known whether it happened. What has a name that was free before is of it.
    ///
    /// # Errors
    /// What the service answers but that there is none.
    pub async fn abandon(&self, work: &Work, was_free: bool) -> AwsResult<()> {
        if was_free {
            return self.delete(work, &work.intended()).await;
        }
        self.kind.unless_gone(self.provider.abandon(work).await).map(drop)
    }
}

/// Whether a path (`Code/ImageUri`, `Rules/*/Id`) leads to a value.
fn reaches(value: &Value, path: &str) -> bool {
    let (step, rest) = path.split_once('/').map_or((path, None), |(step, rest)| (step, Some(rest)));
    let go_on = |inner: &Value| rest.is_none_or(|rest| reaches(inner, rest));
    match value {
        Value::Array(items) if step == "*" => items.iter().any(go_on),
        Value::Object(entries) => entries.get(step).is_some_and(go_on),
        _ => false,
    }
}
