//! A template with everything that decides what it means: parameters, conditions, the graph of its resources.

use super::dynamic;
use crate::error::invalid;
use crate::model::Deployment;
use crate::registry;
use crate::resources;
use crate::template::functions::{Environment, Imports, Pseudo, Resources};
use crate::template::references::{Graph, Reference, visit};
use crate::template::{DeletionPolicy, Template, as_text, conditions};
use indexmap::IndexMap;
use serde_json::{Map, Value};
use slam_cloud_core::AwsResult;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

/// What a stack shall be.
pub struct Desired {
    /// The template.
    pub template: Template,
    /// The parameters' values.
    pub parameters: IndexMap<String, String>,
    /// The parameters as they were given: the names of those whose values lie in Parameter Store.
    pub given: IndexMap<String, String>,
    /// The pseudo parameters.
    pub pseudo: Pseudo,
    /// The conditions.
    pub conditions: BTreeMap<String, bool>,
    /// The resources that shall exist, each with what it needs.
    pub graph: Graph,
    /// Their deletion and their update replace policies.
    pub policies: BTreeMap<String, (DeletionPolicy, DeletionPolicy)>,
}

impl Desired {
    /// Evaluates what can be known before any resource.
    ///
    /// # Errors
    /// AWS's `ValidationError` about conditions, references and circles.
    pub fn new(template: Template, deployment: &Deployment, pseudo: Pseudo) -> AwsResult<Self> {
        let (parameters, given) = (deployment.values(), deployment.parameters.clone());
        let none = BTreeMap::new();
        let conditions = conditions::evaluate(&Environment {
            template: &template,
            parameters: &parameters,
            pseudo: &pseudo,
            conditions: &none,
            resources: &conditions::NoResources,
            imports: &|_| None,
        })?;
        let graph = Graph::draw(&template, &conditions)?;
        let mut desired = Self { template, parameters, given, pseudo, conditions, graph, policies: BTreeMap::new() };
        for id in desired.graph.needs.keys() {
            let policies = (desired.policy(id, "DeletionPolicy")?, desired.policy(id, "UpdateReplacePolicy")?);
            desired.policies.insert(id.clone(), policies);
        }
        Ok(desired)
    }

    fn policy(&self, id: &str, kind: &str) -> AwsResult<DeletionPolicy> {
        let resource = &self.template.resources[id];
        let value = if kind == "DeletionPolicy" { &resource.deletion_policy } else { &resource.update_replace_policy };
        let Some(value) = value else { return Ok(DeletionPolicy::Delete) };
        let environment = self.environment(&conditions::NoResources, &|_| None);
        match environment.evaluate(value)? {
            Some(value) => DeletionPolicy::parse(kind, &value, id, &resource.resource_type),
            None => Ok(DeletionPolicy::Delete),
        }
    }

    /// The environment of functions.
    pub fn environment<'a>(&'a self, resources: &'a dyn Resources, imports: &'a Imports<'a>) -> Environment<'a> {
        Environment {
            template: &self.template,
            parameters: &self.parameters,
            pseudo: &self.pseudo,
            conditions: &self.conditions,
            resources,
            imports,
        }
    }

    /// A resource's properties, evaluated and in the types of its schema.
    ///
    /// # Errors
    /// What a function answers.
    pub fn properties(&self, environment: &Environment<'_>, logical_id: &str) -> AwsResult<Map<String, Value>> {
        let Some(resource) = self.template.resources.get(logical_id) else { return Ok(Map::new()) };
        let mut properties = Map::new();
        for (name, value) in &resource.properties {
            if let Some(value) = environment.evaluate(value)? {
                properties.insert(name.clone(), value);
            }
        }
        Ok(match resources::find(&resource.resource_type) {
            Some(kind) => kind.schema().coerce(properties),
            None => properties,
        })
    }

    /// A resource's metadata, evaluated.
    ///
    /// # Errors
    /// What a function answers.
    pub fn metadata(&self, environment: &Environment<'_>, logical_id: &str) -> AwsResult<Option<Value>> {
        match self.template.resources.get(logical_id).and_then(|resource| resource.metadata.as_ref()) {
            Some(metadata) => environment.evaluate(metadata),
            None => Ok(None),
        }
    }

    /// The outputs that shall exist.
    ///
    /// # Errors
    /// What a function answers, or an output that is not text.
    pub fn outputs(&self, environment: &Environment<'_>) -> AwsResult<Vec<crate::model::Output>> {
        let mut outputs = Vec::new();
        for (name, output) in &self.template.outputs {
            if output.condition.as_ref().is_some_and(|condition| self.conditions.get(condition) != Some(&true)) {
                continue;
            }
            let text = |value: &Value, what: &str| {
                let value = environment.evaluate(value)?;
                value.as_ref().and_then(as_text).ok_or_else(|| {
                    invalid(format!("Template format error: Output {name} is malformed. {what} must be a string."))
                })
            };
            let value = text(&output.value, "The Value field of every Outputs member")?;
            let export = output.export_name.as_ref().map(|name| text(name, "The Name of an Export")).transpose()?;
            outputs.push(crate::model::Output {
                key: name.clone(),
                value,
                description: output.description.clone(),
                export,
            });
        }
        Ok(outputs)
    }

