//! `[?( … )]`: what has to be true of a value.

use super::super::TemplateError;
use super::super::value::{ListKind, Value, same};
use super::{Search, Step};
use slam_cloud_core::java::Pattern;
use std::cmp::Ordering;

/// A condition.
#[derive(Clone, Debug)]
pub enum Filter {
    /// `a || b`
    Any(Vec<Filter>),
    /// `a && b`
    All(Vec<Filter>),
    /// `!a`
    Not(Box<Filter>),
    /// `@.a`: there is such a value.
    Exists(Operand),
    /// `a == b`
    Compare(Operand, Comparison, Operand),
}

/// One side of a comparison.
#[derive(Clone, Debug)]
pub enum Operand {
    /// `@.a`, or from the document's root `$.a`.
    Path(bool, Vec<Step>),
    /// `'text'`
    Text(String),
    /// `1`
    Integer(i128),
    /// `1.5`
    Double(f64),
    /// `true`
    Boolean(bool),
    /// `null`
    Null,
    /// `[1, 2]`
    List(Vec<Operand>),
    /// `/pattern/i`
    Pattern(Pattern),
}

/// How two sides are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    SameTypeEqual,
    SameTypeNotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Matches,
    In,
    NotIn,
    Contains,
    All,
    Size,
    Empty,
    SubsetOf,
    AnyOf,
    NoneOf,
}

impl Comparison {
    /// By their signs, longer ones first.
    pub const SIGNS: [(&'static str, Self); 9] = [
        ("===", Self::SameTypeEqual),
        ("!==", Self::SameTypeNotEqual),
        ("==", Self::Equal),
        ("!=", Self::NotEqual),
        ("<=", Self::LessOrEqual),
        (">=", Self::GreaterOrEqual),
        ("=~", Self::Matches),
        ("<", Self::Less),
        (">", Self::Greater),
    ];

    /// By its word.
    pub fn named(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "in" => Self::In,
            "nin" => Self::NotIn,
            "contains" => Self::Contains,
            "all" => Self::All,
            "size" => Self::Size,
            "empty" => Self::Empty,
            "subsetof" => Self::SubsetOf,
            "anyof" => Self::AnyOf,
            "noneof" => Self::NoneOf,
            _ => return None,
        })
    }
}

impl Filter {
    /// Whether it is true of a value.
    pub fn accepts(&self, search: &mut Search<'_>, value: &Value) -> Result<bool, TemplateError> {
        Ok(match self {
            Self::Any(filters) => {
                for filter in filters {
                    if filter.accepts(search, value)? {
                        return Ok(true);
                    }
                }
                false
            }
            Self::All(filters) => {
                for filter in filters {
                    if !filter.accepts(search, value)? {
                        return Ok(false);
                    }
                }
                true
            }
            Self::Not(filter) => !filter.accepts(search, value)?,
            Self::Exists(operand) => operand.value(search, value)?.is_some(),
            Self::Compare(left, comparison, right) => {
                let left_value = left.value(search, value)?;
                if let (Comparison::Matches, Operand::Pattern(pattern)) = (comparison, right) {
                    return matches(left_value.as_ref(), pattern);
                }
                let right_value = right.value(search, value)?;
                let length = |value: &Option<Value>| match value {
                    Some(Value::List(list)) => list.items.borrow().len().max(1),
                    _ => 1,
                };
                search.visit(length(&left_value).saturating_mul(length(&right_value)))?;
                compare(left_value.as_ref(), *comparison, right_value.as_ref())
            }
        })
    }
}

impl Operand {
    /// Its value; none where a path leads nowhere.
    pub fn value(&self, search: &mut Search<'_>, current: &Value) -> Result<Option<Value>, TemplateError> {
        Ok(Some(match self {
            Self::Path(from_root, steps) => {
                let root = search.root;
                return search.one(steps, if *from_root { root } else { current });
            }
            Self::Text(text) => Value::text(text),
            Self::Integer(number) => Value::Integer(*number),
            Self::Double(number) => Value::Double(*number),
            Self::Boolean(value) => Value::Boolean(*value),
            Self::Null | Self::Pattern(_) => Value::Null,
            Self::List(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.extend(item.value(search, current)?);
                }
                Value::list_of(ListKind::Json, values)
            }
        }))
    }
}

