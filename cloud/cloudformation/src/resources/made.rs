//! What exists after a provider's work.

use crate::model::Physical;
use serde_json::{Map, Value};

/// What a provider makes: the physical id and what `Fn::GetAtt` gives.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// The physical id, which `Ref` gives.
    pub id: String,
    /// The attributes.
    pub attributes: Map<String, Value>,
}

impl Made {
    /// A resource without attributes.
    pub fn new(id: impl Into<String>) -> Self {
        Self { id: id.into(), attributes: Map::new() }
    }

    /// A resource whose id is an attribute, too.
    pub fn known_as(attribute: &str, id: impl Into<String>) -> Self {
        let id = id.into();
        Self::new(&*id).with(attribute, id)
    }

    /// A resource that is what it was.
    pub fn as_before(old: &Physical) -> Self {
        Self { id: old.id.clone(), attributes: old.attributes.clone() }
    }

    /// The same with one more attribute.
    #[must_use]
    pub fn with(mut self, attribute: &str, value: impl Into<Value>) -> Self {
        self.attributes.insert(attribute.to_owned(), value.into());
        self
    }

    /// An attribute that is text.
    pub(super) fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}
