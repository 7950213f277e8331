//! What a template consists of.

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Goes out as it is.
    Text(String),
    /// `$name.property`
    Reference(Reference),
    /// `#set($name = value)`
    Set(Reference, Expression),
    /// `#if`, `#elseif` … with their conditions, and `#else`.
    If(Vec<(Expression, Vec<Node>)>, Vec<Node>),
    /// `#foreach($name in list)`
    Foreach(String, Expression, Vec<Node>),
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
    Integer(i64),
    /// `1.5`
    Double(f64),
    /// `true`
    Boolean(bool),
    /// `null`, as API Gateway's templates write it.
    Null,
    /// `[1, 2]`
    List(Vec<Expression>),
    /// `[1..5]`
    Range(Box<Expression>, Box<Expression>),
    /// `{"key": value}`
    Map(Vec<(Expression, Expression)>),
    /// `!value`
    Not(Box<Expression>),
    /// `-value`
    Negative(Box<Expression>),
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
