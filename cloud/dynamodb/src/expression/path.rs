//! Document paths: `#a.b[0]`.

use super::attributes::Attributes;
use super::faults::{Class, Faults};
use super::token::{Kind, Tokens, is_keyword};
use std::fmt;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// To an attribute; names are resolved.
    Attribute(String),
    /// To an element of a list.
    Element(usize),
}

/// A path, as messages show it: `[a, b, [0]]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The attribute that the path begins with.
    pub fn head(&self) -> Option<&str> {
        match self.0.first() {
            Some(Step::Attribute(name)) => Some(name),
            _ => None,
        }
    }

    /// The attribute that the path steps into, if it leads further.
    pub fn entered(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Step::Attribute(name), _, ..] => Some(name),
            _ => None,
        }
    }

    /// The attribute that the path leads to, if it leads no further.
    pub fn attribute(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Step::Attribute(name)] => Some(name),
            _ => None,
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[")?;
        for (index, step) in self.0.iter().enumerate() {
            if index > 0 {
                out.write_str(", ")?;
            }
            match step {
                Step::Attribute(name) => out.write_str(name)?,
                Step::Element(index) => write!(out, "[{index}]")?,
            }
        }
        out.write_str("]")
    }
}

/// Reads a path.
pub fn read(tokens: &mut Tokens<'_>, attributes: &mut Attributes, faults: &mut Faults) -> Result<Path, String> {
    let mut path = vec![attribute(tokens, attributes, faults)?];
    loop {
        if tokens.sign(".") {
            path.push(attribute(tokens, attributes, faults)?);
        } else if tokens.sign("[") {
            let index = tokens.peek().filter(|token| token.kind == Kind::Number);
            let Some(index) = index else { return Err(tokens.syntax_error()) };
            tokens.take();
            tokens.expect("]")?;
            // Deeper than any list goes: there is nothing.
            path.push(Step::Element(index.text.parse().unwrap_or(usize::MAX)));
        } else {
            return Ok(Path(path));
        }
    }
}

fn attribute(tokens: &mut Tokens<'_>, attributes: &mut Attributes, faults: &mut Faults) -> Result<Step, String> {
    let Some(token) = tokens.peek() else { return Err(tokens.syntax_error()) };
    let name = match token.kind {
        Kind::Word if !is_keyword(token.text) => {
            if is_reserved(token.text) {
                faults.add(Class::Reserved, || {
                    format!("Attribute name is a reserved keyword; reserved keyword: {}", token.text)
                });
            }
            token.text.to_owned()
        }
        Kind::Name => attributes.name(token.text).map(str::to_owned).unwrap_or_else(|fault| {
            faults.add(Class::Undefined, || fault);
            token.text.to_owned()
        }),
        _ => return Err(tokens.syntax_error()),
    };
    tokens.take();
    Ok(Step::Attribute(name))
}

/// Developer Guide, "Reserved words in DynamoDB"; in order, one a line.
fn is_reserved(word: &str) -> bool {
    const WORDS: &str = include_str!("reserved.txt");
    // Longer than any of them needs no comparing.
    word.len() <= 20 && WORDS.lines().any(|reserved| reserved.eq_ignore_ascii_case(word))
}

/// Tells of two paths of which one leads through or to the other, or that step into the same place in two ways.
pub fn check_apart(paths: &[Path], faults: &mut Faults) {
    for (at, second) in paths.iter().enumerate() {
        for first in &paths[..at] {
            let common = first.0.iter().zip(&second.0).take_while(|(one, other)| one == other).count();
            let (class, how) = match (first.0.get(common), second.0.get(common)) {
                (None, _) | (_, None) => (Class::Overlap, "overlap"),
                (Some(Step::Attribute(_)), Some(Step::Element(_)))
                | (Some(Step::Element(_)), Some(Step::Attribute(_))) => (Class::Conflict, "conflict"),
                _ => continue,
            };
            faults.add(class, || {
                format!(
                    "Two document paths {how} with each other; must remove or rewrite one of these paths; path one: \
                     {first}, path two: {second}"
                )
            });
        }
    }
}
