//! What a deployment would change: change sets show it, updates with nothing to do are refused by it.

use super::desired::Desired;
use super::view::Preview;
use crate::model::{Change, ChangeDetail, Physical, Resource, Stack};
use crate::registry::Recreation;
use crate::resources::{self, changed};
use crate::template::DeletionPolicy;
use crate::template::functions::{Imports, UNKNOWN, is_unknown};
use crate::template::references::{Reference, is_pseudo, visit_selected};
use indexmap::IndexMap;
use serde_json::{Map, Value};
use slam_cloud_core::AwsResult;
use std::sync::Arc;

/// The difference between a stack and what it shall be.
pub struct Comparison {
    /// The resources that change.
    pub changes: Vec<Change>,
    /// Whether its outputs change.
    pub outputs: bool,
    /// Whether the stack changes in what is no resource: outputs, tags.
    pub others: bool,
}

impl Comparison {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && !self.others
    }
}

/// Compares a stack with what it shall be.
///
/// # Errors
/// What a function answers.
pub fn compare(
    desired: &Desired,
    stack: &Stack,
    resources: IndexMap<String, Arc<Resource>>,
    tags: &[(String, String)],
    imports: &Imports<'_>,
) -> AwsResult<Comparison> {
    let mut comparer = Comparer { desired, stack, changes: Vec::new(), preview: Preview::default() };
    comparer.preview.resources = resources;
    for id in desired.order() {
        comparer.resource(id, tags, imports)?;
    }
    let mut changes = std::mem::take(&mut comparer.changes);
    for (id, resource) in &comparer.preview.resources {
        if resource.exists() && !desired.graph.needs.contains_key(id) {
            let retained = resource.deletion_policy != DeletionPolicy::Delete;
            changes.push(Change {
                action: "Remove".into(),
                logical_id: id.clone(),
                physical_id: resource.physical_id().map(str::to_owned),
                resource_type: resource.resource_type.clone(),
                policy_action: Some(if retained { "Retain" } else { "Delete" }.into()),
                before: resource.physical.as_ref().map(|physical| context(physical.declared())),
                ..Change::default()
            });
        }
    }
    changes.sort_by(|one, other| one.logical_id.cmp(&other.logical_id));
    let environment = desired.environment(&comparer.preview, imports);
    let outputs = desired.outputs(&environment)?;
    let outputs = outputs != stack.outputs;
    Ok(Comparison { changes, outputs, others: outputs })
}

/// A resource that would be changed, what changes in it, and whether it is made anew.
struct Comparer<'a> {
    desired: &'a Desired,
    stack: &'a Stack,
    changes: Vec<Change>,
    preview: Preview,
}

