//! The sections of a template.

use super::parameters::Declaration;
use super::{as_text, malformed, parse_document, wrong};
use crate::error::invalid;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use slam_cloud_core::{AwsError, AwsResult};

/// The most of anything in a template ("Understand CloudFormation quotas").
const MAX_RESOURCES: usize = 500;
const MAX_OTHERS: usize = 200;
const MAX_NAME: usize = 255;
const MAX_DESCRIPTION: usize = 1024;

/// A template whose form is right.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// `AWSTemplateFormatVersion`
    pub version: Option<String>,
    /// `Description`
    pub description: Option<String>,
    /// `Metadata`
    pub metadata: Option<Value>,
    /// `Parameters`
    pub parameters: IndexMap<String, Declaration>,
    /// `Mappings`
    pub mappings: Map<String, Value>,
    /// `Conditions`
    pub conditions: IndexMap<String, Value>,
    /// `Resources`
    pub resources: IndexMap<String, ResourceDeclaration>,
    /// `Outputs`
    pub outputs: IndexMap<String, OutputDeclaration>,
}

/// One member of `Resources`.
#[derive(Clone, Debug, Default)]
pub struct ResourceDeclaration {
    /// `AWS::Lambda::Function`
    pub resource_type: String,
    /// `Properties`, functions unevaluated.
    pub properties: Map<String, Value>,
    /// The name of its condition.
    pub condition: Option<String>,
    /// `DependsOn`
    pub depends_on: Vec<String>,
    /// `DeletionPolicy`, unevaluated.
    pub deletion_policy: Option<Value>,
    /// `UpdateReplacePolicy`, unevaluated.
    pub update_replace_policy: Option<Value>,
    /// `Metadata`
    pub metadata: Option<Value>,
}

/// What becomes of a resource that its stack no longer has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeletionPolicy {
    /// It is deleted.
    #[default]
    Delete,
    /// It stays, unmanaged.
    Retain,
    /// It stays, unless it was created in the operation that is rolled back.
    RetainExceptOnCreate,
}

impl DeletionPolicy {
    /// Reads an evaluated policy.
    ///
    /// # Errors
    /// When there is no such policy, or not for the type.
    pub fn parse(kind: &str, value: &Value, name: &str, resource_type: &str) -> AwsResult<Self> {
        match value.as_str() {
            Some("Delete") => Ok(Self::Delete),
            Some("Retain") => Ok(Self::Retain),
            Some("RetainExceptOnCreate") if kind == "DeletionPolicy" => Ok(Self::RetainExceptOnCreate),
            // No type that the embedded cloud deploys can be snapshot on AWS.
            Some("Snapshot") => {
                Err(wrong(format!("resource type {resource_type} does not support deletion policy Snapshot")))
            }
            Some(other) => Err(malformed(format!("Unrecognized {kind} {other} for resource {name}"))),
            None => Err(malformed(format!("[/Resources/{name}/{kind}] Every {kind} member must be a string."))),
        }
    }
}

/// One member of `Outputs`.
#[derive(Clone, Debug, Default)]
pub struct OutputDeclaration {
    /// `Value`, unevaluated.
    pub value: Value,
    /// `Description`
    pub description: Option<String>,
    /// `Export.Name`, unevaluated.
    pub export_name: Option<Value>,
    /// The name of its condition.
    pub condition: Option<String>,
}

impl Template {
    /// Reads a template's text.
    ///
    /// # Errors
    /// AWS's `ValidationError` about the first thing that is wrong with its form.
    pub fn parse(text: &str) -> AwsResult<Self> {
        let Value::Object(mut body) = parse_document(text)? else { return Err(malformed("unsupported structure.")) };
        refuse_null(&body)?;
        let mut template = Self::default();
        if let Some(version) = body.shift_remove("AWSTemplateFormatVersion") {
            let version = as_text(&version).unwrap_or_default();
            if version != "2010-09-09" {
                return Err(malformed(format!("{version} is not a supported value for AWSTemplateFormatVersion.")));
            }
            template.version = Some(version);
        }
        if let Some(description) = body.shift_remove("Description") {
            let Value::String(text) = description else {
                return Err(malformed("every Description object must be a string."));
            };
            if text.len() > MAX_DESCRIPTION {
                return Err(malformed("Template description length exceeds limit of 1024 bytes."));
            }
            template.description = Some(text);
        }
        refuse_transforms(&body)?;
        body.shift_remove("Transform");
        template.metadata = body.shift_remove("Metadata");
        for (name, declaration) in section(&mut body, "Parameters", "Parameter", "parameters", MAX_OTHERS)? {
            template.parameters.insert(name.clone(), Declaration::parse(&name, declaration)?);
        }
        template.mappings = section(&mut body, "Mappings", "Mapping", "mappings", MAX_OTHERS)?;
        check_mappings(&template.mappings)?;
        template.conditions = match body.shift_remove("Conditions") {
            None => IndexMap::new(),
            // Unlike the others, a condition's name may be anything.
            Some(Value::Object(conditions)) => conditions.into_iter().collect(),
            Some(_) => return Err(malformed("[/Conditions] Conditions must be an object.")),
        };
        let resources = section(&mut body, "Resources", "Resource", "resources", MAX_RESOURCES)?;
        if resources.is_empty() {
            return Err(malformed("At least one Resources member must be defined."));
        }
        for (name, declaration) in resources {
            template.resources.insert(name.clone(), ResourceDeclaration::parse(&name, declaration)?);
        }
        for (name, declaration) in section(&mut body, "Outputs", "Output", "outputs", MAX_OTHERS)? {
            template.outputs.insert(name.clone(), OutputDeclaration::parse(&name, declaration)?);
        }
        for known in ["Rules", "Hooks"] {
            if body.contains_key(known) {
                return Err(unsupported(format_args!("The template section {known}")));
            }
        }
        if !body.is_empty() {
            let unknown: Vec<&str> = body.keys().map(String::as_str).collect();
            return Err(malformed(format!("Invalid template property or properties [{}]", unknown.join(", "))));
        }
        Ok(template)
    }
}

