//! What a template consists of.

use std::sync::Arc;

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Goes out as it is.
    Text(String),
    /// `$name.property`, with the backslashes before it.
    Reference(Reference, usize),
    /// `#set($name = value)`
    Set(Reference, Expression),
    /// `#if`, `#elseif` … with their conditions, and `#else`.
    If(Vec<(Expression, Vec<Node>)>, Vec<Node>),
    /// `#foreach($name in list)`
    Foreach(String, Expression, Vec<Node>),
    /// `#define($name)`: a block that is rendered where its name stands.
    Define(String, Arc<Vec<Node>>),
    /// `#evaluate(text)`: a template that a template made.
    Evaluate(Expression),
    /// Leaves the loop.
    Break,
    /// Leaves the template.
    Stop,
}

/// `$name` and the steps from there.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// The variable.
    pub name: String,
    /// What is asked of it.
    pub steps: Vec<Step>,
    /// How it is written.
    pub source: String,
}

/// One step of a reference.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// `.name`
    Property(String),
    /// `.name(arguments)`
    Call(String, Vec<Expression>),
    /// `[index]`
    Index(Expression),
}

/// Something with a value.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// `$name`
    Reference(Reference),
    /// `'text'`
    Text(String),
    /// `"text with $references"`
    Interpolated(Vec<Node>),
    /// `42`
    Integer(i128),
    /// `1.5`
    Double(f64),
    /// `true`
    Boolean(bool),
    /// `[1, 2]`
    List(Vec<Expression>),
    /// `[1..5]`
    Range(Box<Expression>, Box<Expression>),
    /// `{"key": value}`
    Map(Vec<(Expression, Expression)>),
    /// `!value`
    Not(Box<Expression>),
    /// `left operator right`
    Binary(Operator, Box<Expression>, Box<Expression>),
}

/// What stands between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is what its name says")]
pub enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}
