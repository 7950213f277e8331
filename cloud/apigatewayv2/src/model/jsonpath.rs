//! JSON paths, as parameter mappings use them: names, indices and wildcards. "Recursive descent and filter expressions aren't
//! supported." <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html>

use serde_json::Value;
use winnow::ascii::{digit1, multispace0};
use winnow::combinator::{alt, delimited, opt, preceded, repeat};
use winnow::prelude::*;
use winnow::token::{take_till, take_while};

/// A text that is no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoPath(pub String);

/// A path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonPath {
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// `.name`, `['name']`
    Name(String),
    /// `[0]`, `[-1]`
    Index(i64),
    /// `.*`, `[*]`
    All,
}

impl JsonPath {
    /// Reads a path that begins with `$`.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str) -> Result<Self, NoPath> {
        path.parse(text.trim()).map_err(|_| NoPath(text.to_owned()))
    }

    /// What it leads to: one value, or a list of all values where it has wildcards; no more than the document has.
    pub fn evaluate(&self, document: &Value) -> Option<Value> {
        let mut found = vec![document];
        let mut several = false;
        for step in &self.steps {
            several |= *step == Step::All;
            let mut next = Vec::new();
            for value in found {
                one_step(step, value, &mut next);
            }
            found = next;
        }
        if several { Some(found.into_iter().cloned().collect()) } else { found.first().map(|value| (*value).clone()) }
    }
}

fn one_step<'v>(step: &Step, value: &'v Value, next: &mut Vec<&'v Value>) {
    match (step, value) {
        (Step::Name(name), Value::Object(members)) => next.extend(members.get(name)),
        (Step::Index(index), Value::Array(items)) => {
            let index = if *index < 0 { index + items.len() as i64 } else { *index };
            next.extend(usize::try_from(index).ok().and_then(|index| items.get(index)));
        }
        (Step::All, Value::Array(items)) => next.extend(items),
        (Step::All, Value::Object(members)) => next.extend(members.values()),
        _ => {}
    }
}

fn path(input: &mut &str) -> ModalResult<JsonPath> {
    preceded('$', repeat(0.., step)).map(|steps| JsonPath { steps }).parse_next(input)
}

fn step(input: &mut &str) -> ModalResult<Step> {
    alt((
        ".*".value(Step::All),
        preceded('.', name).map(Step::Name),
        delimited(('[', multispace0), inside, (multispace0, ']')),
    ))
    .parse_next(input)
}

fn inside(input: &mut &str) -> ModalResult<Step> {
    alt((
        '*'.value(Step::All),
        (opt('-'), digit1).take().parse_to().map(Step::Index),
        delimited('\'', take_till(0.., ['\'']), '\'').map(|name: &str| Step::Name(name.to_owned())),
        delimited('"', take_till(0.., ['"']), '"').map(|name: &str| Step::Name(name.to_owned())),
    ))
    .parse_next(input)
}

fn name(input: &mut &str) -> ModalResult<String> {
    take_while(1.., |c: char| !matches!(c, '.' | '[' | ']' | '*' | '(' | ')' | ' ' | '\'' | '"'))
        .map(str::to_owned)
        .parse_next(input)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_lead_to_values() {
        let document = json!({"a": {"b": [1, {"c": "x"}]}, "key with spaces": 2, "list": [{"n": 1}, {"n": 2}]});
        for (path, expected) in [
            ("$", Some(document.clone())),
            ("$.a.b[0]", Some(json!(1))),
            ("$.a.b[-1].c", Some(json!("x"))),
            ("$['key with spaces']", Some(json!(2))),
            ("$.list[*].n", Some(json!([1, 2]))),
            ("$.missing", None),
            ("$.a.b[7]", None),
        ] {
            assert_eq!(JsonPath::parse(path).unwrap().evaluate(&document), expected, "{path}");
        }
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for path in ["", "a", "$.", "$[", "$[?(@.a)]", "$[1:2]", "$ a", "$..n", "$.a..n"] {
            assert!(JsonPath::parse(path).is_err(), "{path}");
        }
    }
}
