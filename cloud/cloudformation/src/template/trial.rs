//! A world for templates under test: its resource `A` exists, and `shared` is exported.

use super::functions::{Environment, Pseudo, Resources};
use super::references::Graph;
use super::{Template, conditions, parameters};
use indexmap::IndexMap;
use serde_json::{Value, json};
use slam_cloud_core::AwsResult;

/// Resources of which `A` exists.
struct OneKnown;

impl Resources for OneKnown {
    fn reference(&self, id: &str) -> Option<Value> {
        (id == "A").then(|| json!("a-physical"))
    }
    fn attribute(&self, id: &str, attribute: &str) -> Option<Value> {
        (id == "A").then(|| json!(format!("a.{attribute}")))
    }
}

fn pseudo() -> Pseudo {
    Pseudo {
        account: "012345678901".into(),
        region: "eu-west-1".into(),
        partition: "aws".into(),
        url_suffix: "localhost:4566".into(),
        stack_id: "arn:aws:cloudformation:eu-west-1:012345678901:stack/s/1".into(),
        stack_name: "s".into(),
        notification_arns: Vec::new(),
    }
}

/// Evaluates everything of a template, as the creation of a stack does; gives its last property.
pub fn evaluate_all(template: &Template) -> AwsResult<Value> {
    let parameters = parameters::resolve(&template.parameters, &IndexMap::new(), None)?;
    let pseudo = pseudo();
    let none = Default::default();
    let before = |conditions| Environment {
        template,
        parameters: &parameters,
        pseudo: &pseudo,
        conditions,
        resources: &OneKnown,
        imports: &|name| (name == "shared").then(|| "imported".to_owned()),
    };
    let conditions = conditions::evaluate(&before(&none))?;
    let graph = Graph::draw(template, &conditions)?;
    let environment = before(&conditions);
    let mut last = Value::Null;
    for id in graph.needs.keys() {
        for value in template.resources[id].properties.values() {
            last = environment.evaluate(value)?.unwrap_or(Value::Null);
        }
    }
    for output in template.outputs.values() {
        environment.evaluate(&output.value)?;
    }
    Ok(last)
}
