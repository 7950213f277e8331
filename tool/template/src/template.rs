//! A template: JSON that knows a few things about itself.

use crate::error::TemplateError;
use crate::ids::PACKAGE_BUCKET;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The largest template that travels in a request; a larger one goes by way of S3.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
pub const MAX_BODY: usize = 51_200;
const MAX_TEMPLATE: usize = 1_000_000;
const MAX_RESOURCES: usize = 500;
const MAX_OUTPUTS: usize = 200;

/// Marks templates as ours, so that a stack of somebody else's with the same name is not overwritten.
const FORMAT: u64 = 1;

/// A CloudFormation template.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    root: Map<String, Value>,
}

impl Template {
    pub(crate) fn new(description: Option<&str>) -> Self {
        let mut root = Map::new();
        root.insert("AWSTemplateFormatVersion".to_owned(), json!("2010-09-09"));
        if let Some(description) = description {
            root.insert("Description".to_owned(), json!(description));
        }
        root.insert("Metadata".to_owned(), json!({"Slam": {"Format": FORMAT}}));
        Self { root }
    }

    /// Reads a template that slam deployed.
    ///
    /// # Errors
    /// When it is not JSON, or not a template of slam's.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let value: Value = serde_json::from_str(text).map_err(|error| TemplateError::NotOurs(error.to_string()))?;
        match (&value["Metadata"]["Slam"]["Format"], &value["Resources"], &value) {
            (format, Value::Object(_), Value::Object(root)) if format.as_u64() == Some(FORMAT) => {
                Ok(Self { root: root.clone() })
            }
            (format, _, _) if format.is_u64() => Err(TemplateError::NotOurs(format!(
                "it has format {format}, and this version of slam knows {FORMAT}: use the newer slam"
            ))),
            _ => Err(TemplateError::NotOurs("it has no `Metadata.Slam`".to_owned())),
        }
    }

    /// The template's text: the same for the same template, always.
    #[must_use]
    pub fn to_json(&self) -> String {
        format!("{:#}", Value::Object(self.root.clone()))
    }

    /// The template as a value.
    #[must_use]
    pub fn as_value(&self) -> Value {
        Value::Object(self.root.clone())
    }

    /// The resources, by logical id.
    #[must_use]
    pub fn resources(&self) -> &Map<String, Value> {
        static NONE: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
        self.root.get("Resources").and_then(Value::as_object).unwrap_or(&NONE)
    }

    /// How many resources it has.
    #[must_use]
    pub fn resource_count(&self) -> usize {
        self.resources().len()
    }

    /// How many resources it has of each type.
    #[must_use]
    pub fn resource_types(&self) -> BTreeMap<&str, usize> {
        let mut types = BTreeMap::new();
        for kind in self.resources().values().filter_map(|resource| resource["Type"].as_str()) {
            *types.entry(kind).or_default() += 1;
        }
        types
    }

    /// The resources that stay when the stack is deleted.
    #[must_use]
    pub fn retained(&self) -> Vec<&str> {
        let retained = |resource: &Value| resource["DeletionPolicy"].as_str().is_some_and(|policy| policy != "Delete");
        self.resources().iter().filter(|(_, resource)| retained(resource)).map(|(id, _)| id.as_str()).collect()
    }

    /// Whether the bucket for packages is one of the resources.
    #[must_use]
    pub fn has_package_bucket(&self) -> bool {
        self.resources().contains_key(PACKAGE_BUCKET)
    }

    /// The names of the parameters.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        let parameters = self.root.get("Parameters").and_then(Value::as_object);
        parameters.into_iter().flatten().map(|(name, _)| name.as_str())
    }

    /// Whether a parameter of this name must or may be given.
    #[must_use]
    pub fn has_parameter(&self, name: &str) -> bool {
        self.root.get("Parameters").is_some_and(|parameters| parameters.get(name).is_some())
    }

    pub(crate) fn metadata(&self) -> Option<&Value> {
        self.root.get("Metadata")
    }

    /// The outputs that a stack of this template has; those with a condition it may have.
    pub fn outputs(&self) -> impl Iterator<Item = &str> {
        let outputs = self.root.get("Outputs").and_then(Value::as_object).into_iter().flatten();
        outputs.filter(|(_, output)| output.get("Condition").is_none()).map(|(name, _)| name.as_str())
    }

    /// A part of the template, such as `Outputs`, which is made if there is none.
    pub(crate) fn section(&mut self, name: &str) -> &mut Map<String, Value> {
        let section = self.root.entry(name.to_owned()).or_insert_with(|| json!({}));
        if !section.is_object() {
            *section = json!({});
        }
        section.as_object_mut().expect("made an object just now")
    }

    /// Holds the template against CloudFormation's quotas.
    pub(crate) fn check(self) -> Result<Self, TemplateError> {
        let outputs = self.root.get("Outputs").and_then(Value::as_object).map_or(0, Map::len);
        for (what, found, limit) in [
            ("resources", self.resource_count(), MAX_RESOURCES),
            ("outputs", outputs, MAX_OUTPUTS),
            ("bytes", self.to_json().len(), MAX_TEMPLATE),
        ] {
            if found > limit {
                return Err(TemplateError::TooLarge { what, found, limit });
            }
        }
        Ok(self)
    }
}
