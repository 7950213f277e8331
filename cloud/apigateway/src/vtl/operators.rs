//! What stands between two values: Velocity's `MathUtils`.

use super::TemplateError;
use super::ast::Operator;
use super::value::Value;
use std::cmp::Ordering;

/// How two numbers lie to each other; nothing else has an order.
pub fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Integer(left), Value::Integer(right)) => Some(left.cmp(right)),
        _ => left.number()?.partial_cmp(&right.number()?),
    }
}

/// Calculates. What is no number has no result, and neither has a division by zero.
pub fn arithmetic(operator: Operator, left: &Value, right: &Value) -> Result<Value, TemplateError> {
    let divides = matches!(operator, Operator::Divide | Operator::Remainder);
    if divides && right.number() == Some(0.0) {
        return Ok(Value::Null);
    }
    match (left, right) {
        (Value::Integer(left), Value::Integer(right)) => {
            let result = match operator {
                Operator::Add => left.checked_add(*right),
                Operator::Subtract => left.checked_sub(*right),
                Operator::Multiply => left.checked_mul(*right),
                Operator::Divide => left.checked_div(*right),
                _ => left.checked_rem(*right),
            };
            result.map(Value::Integer).ok_or(TemplateError::Digits)
        }
        (Value::Digits(_), other) | (other, Value::Digits(_)) if other.number().is_some() => Err(TemplateError::Digits),
        _ => Ok(match (left.number(), right.number()) {
            (Some(left), Some(right)) => Value::Double(match operator {
                Operator::Add => left + right,
                Operator::Subtract => left - right,
                Operator::Multiply => left * right,
                Operator::Divide => left / right,
                _ => left % right,
            }),
            _ => Value::Null,
        }),
    }
}
