//! Items in JSON: parts of them, and whether two are the same.

use crate::expression::path::{Path, Step};
use serde_json::{Map, Value, json};

/// The parts of an item at certain paths, within maps and lists of nothing else: of a list the elements in their order
/// (dynalite's suite, which was recorded on AWS: test/updateItem.js, "should return updated new and updated old …").
pub fn at_paths(item: &Value, paths: &[Path]) -> Value {
    let mut paths: Vec<&[Step]> = paths.iter().map(|path| path.0.as_slice()).collect();
    paths.sort_unstable();
    let Some(item) = item.as_object() else { return json!({}) };
    Value::Object(within_map(item, &paths))
}

fn within_map(map: &Map<String, Value>, paths: &[&[Step]]) -> Map<String, Value> {
    let mut found = Map::new();
    for (step, rest) in grouped(paths) {
        if let Step::Attribute(name) = step
            && let Some(value) = map.get(name).and_then(|value| within(value, &rest))
        {
            found.insert(name.clone(), value);
        }
    }
    found
}

/// The parts of a value; `None` when there is nothing at any of the paths.
fn within(value: &Value, paths: &[&[Step]]) -> Option<Value> {
    if paths.iter().any(|path| path.is_empty()) {
        return Some(value.clone());
    }
    if let Some(map) = value.get("M").and_then(Value::as_object) {
        let found = within_map(map, paths);
        return (!found.is_empty()).then(|| json!({ "M": found }));
    }
    let list = value.get("L")?.as_array()?;
    let elements = grouped(paths).into_iter().filter_map(|(step, rest)| match step {
        Step::Element(index) => within(list.get(*index)?, &rest),
        Step::Attribute(_) => None,
    });
    let found: Vec<Value> = elements.collect();
    (!found.is_empty()).then(|| json!({ "L": found }))
}

/// Sorted paths by their first step.
fn grouped<'a>(paths: &[&'a [Step]]) -> Vec<(&'a Step, Vec<&'a [Step]>)> {
    let mut groups: Vec<(&Step, Vec<&[Step]>)> = Vec::new();
    for (first, rest) in paths.iter().filter_map(|path| path.split_first()) {
        match groups.last_mut() {
            Some((step, group)) if *step == first => group.push(rest),
            _ => groups.push((first, vec![rest])),
        }
    }
    groups
}

/// Whether two items, maps or values are the same: sets have no order.
pub fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| {
                    other.get(name).is_some_and(|found| match name.as_str() {
                        "SS" | "NS" | "BS" => same_set(value, found),
                        _ => same(value, found),
                    })
                })
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        _ => one == other,
    }
}

fn same_set(one: &Value, other: &Value) -> bool {
    // An attribute may itself be called SS.
    let (Some(members), Some(others)) = (one.as_array(), other.as_array()) else { return same(one, other) };
    let sorted = |members: &[Value]| {
        let mut members: Vec<String> = members.iter().map(Value::to_string).collect();
        members.sort_unstable();
        members
    };
    sorted(members) == sorted(others)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(steps: &[Step]) -> Path {
        Path(steps.to_vec())
    }

    #[test]
    fn parts_are_what_was_changed() {
        let attribute = |name: &str| Step::Attribute(name.to_owned());
        let item =
            json!({"l": {"L": [{"N": "0"}, {"N": "1"}, {"M": {"a": {"S": "x"}, "b": {"S": "y"}}}]}, "s": {"S": "z"}});
        for (paths, expected) in [
            (vec![path(&[attribute("l"), Step::Element(1)])], json!({"l": {"L": [{"N": "1"}]}})),
            (
                vec![path(&[attribute("l"), Step::Element(1)]), path(&[attribute("l"), Step::Element(0)])],
                json!({"l": {"L": [{"N": "0"}, {"N": "1"}]}}),
            ),
            (
                vec![path(&[attribute("l"), Step::Element(2), attribute("b")]), path(&[attribute("s")])],
                json!({"l": {"L": [{"M": {"b": {"S": "y"}}}]}, "s": {"S": "z"}}),
            ),
            (vec![path(&[attribute("l"), Step::Element(9)]), path(&[attribute("none")])], json!({})),
        ] {
            assert_eq!(at_paths(&item, &paths), expected);
        }
    }

    #[test]
    fn sets_have_no_order() {
        let item = |set: Value| json!({"id": {"S": "a"}, "s": {"SS": set}, "l": {"L": [{"N": "1"}, {"N": "2"}]}});
        assert!(same(&item(json!(["a", "b"])), &item(json!(["b", "a"]))));
        assert!(!same(&item(json!(["a", "b"])), &item(json!(["a", "c"]))));
        assert!(!same(&json!({"l": {"L": [{"N": "1"}, {"N": "2"}]}}), &json!({"l": {"L": [{"N": "2"}, {"N": "1"}]}})));
    }
}
