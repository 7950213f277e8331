//! Who refers to whom.

use super::{Template, malformed, wrong};
use indexmap::{IndexMap, IndexSet};
use serde_json::Value;
use slam_cloud_core::AwsResult;
use std::collections::BTreeMap;

/// A reference that stands somewhere in a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference<'a> {
    /// `Ref` or `${Name}`
    Name(&'a str),
    /// `Fn::GetAtt` or `${Name.Attribute}`; the attribute is `None` when a function makes it.
    Attribute(&'a str, Option<&'a str>),
    /// The condition of an `Fn::If`.
    Condition(&'a str),
}

impl<'a> Reference<'a> {
    /// What is referred to.
    pub fn name(&self) -> &'a str {
        match self {
            Self::Name(name) | Self::Attribute(name, _) | Self::Condition(name) => name,
        }
    }

    /// Whether an attribute of a resource is meant.
    pub fn is_attribute(&self) -> bool {
        matches!(self, Self::Attribute(..))
    }
}

/// Shows every reference of a value to `see`, in all branches.
///
/// # Errors
/// When a function has not the form that a reference needs.
pub fn visit<'a>(value: &'a Value, see: &mut impl FnMut(Reference<'a>)) -> AwsResult<()> {
    walk(value, None, see)
}

/// Shows the references of the selected branches alone.
///
/// # Errors
/// As [`visit`].
pub fn visit_selected<'a>(
    value: &'a Value,
    conditions: &BTreeMap<String, bool>,
    see: &mut impl FnMut(Reference<'a>),
) -> AwsResult<()> {
    walk(value, Some(conditions), see)
}

fn walk<'a>(
    value: &'a Value,
    conditions: Option<&BTreeMap<String, bool>>,
    see: &mut impl FnMut(Reference<'a>),
) -> AwsResult<()> {
    let entries = match value {
        Value::Array(items) => return items.iter().try_for_each(|item| walk(item, conditions, see)),
        Value::Object(entries) => entries,
        _ => return Ok(()),
    };
    if entries.len() == 1
        && let Some((function, argument)) = entries.iter().next()
    {
        match &**function {
            "Ref" => {
                let name = argument.as_str().filter(|name| !name.is_empty());
                see(Reference::Name(
                    name.ok_or_else(|| malformed("Every Ref object must have a single String value."))?,
                ));
                return Ok(());
            }
            "Fn::GetAtt" => {
                let (name, attribute) = get_att(argument)?;
                see(Reference::Attribute(name, attribute.as_str()));
                return walk(attribute, conditions, see);
            }
            "Fn::Sub" => {
                let (text, variables) = sub(argument)?;
                for part in placeholders(text)? {
                    if let Part::Variable(name) = part
                        && !variables.is_some_and(|variables| variables.contains_key(name))
                    {
                        see(match name.split_once('.') {
                            Some((resource, attribute)) => Reference::Attribute(resource, Some(attribute)),
                            None => Reference::Name(name),
                        });
                    }
                }
                return variables.into_iter().flat_map(|v| v.values()).try_for_each(|v| walk(v, conditions, see));
            }
            "Fn::If" => {
                let (condition, yes, no) = branches(argument)?;
                see(Reference::Condition(condition));
                return match conditions.map(|conditions| conditions.get(condition)) {
                    Some(Some(true)) => walk(yes, conditions, see),
                    Some(Some(false)) => walk(no, conditions, see),
                    _ => walk(yes, conditions, see).and_then(|()| walk(no, conditions, see)),
                };
            }
            _ => {}
        }
    }
    entries.values().try_for_each(|value| walk(value, conditions, see))
}

/// The two parts of a `Fn::GetAtt`.
pub(super) fn get_att(argument: &Value) -> AwsResult<(&str, &Value)> {
    let form = || {
        wrong("every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute")
    };
    match argument {
        Value::Array(items) => match items.as_slice() {
            [Value::String(name), attribute]
                if !name.is_empty() && attribute.as_str().is_none_or(|text| !text.is_empty()) =>
            {
                Ok((name, attribute))
            }
            _ => Err(form()),
        },
        _ => Err(form()),
    }
}

