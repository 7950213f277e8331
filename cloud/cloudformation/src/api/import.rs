//! Which resources a change set takes over instead of creating them: those of `ResourcesToImport`, or, with
//! `ImportExistingResources`, those of the template that exist already.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html>

use super::request::Prepared;
use crate::CloudFormation;
use crate::error::invalid;
use crate::model::{Change, Stack};
use crate::resources::{self, Made, Work};
use crate::stack::compare::Comparison;
use crate::template::DeletionPolicy;
use indexmap::IndexSet;
use serde_json::Value;
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};
use slam_cloud_wire::cloudformation as wire;
use std::collections::BTreeMap;

/// A change set that imports, in the making.
pub(super) struct Importer<'a> {
    pub service: &'a CloudFormation,
    pub scope: &'a Scope,
    /// In whose name the services are asked.
    pub context: Context,
    pub prepared: &'a Prepared,
    pub stack: &'a Stack,
}

/// Physical ids by logical ids; or why the change set fails.
pub(super) type Imports = Result<BTreeMap<String, String>, String>;

impl Importer<'_> {
    /// `ImportExistingResources`: every resource that would be added, has a literal name of its own and exists outside
    /// any stack. What another stack has is not imported: its creation fails as it does without the parameter.
    pub async fn existing(&self, comparison: &mut Comparison) -> AwsResult<Imports> {
        let (mut imports, mut unprotected) = (BTreeMap::new(), Vec::new());
        for change in comparison.changes.iter_mut().filter(|change| change.action == "Add") {
            let Some((property, name)) = self.literal_name(change) else { continue };
            if self.owner(&change.resource_type, &name).is_some() || self.find(change, &name).await?.is_none() {
                continue;
            }
            if self.prepared.desired.policies[&change.logical_id].0 == DeletionPolicy::Delete {
                unprotected.push(format!("{} ({{{property}={name}}})", change.logical_id));
            }
            become_import(change, &name);
            imports.insert(change.logical_id.clone(), name);
        }
        if unprotected.is_empty() {
            return Ok(Ok(imports));
        }
        Ok(Err(format!(
            "CloudFormation is attempting to import some resources because they already exist in your account. The \
             resources must have the DeletionPolicy attribute set to 'Retain' or 'RetainExceptOnCreate' in the template \
             for successful import. The affected resources are {}",
            unprotected.join(", ")
        )))
    }

    /// The name that a template gives a resource, when it is a literal of a type that can be imported.
    fn literal_name(&self, change: &Change) -> Option<(&'static str, String)> {
        let kind = resources::find(&change.resource_type).filter(|kind| kind.importable())?;
        let property = kind.naming().property?;
        let declared = self.prepared.desired.template.resources.get(&change.logical_id)?.properties.get(property)?;
        Some((property, declared.as_str()?.to_owned()))
    }

    /// `ResourcesToImport`: an import changes nothing else.
    pub async fn listed(
        &self,
        list: &[wire::ResourceToImport],
        previous: Option<&Stack>,
        comparison: &mut Comparison,
    ) -> AwsResult<Imports> {
        let names = self.names(list)?;
        self.check_others(&names, previous, comparison)?;
        for change in comparison.changes.iter_mut().filter(|change| change.action == "Add") {
            let name = &names[&change.logical_id];
            if self.find(change, name).await?.is_none() {
                return Ok(Err(not_found(&change.resource_type, name)));
            }
            if let Some(owner) = self.owner(&change.resource_type, name) {
                return Ok(Err(format!("{name} already exists in stack {owner}")));
            }
            become_import(change, name);
        }
        Ok(Ok(names))
    }

    /// The entries of the list, each checked against the template and the type's identifier.
    fn names(&self, list: &[wire::ResourceToImport]) -> AwsResult<BTreeMap<String, String>> {
        if list.is_empty() {
            return Err(invalid("Must Provide at least one resource to import"));
        }
        let unique: IndexSet<&String> = list.iter().map(|entry| &entry.logical_resource_id).collect();
        if unique.len() < list.len() {
            return Err(invalid("Every resource to import must have unique LogicalResourceId"));
        }
        let template = &self.prepared.desired.template;
        let missing: Vec<&str> =
            unique.iter().filter(|id| !template.resources.contains_key(**id)).map(|id| id.as_str()).collect();
        if !missing.is_empty() {
            return Err(invalid(format!(
                "The logical resource ids [{}] provided in ResourceToImport do not exist in the template.",
                missing.join(", ")
            )));
        }
        let mut names = BTreeMap::new();
        for entry in list {
            let (id, listed) = (&entry.logical_resource_id, &entry.resource_type);
            let Some(kind) = resources::find(listed).filter(|kind| kind.importable()) else {
                return Err(AwsError::unsupported(format_args!("the import of resources of the type {listed}")));
            };
            let expected = kind.schema().primary_identifier();
            let given = entry.resource_identifier.iter().collect::<Vec<_>>();
            let [(key, value)] = given[..] else { return Err(wrong_identifier(listed, expected)) };
            if expected != [key.clone()] {
                return Err(wrong_identifier(listed, expected));
            }
            let declared = &template.resources[id].resource_type;
            if declared != listed {
                return Err(invalid(format!(
                    "Resource type of [{id}] passed in ResourceToImport does not match with resource type defined in \
                     the template. Resource type in ResourceToImport: {listed}; Resource type in Template: {declared}."
                )));
            }
            names.insert(id.clone(), value.clone());
        }
        Ok(names)
    }

    /// Nothing but the listed resources is new, and nothing else is different.
    fn check_others(
        &self,
        names: &BTreeMap<String, String>,
        previous: Option<&Stack>,
        comparison: &Comparison,
    ) -> AwsResult<()> {
        let of = |wanted: &dyn Fn(&Change) -> bool| -> Vec<&str> {
            comparison.changes.iter().filter(|change| wanted(change)).map(|change| &*change.logical_id).collect()
        };
        let added = of(&|change| change.action == "Add");
        if added.is_empty() {
            return Err(invalid("The template should contain at least one new resource to import."));
        }
        let known: Vec<&str> = names.keys().map(String::as_str).filter(|id| !added.contains(id)).collect();
        if !known.is_empty() {
            return Err(invalid(format!(
                "Resources [{}] passed in ResourceToImport are already in a stack and cannot be imported.",
                known.join(", ")
            )));
        }
        let template = &self.prepared.desired.template;
        let bare: Vec<&str> =
            names.keys().filter(|id| template.resources[*id].deletion_policy.is_none()).map(String::as_str).collect();
        if !bare.is_empty() {
            return Err(invalid(format!(
                "The following resources to import [{}] must have DeletionPolicy attribute specified in the template.",
                bare.join(", ")
            )));
        }
        let unlisted = of(&|change| change.action == "Add" && !names.contains_key(&change.logical_id));
        if !unlisted.is_empty() {
            let unlisted = unlisted.join(", ");
            return Err(invalid(format!("Resources [{unlisted}] is missing from ResourceToImport list")));
        }
        let modified = of(&|change| change.action != "Add");
        if !modified.is_empty() {
            return Err(invalid(format!(
                "You have modified resources [{}] in your template that are not being imported. Update, create or \
                 delete operations cannot be executed during import operations.",
                modified.join(", ")
            )));
        }
        let before = previous.map(|stack| &stack.deployment);
        let differs = [
            ("Outputs", comparison.outputs),
            ("RoleArn", before.is_some_and(|before| before.role_arn != self.prepared.deployment.role_arn)),
            ("Tags", before.is_some_and(|before| before.tags != self.prepared.deployment.tags)),
        ];
        let differs: Vec<&str> = differs.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name).collect();
        if differs.is_empty() {
            return Ok(());
        }
        let differs = differs.join(", ");
        Err(invalid(format!("As part of the import operation, you cannot modify or add [{differs}]")))
    }

    fn owner(&self, resource_type: &str, name: &str) -> Option<String> {
        self.service.engine.store.owner(self.scope, resource_type, name)
    }

    async fn find(&self, change: &Change, name: &str) -> AwsResult<Option<Made>> {
        let Some(kind) = resources::find(&change.resource_type) else { return Ok(None) };
        let properties = change.after.as_deref().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let properties = properties.and_then(|after| after.get("Properties")?.as_object().cloned()).unwrap_or_default();
        let cloud = self.service.engine.cloud.clone();
        let (context, name) = (self.context.clone(), name.to_owned());
        kind.read(&Work::new(kind.kind(), cloud, context, &self.stack.id, properties, Vec::new(), name)).await
    }
}

/// An import has no replacement, scope or details, and its physical id is the identifier.
fn become_import(change: &mut Change, name: &str) {
    change.action = "Import".to_owned();
    change.physical_id = Some(name.to_owned());
}

fn not_found(resource_type: &str, name: &str) -> String {
    match resource_type {
        "AWS::S3::Bucket" => "Bucket not found".to_owned(),
        "AWS::DynamoDB::Table" => format!("Table: {name} does not exist."),
        other => format!("Resource of type '{other}' with identifier '{name}' was not found."),
    }
}

fn wrong_identifier(resource_type: &str, expected: &[String]) -> AwsError {
    invalid(format!(
        "Invalid resource identifier for resource type {resource_type}. Expected [{}]",
        expected.join(", ")
    ))
}