fn matches(value: Option<&Value>, pattern: &Pattern) -> Result<bool, TemplateError> {
    match value {
        Some(value @ (Value::Text(_) | Value::Integer(_) | Value::Double(_))) => pattern
            .is_match(&value.to_text())
            .map_err(|error| TemplateError::Fails { method: "a JSON path".into(), why: error.to_string() }),
        _ => Ok(false),
    }
}

fn compare(left: Option<&Value>, comparison: Comparison, right: Option<&Value>) -> bool {
    let list = |value: Option<&Value>| match value {
        Some(Value::List(list)) => Some(list.items.borrow().clone()),
        _ => None,
    };
    let has = |items: &[Value], item: Option<&Value>| items.iter().any(|own| equal(Some(own), item));
    match comparison {
        Comparison::Equal => equal(left, right),
        Comparison::NotEqual => !equal(left, right),
        Comparison::SameTypeEqual => same_type(left, right) && equal(left, right),
        Comparison::SameTypeNotEqual => !(same_type(left, right) && equal(left, right)),
        Comparison::Less => order(left, right) == Some(Ordering::Less),
        Comparison::LessOrEqual => order(left, right).is_some_and(Ordering::is_le),
        Comparison::Greater => order(left, right) == Some(Ordering::Greater),
        Comparison::GreaterOrEqual => order(left, right).is_some_and(Ordering::is_ge),
        // Only a pattern matches.
        Comparison::Matches => false,
        Comparison::In => list(right).is_some_and(|items| has(&items, left)),
        Comparison::NotIn => list(right).is_some_and(|items| !has(&items, left)),
        Comparison::Contains => match (left, right) {
            (Some(Value::Text(text)), Some(Value::Text(part))) => text.contains(&**part),
            (left, right) => list(left).is_some_and(|items| has(&items, right)),
        },
        Comparison::All => {
            list(left).zip(list(right)).is_some_and(|(own, all)| all.iter().all(|item| has(&own, Some(item))))
        }
        Comparison::Size => match (left, right) {
            (Some(Value::Text(text)), Some(Value::Integer(size))) => text.encode_utf16().count() as i128 == *size,
            (Some(Value::List(items)), Some(Value::Integer(size))) => items.items.borrow().len() as i128 == *size,
            _ => false,
        },
        Comparison::Empty => match (left, right) {
            (Some(Value::Text(text)), Some(Value::Boolean(empty))) => text.is_empty() == *empty,
            (Some(Value::List(items)), Some(Value::Boolean(empty))) => items.items.borrow().is_empty() == *empty,
            (Some(Value::Map(map)), Some(Value::Boolean(empty))) => map.borrow().is_empty() == *empty,
            _ => false,
        },
        Comparison::SubsetOf | Comparison::AnyOf | Comparison::NoneOf => {
            list(left).zip(list(right)).is_some_and(|(own, other)| match comparison {
                Comparison::SubsetOf => own.iter().all(|item| has(&other, Some(item))),
                Comparison::AnyOf => own.iter().any(|item| has(&other, Some(item))),
                _ => !own.iter().any(|item| has(&other, Some(item))),
            })
        }
    }
}

fn same_type(left: Option<&Value>, right: Option<&Value>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => {
            std::mem::discriminant(left) == std::mem::discriminant(right)
                || (left.number().is_some() && right.number().is_some())
        }
        _ => false,
    }
}

/// A number and a text are equal when they are written alike; what is not there equals nothing.
fn equal(left: Option<&Value>, right: Option<&Value>) -> bool {
    let (Some(left), Some(right)) = (left, right) else { return false };
    match (left, right) {
        (Value::Text(text), number) | (number, Value::Text(text)) if number.number().is_some() => {
            number.number() == text.parse().ok()
        }
        _ => match (left.number(), right.number()) {
            (Some(left), Some(right)) => left == right,
            _ => same(left, right),
        },
    }
}

fn order(left: Option<&Value>, right: Option<&Value>) -> Option<Ordering> {
    match (left?, right?) {
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (left, right) => left.number()?.partial_cmp(&right.number()?),
    }
}