/// The text and the variables of a `Fn::Sub`.
pub(super) fn sub(argument: &Value) -> AwsResult<(&str, Option<&serde_json::Map<String, Value>>)> {
    match argument {
        Value::String(text) => Ok((text, None)),
        Value::Array(items) => match items.as_slice() {
            [Value::String(text), Value::Object(variables)] => Ok((text, Some(variables))),
            _ => Err(sub_form()),
        },
        _ => Err(sub_form()),
    }
}

fn sub_form() -> slam_cloud_core::AwsError {
    wrong(
        "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first \
         argument, and an optional second argument to specify a mapping of values to replace in the string",
    )
}

/// The three parts of a `Fn::If`.
pub(super) fn branches(argument: &Value) -> AwsResult<(&str, &Value, &Value)> {
    match argument.as_array().map(Vec::as_slice) {
        Some([Value::String(condition), yes, no]) => Ok((condition, yes, no)),
        _ => Err(wrong("Fn::If requires a list argument with the first element being a condition")),
    }
}

/// A piece of a `Fn::Sub` text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Text(&'a str),
    Variable(&'a str),
}

/// Takes a `Fn::Sub` text apart; `${!Name}` is the text `${Name}`.
pub(super) fn placeholders(text: &str) -> AwsResult<Vec<Part<'_>>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        let name = &rest[start + 2..start + length];
        if let Some(literal) = name.strip_prefix('!') {
            parts.push(Part::Text(&rest[..start]));
            parts.push(Part::Text("${"));
            parts.push(Part::Text(literal));
            parts.push(Part::Text("}"));
        } else {
            let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':');
            if name.is_empty() || !name.chars().all(fits) {
                return Err(wrong(
                    "variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, \
                     periods, and colons",
                ));
            }
            parts.push(Part::Text(&rest[..start]));
            parts.push(Part::Variable(name));
        }
        rest = &rest[start + length + 1..];
    }
    parts.push(Part::Text(rest));
    Ok(parts)
}

/// What is true about the references of a template once its conditions are known.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// The resources whose condition holds, in the template's order, each with what it needs.
    pub needs: IndexMap<String, IndexSet<String>>,
}

impl Graph {
    /// Checks all references and draws the graph of the resources that exist.
    ///
    /// # Errors
    /// References to what does not exist, and circles.
    pub fn draw(template: &Template, conditions: &BTreeMap<String, bool>) -> AwsResult<Self> {
        check_names(template)?;
        let enabled = |condition: &Option<String>| {
            condition.as_ref().is_none_or(|name| conditions.get(name).copied().unwrap_or(false))
        };
        let exists = |name: &str| template.resources.get(name).is_some_and(|resource| enabled(&resource.condition));
        let mut graph = Self::default();
        let mut unresolved = IndexSet::new();
        for (id, resource) in template.resources.iter().filter(|(_, resource)| enabled(&resource.condition)) {
            let mut needs = IndexSet::new();
            let mut see = |reference: Reference<'_>| match reference {
                Reference::Condition(_) => {}
                Reference::Name(name) if template.parameters.contains_key(name) || is_pseudo(name) => {}
                Reference::Name(name) | Reference::Attribute(name, _) => {
                    if exists(name) {
                        needs.insert(name.to_owned());
                    } else {
                        unresolved.insert(name.to_owned());
                    }
                }
            };
            for value in resource.properties.values() {
                visit_selected(value, conditions, &mut see)?;
            }
            // A dependency on a resource whose condition does not hold is no dependency.
            needs.extend(resource.depends_on.iter().filter(|name| exists(name)).cloned());
            graph.needs.insert(id.clone(), needs);
        }
        if !unresolved.is_empty() {
            return Err(unresolved_in("Template format error: ", &unresolved, "Resources"));
        }
        for output in template.outputs.values().filter(|output| enabled(&output.condition)) {
            for value in std::iter::once(&output.value).chain(&output.export_name) {
                visit_selected(value, conditions, &mut |reference| match reference {
                    Reference::Condition(_) => {}
                    Reference::Name(name) if template.parameters.contains_key(name) || is_pseudo(name) => {}
                    Reference::Name(name) | Reference::Attribute(name, _) => {
                        if !exists(name) {
                            unresolved.insert(name.to_owned());
                        }
                    }
                })?;
            }
        }
        if !unresolved.is_empty() {
            return Err(unresolved_in("", &unresolved, "Outputs"));
        }
        graph.refuse_circles()?;
        Ok(graph)
    }

    fn refuse_circles(&self) -> AwsResult<()> {
        let mut left: IndexMap<&str, usize> = self.needs.iter().map(|(id, needs)| (id.as_str(), needs.len())).collect();
        loop {
            let ready: Vec<&str> = left.iter().filter(|(_, open)| **open == 0).map(|(id, _)| *id).collect();
            if ready.is_empty() {
                break;
            }
            for id in ready {
                left.shift_remove(id);
                for (dependant, open) in &mut left {
                    if self.needs[*dependant].contains(id) {
                        *open -= 1;
                    }
                }
            }
        }
        if left.is_empty() {
            return Ok(());
        }
        // What only hangs on a circle is not part of it.
        let mut circle: IndexSet<&str> = left.keys().copied().collect();
        loop {
            let needed: IndexSet<&str> = circle
                .iter()
                .copied()
                .filter(|id| circle.iter().any(|other| self.needs[*other].contains(*id)))
                .collect();
            if needed.len() == circle.len() {
                break;
            }
            circle = needed;
        }
        let names: Vec<&str> = circle.into_iter().collect();
        Err(crate::error::invalid(format!("Circular dependency between resources: [{}]", names.join(", "))))
    }
}

