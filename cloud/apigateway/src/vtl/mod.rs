//! The Velocity Template Language as mapping templates use it.
//!
//! [`parse`] makes a [`Template`] of a text once; [`eval`] renders it for each request. The language is Apache
//! Velocity's, `$input` and `$util` are API Gateway's ([`builtin`]). AWS does not say which version it runs: where 1.7 and
//! 2.4.1 differ, this is 1.7. `data/answers.jsonl` has what both answer to some 1,100 templates, and the tests what is
//! otherwise here and why: above all, references without a value render as nothing (recorded:
//! test_input_path_template_formatting).
//!
//! - [`value`], [`java`], [`operators`], [`methods`]: Java's values, and what can be done with them.
//! - [`json`], [`jsonpath`]: the body's document, and what is found in it.

mod ast;
mod builtin;
mod eval;
mod java;
pub mod jsonpath;
mod methods;
mod operators;
mod parse;
pub mod value;

pub use builtin::{Input, Parameters};
pub use eval::{Rendered, Scope};
pub use value::json;

/// A template, ready to be rendered.
#[derive(Clone, Debug)]
pub struct Template {
    nodes: Vec<ast::Node>,
}

/// Why a template could not be read or rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The text is not VTL.
    #[error("the template cannot be read at line {line}: {what}")]
    Syntax {
        /// From 1.
        line: usize,
        /// What was not understood.
        what: String,
    },
    /// A `#foreach` went round too often.
    #[error("a #foreach goes round more than {0} times")]
    Iterations(usize),
    /// All loops together went round too often.
    #[error("the loops of the template go round more than {0} times together")]
    Steps(usize),
    /// The output grew too large.
    #[error("the template's output is larger than {0} bytes")]
    Output(usize),
    /// Blocks within blocks.
    #[error("the template's blocks lie more than {0} deep in one another")]
    Levels(usize),
    /// What Java throws.
    #[error("{method} fails: {why}")]
    Fails {
        /// What was called.
        method: String,
        /// Why it cannot be done.
        why: String,
    },
    /// The body is no JSON, not even to json-smart, which takes much.
    #[error("the text cannot be read as JSON")]
    Json,
    /// Java calculates with any number of digits.
    #[error("calculations with more than 38 digits are not supported in templates by the embedded cloud")]
    Digits,
    /// Java's maps take any key.
    #[error("{0} as the key of a map is not supported in templates by the embedded cloud")]
    Key(&'static str),
    /// A method that the embedded cloud does not know.
    #[error("the method {method} of {of} is not supported in templates by the embedded cloud")]
    Method {
        /// Its name.
        method: String,
        /// What kind of value it was called on.
        of: &'static str,
    },
    /// A JSON path that cannot be read.
    #[error("the JSON path {0} cannot be read")]
    JsonPath(String),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// Where and why it is not VTL.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        parse::template(text).map(|nodes| Self { nodes })
    }

    /// Renders it.
    ///
    /// # Errors
    /// When a bound is exceeded or something unknown is called.
    pub fn render(&self, scope: Scope<'_>) -> Result<Rendered, TemplateError> {
        eval::render(&self.nodes, scope)
    }
}

#[cfg(test)]
mod answers;
#[cfg(test)]
mod tests;