    /// The logical ids so that each comes after all it needs.
    pub fn order(&self) -> Vec<&str> {
        let mut order: Vec<&str> = Vec::with_capacity(self.graph.needs.len());
        let mut left: IndexMap<&str, usize> =
            self.graph.needs.iter().map(|(id, needs)| (id.as_str(), needs.len())).collect();
        while let Some(id) = left.iter().find(|(_, open)| **open == 0).map(|(id, _)| *id) {
            left.shift_remove(id);
            for (other, open) in &mut left {
                if self.graph.needs[*other].contains(id) {
                    *open -= 1;
                }
            }
            order.push(id);
        }
        order
    }

    /// The names of the exports that the template imports.
    ///
    /// # Errors
    /// `No export named X found.`
    pub fn imports(&self, resources: &dyn Resources, imports: &Imports<'_>) -> AwsResult<Vec<String>> {
        let seen = Mutex::new(Vec::new());
        let noting = |name: &str| {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            if !seen.iter().any(|known| known == name) {
                seen.push(name.to_owned());
            }
            imports(name)
        };
        let environment = self.environment(resources, &noting);
        for id in self.graph.needs.keys() {
            self.properties(&environment, id)?;
        }
        self.outputs(&environment)?;
        Ok(seen.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Everything about the resources that can be found wrong before one is made.
    ///
    /// # Errors
    /// A `ValidationError` that names the resources and what is wrong with them.
    pub fn check(&self, environment: &Environment<'_>, values: &dynamic::Values) -> AwsResult<()> {
        self.check_types()?;
        self.check_attributes()?;
        let mut faults = Vec::new();
        for id in self.graph.needs.keys() {
            let resource_type = &*self.template.resources[id].resource_type;
            let properties = with_values(resource_type, &self.properties(environment, id)?, values);
            let found = check_properties(resource_type, &properties);
            if !found.is_empty() {
                let found = found.join(", ");
                faults.push(format!("Resource {id} ({resource_type}): Property validation failure: [{found}]"));
            }
        }
        for id in self.template.resources.keys() {
            self.metadata(environment, id)?;
        }
        self.outputs(environment)?;
        if faults.is_empty() { Ok(()) } else { Err(invalid(faults.join("; "))) }
    }

    /// The dynamic references of all resources.
    ///
    /// # Errors
    /// What a function answers, or references that cannot be.
    pub fn dynamic_references(&self, environment: &Environment<'_>) -> AwsResult<BTreeSet<dynamic::Reference>> {
        let mut found = BTreeSet::new();
        for id in self.graph.needs.keys() {
            let properties = self.properties(environment, id)?;
            found.extend(dynamic::references(&self.template.resources[id].resource_type, id, &properties)?);
        }
        Ok(found)
    }

    /// Every type is AWS's, and what shall exist can be deployed.
    fn check_types(&self) -> AwsResult<()> {
        let mut unknown = Vec::new();
        let mut unsupported = Vec::new();
        for (id, resource) in &self.template.resources {
            let name = resource.resource_type.as_str();
            if !registry::is_known(name) {
                if !unknown.contains(&name) {
                    unknown.push(name);
                }
            } else if self.graph.needs.contains_key(id) && resources::find(name).is_none() {
                unsupported.push(format!("{name} (resource {id})"));
            }
        }
        if !unknown.is_empty() {
            return Err(invalid(format!(
                "Template format error: Unrecognized resource types: [{}]",
                unknown.join(", ")
            )));
        }
        if !unsupported.is_empty() {
            let (noun, verb) = if unsupported.len() == 1 { ("type", "is") } else { ("types", "are") };
            return Err(invalid(format!(
                "The resource {noun} {} {verb} not supported by the embedded cloud yet",
                unsupported.join(", ")
            )));
        }
        Ok(())
    }

    /// Every `Fn::GetAtt` asks for an attribute that the type has.
    fn check_attributes(&self) -> AwsResult<()> {
        let mut wrong = None;
        let mut see = |reference: Reference<'_>| {
            if let Reference::Attribute(id, Some(attribute)) = reference
                && let Some(resource) = self.template.resources.get(id)
                && let Some(kind) = resources::find(&resource.resource_type)
                && !kind.has_attribute(attribute)
            {
                wrong.get_or_insert_with(|| (id.to_owned(), attribute.to_owned()));
            }
        };
        let properties = self.template.resources.values().flat_map(|resource| resource.properties.values());
        let outputs = self.template.outputs.values();
        let outputs = outputs.flat_map(|output| std::iter::once(&output.value).chain(&output.export_name));
        for value in properties.chain(outputs) {
            visit(value, &mut see)?;
        }
        match wrong {
            None => Ok(()),
            Some((id, attribute)) => Err(invalid(format!(
                "Template error: resource {id} does not support attribute type {attribute} in Fn::GetAtt"
            ))),
        }
    }
}

/// Properties with the values of their dynamic references, in the types of their schema.
pub fn with_values(
    resource_type: &str,
    properties: &Map<String, Value>,
    values: &dynamic::Values,
) -> Map<String, Value> {
    let replaced = dynamic::replace(properties, values);
    match resources::find(resource_type) {
        Some(kind) => kind.schema().coerce(replaced),
        None => replaced,
    }
}

/// What is wrong with properties; what is not known yet is passed over.
pub fn check_properties(resource_type: &str, properties: &Map<String, Value>) -> Vec<String> {
    match resources::find(resource_type) {
        Some(kind) => kind.check(properties),
        None => vec![format!("{resource_type} is not supported by the embedded cloud yet")],
    }
}
