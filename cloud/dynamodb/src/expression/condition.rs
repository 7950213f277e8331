//! Conditions: of writes, of filters and of keys.

use super::attributes::{Attributes, Type};
use super::faults::{Class, Faults};
use super::path::{self, Path};
use super::token::{Kind, Token, Tokens, is_keyword};
use super::{IN_OPERANDS, size};

/// A function of conditions: its name, and how many operands it has.
const FUNCTIONS: [(&str, usize); 6] = [
    ("attribute_exists", 1),
    ("attribute_not_exists", 1),
    ("attribute_type", 2),
    ("begins_with", 2),
    ("contains", 2),
    ("size", 1),
];

/// A condition that was read.
pub struct Read<'a> {
    /// The form that the engine reads, where that is another one: it knows no parentheses around operands.
    pub rewritten: Option<String>,
    /// What it says.
    pub root: Node<'a>,
}

/// Reads a condition.
///
/// # Errors
/// AWS's words for what is wrong with it.
pub fn read<'a>(expression: &'a str, attributes: &mut Attributes) -> Result<Read<'a>, String> {
    size(expression)?;
    let tokens = Tokens::of(expression);
    tokens.within_limits()?;
    let mut faults = Faults::default();
    if tokens.redundant_parentheses() {
        faults.add(Class::Parentheses, || "The expression has redundant parentheses;".to_owned());
    }
    let mut condition = Condition { tokens, attributes, faults, dropped: Vec::new() };
    let read = condition.either()?;
    condition.tokens.end()?;
    condition.is_condition(&read)?;
    condition.faults.result()?;
    Ok(Read { rewritten: without(expression, condition.dropped), root: read.node })
}

/// A text without some of its characters.
fn without(text: &str, mut places: Vec<usize>) -> Option<String> {
    if places.is_empty() {
        return None;
    }
    places.sort_unstable();
    // A blank keeps the words around it apart.
    let kept = text.char_indices().map(|(at, c)| if places.binary_search(&at).is_ok() { ' ' } else { c });
    Some(kept.collect())
}

struct Condition<'a, 'b> {
    tokens: Tokens<'a>,
    attributes: &'b mut Attributes,
    faults: Faults,
    /// The parentheses around operands.
    dropped: Vec<usize>,
}

/// What was read.
pub enum Node<'a> {
    Path(Path),
    /// A `:value`, with its type where it is given.
    Value(Option<Type>),
    /// A function and its operands.
    Function(&'a str, Vec<Node<'a>>),
    /// An operator and what stands around it.
    Condition(&'static str, Vec<Node<'a>>),
}

impl Node<'_> {
    /// The paths in it.
    pub fn paths(&self) -> Vec<&Path> {
        match self {
            Node::Path(path) => vec![path],
            Node::Value(_) => Vec::new(),
            Node::Function(_, operands) | Node::Condition(_, operands) => {
                operands.iter().flat_map(Node::paths).collect()
            }
        }
    }
}

/// What was read, and the parentheses around it.
struct Term<'a> {
    node: Node<'a>,
    parentheses: Vec<usize>,
}

impl<'a> From<Node<'a>> for Term<'a> {
    fn from(node: Node<'a>) -> Self {
        Self { node, parentheses: Vec::new() }
    }
}

