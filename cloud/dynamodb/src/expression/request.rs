//! The expressions of a request.

use super::attributes::{Attributes, Type};
use super::path::Path;
use super::{condition, key_condition, projection, update};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::BTreeMap;

/// What a request says in expressions, itself or about one of its tables or items.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Given {
    update_expression: Option<String>,
    condition_expression: Option<String>,
    key_condition_expression: Option<String>,
    filter_expression: Option<String>,
    projection_expression: Option<String>,
    expression_attribute_names: Option<BTreeMap<String, String>>,
    expression_attribute_values: Option<BTreeMap<String, Type>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tables {
    request_items: BTreeMap<String, Given>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Actions {
    transact_items: Vec<BTreeMap<String, Given>>,
}

/// Conditions in another form than they were given, by where they stand in the request (as JSON pointers have it).
pub type Rewritten = Vec<(String, String)>;

/// Checks the expressions of a request, and gives those in the engine's form that the engine cannot read.
///
/// # Errors
/// AWS's words for what is wrong with one of them.
pub fn check<'de, D: Deserializer<'de>>(operation: &str, request: D) -> Result<Rewritten, String> {
    let mut rewritten = Vec::new();
    // What has other types than the model's is told by others.
    match operation {
        "BatchGetItem" => {
            for (table, given) in Tables::deserialize(request).map(|tables| tables.request_items).unwrap_or_default() {
                let table = table.replace('~', "~0").replace('/', "~1");
                given.check(&format!("/RequestItems/{table}"), &mut rewritten)?;
            }
        }
        "TransactGetItems" | "TransactWriteItems" => {
            let actions = Actions::deserialize(request).map(|actions| actions.transact_items).unwrap_or_default();
            for (index, action) in actions.into_iter().enumerate() {
                for (kind, given) in action {
                    given.check(&format!("/TransactItems/{index}/{kind}"), &mut rewritten)?;
                }
            }
        }
        _ => Given::deserialize(request).unwrap_or_default().check("", &mut rewritten)?,
    }
    Ok(rewritten)
}

impl Given {
    fn check(self, place: &str, rewritten: &mut Rewritten) -> Result<(), String> {
        let names = self.expression_attribute_names.as_ref().map(|_| "ExpressionAttributeNames");
        let without_expression =
            names.or(self.expression_attribute_values.as_ref().map(|_| "ExpressionAttributeValues"));
        let names = self.expression_attribute_names.unwrap_or_default();
        let mut attributes = Attributes::new(names, self.expression_attribute_values.unwrap_or_default());
        let mut of_keys = Ok(());
        let mut any = false;
        if let Some(expression) = &self.update_expression {
            update::read(expression, &mut attributes).map_err(|fault| invalid("UpdateExpression", &fault))?;
            any = true;
        }
        for (member, expression) in [
            ("ConditionExpression", &self.condition_expression),
            ("KeyConditionExpression", &self.key_condition_expression),
            ("FilterExpression", &self.filter_expression),
        ] {
            let Some(expression) = expression else { continue };
            any = true;
            let read = condition::read(expression, &mut attributes).map_err(|fault| invalid(member, &fault))?;
            if member == "KeyConditionExpression" {
                of_keys = key_condition::check(&read.root);
            }
            rewritten.extend(read.rewritten.map(|read| (format!("{place}/{member}"), read)));
        }
        if let Some(expression) = &self.projection_expression {
            projection::read(expression, &mut attributes).map_err(|fault| invalid("ProjectionExpression", &fault))?;
            any = true;
        }
        if any {
            attributes.check_used()?;
        } else if let Some(member) = without_expression.filter(|_| !place.is_empty()) {
            // The engine says it of a whole request.
            return Err(format!("{member} can only be specified when using expressions"));
        }
        of_keys
    }
}

fn invalid(member: &str, fault: &str) -> String {
    format!("Invalid {member}: {fault}")
}

/// A request with its expressions there, and nothing in them.
pub fn without_expressions(body: &str) -> String {
    const MEMBERS: [&str; 5] = [
        "UpdateExpression",
        "ConditionExpression",
        "KeyConditionExpression",
        "FilterExpression",
        "ProjectionExpression",
    ];
    fn clear(structure: &mut Value) {
        for member in MEMBERS {
            if let Some(Value::String(expression)) = structure.get_mut(member) {
                *expression = "x".to_owned();
            }
        }
    }
    let Ok(mut request) = serde_json::from_str::<Value>(body) else { return body.to_owned() };
    clear(&mut request);
    for table in
        request.get_mut("RequestItems").and_then(Value::as_object_mut).into_iter().flat_map(|all| all.values_mut())
    {
        clear(table);
    }
    let actions = request.get_mut("TransactItems").and_then(Value::as_array_mut).into_iter().flatten();
    for action in actions.filter_map(Value::as_object_mut).flat_map(|action| action.values_mut()) {
        clear(action);
    }
    request.to_string()
}

/// The attributes that a request's projection, filter and update step into. What is wrong with them is told by others.
pub fn entered(request: &Value) -> Vec<String> {
    let given = Given::deserialize(request).unwrap_or_default();
    let names = given.expression_attribute_names.unwrap_or_default();
    let mut attributes = Attributes::new(names, given.expression_attribute_values.unwrap_or_default());
    let mut entered = Vec::new();
    let mut add = |path: &Path| entered.extend(path.entered().map(str::to_owned));
    if let Some(Ok(paths)) = given.projection_expression.map(|text| projection::read(&text, &mut attributes)) {
        paths.iter().for_each(&mut add);
    }
    if let Some(Ok(filter)) = given.filter_expression.as_ref().map(|text| condition::read(text, &mut attributes)) {
        filter.root.paths().into_iter().for_each(&mut add);
    }
    if let Some(Ok(written)) = given.update_expression.map(|text| update::read(&text, &mut attributes)) {
        written.named.iter().for_each(&mut add);
    }
    entered
}

/// What an `UpdateItem`, or an update in a transaction, writes by its expression; `None` without one.
pub fn updated(request: &Value) -> Option<update::Written> {
    let given = Given::deserialize(request).ok()?;
    let names = given.expression_attribute_names.unwrap_or_default();
    let mut attributes = Attributes::new(names, given.expression_attribute_values.unwrap_or_default());
    update::read(&given.update_expression?, &mut attributes).ok()
}
