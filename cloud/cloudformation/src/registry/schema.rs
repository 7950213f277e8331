//! One registry schema.

use serde_json::{Map, Value};

/// What a change of a property does to the resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Recreation {
    /// It is changed in place.
    Never,
    /// It may have to be made anew.
    Conditionally,
    /// It is made anew.
    Always,
}

impl Recreation {
    /// As change sets call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Never => "Never",
            Self::Conditionally => "Conditionally",
            Self::Always => "Always",
        }
    }
}

/// A resource type's schema, as AWS's registry has it.
#[derive(Debug)]
pub struct Schema {
    body: Map<String, Value>,
    type_name: String,
    create_only: Vec<String>,
    conditional: Vec<String>,
    read_only: Vec<String>,
    identifier: Vec<String>,
}

impl Schema {
    /// Reads a schema; `None` when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let Ok(Value::Object(body)) = serde_json::from_str(text) else { return None };
        let paths = |keyword: &str| -> Vec<String> {
            let paths = body.get(keyword).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
            paths.filter_map(|path| path.strip_prefix("/properties/")).map(str::to_owned).collect()
        };
        Some(Self {
            type_name: body.get("typeName")?.as_str()?.to_owned(),
            create_only: paths("createOnlyProperties"),
            conditional: paths("conditionalCreateOnlyProperties"),
            read_only: paths("readOnlyProperties"),
            identifier: paths("primaryIdentifier"),
            body,
        })
    }

    /// `AWS::Lambda::Function`
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// The properties that identify a resource.
    pub fn primary_identifier(&self) -> &[String] {
        &self.identifier
    }

    /// What the change of a top-level property does.
    pub fn recreation(&self, property: &str) -> Recreation {
        let holds = |paths: &[String]| paths.iter().any(|path| path.split('/').next() == Some(property));
        if holds(&self.create_only) {
            Recreation::Always
        } else if holds(&self.conditional) {
            Recreation::Conditionally
        } else {
            Recreation::Never
        }
    }

    /// The top-level properties of which a change makes the resource anew, always or sometimes.
    pub fn create_only(&self) -> Vec<&str> {
        let paths = self.create_only.iter().chain(&self.conditional);
        paths.filter_map(|path| path.split('/').next()).collect()
    }

    /// Whether `Fn::GetAtt` may ask for that attribute.
    pub fn has_attribute(&self, attribute: &str) -> bool {
        // What a nested stack gives is what its template says.
        let output = self.type_name == "AWS::CloudFormation::Stack" && attribute.starts_with("Outputs.");
        output || self.read_only.iter().any(|path| path.replace('/', ".") == attribute)
    }

    /// Whether resources of the type carry tags.
    pub fn takes_tags(&self) -> bool {
        self.body.get("tagging").and_then(|tagging| tagging.get("taggable")) == Some(&Value::Bool(true))
    }

    /// The property that has the tags.
    pub fn tag_property(&self) -> &str {
        let property = self.body.get("tagging").and_then(|tagging| tagging.get("tagProperty")).and_then(Value::as_str);
        property.and_then(|path| path.strip_prefix("/properties/")).unwrap_or("Tags")
    }

    /// Whether resources of the type carry AWS's own tags about their stack.
    pub fn takes_system_tags(&self) -> bool {
        self.body.get("tagging").and_then(|tagging| tagging.get("cloudFormationSystemTags")) == Some(&Value::Bool(true))
    }

    /// Whether the type has a top-level property of that name.
    pub fn has_property(&self, property: &str) -> bool {
        self.body.get("properties").is_some_and(|properties| properties.get(property).is_some())
    }

    /// Whether a top-level property can only be read.
    pub(super) fn is_read_only(&self, property: &str) -> bool {
        self.read_only.iter().any(|path| path == property)
    }

    /// The whole schema as JSON Schema.
    pub(super) fn root(&self) -> &Map<String, Value> {
        &self.body
    }

    /// A node with its `$ref` followed; keywords beside the reference stay in force.
    pub(super) fn follow<'a>(&'a self, node: &'a Value) -> Vec<&'a Map<String, Value>> {
        let mut nodes = Vec::new();
        let mut current = node.as_object();
        while let Some(node) = current {
            nodes.push(node);
            // Schemas do not refer in circles without a property between; the bound only guards against a broken one.
            if nodes.len() > 8 {
                break;
            }
            current = node
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|reference| reference.strip_prefix("#/definitions/"))
                .and_then(|name| self.body.get("definitions")?.get(name)?.as_object());
        }
        nodes
    }
}
