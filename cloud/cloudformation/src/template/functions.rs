//! The intrinsic functions, evaluated against what is known at the time.

use super::parameters::Declaration;
use super::references::{Part, branches, get_att, is_pseudo, placeholders, sub};
use super::{Template, as_text, malformed, wrong};
use crate::error::invalid;
use base64::Engine;
use indexmap::IndexMap;
use serde_json::{Map, Value};
use slam_cloud_core::AwsResult;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

/// What stands for a value that only the creation of a resource will tell, as in AWS's change sets.
pub const UNKNOWN: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";

/// What the pseudo parameters say.
#[derive(Clone, Debug, Default)]
pub struct Pseudo {
    /// `AWS::AccountId`
    pub account: String,
    /// `AWS::Region`
    pub region: String,
    /// `AWS::Partition`
    pub partition: String,
    /// `AWS::URLSuffix`
    pub url_suffix: String,
    /// `AWS::StackId`
    pub stack_id: String,
    /// `AWS::StackName`
    pub stack_name: String,
    /// `AWS::NotificationARNs`
    pub notification_arns: Vec<String>,
}

/// What resources say about themselves.
pub trait Resources: Sync {
    /// `Ref`; `None` while it is unknown.
    fn reference(&self, logical_id: &str) -> Option<Value>;
    /// `Fn::GetAtt`; `None` while it is unknown.
    fn attribute(&self, logical_id: &str, attribute: &str) -> Option<Value>;
}

/// How exports are found.
pub type Imports<'a> = dyn Fn(&str) -> Option<String> + Sync + 'a;

/// Everything that functions may ask for.
pub struct Environment<'a> {
    /// The template.
    pub template: &'a Template,
    /// Its parameters' values.
    pub parameters: &'a IndexMap<String, String>,
    /// The pseudo parameters.
    pub pseudo: &'a Pseudo,
    /// The conditions that are known.
    pub conditions: &'a BTreeMap<String, bool>,
    /// The resources.
    pub resources: &'a dyn Resources,
    /// The exports of this account and region.
    pub imports: &'a Imports<'a>,
}

