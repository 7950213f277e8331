//! What a path may call on what it leads to.

use super::super::TemplateError;
use super::super::value::{Key, ListKind, Value};
use super::Search;
use super::filter::Operand;

/// A call.
#[derive(Clone, Debug)]
pub struct Function {
    /// Of what.
    pub kind: Kind,
    /// With what.
    pub arguments: Vec<Operand>,
}

/// The functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Length,
    Keys,
    Min,
    Max,
    Average,
    Sum,
    Deviation,
    First,
    Last,
    Index,
    Append,
    Concat,
}

impl Kind {
    /// By its name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "length" | "size" => Self::Length,
            "keys" => Self::Keys,
            "min" => Self::Min,
            "max" => Self::Max,
            "avg" => Self::Average,
            "sum" => Self::Sum,
            "stddev" => Self::Deviation,
            "first" => Self::First,
            "last" => Self::Last,
            "index" => Self::Index,
            "append" => Self::Append,
            "concat" => Self::Concat,
            _ => return None,
        })
    }
}

fn fails<T>(why: &str) -> Result<T, TemplateError> {
    Err(TemplateError::Fails { method: "a function of a JSON path".into(), why: why.into() })
}

impl Function {
    /// What it makes of a value.
    pub fn call(&self, search: &mut Search<'_>, value: &Value) -> Result<Value, TemplateError> {
        let mut arguments = Vec::with_capacity(self.arguments.len());
        for argument in &self.arguments {
            let root = search.root;
            arguments.extend(argument.value(search, root)?);
        }
        let items = match value {
            Value::List(list) => Some(list.items.borrow().clone()),
            _ => None,
        };
        Ok(match self.kind {
            Kind::Length => match value {
                Value::Map(map) => Value::count(map.borrow().len()),
                _ => items.map_or(Value::Null, |items| Value::count(items.len())),
            },
            Kind::Keys => match value {
                Value::Map(map) => Value::list_of(ListKind::Collection, map.borrow().keys().map(Key::value).collect()),
                _ => Value::Null,
            },
            Kind::First | Kind::Last | Kind::Index => {
                let index = match (self.kind, arguments.first()) {
                    (Kind::First, _) => 0,
                    (Kind::Last, _) => -1,
                    (_, Some(Value::Integer(index))) => *index,
                    _ => return fails("index takes a number"),
                };
                let items = items.unwrap_or_default();
                match super::super::methods::place(index, items.len()) {
                    Some(place) => items[place].clone(),
                    None => return fails("there is no such item"),
                }
            }
            Kind::Append => match items {
                Some(items) => Value::list_of(ListKind::Json, items.into_iter().chain(arguments).collect()),
                None => value.clone(),
            },
            Kind::Concat => {
                let texts = items.into_iter().flatten().filter(|item| matches!(item, Value::Text(_)));
                let mut text = String::new();
                texts.chain(arguments.iter().flat_map(flat)).for_each(|value| value.print(&mut text));
                Value::text(text)
            }
            Kind::Min | Kind::Max | Kind::Average | Kind::Sum | Kind::Deviation => {
                let own = items.unwrap_or_default();
                let more: Vec<Value> = arguments.iter().flat_map(flat).collect();
                let numbers: Vec<f64> = own.iter().chain(&more).filter_map(Value::number).collect();
                if numbers.is_empty() {
                    return fails("there are no numbers");
                }
                Value::Double(self.aggregate(&numbers))
            }
        })
    }

    fn aggregate(&self, numbers: &[f64]) -> f64 {
        let count = numbers.len() as f64;
        let sum = || numbers.iter().fold(0.0, |sum, number| sum + number);
        match self.kind {
            Kind::Min => numbers.iter().copied().fold(f64::INFINITY, f64::min),
            Kind::Max => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Kind::Average => sum() / count,
            Kind::Deviation => {
                let squares = numbers.iter().fold(0.0, |sum, number| sum + number * number);
                (squares / count - (sum() / count) * (sum() / count)).sqrt()
            }
            _ => sum(),
        }
    }
}

/// A list's items, or the value itself.
fn flat(value: &Value) -> Vec<Value> {
    match value {
        Value::List(list) => list.items.borrow().clone(),
        value => vec![value.clone()],
    }
}
