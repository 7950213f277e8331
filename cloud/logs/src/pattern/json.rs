//! Conditions on JSON events: `{ ($.user.id = 1) && ($.users[*].email = "*@example.com") }`.

use super::terms::quoted;
use super::{invalid, regex};
use serde_json::Value;
use slam_cloud_core::AwsResult;

/// How deep parentheses may stand.
const MAX_DEPTH: usize = 32;

/// A condition on a document.
#[derive(Debug)]
pub enum Condition {
    /// All of them.
    And(Vec<Condition>),
    /// One of them.
    Or(Vec<Condition>),
    /// A test of the values that a selector finds.
    Test(Vec<Step>, Test),
}

/// A step of a selector.
#[derive(Debug)]
pub enum Step {
    /// `.name` or `['name']`
    Member(String),
    /// `[2]`
    Index(usize),
    /// `[*]`
    Every,
}

/// What is asked of a value.
#[derive(Debug)]
pub enum Test {
    /// `= "text"`, with `*` for any text, or `=` with a number.
    Equal(Operand),
    /// `!=`
    NotEqual(Operand),
    /// `<`, `<=`, `>`, `>=`: the orderings that are allowed.
    Number(fn(f64, f64) -> bool, f64),
    /// `IS NULL`, `IS TRUE`, `IS FALSE`
    Is(Value),
    /// `NOT EXISTS`
    NotExists,
}

/// The right side of an equation.
#[derive(Debug)]
pub enum Operand {
    /// A number, with its text, which equals a string too.
    Number(f64, String),
    /// A text or regular expression.
    Text(regex::Regex),
}

impl Operand {
    fn equals(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Number(number, _), Value::Number(found)) => found.as_f64() == Some(*number),
            (Self::Number(_, text), Value::String(found)) => text == found,
            (Self::Text(regex), Value::String(found)) => regex.is_match(found),
            (Self::Text(regex), Value::Number(found)) => regex.is_match(&found.to_string()),
            _ => false,
        }
    }
}

impl Condition {
    /// Parses a pattern with its braces.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn parse(text: &str) -> AwsResult<Self> {
        let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).ok_or_else(invalid)?;
        let mut parser = Parser { rest: inner, depth: 0 };
        let condition = parser.either()?;
        parser.skip_spaces();
        if parser.rest.is_empty() { Ok(condition) } else { Err(invalid()) }
    }

    /// Whether a document fulfils it.
    pub fn matches(&self, document: &Value) -> bool {
        match self {
            Self::And(all) => all.iter().all(|condition| condition.matches(document)),
            Self::Or(any) => any.iter().any(|condition| condition.matches(document)),
            Self::Test(selector, test) => {
                let found = select(selector, document);
                match test {
                    Test::Equal(operand) => found.iter().any(|value| operand.equals(value)),
                    Test::NotEqual(operand) => !found.is_empty() && !found.iter().any(|value| operand.equals(value)),
                    Test::Number(allows, number) => {
                        found.iter().any(|value| value.as_f64().is_some_and(|value| allows(value, *number)))
                    }
                    Test::Is(expected) => found.contains(&expected),
                    Test::NotExists => found.is_empty(),
                }
            }
        }
    }
}

fn select<'d>(selector: &[Step], document: &'d Value) -> Vec<&'d Value> {
    selector.iter().fold(vec![document], |found, step| {
        found
            .into_iter()
            .flat_map(|value| match step {
                Step::Member(name) => value.get(name).into_iter().collect(),
                Step::Index(index) => value.get(index).into_iter().collect(),
                Step::Every => value.as_array().map(|items| items.iter().collect()).unwrap_or_else(Vec::new),
            })
            .collect()
    })
}

