//! The `Conditions` section.

use super::functions::{Environment, Resources};
use super::{malformed, wrong};
use serde_json::Value;
use slam_cloud_core::AwsResult;
use std::collections::BTreeMap;

/// Evaluates every condition of a template.
///
/// # Errors
/// What is wrong with one: a reference to a resource, a circle, a function's form.
pub fn evaluate(environment: &Environment<'_>) -> AwsResult<BTreeMap<String, bool>> {
    let mut evaluator = Conditions { environment, known: BTreeMap::new(), path: Vec::new() };
    for (name, body) in &environment.template.conditions {
        evaluator.refuse_resources(body)?;
        evaluator.named(name)?;
    }
    Ok(evaluator.known)
}

struct Conditions<'a> {
    environment: &'a Environment<'a>,
    known: BTreeMap<String, bool>,
    /// The conditions under evaluation, to find circles.
    path: Vec<String>,
}

impl Conditions<'_> {
    fn named(&mut self, name: &str) -> AwsResult<bool> {
        if let Some(known) = self.known.get(name) {
            return Ok(*known);
        }
        if self.path.iter().any(|open| open == name) {
            return Err(malformed(format!("Found circular condition dependency between {}", self.path.join(" and "))));
        }
        let Some(body) = self.environment.template.conditions.get(name) else {
            return Err(malformed(format!(
                "Unresolved condition dependency {name} in the Conditions block of the template"
            )));
        };
        self.path.push(name.to_owned());
        let value = self.condition(body)?;
        self.path.pop();
        self.known.insert(name.to_owned(), value);
        Ok(value)
    }

    fn condition(&mut self, body: &Value) -> AwsResult<bool> {
        let single = body.as_object().filter(|object| object.len() == 1).and_then(|object| object.iter().next());
        let Some((function, argument)) = single else {
            return Err(malformed("Conditions can only be boolean operations on parameters and other conditions"));
        };
        match &**function {
            "Condition" => match argument.as_str() {
                Some(name) => self.named(name),
                None => Err(wrong("every Condition member must be a string.")),
            },
            "Fn::And" | "Fn::Or" => {
                let operands = argument.as_array().filter(|operands| (2..=10).contains(&operands.len()));
                let Some(operands) = operands else {
                    return Err(wrong(format!(
                        "every {function} object requires a list of at least 2 and at most 10 boolean parameters."
                    )));
                };
                let values = operands.iter().map(|operand| self.condition(operand)).collect::<AwsResult<Vec<_>>>()?;
                Ok(if function == "Fn::And" { values.iter().all(|v| *v) } else { values.iter().any(|v| *v) })
            }
            "Fn::Not" => match argument.as_array().map(Vec::as_slice) {
                Some([operand]) => Ok(!self.condition(operand)?),
                _ => Err(wrong("every Fn::Not object requires one boolean parameter.")),
            },
            "Fn::Equals" => {
                let form = || wrong("every Fn::Equals object requires a list of 2 string parameters.");
                let Some([left, right]) = argument.as_array().map(Vec::as_slice) else { return Err(form()) };
                let left = self.environment.evaluate(left)?.ok_or_else(form)?;
                let right = self.environment.evaluate(right)?.ok_or_else(form)?;
                match (super::as_text(&left), super::as_text(&right)) {
                    (Some(left), Some(right)) => Ok(left == right),
                    _ => Err(form()),
                }
            }
            _ => Err(malformed("Conditions can only be boolean operations on parameters and other conditions")),
        }
    }

    /// Conditions are known before any resource is.
    fn refuse_resources(&self, body: &Value) -> AwsResult<()> {
        let template = self.environment.template;
        let mut unresolved = Vec::new();
        super::references::visit(body, &mut |reference| {
            let name = reference.name();
            let is_parameter = template.parameters.contains_key(name) || name.starts_with("AWS::");
            if reference.is_attribute() || !is_parameter {
                unresolved.push(name.to_owned());
            }
        })?;
        if unresolved.is_empty() {
            return Ok(());
        }
        Err(malformed(format!(
            "Unresolved dependencies [{}]. Cannot reference resources in the Conditions block of the template",
            unresolved.join(", ")
        )))
    }
}

/// No resource is known yet.
pub struct NoResources;

impl Resources for NoResources {
    fn reference(&self, _logical_id: &str) -> Option<Value> {
        None
    }
    fn attribute(&self, _logical_id: &str, _attribute: &str) -> Option<Value> {
        None
    }
}