impl<'a> Condition<'a, '_> {
    /// Conditions with OR between them.
    fn either(&mut self) -> Result<Term<'a>, String> {
        self.joined("OR", Self::both)
    }

    /// Conditions with AND between them.
    fn both(&mut self) -> Result<Term<'a>, String> {
        self.joined("AND", Self::negated)
    }

    fn joined(
        &mut self,
        operator: &'static str,
        mut next: impl FnMut(&mut Self) -> Result<Term<'a>, String>,
    ) -> Result<Term<'a>, String> {
        let first = next(self)?;
        if !self.tokens.keyword(operator) {
            return Ok(first);
        }
        self.is_condition(&first)?;
        let mut joined = vec![first.node];
        loop {
            let other = next(self)?;
            self.is_condition(&other)?;
            joined.push(other.node);
            if !self.tokens.keyword(operator) {
                return Ok(Node::Condition(operator, joined).into());
            }
        }
    }

    fn negated(&mut self) -> Result<Term<'a>, String> {
        if !self.tokens.keyword("NOT") {
            return self.comparison();
        }
        while self.tokens.keyword("NOT") {}
        let inner = self.comparison()?;
        self.is_condition(&inner)?;
        Ok(Node::Condition("NOT", vec![inner.node]).into())
    }

    fn comparison(&mut self) -> Result<Term<'a>, String> {
        let first = self.term()?;
        let read = if let Some(comparator) =
            ["=", "<>", "<=", "<", ">=", ">"].into_iter().find(|sign| self.tokens.sign(sign))
        {
            let first = self.is_operand(first)?;
            let second = self.operand()?;
            self.misused(&[&first, &second]);
            self.distinct(comparator, &[&first, &second]);
            Node::Condition(comparator, vec![first, second])
        } else if self.tokens.keyword("BETWEEN") {
            let first = self.is_operand(first)?;
            let low = self.operand()?;
            if !self.tokens.keyword("AND") {
                return Err(self.tokens.syntax_error());
            }
            let high = self.operand()?;
            self.misused(&[&first, &low, &high]);
            Node::Condition("BETWEEN", vec![first, low, high])
        } else if self.tokens.keyword("IN") {
            let first = self.is_operand(first)?;
            self.tokens.expect("(")?;
            let mut operands = self.operands()?;
            if operands.len() > IN_OPERANDS {
                let count = operands.len();
                self.faults.add(Class::Count, || {
                    format!("The IN operator is provided with too many operands; number of operands: {count}")
                });
            }
            operands.insert(0, first);
            self.misused(&operands.iter().collect::<Vec<_>>());
            Node::Condition("IN", operands)
        } else {
            if matches!(first.node, Node::Function(..)) {
                self.end_of_condition();
            }
            return Ok(first);
        };
        self.end_of_condition();
        Ok(read.into())
    }

    fn end_of_condition(&mut self) {
        self.faults.end_of_condition();
    }

    /// Something in parentheses, an operand or a function.
    fn term(&mut self) -> Result<Term<'a>, String> {
        let Some(token) = self.tokens.peek() else { return Err(self.tokens.syntax_error()) };
        let start = self.tokens.position();
        if self.tokens.sign("(") {
            let mut inner = self.either()?;
            let end = self.tokens.position();
            self.tokens.expect(")")?;
            inner.parentheses.extend([start, end]);
            return Ok(inner);
        }
        match token.kind {
            Kind::Value => {
                self.tokens.take();
                let kind = self.attributes.value(token.text).cloned();
                Ok(Node::Value(kind.map_err(|fault| self.faults.add(Class::Undefined, || fault)).ok()).into())
            }
            Kind::Word if self.tokens.then("(") && !is_keyword(token.text) => self.function(token),
            _ => {
                let path = path::read(&mut self.tokens, self.attributes, &mut self.faults)?;
                self.faults.in_condition();
                Ok(Node::Path(path).into())
            }
        }
    }

    fn operand(&mut self) -> Result<Node<'a>, String> {
        let term = self.term()?;
        self.is_operand(term)
    }

    fn operands(&mut self) -> Result<Vec<Node<'a>>, String> {
        let mut operands = vec![self.operand()?];
        while self.tokens.sign(",") {
            operands.push(self.operand()?);
        }
        self.tokens.expect(")")?;
        Ok(operands)
    }

    /// Refuses a condition where an operand should be.
    fn is_operand(&mut self, term: Term<'a>) -> Result<Node<'a>, String> {
        if matches!(term.node, Node::Condition(..)) {
            return Err(self.tokens.syntax_error());
        }
        self.dropped.extend(term.parentheses);
        Ok(term.node)
    }

    /// Refuses an operand where a condition should be.
    fn is_condition(&mut self, term: &Term<'a>) -> Result<(), String> {
        match &term.node {
            Node::Condition(..) => {}
            Node::Function("size", _) => self.misuse("size"),
            Node::Function(..) => {}
            Node::Path(_) | Node::Value(_) => return Err(self.tokens.syntax_error()),
        }
        Ok(())
    }

    /// Only `size` has a value.
    fn misused(&mut self, operands: &[&Node<'_>]) {
        for operand in operands {
            if let Node::Function(name, _) = operand
                && *name != "size"
            {
                self.misuse(name);
            }
        }
    }

    fn misuse(&mut self, name: &str) {
        self.faults.add(Class::MisusedFunction, || {
            format!("The function is not allowed to be used this way in an expression; function: {name}")
        });
    }

    fn distinct(&mut self, operator: &str, operands: &[&Node<'_>]) {
        if let [Node::Path(first), Node::Path(second)] = operands
            && first == second
        {
            self.faults.add(Class::Distinct, || {
                format!(
                    "The first operand must be distinct from the remaining operands for this operator or function; \
                     operator: {operator}, first operand: {first}"
                )
            });
        }
    }

    fn function(&mut self, name: Token<'a>) -> Result<Term<'a>, String> {
        let name = name.text;
        self.tokens.take();
        self.tokens.expect("(")?;
        let given = self.operands()?;
        let operands: Vec<&Node<'_>> = given.iter().collect();
        self.misused(&operands);
        let Some((_, count)) = FUNCTIONS.iter().find(|(known, _)| *known == name) else {
            self.faults.add(Class::UnknownFunction, || format!("Invalid function name; function: {name}"));
            return Ok(Node::Function(name, given).into());
        };
        if operands.len() != *count {
            self.faults.add(Class::Count, || {
                format!(
                    "Incorrect number of operands for operator or function; operator or function: {name}, number of \
                     operands: {}",
                    operands.len()
                )
            });
            return Ok(Node::Function(name, given).into());
        }
        self.distinct(name, &operands);
        self.function_types(name, &operands);
        Ok(Node::Function(name, given).into())
    }

    fn function_types(&mut self, name: &str, operands: &[&Node<'_>]) {
        let kinds: Vec<Option<&str>> = operands.iter().map(|operand| type_of(operand)).collect();
        match name {
            "attribute_exists" | "attribute_not_exists" if !matches!(operands[0], Node::Path(_)) => {
                self.faults.add(Class::Operand, || {
                    format!("Operator or function requires a document path; operator or function: {name}")
                });
            }
            "begins_with" => {
                for kind in kinds.into_iter().flatten().filter(|kind| !matches!(*kind, "S" | "B")) {
                    self.wrong_type(name, kind);
                }
            }
            "attribute_type" => match kinds[1] {
                Some("S") => self.known_type(operands[1]),
                Some(kind) => self.wrong_type(name, kind),
                // Recorded by dynalite's suite (test/scan.js): what a path may lead to is any type.
                None if matches!(operands[1], Node::Path(_)) => self.wrong_type(name, "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}"),
                None => {}
            },
            "size" => {
                if let Some(kind) = kinds[0].filter(|kind| matches!(*kind, "N" | "BOOL" | "NULL")) {
                    self.wrong_type(name, kind);
                }
            }
            _ => {}
        }
    }

    fn known_type(&mut self, operand: &Node<'_>) {
        const TYPES: [&str; 10] = ["B", "NULL", "SS", "BOOL", "L", "BS", "N", "NS", "S", "M"];
        if let Node::Value(Some(Type { text: Some(text), .. })) = operand
            && !TYPES.contains(&text.as_str())
        {
            self.faults.add(Class::Operand, || {
                format!("Invalid attribute type name found; type: {text}, valid types: {{{}}}", TYPES.join(","))
            });
        }
    }

    fn wrong_type(&mut self, name: &str, kind: &str) {
        self.faults.add(Class::Operand, || {
            format!(
                "Incorrect operand type for operator or function; operator or function: {name}, operand type: {kind}"
            )
        });
    }
}

/// The type of an operand where it is known before there is an item.
fn type_of<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    match node {
        Node::Value(kind) => kind.as_ref().map(|kind| kind.name.as_str()),
        Node::Function("size", _) => Some("N"),
        Node::Function(..) => Some("BOOL"),
        Node::Path(_) | Node::Condition(..) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::on_a_stack_of_the_cloud;
    use super::*;
    use std::collections::BTreeMap;

    fn attributes() -> Attributes {
        let names = BTreeMap::from([("#n".to_owned(), "n".to_owned())]);
        let value = |name: &str, kind: &str| {
            let text = (kind == "S").then(|| "x".to_owned());
            (name.to_owned(), Type { name: kind.to_owned(), text })
        };
        Attributes::new(names, BTreeMap::from([value(":s", "S"), value(":n", "N"), value(":l", "L")]))
    }

    fn check(expression: &str, expected: &str) {
        let told = read(expression, &mut attributes()).err().unwrap_or_default();
        assert_eq!(told, expected, "{expression}");
    }

    /// Captured on AWS by the engine's authors (dynoxide-rs 3.2.0, tests/expression_syntax_errors.rs).
    #[test]
    fn syntax_errors_as_captured() {
        for (expression, token, near) in [
            ("attribute_not_exists(", "<EOF>", "("),
            ("attribute_exists(pk", "<EOF>", "pk"),
            ("a =", "<EOF>", "="),
            ("a = :s AND", "<EOF>", "AND"),
            ("a BETWEEN :s", "<EOF>", ":s"),
            ("(a = :s", "<EOF>", ":s"),
            ("a.", "<EOF>", "."),
            ("a[", "<EOF>", "["),
            ("attribute_exists(pk) x y", "x", ") x y"),
            ("a = :s :n", ":n", ":s :n"),
            ("a = :s)", ")", ":s)"),
            ("a :s", ":s", "a :s"),
            ("a = = :s", "=", "= = :s"),
            ("AND a = :s", "AND", "AND a"),
            ("attribute_exists(pk,)", ")", ",)"),
            ("begins_with(a :s)", ":s", "a :s)"),
            ("a IN :s", ":s", "IN :s"),
            ("a IN ()", ")", "()"),
            ("a BETWEEN :s OR :n", "OR", ":s OR :n"),
            ("NOT", "<EOF>", "NOT"),
            ("a[x] = :s", "x", "[x]"),
            ("a[1 = :s", "=", "1 = :s"),
            ("a = :s !", "!", ":s !"),
            ("a ! b", "!", "a ! b"),
            ("a é = :s", "é", "a é ="),
        ] {
            check(expression, &format!("Syntax error; token: \"{token}\", near: \"{near}\""));
        }
    }

    #[test]
    fn faults_in_awss_order() {
        for (expression, expected) in [
            ("((a = :s))", "The expression has redundant parentheses;"),
            ("foo(a) AND abort = :s", "Invalid function name; function: foo"),
            ("abort = :none", "Attribute name is a reserved keyword; reserved keyword: abort"),
            ("a = :none", "An expression attribute value used in expression is not defined; attribute value: :none"),
            ("a.#x = :s", "An expression attribute name used in the document path is not defined; attribute name: #x"),
            ("size(a)", "The function is not allowed to be used this way in an expression; function: size"),
            (
                "a = contains(a, :s)",
                "The function is not allowed to be used this way in an expression; function: contains",
            ),
            (
                "begins_with(a, :n)",
                "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
            ),
            (
                "contains(a)",
                "Incorrect number of operands for operator or function; operator or function: contains, number of \
                 operands: 1",
            ),
            (
                "a[1] = a[1]",
                "The first operand must be distinct from the remaining operands for this operator or function; operator: \
                 =, first operand: [a, [1]]",
            ),
            (
                "attribute_exists(:s)",
                "Operator or function requires a document path; operator or function: attribute_exists",
            ),
            (
                "attribute_type(a, :s)",
                "Invalid attribute type name found; type: x, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
            ),
            ("", "The expression can not be empty;"),
            ("a = :s AND (NOT #n < :n) OR contains(a, :s)", ""),
        ] {
            check(expression, expected);
        }
    }

    #[test]
    fn the_engine_knows_no_parentheses_around_operands() {
        for (expression, expected) in [
            ("(size(d)) = :n", Some(" size(d)  = :n")),
            ("(a) IN ((:s), :n) AND (b = :s)", Some(" a  IN ( :s , :n) AND (b = :s)")),
            ("(a = :s) AND (attribute_exists(b))", None),
        ] {
            let read = read(expression, &mut attributes()).unwrap_or_else(|fault| panic!("{expression}: {fault}"));
            assert_eq!(read.rewritten.as_deref(), expected, "{expression}");
        }
    }

    #[test]
    fn nesting_and_operators_are_bounded() {
        on_a_stack_of_the_cloud(|| {
            let many = "The expression contains too many operators; operator count: 301";
            check(&format!("{}a = :s", "NOT ".repeat(1000)), many);
            check(&format!("{}a = :s{}", "(NOT ".repeat(600), ")".repeat(600)), many);
            check(&"f(".repeat(2000), many);
            check(&format!("{}a", "(".repeat(4000)), "Syntax error; token: \"<EOF>\", near: \"a\"");
            check(&format!("{}a = :s{}", "(NOT ".repeat(299), ")".repeat(299)), "");
            check(&vec!["a = :s"; 150].join(" OR "), "");
            check(&vec!["a = :s"; 151].join(" OR "), many);
            check(&"a".repeat(4097), "Expression size has exceeded the maximum allowed size;");
            let operands = |count| format!("a IN ({})", vec![":s"; count].join(", "));
            check(&operands(100), "");
            check(&operands(101), "The IN operator is provided with too many operands; number of operands: 101");
        });
    }
}