impl Comparer<'_> {
    fn resource(&mut self, id: &str, tags: &[(String, String)], imports: &Imports<'_>) -> AwsResult<()> {
        let declaration = &self.desired.template.resources[id];
        let (deletion_policy, update_replace_policy) = self.desired.policies[id];
        let environment = self.desired.environment(&self.preview, imports);
        let properties = self.desired.properties(&environment, id)?;
        let metadata = self.desired.metadata(&environment, id)?;
        let existing = self.preview.resources.get(id).filter(|resource| resource.exists());
        let Some((resource, physical)) = existing.and_then(|r| Some((r, r.physical.as_ref()?))) else {
            self.changes.push(Change {
                action: "Add".into(),
                logical_id: id.to_owned(),
                resource_type: declaration.resource_type.clone(),
                after: Some(context(&properties)),
                ..Change::default()
            });
            self.preview.renewed.insert(id.to_owned());
            return Ok(());
        };
        let mut change = Change {
            action: "Modify".into(),
            logical_id: id.to_owned(),
            physical_id: Some(physical.id.clone()),
            resource_type: resource.resource_type.clone(),
            before: Some(context(physical.declared())),
            after: Some(context(&properties)),
            ..Change::default()
        };
        let recreation = self.properties(id, physical, &properties, &mut change);
        let takes_tags = resources::find(&resource.resource_type).is_some_and(|kind| kind.is_tagged());
        if takes_tags && physical.tags != tags {
            change.scope.push("Tags".into());
            change.details.push(plain_detail("Tags"));
        }
        if resource.metadata != metadata {
            change.scope.push("Metadata".into());
            change.details.push(plain_detail("Metadata"));
        }
        for (attribute, before, after) in [
            ("DeletionPolicy", resource.deletion_policy, deletion_policy),
            ("UpdateReplacePolicy", resource.update_replace_policy, update_replace_policy),
        ] {
            if before != after {
                change.scope.push(attribute.into());
                change.details.push(plain_detail(attribute));
            }
        }
        if change.scope.is_empty() {
            return Ok(());
        }
        let replacement = match recreation {
            Recreation::Never => "False",
            Recreation::Conditionally => "Conditional",
            Recreation::Always => "True",
        };
        change.replacement = Some(replacement.into());
        if recreation != Recreation::Never {
            let retained = update_replace_policy != DeletionPolicy::Delete;
            change.policy_action = Some(if retained { "ReplaceAndRetain" } else { "ReplaceAndDelete" }.into());
            self.preview.renewed.insert(id.to_owned());
        }
        self.changes.push(change);
        Ok(())
    }

    fn properties(
        &self,
        id: &str,
        physical: &Physical,
        properties: &Map<String, Value>,
        change: &mut Change,
    ) -> Recreation {
        let mut recreation = Recreation::Never;
        for name in changed(physical.declared(), properties) {
            let (before, after) = (physical.declared().get(name), properties.get(name));
            let does = resources::find(&change.resource_type)
                .map_or(Recreation::Never, |kind| kind.recreation(name, physical.declared(), properties));
            // Whether an unknown value will differ is not known either.
            recreation = recreation.max(if after.is_some_and(is_unknown) && does == Recreation::Always {
                Recreation::Conditionally.max(self.certainly(id, name, does))
            } else {
                does
            });
            let detail = ChangeDetail {
                attribute: "Properties".into(),
                name: Some(name.to_owned()),
                recreation: does.as_str().into(),
                path: format!("/Properties/{name}"),
                before: before.map(text),
                after: after.map(text),
                kind: match (before, after) {
                    (None, _) => "Add",
                    (_, None) => "Remove",
                    _ => "Modify",
                }
                .into(),
                ..ChangeDetail::default()
            };
            self.causes(id, name, after.is_some_and(is_unknown), &detail, &mut change.details);
            if !change.scope.iter().any(|scope| scope == "Properties") {
                change.scope.push("Properties".into());
            }
        }
        recreation
    }

    /// A reference to something that is certainly made anew certainly changes.
    fn certainly(&self, id: &str, property: &str, does: Recreation) -> Recreation {
        let raw = self.desired.template.resources[id].properties.get(property);
        let mut certain = false;
        if let Some(raw) = raw {
            // The form was checked when the graph was drawn.
            let _ = visit_selected(raw, &self.desired.conditions, &mut |reference| {
                let entity = reference.name();
                certain |= matches!(reference, Reference::Name(_)) && self.preview.renewed.contains(entity);
            });
        }
        if certain { does } else { Recreation::Conditionally }
    }

    fn causes(&self, id: &str, property: &str, unknown: bool, detail: &ChangeDetail, details: &mut Vec<ChangeDetail>) {
        let mut causes = Vec::new();
        let raw = self.desired.template.resources[id].properties.get(property);
        if let Some(raw) = raw {
            let mut see = |reference: Reference<'_>| {
                let cause = match reference {
                    Reference::Name(name) if is_pseudo(name) => return,
                    Reference::Name(name) if self.desired.parameters.contains_key(name) => {
                        if self.stack.deployment.parameters.get(name) == self.desired.given.get(name) {
                            return;
                        }
                        ("ParameterReference", name.to_owned())
                    }
                    Reference::Name(name) if self.preview.renewed.contains(name) => {
                        ("ResourceReference", name.to_owned())
                    }
                    Reference::Attribute(name, attribute) if self.preview.renewed.contains(name) => {
                        ("ResourceAttribute", format!("{name}.{}", attribute.unwrap_or("*")))
                    }
                    _ => return,
                };
                if !causes.contains(&cause) {
                    causes.push(cause);
                }
            };
            let _ = visit_selected(raw, &self.desired.conditions, &mut see);
        }
        let by_parameter = causes.iter().any(|(source, _)| *source == "ParameterReference");
        let direct = ChangeDetail {
            evaluation: if causes.is_empty() { "Static" } else { "Dynamic" }.into(),
            source: "DirectModification".into(),
            with_values_only: !causes.is_empty() && !by_parameter && unknown,
            ..detail.clone()
        };
        for (source, entity) in causes {
            details.push(ChangeDetail {
                evaluation: "Static".into(),
                source: source.into(),
                causing_entity: Some(entity),
                ..detail.clone()
            });
        }
        details.push(direct);
    }
}

fn plain_detail(attribute: &str) -> ChangeDetail {
    ChangeDetail {
        attribute: attribute.into(),
        recreation: "Never".into(),
        path: format!("/{attribute}"),
        kind: "Modify".into(),
        evaluation: "Static".into(),
        source: "DirectModification".into(),
        ..ChangeDetail::default()
    }
}

fn context(properties: &Map<String, Value>) -> String {
    serde_json::json!({ "Properties": properties }).to_string()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) if text.contains(UNKNOWN) => UNKNOWN.to_owned(),
        value => crate::template::as_text(value).unwrap_or_else(|| value.to_string()),
    }
}
