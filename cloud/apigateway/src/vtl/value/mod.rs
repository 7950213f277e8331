//! Values of templates: Java's, as far as templates can tell.
//!
//! - [`json`]: reads and writes them.

pub mod json;

use super::ast::Node;
use super::java::double;
use indexmap::IndexMap;
use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::Arc;

/// Templates may put a list into itself: deeper than this nothing is printed.
pub const DEPTH: usize = 100;
/// Values visited by one comparison or conversion, and characters of one printed value, before it is cut off.
const BUDGET: usize = 10 * 1024 * 1024;

/// A map that templates change in place.
pub type Map = Rc<RefCell<IndexMap<Key, Value>>>;

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    /// Java's null.
    Null,
    /// A boolean.
    Boolean(bool),
    /// An `Integer`, `Long` or `BigInteger`, whichever is the first that it fits in.
    Integer(i128),
    /// A `Double`.
    Double(f64),
    /// A number with more digits than the others hold, as it is written: a `BigDecimal`, a large `BigInteger`.
    Digits(Rc<str>),
    /// Text.
    Text(Rc<str>),
    /// A list, changed in place.
    List(Rc<List>),
    /// A map in the order of its making, changed in place.
    Map(Map),
    /// An entry of a map.
    Entry(Rc<(Value, Value)>),
    /// What goes through a list.
    Iterator(Rc<Iterator>),
    /// `$foreach`
    Loop(Rc<Loop>),
    /// What `#define` made.
    Block(Arc<Vec<Node>>),
    /// `$input`
    Input,
    /// `$util`
    Util,
}

/// A key of a map: `1` and `'1'` are two.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// Java's null.
    Null,
    /// A boolean.
    Boolean(bool),
    /// A whole number.
    Integer(i128),
    /// Text.
    Text(Rc<str>),
}

impl Key {
    /// The value that it is.
    pub fn value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(value) => Value::Boolean(*value),
            Self::Integer(number) => Value::Integer(*number),
            Self::Text(text) => Value::Text(Rc::clone(text)),
        }
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// What a list is to Java.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// An `ArrayList`, which a template made.
    Java,
    /// json-smart's list, which prints itself as JSON (recorded: test_input_path_template_formatting).
    Json,
    /// An array, as of `split`.
    Array,
    /// A collection without places: `keySet()`, `values()`, `entrySet()`.
    Collection,
}

/// A list.
#[derive(Debug)]
pub struct List {
    /// Its items.
    pub items: RefCell<Vec<Value>>,
    /// What it is.
    pub kind: ListKind,
}

/// What goes through a list.
#[derive(Debug)]
pub struct Iterator {
    /// What is gone through.
    pub items: Vec<Value>,
    /// How far it has come.
    pub place: Cell<usize>,
}

/// A round of a `#foreach`.
#[derive(Debug)]
pub struct Loop {
    /// From 0.
    pub index: usize,
    /// How many rounds there are.
    pub size: usize,
    /// The loop around it.
    pub parent: Option<Rc<Loop>>,
}

