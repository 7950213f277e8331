//! JSON paths as Jayway's json-path has them, for `$input.path` and parameter mappings: names, indices, slices,
//! wildcards, descent, filters and functions (<https://github.com/json-path/JsonPath>).
//!
//! - [`parse`]: reads them.
//! - [`filter`]: `[?( … )]`
//! - [`function`]: `.length()`, `.sum()` …

mod filter;
mod function;
mod parse;

use super::TemplateError;
use super::value::{Key, List, ListKind, Value};
use filter::Filter;
use function::Function;
use indexmap::IndexMap;

/// Values that the search for a path may look at.
const VISITS: usize = 1_000_000;

/// A path.
#[derive(Clone, Debug)]
pub struct JsonPath {
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    /// `.name`, `['name']`, `['a', 'b']`
    Names(Vec<String>),
    /// `[0]`, `[-1]`, `[0, 2]`
    Indices(Vec<i128>),
    /// `[1:3]`, `[:2]`, `[-2:]`
    Slice(Option<i128>, Option<i128>),
    /// `.*`, `[*]`
    All,
    /// `[?( … )]`
    Filter(Filter),
    /// `..`: what follows is looked for everywhere.
    Anywhere,
    /// `.length()`
    Function(Function),
}

/// Why a search ends.
enum End {
    /// A path that leads to one place leads to none.
    NotFound,
    Failed(TemplateError),
}

impl From<TemplateError> for End {
    fn from(error: TemplateError) -> Self {
        Self::Failed(error)
    }
}

impl JsonPath {
    /// Reads a path; without `$` at its beginning it is one from there.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        parse::path(text).ok_or_else(|| TemplateError::JsonPath(text.to_owned()))
    }

    /// What it leads to: one value, or a list of all values where it may lead to several.
    ///
    /// # Errors
    /// When a function or a filter cannot be applied, and when too much is looked at.
    pub fn evaluate(&self, document: &Value) -> Result<Option<Value>, TemplateError> {
        Search { root: document, visits: 0 }.one(&self.steps, document)
    }
}

/// Whether steps lead to one place.
fn is_definite(steps: &[Step]) -> bool {
    let leaf = steps.len().saturating_sub(1);
    steps.iter().enumerate().all(|(index, step)| match step {
        // Several names at the end make one object.
        Step::Names(names) => names.len() == 1 || index == leaf,
        Step::Indices(indices) => indices.len() == 1,
        Step::Function(_) => true,
        Step::Slice(..) | Step::All | Step::Filter(_) | Step::Anywhere => false,
    })
}

/// A search in a document.
struct Search<'d> {
    root: &'d Value,
    visits: usize,
}

