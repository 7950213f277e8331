//! Values of templates: Java's, as far as templates can tell.

use indexmap::IndexMap;
use std::cell::RefCell;
use std::fmt::Write as _;
use std::rc::Rc;

/// Templates may put a list into itself: deeper than this nothing is printed.
const DEPTH: usize = 100;
/// Values visited by one comparison or conversion, and characters of one printed value, before it is cut off.
const BUDGET: usize = 10 * 1024 * 1024;

/// A map that templates change in place.
pub type Map = Rc<RefCell<IndexMap<String, Value>>>;

/// A value.
#[derive(Clone, Debug)]
pub enum Value {
    /// Java's null.
    Null,
    /// A boolean.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Double(f64),
    /// Text.
    Text(Rc<str>),
    /// A list, changed in place.
    List(Rc<List>),
    /// A map in the order of its making, changed in place.
    Map(Map),
    /// `$input`
    Input,
    /// `$util`
    Util,
}

/// A list. Those from JSON print themselves as JSON, those made in a template as Java's lists do.
#[derive(Debug)]
pub struct List {
    /// Its items.
    pub items: RefCell<Vec<Value>>,
    /// Whether it came from JSON (recorded: test_input_path_template_formatting).
    pub json: bool,
}

impl Value {
    /// Text.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::Text(text.as_ref().into())
    }

    /// A list that a template made.
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(Rc::new(List { items: RefCell::new(items), json: false }))
    }

    /// A map.
    pub fn map(entries: impl IntoIterator<Item = (String, Self)>) -> Self {
        Self::Map(Rc::new(RefCell::new(entries.into_iter().collect())))
    }

    /// What kind of value it is, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a boolean",
            Self::Integer(_) | Self::Double(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
            Self::Input => "$input",
            Self::Util => "$util",
        }
    }

    /// Velocity's truth: everything but false and null.
    pub fn is_true(&self) -> bool {
        !matches!(self, Self::Null | Self::Boolean(false))
    }

    /// The whole number it is.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Double(number) if number.fract() == 0.0 => Some(*number as i64),
            _ => None,
        }
    }

    /// The number it is.
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Double(number) => Some(*number),
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
            Self::Null | Self::Input | Self::Util => {}
            Self::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Integer(number) => {
                let _ = write!(out, "{number}");
            }
            Self::Double(number) => out.push_str(&double(*number)),
            Self::Text(text) => out.push_str(text),
            Self::List(list) if list.json => out.push_str(&self.to_json().to_string()),
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
                    out.push_str(key);
                    out.push('=');
                    value.print_at(depth + 1, out);
                }
                out.push('}');
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
    pub fn from_json(json: &serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Boolean(*value),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(number) => Self::Integer(number),
                None => Self::Double(number.as_f64().unwrap_or(f64::NAN)),
            },
            serde_json::Value::String(text) => Self::text(text),
            serde_json::Value::Array(items) => Self::List(Rc::new(List {
                items: RefCell::new(items.iter().map(Self::from_json).collect()),
                json: true,
            })),
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
            Self::Null | Self::Input | Self::Util => serde_json::Value::Null,
            Self::Boolean(value) => (*value).into(),
            Self::Integer(number) => (*number).into(),
            Self::Double(number) => (*number).into(),
            Self::Text(text) => serde_json::Value::String(text.to_string()),
            Self::List(list) => list.items.borrow().iter().map(|item| item.json_at(depth + 1, budget)).collect(),
            Self::Map(map) => serde_json::Value::Object(
                map.borrow().iter().map(|(key, value)| (key.clone(), value.json_at(depth + 1, budget))).collect(),
            ),
        }
    }
}

/// Java's `Double.toString`, near enough: a whole number keeps its `.0`.
fn double(number: f64) -> String {
    if number.fract() == 0.0 && number.abs() < 1e15 { format!("{number:.1}") } else { number.to_string() }
}

/// Velocity's `==`: numbers by value, everything else by kind and content; null and the empty string are alike
/// (recorded: test_input_path_template_formatting, empty-body).
pub fn equal(left: &Value, right: &Value) -> bool {
    equal_at(left, right, 0, &mut BUDGET.clone())
}

fn equal_at(left: &Value, right: &Value, depth: usize, budget: &mut usize) -> bool {
    *budget = budget.saturating_sub(1);
    if depth > DEPTH || *budget == 0 {
        return false;
    }
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Null, Value::Text(text)) | (Value::Text(text), Value::Null) => text.is_empty(),
        (Value::Boolean(left), Value::Boolean(right)) => left == right,
        (Value::Text(left), Value::Text(right)) => left == right,
        (Value::List(left), Value::List(right)) => {
            let (left, right) = (left.items.borrow(), right.items.borrow());
            let mut pairs = left.iter().zip(right.iter());
            left.len() == right.len() && pairs.all(|(left, right)| equal_at(left, right, depth + 1, budget))
        }
        (Value::Map(left), Value::Map(right)) => {
            let (left, right) = (left.borrow(), right.borrow());
            let mut same =
                |key: &str, value| right.get(key).is_some_and(|other| equal_at(value, other, depth + 1, budget));
            left.len() == right.len() && left.iter().all(|(key, value)| same(key, value))
        }
        _ => match (left.number(), right.number()) {
            (Some(left), Some(right)) => left == right,
            // Velocity compares what it cannot compare by its text.
            (Some(_), None) | (None, Some(_)) => left.to_text() == right.to_text(),
            _ => false,
        },
    }
}