impl ResourceDeclaration {
    fn parse(name: &str, declaration: Value) -> AwsResult<Self> {
        let Value::Object(mut members) = declaration else {
            return Err(malformed("Any Resources member must be an object."));
        };
        let Some(resource_type) = members.shift_remove("Type") else {
            return Err(malformed(format!("[/Resources/{name}] Every Resources object must contain a Type member.")));
        };
        let Value::String(resource_type) = resource_type else {
            return Err(malformed(format!("[/Resources/{name}/Type] must be a string.")));
        };
        let properties = match members.shift_remove("Properties") {
            None => Map::new(),
            Some(Value::Object(properties)) => properties,
            Some(_) => return Err(malformed("Properties must be an object.").at(&format!("/Resources/{name}"))),
        };
        let condition = literal(&mut members, "Condition", &format!("/Resources/{name}"))?;
        let depends_on = match members.shift_remove("DependsOn") {
            None => Vec::new(),
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .ok_or_else(|| depends_on_form(name))?,
            Some(_) => return Err(depends_on_form(name)),
        };
        let mut policy = |kind: &str| {
            let value = members.shift_remove(kind);
            match &value {
                // A function is evaluated with the parameters.
                Some(Value::Object(_)) | None => Ok(value),
                Some(literal) => DeletionPolicy::parse(kind, literal, name, &resource_type).map(|_| value),
            }
        };
        let (deletion_policy, update_replace_policy) = (policy("DeletionPolicy")?, policy("UpdateReplacePolicy")?);
        let metadata = members.shift_remove("Metadata");
        for attribute in ["CreationPolicy", "UpdatePolicy"] {
            if let Some(value) = members.shift_remove(attribute)
                && value.as_object().is_none_or(|value| !value.is_empty())
            {
                return Err(unsupported(format_args!("{attribute} of the resource {name}")));
            }
        }
        if let Some(unknown) = members.keys().next() {
            return Err(invalid(format!("Invalid template resource property '{unknown}'")));
        }
        Ok(Self { resource_type, properties, condition, depends_on, deletion_policy, update_replace_policy, metadata })
    }
}

impl OutputDeclaration {
    fn parse(name: &str, declaration: Value) -> AwsResult<Self> {
        let Value::Object(mut members) = declaration else {
            return Err(malformed("Any Outputs member must be an object."));
        };
        let Some(value) = members.shift_remove("Value") else {
            return Err(malformed(format!("[/Outputs/{name}] Every Outputs member must contain a Value object")));
        };
        let description = literal(&mut members, "Description", &format!("/Outputs/{name}"))?;
        let condition = literal(&mut members, "Condition", &format!("/Outputs/{name}"))?;
        let export_name = match members.shift_remove("Export") {
            None => None,
            Some(Value::Object(mut export)) => match (export.shift_remove("Name"), export.is_empty()) {
                (Some(name), true) => Some(name),
                _ => return Err(export_form(name)),
            },
            Some(_) => return Err(export_form(name)),
        };
        if let Some(unknown) = members.keys().next() {
            return Err(malformed(format!("Output {name} is malformed: it must not have a member {unknown}.")));
        }
        Ok(Self { value, description, export_name, condition })
    }
}

/// Adds the place to a message that has none.
trait At {
    fn at(self, path: &str) -> Self;
}

impl At for AwsError {
    fn at(mut self, path: &str) -> Self {
        self.message = self.message.replacen("error: ", &format!("error: [{path}] "), 1);
        self
    }
}

fn export_form(name: &str) -> AwsError {
    malformed(format!("[/Outputs/{name}/Export] must be an object with a Name and nothing else."))
}