impl Search<'_> {
    fn one(&mut self, steps: &[Step], from: &Value) -> Result<Option<Value>, TemplateError> {
        // A function behind a descent is of all that was found.
        if let Some((Step::Function(function), before)) = steps.split_last()
            && before.iter().any(|step| matches!(step, Step::Anywhere))
        {
            let found = self.one(before, from)?.unwrap_or(Value::Null);
            return function.call(self, &found).map(Some);
        }
        let mut found = Vec::new();
        match self.walk(steps, from, true, &mut found) {
            Ok(()) if is_definite(steps) => Ok(found.into_iter().next()),
            Ok(()) => Ok(Some(Value::list_of(ListKind::Json, found))),
            Err(End::NotFound) => Ok(None),
            Err(End::Failed(error)) => Err(error),
        }
    }

    /// Counts what is looked at, so that there is an end to it.
    fn visit(&mut self, values: usize) -> Result<(), TemplateError> {
        self.visits = self.visits.saturating_add(values);
        if self.visits > VISITS { Err(TemplateError::Steps(VISITS)) } else { Ok(()) }
    }

    /// Adds what the steps lead to from a value; `definite` tells whether it is the only one they are taken from.
    fn walk(&mut self, steps: &[Step], value: &Value, definite: bool, found: &mut Vec<Value>) -> Result<(), End> {
        self.visit(1)?;
        let Some((step, rest)) = steps.split_first() else {
            found.push(value.clone());
            return Ok(());
        };
        // Where several values are looked at, those that a step is not for are passed over.
        let unfit = || if definite { Err(End::NotFound) } else { Ok(()) };
        match (step, value) {
            (Step::Names(names), Value::Map(_)) => self.names(names, rest, value, definite, found),
            (Step::Indices(indices), Value::List(list)) => {
                for index in indices {
                    let item = super::methods::place(*index, list.items.borrow().len());
                    let item = item.and_then(|place| list.items.borrow().get(place).cloned());
                    if let Some(item) = item {
                        self.walk(rest, &item, definite && indices.len() == 1, found)?;
                    }
                }
                Ok(())
            }
            (Step::Slice(from, to), Value::List(list)) => {
                for item in slice(list, *from, *to) {
                    self.walk(rest, &item, false, found)?;
                }
                Ok(())
            }
            (Step::All, value) => {
                for item in children(value) {
                    self.walk(rest, &item, false, found)?;
                }
                Ok(())
            }
            (Step::Filter(filter), Value::Map(_)) => match filter.accepts(self, value)? {
                true => self.walk(rest, value, false, found),
                false => Ok(()),
            },
            (Step::Filter(filter), Value::List(_)) => {
                for item in children(value) {
                    if filter.accepts(self, &item)? {
                        self.walk(rest, &item, false, found)?;
                    }
                }
                Ok(())
            }
            (Step::Anywhere, value) => self.anywhere(rest, value, 0, found),
            (Step::Function(function), value) => {
                let result = function.call(self, value)?;
                self.walk(rest, &result, definite, found)
            }
            _ => unfit(),
        }
    }

    fn names(
        &mut self,
        names: &[String],
        rest: &[Step],
        value: &Value,
        definite: bool,
        found: &mut Vec<Value>,
    ) -> Result<(), End> {
        let Value::Map(map) = value else { return Ok(()) };
        let member = |name: &String| map.borrow().get(&Key::from(name.as_str())).cloned();
        if names.len() > 1 && rest.is_empty() {
            let some: IndexMap<Key, Value> =
                names.iter().filter_map(|name| Some((Key::from(name.as_str()), member(name)?))).collect();
            found.push(Value::map_of(some));
            return Ok(());
        }
        for name in names {
            match member(name) {
                Some(member) => self.walk(rest, &member, definite && names.len() == 1, found)?,
                None if definite && names.len() == 1 => return Err(End::NotFound),
                None => {}
            }
        }
        Ok(())
    }

    /// Takes the steps from each value that the first of them is for.
    fn anywhere(&mut self, steps: &[Step], value: &Value, depth: usize, found: &mut Vec<Value>) -> Result<(), End> {
        let Some((first, rest)) = steps.split_first() else { return Ok(()) };
        if depth > super::value::DEPTH {
            return Ok(());
        }
        let fits = match (first, value) {
            (Step::Names(names), Value::Map(map)) => {
                names.len() > 1 || names.iter().all(|name| map.borrow().contains_key(&Key::from(name.as_str())))
            }
            (Step::Indices(_) | Step::Slice(..), Value::List(_)) => true,
            (Step::All, Value::Map(_) | Value::List(_)) => true,
            (Step::Filter(filter), value) => filter.accepts(self, value)?,
            _ => false,
        };
        match first {
            _ if !fits => {}
            Step::Filter(_) => self.walk(rest, value, false, found)?,
            _ => self.walk(steps, value, false, found)?,
        }
        for child in children(value) {
            self.visit(1)?;
            self.anywhere(steps, &child, depth + 1, found)?;
        }
        Ok(())
    }
}

/// The members of an object or the items of an array.
fn children(value: &Value) -> Vec<Value> {
    match value {
        Value::Map(map) => map.borrow().values().cloned().collect(),
        Value::List(list) => list.items.borrow().clone(),
        _ => Vec::new(),
    }
}

fn slice(list: &List, from: Option<i128>, to: Option<i128>) -> Vec<Value> {
    let items = list.items.borrow();
    let length = items.len() as i128;
    let place = |index: i128| if index < 0 { (index + length).max(0) } else { index.min(length) } as usize;
    let (from, to) = (from.map_or(0, place), to.map_or(items.len(), place));
    items.get(from..to).unwrap_or_default().to_vec()
}

#[cfg(test)]
mod tests {
    use super::super::json::{Style, read, write};
    use super::*;

    #[test]
    fn paths_lead_to_values() {
        let document = r#"{"a": {"b": [1, {"c": "x"}]}, "key with spaces": 2, "list": [{"n": 1}, {"n": 2}]}"#;
        let document = read(document).expect("a document");
        for (path, expected) in [
            ("$.a.b[0]", Some("1")),
            ("$.a.b[-1].c", Some("\"x\"")),
            ("$['key with spaces']", Some("2")),
            ("$.list[*].n", Some("[1,2]")),
            ("$..n", Some("[1,2]")),
            ("$.missing", None),
            ("$.a.b[7]", None),
        ] {
            let found = JsonPath::parse(path).and_then(|path| path.evaluate(&document)).expect(path);
            let found = found.map(|found| {
                let mut text = String::new();
                write(&found, Style::Plain, &mut text);
                text
            });
            assert_eq!(found.as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for path in ["", "$.", "$[", "$[?(@.a", "$ a", "$..", "$[?()]", "$.nothing()", "$[?(@.a ==)]"] {
            assert!(JsonPath::parse(path).is_err(), "{path}");
        }
    }

    /// Each descent multiplies what the ones before it found.
    #[test]
    fn a_search_has_an_end() {
        let document = read(&format!("{}1{}", "[".repeat(60), ",2]".repeat(60))).expect("a document");
        let path = JsonPath::parse(format!("$..{}", "*..".repeat(6)).trim_end_matches('.'));
        assert!(matches!(path.expect("a path").evaluate(&document), Err(TemplateError::Steps(_))));
    }
}
