//! What a condition of keys may be, of all that conditions can: one comparison per attribute, joined by AND (API Reference,
//! Query, `KeyConditionExpression`).
//!
//! The faults, their order and their words are dynalite's, whose suite was recorded on AWS (test/query.js, "should return
//! ValidationException for invalid operators" and those after it). Two of them begin otherwise since then.

use super::condition::Node;

/// Refuses a condition that no key can have. Nothing of a table is needed for that.
///
/// # Errors
/// AWS's words for it.
pub fn check(condition: &Node<'_>) -> Result<(), String> {
    conditions(condition, &mut Vec::new())
}

/// `compared` are the attributes of the conditions before this one.
fn conditions<'n>(node: &'n Node<'_>, compared: &mut Vec<&'n str>) -> Result<(), String> {
    let (operator, operands) = match node {
        Node::Condition(operator, operands) => (*operator, operands),
        Node::Function(name, operands) => (*name, operands),
        Node::Path(_) | Node::Value(_) => return Ok(()),
    };
    match operator {
        "OR" | "NOT" | "IN" | "<>" | "attribute_exists" | "attribute_not_exists" | "attribute_type" | "contains" => {
            return Err(format!("Invalid operator used in KeyConditionExpression: {operator}"));
        }
        "size" => return Err("KeyConditionExpressions cannot contain nested operations".to_owned()),
        "BETWEEN" | "begins_with" if !matches!(operands.first(), Some(Node::Path(_))) => {
            return Err(format!(
                "Invalid condition in KeyConditionExpression: {operator} operator must have the key attribute as its first \
                 operand"
            ));
        }
        _ => {}
    }
    let mut attribute = None;
    for operand in operands {
        let Node::Path(path) = operand else {
            conditions(operand, compared)?;
            continue;
        };
        if attribute.is_some() {
            return Err("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition"
                .to_owned());
        }
        // Captured on AWS in October 2026 with these first words (dynoxide-rs 3.2.0, tests/query_scan.rs and
        // src/expressions/key_condition.rs).
        attribute = Some(path.attribute().ok_or_else(|| {
            "Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested attributes"
                .to_owned()
        })?);
    }
    if operator == "AND" {
        return Ok(());
    }
    let attribute = attribute
        .ok_or_else(|| "Invalid condition in KeyConditionExpression: No key attribute specified".to_owned())?;
    if compared.contains(&attribute) {
        return Err("Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key"
            .to_owned());
    }
    compared.push(attribute);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::attributes::{Attributes, Type};
    use super::super::condition;
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn conditions_of_keys() {
        const NESTED: &str = "KeyConditionExpressions cannot contain nested operations";
        const DEEP: &str =
            "Invalid KeyConditionExpression: KeyConditionExpressions cannot have conditions on nested attributes";
        const SEVERAL: &str =
            "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition";
        const NONE: &str = "Invalid condition in KeyConditionExpression: No key attribute specified";
        const TWICE: &str =
            "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key";
        for (expression, expected) in [
            ("k = :v AND s BETWEEN :v AND :v", ""),
            ("(k = :v) AND (:v <= s)", ""),
            ("begins_with(s, :v) AND k = :v", ""),
            ("k = :v OR s = :v", "Invalid operator used in KeyConditionExpression: OR"),
            ("k = :v AND NOT s = :v", "Invalid operator used in KeyConditionExpression: NOT"),
            ("s IN (:v)", "Invalid operator used in KeyConditionExpression: IN"),
            ("s <> :v", "Invalid operator used in KeyConditionExpression: <>"),
            ("k = :v AND contains(s, :v)", "Invalid operator used in KeyConditionExpression: contains"),
            (
                "begins_with(:v, s)",
                "Invalid condition in KeyConditionExpression: begins_with operator must have the key attribute as its \
                 first operand",
            ),
            (
                ":v BETWEEN s AND s",
                "Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its first \
                 operand",
            ),
            ("size(s) > :v AND k = :v", NESTED),
            ("k > size(s)", NESTED),
            ("s.a = :v", DEEP),
            ("s[0] > k", DEEP),
            ("k > s", SEVERAL),
            ("begins_with(k, s)", SEVERAL),
            ("k = :v AND :v > :v", NONE),
            ("k > :v AND s = :v AND k < :v", TWICE),
            ("(k = :v AND s > :v) AND (s < :v AND k = :v)", TWICE),
        ] {
            let value = Type { name: "S".to_owned(), text: Some("x".to_owned()) };
            let mut attributes = Attributes::new(BTreeMap::new(), BTreeMap::from([(":v".to_owned(), value)]));
            let read =
                condition::read(expression, &mut attributes).unwrap_or_else(|fault| panic!("{expression}: {fault}"));
            assert_eq!(check(&read.root).err().unwrap_or_default(), expected, "{expression}");
        }
    }
}
