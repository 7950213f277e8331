//! The Velocity Template Language as mapping templates use it.
//!
//! [`parse`] makes a [`Template`] of a text once; [`eval`] renders it for each request. The language is Apache
//! Velocity's without macros and includes, which API Gateway lacks too; `$input` and `$util` are API Gateway's
//! ([`builtin`]). References without a value render as nothing (recorded: test_input_path_template_formatting).

mod ast;
mod builtin;
mod eval;
pub mod jsonpath;
mod methods;
mod parse;
mod value;

pub use builtin::{Input, Parameters};
pub use eval::{Rendered, Scope};

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
mod tests;