struct Parser<'t> {
    rest: &'t str,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn takes(&mut self, expected: &str) -> bool {
        self.skip_spaces();
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn takes_word(&mut self, word: &str) -> bool {
        self.skip_spaces();
        match self.rest.get(..word.len()) {
            Some(found) if found.eq_ignore_ascii_case(word) => {
                self.rest = &self.rest[word.len()..];
                true
            }
            _ => false,
        }
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|character| !belongs(character)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    fn either(&mut self) -> AwsResult<Condition> {
        let mut any = vec![self.both()?];
        while self.takes("||") {
            any.push(self.both()?);
        }
        Ok(if any.len() == 1 { any.remove(0) } else { Condition::Or(any) })
    }

    fn both(&mut self) -> AwsResult<Condition> {
        let mut all = vec![self.one()?];
        while self.takes("&&") {
            all.push(self.one()?);
        }
        Ok(if all.len() == 1 { all.remove(0) } else { Condition::And(all) })
    }

    fn one(&mut self) -> AwsResult<Condition> {
        if !self.takes("(") {
            return self.test();
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(invalid());
        }
        let inner = self.either()?;
        self.depth -= 1;
        if self.takes(")") { Ok(inner) } else { Err(invalid()) }
    }

    fn test(&mut self) -> AwsResult<Condition> {
        let selector = self.selector()?;
        let test = if self.takes("!=") {
            Test::NotEqual(self.operand()?)
        } else if self.takes("<=") {
            self.number(|a, b| a <= b)?
        } else if self.takes(">=") {
            self.number(|a, b| a >= b)?
        } else if self.takes("<") {
            self.number(|a, b| a < b)?
        } else if self.takes(">") {
            self.number(|a, b| a > b)?
        } else if self.takes("=") {
            Test::Equal(self.operand()?)
        } else if self.takes_word("IS ") {
            Test::Is(match () {
                () if self.takes_word("NULL") => Value::Null,
                () if self.takes_word("TRUE") => Value::Bool(true),
                () if self.takes_word("FALSE") => Value::Bool(false),
                () => return Err(invalid()),
            })
        } else if self.takes_word("NOT ") && self.takes_word("EXISTS") {
            Test::NotExists
        } else {
            return Err(invalid());
        };
        Ok(Condition::Test(selector, test))
    }

    fn selector(&mut self) -> AwsResult<Vec<Step>> {
        if !self.takes("$") {
            return Err(invalid());
        }
        let mut steps = Vec::new();
        loop {
            if let Some(rest) = self.rest.strip_prefix('.') {
                self.rest = rest;
                let name = self.take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
                if name.is_empty() {
                    return Err(invalid());
                }
                steps.push(Step::Member(name.to_owned()));
            } else if let Some(rest) = self.rest.strip_prefix('[') {
                let (inner, rest) = rest.split_once(']').ok_or_else(invalid)?;
                self.rest = rest;
                let name = inner.strip_prefix('\'').and_then(|inner| inner.strip_suffix('\''));
                steps.push(match (name, inner.trim()) {
                    (Some(name), _) => Step::Member(name.to_owned()),
                    (None, "*") => Step::Every,
                    (None, index) => Step::Index(index.parse().map_err(|_| invalid())?),
                });
            } else {
                return Ok(steps);
            }
        }
    }

    fn bare(&mut self) -> &'t str {
        self.skip_spaces();
        self.take_while(|c| !c.is_whitespace() && !matches!(c, ')' | '(' | '&' | '|' | '"' | '=' | '<' | '>'))
    }

    fn number(&mut self, allows: fn(f64, f64) -> bool) -> AwsResult<Test> {
        let number = self.bare().parse().map_err(|_| invalid())?;
        Ok(Test::Number(allows, number))
    }

    fn operand(&mut self) -> AwsResult<Operand> {
        self.skip_spaces();
        if let Some(rest) = self.rest.strip_prefix('%') {
            let (expression, rest) = rest.split_once('%').ok_or_else(invalid)?;
            self.rest = rest;
            return Ok(Operand::Text(regex(expression)?));
        }
        if self.rest.starts_with('"') {
            let (text, rest) = quoted(self.rest)?;
            self.rest = rest;
            return wildcard(&text);
        }
        let text = self.bare();
        match text.parse() {
            _ if text.is_empty() => Err(invalid()),
            Ok(number) => Ok(Operand::Number(number, text.to_owned())),
            Err(_) => wildcard(text),
        }
    }
}

/// A text in which `*` stands for any text.
fn wildcard(text: &str) -> AwsResult<Operand> {
    let parts: Vec<String> = text.split('*').map(regex::escape).collect();
    regex(&format!("(?s)^{}$", parts.join(".*"))).map(Operand::Text)
}