fn depends_on_form(name: &str) -> AwsError {
    malformed(format!("[/Resources/{name}/DependsOn] Every DependsOn value must be a string."))
}

fn unsupported(what: std::fmt::Arguments<'_>) -> AwsError {
    invalid(format!("{what} is not supported by the embedded cloud"))
}

fn literal(members: &mut Map<String, Value>, member: &str, path: &str) -> AwsResult<Option<String>> {
    match members.shift_remove(member) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(malformed(format!("[{path}/{member}] Every {member} member must be a string."))),
    }
}

fn section(
    body: &mut Map<String, Value>,
    section: &str,
    one: &str,
    many: &str,
    most: usize,
) -> AwsResult<Map<String, Value>> {
    let entries = match body.shift_remove(section) {
        None => return Ok(Map::new()),
        Some(Value::Object(entries)) => entries,
        Some(_) => return Err(malformed(format!("[/{section}] {section} must be an object."))),
    };
    if entries.len() > most {
        let count = entries.len();
        return Err(malformed(format!("Number of {many}, {count}, is greater than maximum allowed, {most}")));
    }
    for name in entries.keys() {
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(malformed(format!("{one} name {name} is non alphanumeric.")));
        }
        if name.len() > MAX_NAME {
            return Err(malformed(format!("{one} name {name} is longer than {MAX_NAME} characters.")));
        }
    }
    Ok(entries)
}

/// Mappings are two levels of names over strings or lists of strings, without functions.
fn check_mappings(mappings: &Map<String, Value>) -> AwsResult<()> {
    for (name, mapping) in mappings {
        let Value::Object(top) = mapping else {
            return Err(malformed(format!("[/Mappings/{name}] Every Mappings member must be a map.")));
        };
        if top.len() > MAX_OTHERS {
            let count = top.len();
            return Err(malformed(format!(
                "Number of mapping attributes, {count}, is greater than maximum allowed, {MAX_OTHERS}"
            )));
        }
        for (key, second) in top {
            let values = second.as_object();
            let simple = |value: &Value| match value {
                Value::Array(items) => items.iter().all(|item| as_text(item).is_some()),
                other => as_text(other).is_some(),
            };
            if !values.is_some_and(|values| values.values().all(simple)) {
                return Err(malformed(format!(
                    "[/Mappings/{name}/{key}] Every Mappings attribute must be a String or a List."
                )));
            }
        }
    }
    Ok(())
}

/// Null stands nowhere in a template.
fn refuse_null(body: &Map<String, Value>) -> AwsResult<()> {
    fn walk(value: &Value, path: &mut String) -> bool {
        let mut step = |name: &str, value: &Value| {
            let length = path.len();
            path.push('/');
            path.push_str(name);
            let found = walk(value, path);
            if !found {
                path.truncate(length);
            }
            found
        };
        match value {
            Value::Null => true,
            Value::Array(items) => items.iter().enumerate().any(|(index, item)| step(&index.to_string(), item)),
            Value::Object(entries) => entries.iter().any(|(name, value)| step(name, value)),
            _ => false,
        }
    }
    for (name, value) in body {
        let mut path = format!("/{name}");
        if walk(value, &mut path) {
            return Err(invalid(format!("[{path}] 'null' values are not allowed in templates")));
        }
    }
    Ok(())
}

/// Macros and AWS's transforms are refused by name, wherever they stand.
fn refuse_transforms(body: &Map<String, Value>) -> AwsResult<()> {
    fn name(transform: &Value) -> Option<String> {
        match transform {
            Value::String(name) => Some(name.clone()),
            Value::Object(members) => {
                members.get("Name").map(|name| name.as_str().map_or(name.to_string(), Into::into))
            }
            Value::Array(items) => items.iter().find_map(name),
            _ => None,
        }
    }
    fn walk(value: &Value) -> AwsResult<()> {
        match value {
            Value::Array(items) => items.iter().try_for_each(walk),
            Value::Object(entries) => entries.iter().try_for_each(|(key, value)| {
                if key == "Fn::Transform" {
                    let name = name(value).unwrap_or_else(|| "Fn::Transform".to_owned());
                    return Err(unsupported(format_args!("The transform {name}")));
                }
                if key.starts_with("Fn::ForEach::") || matches!(&**key, "Fn::Length" | "Fn::ToJsonString") {
                    return Err(unsupported(format_args!("{key}, which needs the transform AWS::LanguageExtensions,")));
                }
                walk(value)
            }),
            _ => Ok(()),
        }
    }
    if let Some(transform) = body.get("Transform")
        && transform.as_array().is_none_or(|transforms| !transforms.is_empty())
    {
        let name = name(transform).unwrap_or_else(|| "Transform".to_owned());
        return Err(unsupported(format_args!("The transform {name}")));
    }
    body.values().try_for_each(walk)
}
