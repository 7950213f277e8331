//! The older `KeyConditions`, which may stand beside expressions for the filter and the projection (Developer Guide, "Legacy
//! conditional parameters": `KeyConditions` has `KeyConditionExpression` instead, and no other expression does). The engine
//! takes one kind only.

use serde_json::{Map, Value, json};

/// The request with an expression for its `KeyConditions`; `None` where the engine takes it as it is, or tells what is
/// wrong with it.
pub fn as_expression(request: &Value) -> Option<Value> {
    let given = |member: &str| request.get(member).is_some_and(|value| !value.is_null());
    if !(given("FilterExpression") || given("ProjectionExpression"))
        || ["KeyConditionExpression", "QueryFilter", "AttributesToGet", "ConditionalOperator"].into_iter().any(given)
    {
        return None;
    }
    let mut names = members(request, "ExpressionAttributeNames")?;
    let mut values = members(request, "ExpressionAttributeValues")?;
    let mut conditions = Vec::new();
    for (index, (attribute, condition)) in request.get("KeyConditions")?.as_object()?.iter().enumerate() {
        // No client of ours writes these names; should one, the engine tells it of the parameters' kinds.
        let name = format!("#KeyConditions{index}");
        let value = |operand: usize| format!(":KeyConditions{index}_{operand}");
        let operands = condition.get("AttributeValueList")?.as_array()?;
        let (first, second) = (value(0), value(1));
        let (text, count) = match condition.get("ComparisonOperator")?.as_str()? {
            "EQ" => (format!("{name} = {first}"), 1),
            "LT" => (format!("{name} < {first}"), 1),
            "LE" => (format!("{name} <= {first}"), 1),
            "GT" => (format!("{name} > {first}"), 1),
            "GE" => (format!("{name} >= {first}"), 1),
            "BEGINS_WITH" => (format!("begins_with({name}, {first})"), 1),
            "BETWEEN" => (format!("{name} BETWEEN {first} AND {second}"), 2),
            _ => return None,
        };
        if operands.len() != count || names.insert(name, attribute.as_str().into()).is_some() {
            return None;
        }
        for (operand, given) in operands.iter().enumerate() {
            if values.insert(value(operand), given.clone()).is_some() {
                return None;
            }
        }
        conditions.push(text);
    }
    let mut inside = request.as_object()?.clone();
    inside.remove("KeyConditions");
    inside.insert("KeyConditionExpression".to_owned(), conditions.join(" AND ").into());
    inside.insert("ExpressionAttributeNames".to_owned(), Value::Object(names));
    inside.insert("ExpressionAttributeValues".to_owned(), Value::Object(values));
    Some(json!(inside))
}

/// A map of the request, empty where there is none; `None` where it is no map, or one that must not be empty.
fn members(request: &Value, member: &str) -> Option<Map<String, Value>> {
    match request.get(member) {
        None | Some(Value::Null) => Some(Map::new()),
        Some(Value::Object(map)) if !map.is_empty() => Some(map.clone()),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_become_an_expression() {
        let request = json!({
            "TableName": "t", "FilterExpression": "n = :n", "ExpressionAttributeValues": {":n": {"N": "1"}},
            "KeyConditions": {
                "id": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]},
                "sort": {"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"N": "1"}, {"N": "2"}]}
            }
        });
        let inside = as_expression(&request).unwrap();
        assert_eq!(
            inside["KeyConditionExpression"],
            "#KeyConditions0 = :KeyConditions0_0 AND #KeyConditions1 BETWEEN :KeyConditions1_0 AND :KeyConditions1_1"
        );
        assert_eq!(inside["ExpressionAttributeNames"], json!({"#KeyConditions0": "id", "#KeyConditions1": "sort"}));
        assert_eq!(inside["ExpressionAttributeValues"][":KeyConditions1_1"], json!({"N": "2"}));
        assert!(inside.get("KeyConditions").is_none());
    }

    #[test]
    fn what_is_wrong_is_left_to_the_engine() {
        for request in [
            json!({"KeyConditions": {}}),
            json!({"FilterExpression": "x", "KeyConditions": {"a": {"ComparisonOperator": "NE", "AttributeValueList": []}}}),
            json!({"FilterExpression": "x", "QueryFilter": {}, "KeyConditions": {}}),
            json!({"FilterExpression": "x", "ExpressionAttributeNames": {}, "KeyConditions": {}}),
        ] {
            assert_eq!(as_expression(&request), None, "{request}");
        }
    }
}