/// References to what the template does not have at all are wrong even in branches that are not taken.
fn check_names(template: &Template) -> AwsResult<()> {
    let known =
        |name: &str| template.parameters.contains_key(name) || template.resources.contains_key(name) || is_pseudo(name);
    let condition = |name: &str| template.conditions.contains_key(name);
    let mut unresolved = IndexSet::new();
    let mut missing_condition = None;
    for resource in template.resources.values() {
        for value in resource.properties.values() {
            visit(value, &mut |reference| match reference {
                Reference::Condition(name) => {
                    if !condition(name) {
                        missing_condition.get_or_insert_with(|| name.to_owned());
                    }
                }
                Reference::Name(name) if known(name) => {}
                Reference::Attribute(name, _) if template.resources.contains_key(name) => {}
                Reference::Name(name) | Reference::Attribute(name, _) => {
                    unresolved.insert(name.to_owned());
                }
            })?;
        }
        unresolved.extend(resource.depends_on.iter().filter(|name| !template.resources.contains_key(*name)).cloned());
        if let Some(name) = resource.condition.as_deref().filter(|name| !condition(name)) {
            return Err(malformed(format!(
                "Unresolved condition dependency {name} in the Resources block of the template"
            )));
        }
    }
    if let Some(name) = missing_condition {
        return Err(wrong(format!("unresolved condition dependency {name} in Fn::If")));
    }
    if !unresolved.is_empty() {
        return Err(unresolved_in("Template format error: ", &unresolved, "Resources"));
    }
    for output in template.outputs.values() {
        for value in std::iter::once(&output.value).chain(&output.export_name) {
            visit(value, &mut |reference| match reference {
                Reference::Condition(name) => {
                    if !condition(name) {
                        missing_condition.get_or_insert_with(|| name.to_owned());
                    }
                }
                Reference::Name(name) if known(name) => {}
                Reference::Attribute(name, _) if template.resources.contains_key(name) => {}
                Reference::Name(name) | Reference::Attribute(name, _) => {
                    unresolved.insert(name.to_owned());
                }
            })?;
        }
        if let Some(name) = output.condition.as_deref().filter(|name| !condition(name)) {
            return Err(malformed(format!(
                "Unresolved condition dependency {name} in the Outputs block of the template"
            )));
        }
    }
    if let Some(name) = missing_condition {
        return Err(wrong(format!("unresolved condition dependency {name} in Fn::If")));
    }
    if !unresolved.is_empty() {
        return Err(unresolved_in("", &unresolved, "Outputs"));
    }
    Ok(())
}

fn unresolved_in(prefix: &str, names: &IndexSet<String>, block: &str) -> slam_cloud_core::AwsError {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    crate::error::invalid(format!(
        "{prefix}Unresolved resource dependencies [{}] in the {block} block of the template",
        names.join(", ")
    ))
}

/// Whether a name is one of AWS's pseudo parameters.
pub fn is_pseudo(name: &str) -> bool {
    matches!(
        name,
        "AWS::AccountId"
            | "AWS::NotificationARNs"
            | "AWS::NoValue"
            | "AWS::Partition"
            | "AWS::Region"
            | "AWS::StackId"
            | "AWS::StackName"
            | "AWS::URLSuffix"
    )
}