impl Environment<'_> {
    /// A value with its functions evaluated; `None` when it is `AWS::NoValue`.
    ///
    /// # Errors
    /// AWS's text for a function that is used wrongly or cannot be evaluated.
    pub fn evaluate(&self, value: &Value) -> AwsResult<Option<Value>> {
        match value {
            Value::Array(items) => {
                let mut evaluated = Vec::with_capacity(items.len());
                for item in items {
                    evaluated.extend(self.evaluate(item)?);
                }
                Ok(Some(Value::Array(evaluated)))
            }
            Value::Object(entries) => {
                if entries.len() == 1
                    && let Some((name, argument)) = entries.iter().next()
                    && (name == "Ref" || name.starts_with("Fn::"))
                {
                    return self.function(name, argument);
                }
                if let Some(function) = entries.keys().find(|key| key.starts_with("Fn::")) {
                    return Err(malformed(format!("{function} must be the only key of its object")));
                }
                let mut evaluated = Map::new();
                for (key, value) in entries {
                    if let Some(value) = self.evaluate(value)? {
                        evaluated.insert(key.clone(), value);
                    }
                }
                Ok(Some(Value::Object(evaluated)))
            }
            scalar => Ok(Some(scalar.clone())),
        }
    }

    fn function(&self, name: &str, argument: &Value) -> AwsResult<Option<Value>> {
        Ok(Some(match name {
            "Ref" => return self.reference(argument.as_str().unwrap_or_default()),
            "Fn::If" => {
                let (condition, yes, no) = branches(argument)?;
                let Some(holds) = self.conditions.get(condition) else {
                    return Err(wrong(format!("unresolved condition dependency {condition} in Fn::If")));
                };
                return self.evaluate(if *holds { yes } else { no });
            }
            "Fn::GetAtt" => {
                let (resource, attribute) = get_att(argument)?;
                match self.text(attribute, "Fn::GetAtt")? {
                    Some(attribute) => self.attribute(resource, &attribute),
                    None => Value::from(UNKNOWN),
                }
            }
            "Fn::Sub" => self.sub(argument)?,
            "Fn::Join" => self.join(argument)?,
            "Fn::Split" => self.split(argument)?,
            "Fn::Select" => self.select(argument)?,
            "Fn::FindInMap" => self.find_in_map(argument)?,
            "Fn::Base64" => match self.text(argument, name)? {
                Some(text) => Value::from(base64::engine::general_purpose::STANDARD.encode(text)),
                None => Value::from(UNKNOWN),
            },
            "Fn::Cidr" => self.cidr(argument)?,
            "Fn::GetAZs" => self.zones(argument)?,
            "Fn::ImportValue" => match self.text(argument, name)? {
                Some(export) => match (self.imports)(&export) {
                    Some(value) => Value::from(value),
                    None => return Err(invalid(format!("No export named {export} found."))),
                },
                None => Value::from(UNKNOWN),
            },
            "Fn::And" | "Fn::Or" | "Fn::Not" | "Fn::Equals" => {
                return Err(wrong(format!("{name} can only be used in the Conditions section")));
            }
            other => return Err(malformed(format!("Encountered unsupported function: {other}"))),
        }))
    }

    /// What `Ref` gives.
    fn reference(&self, name: &str) -> AwsResult<Option<Value>> {
        if is_pseudo(name) {
            return Ok(self.pseudo_parameter(name));
        }
        if let Some(text) = self.parameters.get(name) {
            // Recorded: test_cfn_handle_log_group_resource, whose parameter has this value.
            if text == "AWS::NoValue" {
                return Ok(None);
            }
            let value = self.template.parameters.get(name).map(|declaration: &Declaration| declaration.value(text));
            return Ok(Some(value.unwrap_or_else(|| Value::from(text.as_str()))));
        }
        Ok(Some(self.resources.reference(name).unwrap_or_else(|| Value::from(UNKNOWN))))
    }

    fn pseudo_parameter(&self, name: &str) -> Option<Value> {
        let pseudo = self.pseudo;
        Some(match name {
            "AWS::AccountId" => Value::from(&*pseudo.account),
            "AWS::NotificationARNs" => Value::from(pseudo.notification_arns.clone()),
            "AWS::Partition" => Value::from(&*pseudo.partition),
            "AWS::Region" => Value::from(&*pseudo.region),
            "AWS::StackId" => Value::from(&*pseudo.stack_id),
            "AWS::StackName" => Value::from(&*pseudo.stack_name),
            "AWS::URLSuffix" => Value::from(&*pseudo.url_suffix),
            _ => return None,
        })
    }

    fn attribute(&self, resource: &str, attribute: &str) -> Value {
        self.resources.attribute(resource, attribute).unwrap_or_else(|| Value::from(UNKNOWN))
    }

    /// An argument as text; `None` while it is unknown.
    fn text(&self, argument: &Value, function: &str) -> AwsResult<Option<String>> {
        let value = self.evaluate(argument)?;
        let text = value.as_ref().and_then(as_text);
        match text {
            Some(text) if text.contains(UNKNOWN) => Ok(None),
            Some(text) => Ok(Some(text)),
            None => Err(wrong(format!("every {function} object must have a String-typed value."))),
        }
    }

    fn sub(&self, argument: &Value) -> AwsResult<Value> {
        let (text, variables) = sub(argument)?;
        let mut result = String::with_capacity(text.len());
        for part in placeholders(text)? {
            let name = match part {
                Part::Text(text) => {
                    result.push_str(text);
                    continue;
                }
                Part::Variable(name) => name,
            };
            let value = match variables.and_then(|variables| variables.get(name)) {
                Some(value) => self.evaluate(value)?,
                None => match name.split_once('.') {
                    Some((resource, attribute)) => Some(self.attribute(resource, attribute)),
                    None => self.reference(name)?,
                },
            };
            match value.as_ref().and_then(as_text) {
                Some(text) if text.contains(UNKNOWN) => return Ok(Value::from(UNKNOWN)),
                Some(text) => result.push_str(&text),
                None => {
                    return Err(wrong(format!(
                        "Fn::Sub expression does not resolve to a string: the variable {name} is not a string"
                    )));
                }
            }
        }
        Ok(Value::from(result))
    }

    fn join(&self, argument: &Value) -> AwsResult<Value> {
        let form = || {
            wrong(
                "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings \
                 to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.",
            )
        };
        let Some([Value::String(delimiter), list]) = argument.as_array().map(Vec::as_slice) else {
            return Err(form());
        };
        match self.evaluate(list)? {
            Some(Value::Array(items)) => {
                let texts = items.iter().map(as_text).collect::<Option<Vec<_>>>().ok_or_else(form)?;
                if texts.iter().any(|text| text.contains(UNKNOWN)) {
                    return Ok(Value::from(UNKNOWN));
                }
                Ok(Value::from(texts.join(delimiter)))
            }
            Some(value) if is_unknown(&value) => Ok(value),
            _ => Err(form()),
        }
    }

    fn split(&self, argument: &Value) -> AwsResult<Value> {
        let form = || {
            wrong(
                "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be \
                 split or a function that returns a string to be split.",
            )
        };
        let Some([Value::String(delimiter), source]) = argument.as_array().map(Vec::as_slice) else {
            return Err(form());
        };
        match self.evaluate(source)?.as_ref().and_then(as_text) {
            Some(text) if text.contains(UNKNOWN) => Ok(Value::from(UNKNOWN)),
            Some(text) if delimiter.is_empty() => Ok(Value::from(vec![text])),
            Some(text) => Ok(Value::from(text.split(&**delimiter).collect::<Vec<_>>())),
            None => Err(form()),
        }
    }

    fn select(&self, argument: &Value) -> AwsResult<Value> {
        let form = || wrong("Fn::Select requires a list argument with two elements: an integer index and a list");
        let Some([index, list]) = argument.as_array().map(Vec::as_slice) else { return Err(form()) };
        let Some(index) = self.text(index, "Fn::Select")? else { return Ok(Value::from(UNKNOWN)) };
        match self.evaluate(list)? {
            Some(Value::Array(items)) => {
                let found = index.parse::<usize>().map_err(|_| form())?;
                items
                    .into_iter()
                    .nth(found)
                    .ok_or_else(|| wrong(format!("Fn::Select cannot select nonexistent value at index {index}")))
            }
            Some(value) if is_unknown(&value) => Ok(value),
            _ => Err(form()),
        }
    }

    fn find_in_map(&self, argument: &Value) -> AwsResult<Value> {
        let Some([map, top, second]) = argument.as_array().map(Vec::as_slice) else {
            return Err(wrong(
                "every Fn::FindInMap object requires three parameters, the map name, map key and the attribute \
                 for return value",
            ));
        };
        let mut names = Vec::with_capacity(3);
        for part in [map, top, second] {
            names.push(self.text(part, "Fn::FindInMap")?.ok_or_else(|| {
                wrong("Fn::FindInMap cannot look up the value of a resource, which is not known yet")
            })?);
        }
        let Some(mapping) = self.template.mappings.get(&names[0]) else {
            return Err(invalid(format!(
                "Template validation error: Template error: Mapping named '{}' is not present in the 'Mappings' \
                 section of template.",
                names[0]
            )));
        };
        mapping
            .get(&names[1])
            .and_then(|entries| entries.get(&names[2]))
            .cloned()
            .ok_or_else(|| wrong(format!("Unable to get mapping for {}", names.join("::"))))
    }

    fn zones(&self, argument: &Value) -> AwsResult<Value> {
        let Some(region) = self.text(argument, "Fn::GetAZs")? else { return Ok(Value::from(UNKNOWN)) };
        let region = if region.is_empty() { self.pseudo.region.clone() } else { region };
        Ok(Value::from(["a", "b", "c"].map(|zone| format!("{region}{zone}")).to_vec()))
    }

    fn cidr(&self, argument: &Value) -> AwsResult<Value> {
        let form = || wrong("Fn::Cidr requires an IP block, the number of blocks and the number of bits of each");
        let arguments = argument.as_array().filter(|arguments| (2..=3).contains(&arguments.len())).ok_or_else(form)?;
        let mut texts = Vec::with_capacity(3);
        for argument in arguments {
            match self.text(argument, "Fn::Cidr")? {
                Some(text) => texts.push(text),
                None => return Ok(Value::from(UNKNOWN)),
            }
        }
        let count: u32 = texts[1].parse().ok().filter(|count| (1..=256).contains(count)).ok_or_else(form)?;
        let (address, prefix) = texts[0].split_once('/').ok_or_else(form)?;
        let prefix: u32 = prefix.parse().map_err(|_| form())?;
        let bits = texts.get(2).map(|bits| bits.parse::<u32>()).transpose().map_err(|_| form())?;
        let blocks = if let Ok(address) = address.parse::<Ipv4Addr>() {
            blocks(u128::from(u32::from(address)), prefix, 32, bits.unwrap_or(8), count).map(|blocks| {
                blocks
                    .into_iter()
                    .map(|(start, length)| {
                        // The sum of a 32-bit base and offsets within it fits again.
                        format!("{}/{length}", Ipv4Addr::from(start as u32))
                    })
                    .collect::<Vec<_>>()
            })
        } else {
            let address: Ipv6Addr = address.parse().map_err(|_| form())?;
            blocks(u128::from(address), prefix, 128, bits.unwrap_or(64), count).map(|blocks| {
                blocks.into_iter().map(|(start, length)| format!("{}/{length}", Ipv6Addr::from(start))).collect()
            })
        };
        blocks.map(Value::from).ok_or_else(|| wrong("Fn::Cidr: the block is too small for that many subnets"))
    }
}

/// The first `count` blocks with `bits` host bits in a block of `width`-bit addresses.
fn blocks(address: u128, prefix: u32, width: u32, bits: u32, count: u32) -> Option<Vec<(u128, u32)>> {
    if prefix > width || bits == 0 || bits > width - prefix {
        return None;
    }
    let available = width - prefix - bits;
    if available < 32 && count > 1_u32 << available {
        return None;
    }
    let mask = if prefix == 0 { 0 } else { u128::MAX << (width - prefix) };
    let base = address & mask;
    (0..count).map(|index| Some((base.checked_add(u128::from(index).checked_shl(bits)?)?, width - bits))).collect()
}

/// Whether a value is, or holds, something that is not known yet.
pub fn is_unknown(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(UNKNOWN),
        Value::Array(items) => items.iter().any(is_unknown),
        Value::Object(entries) => entries.values().any(is_unknown),
        _ => false,
    }
}