impl Value {
    /// Text.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::Text(text.as_ref().into())
    }

    /// A list that a template made.
    pub fn list(items: Vec<Self>) -> Self {
        Self::list_of(ListKind::Java, items)
    }

    /// A list of a kind.
    pub fn list_of(kind: ListKind, items: Vec<Self>) -> Self {
        Self::List(Rc::new(List { items: RefCell::new(items), kind }))
    }

    /// A map whose keys are texts.
    pub fn map(entries: impl IntoIterator<Item = (String, Self)>) -> Self {
        Self::map_of(entries.into_iter().map(|(key, value)| (Key::from(key.as_str()), value)).collect())
    }

    /// A map.
    pub fn map_of(entries: IndexMap<Key, Self>) -> Self {
        Self::Map(Rc::new(RefCell::new(entries)))
    }

    /// A whole number.
    pub fn count(number: usize) -> Self {
        Self::Integer(number as i128)
    }

    /// What kind of value it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a boolean",
            Self::Integer(_) | Self::Double(_) | Self::Digits(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
            Self::Entry(_) => "an entry of a map",
            Self::Iterator(_) => "an iterator",
            Self::Loop(_) => "$foreach",
            Self::Block(_) => "a #define",
            Self::Input => "$input",
            Self::Util => "$util",
        }
    }

    /// Velocity's truth: everything but false and null.
    pub fn is_true(&self) -> bool {
        !matches!(self, Self::Null | Self::Boolean(false))
    }

    /// The same value, which changes by itself.
    pub fn copied(&self) -> Self {
        match self {
            Self::List(list) => Self::list_of(list.kind, list.items.borrow().iter().map(Self::copied).collect()),
            Self::Map(map) => {
                Self::map_of(map.borrow().iter().map(|(key, value)| (key.clone(), value.copied())).collect())
            }
            other => other.clone(),
        }
    }

    /// The key that it is in a map; none of a value that the embedded cloud has no keys of.
    pub fn key(&self) -> Option<Key> {
        Some(match self {
            Self::Null => Key::Null,
            Self::Boolean(value) => Key::Boolean(*value),
            Self::Integer(number) => Key::Integer(*number),
            Self::Text(text) => Key::Text(Rc::clone(text)),
            _ => return None,
        })
    }

    /// The number it is, near enough to compare it.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Double(number) => Some(*number),
            Self::Digits(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Writes it as Java's `toString` does; null is nothing.
    pub fn print(&self, out: &mut String) {
        self.print_at(0, out);
    }

    fn print_at(&self, depth: usize, out: &mut String) {
        if depth > DEPTH || out.len() > BUDGET {
            return;
        }
        match self {
            Self::Null if depth > 0 => out.push_str("null"),
            Self::Null | Self::Input | Self::Util | Self::Iterator(_) | Self::Loop(_) | Self::Block(_) => {}
            Self::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Integer(number) => {
                let _ = write!(out, "{number}");
            }
            Self::Double(number) => out.push_str(&double(*number)),
            Self::Digits(text) | Self::Text(text) => out.push_str(text),
            Self::List(list) if list.kind == ListKind::Json => json::write(self, json::Style::Web, out),
            Self::List(list) => {
                out.push('[');
                for (index, item) in list.items.borrow().iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    item.print_at(depth + 1, out);
                }
                out.push(']');
            }
            Self::Map(map) => {
                out.push('{');
                for (index, (key, value)) in map.borrow().iter().enumerate() {
                    out.push_str(if index > 0 { ", " } else { "" });
                    key.value().print_at(depth + 1, out);
                    out.push('=');
                    value.print_at(depth + 1, out);
                }
                out.push('}');
            }
            Self::Entry(entry) => {
                entry.0.print_at(depth + 1, out);
                out.push('=');
                entry.1.print_at(depth + 1, out);
            }
        }
    }

    /// Its text.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.print(&mut text);
        text
    }

    /// The value of a JSON document.
    pub fn from_json(document: &serde_json::Value) -> Self {
        match document {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Boolean(*value),
            serde_json::Value::Number(number) => match number.as_i128() {
                Some(number) => Self::Integer(number),
                None => Self::Double(number.as_f64().unwrap_or(f64::NAN)),
            },
            serde_json::Value::String(text) => Self::text(text),
            serde_json::Value::Array(items) => {
                Self::list_of(ListKind::Json, items.iter().map(Self::from_json).collect())
            }
            serde_json::Value::Object(entries) => {
                Self::map(entries.iter().map(|(key, value)| (key.clone(), Self::from_json(value))))
            }
        }
    }

    /// The JSON document of a value.
    pub fn to_json(&self) -> serde_json::Value {
        self.json_at(0, &mut BUDGET.clone())
    }

    fn json_at(&self, depth: usize, budget: &mut usize) -> serde_json::Value {
        *budget = budget.saturating_sub(1);
        if depth > DEPTH || *budget == 0 {
            return serde_json::Value::Null;
        }
        match self {
            Self::Boolean(value) => (*value).into(),
            Self::Integer(number) => match i64::try_from(*number) {
                Ok(number) => number.into(),
                Err(_) => (*number as f64).into(),
            },
            Self::Double(number) => (*number).into(),
            Self::Digits(_) => self.number().into(),
            Self::Text(text) => serde_json::Value::String(text.to_string()),
            Self::List(list) => list.items.borrow().iter().map(|item| item.json_at(depth + 1, budget)).collect(),
            Self::Map(map) => serde_json::Value::Object(
                map.borrow()
                    .iter()
                    .map(|(key, value)| (key.value().to_text(), value.json_at(depth + 1, budget)))
                    .collect(),
            ),
            _ => serde_json::Value::Null,
        }
    }
}

/// Velocity's `==`: numbers by value, values of one class by Java's `equals`, others by their text. On API Gateway null
/// and the empty string are alike (recorded: test_input_path_template_formatting, empty-body).
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Null, other) | (other, Value::Null) => matches!(other, Value::Text(text) if text.is_empty()),
        (Value::Integer(left), Value::Integer(right)) => left == right,
        _ => match (left.number(), right.number()) {
            (Some(left), Some(right)) => left == right,
            _ if std::mem::discriminant(left) == std::mem::discriminant(right) => same(left, right),
            _ => left.to_text() == right.to_text(),
        },
    }
}

/// Java's `equals`: `1` is neither `1.0` nor `'1'`.
pub fn same(left: &Value, right: &Value) -> bool {
    same_at(left, right, 0, &mut BUDGET.clone())
}

fn same_at(left: &Value, right: &Value, depth: usize, budget: &mut usize) -> bool {
    *budget = budget.saturating_sub(1);
    if depth > DEPTH || *budget == 0 {
        return false;
    }
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Boolean(left), Value::Boolean(right)) => left == right,
        (Value::Integer(left), Value::Integer(right)) => left == right,
        (Value::Double(left), Value::Double(right)) => left == right || (left.is_nan() && right.is_nan()),
        (Value::Text(left), Value::Text(right)) | (Value::Digits(left), Value::Digits(right)) => left == right,
        (Value::List(left), Value::List(right)) => {
            let (left, right) = (left.items.borrow(), right.items.borrow());
            let mut pairs = left.iter().zip(right.iter());
            left.len() == right.len() && pairs.all(|(left, right)| same_at(left, right, depth + 1, budget))
        }
        (Value::Map(left), Value::Map(right)) => {
            let (left, right) = (left.borrow(), right.borrow());
            let mut alike =
                |key: &Key, value| right.get(key).is_some_and(|other| same_at(value, other, depth + 1, budget));
            left.len() == right.len() && left.iter().all(|(key, value)| alike(key, value))
        }
        (Value::Entry(left), Value::Entry(right)) => {
            same_at(&left.0, &right.0, depth + 1, budget) && same_at(&left.1, &right.1, depth + 1, budget)
        }
        _ => false,
    }
}
