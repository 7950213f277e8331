//! Updates: `SET … REMOVE … ADD … DELETE …`.

use super::attributes::Attributes;
use super::faults::{Class, Faults};
use super::path::{self, Path};
use super::size;
use super::token::{Kind, Tokens, is_keyword};

/// What an update writes.
#[derive(Debug)]
pub struct Written {
    /// The paths that it writes to.
    pub paths: Vec<Path>,
    /// Those that become a `:value` as it is.
    pub set: Vec<(Path, String)>,
    /// All that it reads and writes.
    pub named: Vec<Path>,
}

/// Reads an update.
///
/// # Errors
/// AWS's words for what is wrong with it.
pub fn read(expression: &str, attributes: &mut Attributes) -> Result<Written, String> {
    size(expression)?;
    let tokens = Tokens::of(expression);
    tokens.within_limits()?;
    let written = Written { paths: Vec::new(), set: Vec::new(), named: Vec::new() };
    let mut update = Update { tokens, attributes, faults: Faults::default(), sections: Vec::new(), written };
    update.sections()?;
    let Update { mut faults, written, .. } = update;
    path::check_apart(&written.paths, &mut faults);
    faults.result().map(|()| written)
}

struct Update<'a, 'b> {
    tokens: Tokens<'a>,
    attributes: &'b mut Attributes,
    faults: Faults,
    sections: Vec<&'static str>,
    written: Written,
}

impl Update<'_, '_> {
    fn sections(&mut self) -> Result<(), String> {
        loop {
            let section = ["SET", "REMOVE", "ADD", "DELETE"].into_iter().find(|section| self.tokens.keyword(section));
            let Some(section) = section else { return Err(self.tokens.syntax_error()) };
            if self.sections.contains(&section) {
                self.faults.add(Class::Section, || {
                    format!("The \"{section}\" section can only be used once in an update expression;")
                });
            }
            self.sections.push(section);
            loop {
                self.action(section)?;
                if !self.tokens.sign(",") {
                    break;
                }
            }
            if self.tokens.peek().is_none() {
                return Ok(());
            }
        }
    }

    fn action(&mut self, section: &str) -> Result<(), String> {
        let target = self.path()?;
        self.written.paths.push(target.clone());
        match section {
            "SET" => {
                self.tokens.expect("=")?;
                let start = self.tokens.peek();
                self.value()?;
                if let Some(value) =
                    start.filter(|start| start.kind == Kind::Value && self.tokens.last() == Some(*start))
                {
                    self.written.set.push((target, value.text.to_owned()));
                }
                Ok(())
            }
            "REMOVE" => Ok(()),
            _ => {
                if self.tokens.peek().is_none_or(|token| token.kind != Kind::Value) {
                    return Err(self.tokens.syntax_error());
                }
                self.operand().map(drop)
            }
        }
    }

    fn path(&mut self) -> Result<Path, String> {
        let path = path::read(&mut self.tokens, self.attributes, &mut self.faults)?;
        self.written.named.push(path.clone());
        Ok(path)
    }

    /// What an attribute is set to.
    fn value(&mut self) -> Result<(), String> {
        let first = self.operand()?;
        let sign = ["+", "-"].into_iter().find(|sign| self.tokens.sign(sign));
        let Some(sign) = sign else { return Ok(()) };
        let second = self.operand()?;
        for kind in [first, second].into_iter().flatten().filter(|kind| kind != "N") {
            self.wrong_type(sign, &kind);
        }
        Ok(())
    }

    /// An operand, and its type where it is a value.
    fn operand(&mut self) -> Result<Option<String>, String> {
        let Some(token) = self.tokens.peek() else { return Err(self.tokens.syntax_error()) };
        if self.tokens.sign("(") {
            self.value()?;
            self.tokens.expect(")")?;
            return Ok(None);
        }
        match token.kind {
            Kind::Value => {
                self.tokens.take();
                match self.attributes.value(token.text) {
                    Ok(kind) => Ok(Some(kind.name.clone())),
                    Err(fault) => {
                        self.faults.add(Class::Undefined, || fault);
                        Ok(None)
                    }
                }
            }
            Kind::Word if self.tokens.then("(") && !is_keyword(token.text) => {
                self.tokens.take();
                self.function(token.text).map(|()| None)
            }
            _ => self.path().map(|_| None),
        }
    }

    fn function(&mut self, name: &str) -> Result<(), String> {
        self.tokens.expect("(")?;
        let mut operands = Vec::new();
        loop {
            let is_path = self.tokens.peek().is_some_and(|token| match token.kind {
                Kind::Word => !self.tokens.then("("),
                kind => kind == Kind::Name,
            });
            operands.push((is_path, self.operand()?));
            if !self.tokens.sign(",") {
                break;
            }
        }
        self.tokens.expect(")")?;
        if !matches!(name, "if_not_exists" | "list_append") {
            self.faults.add(Class::UnknownFunction, || format!("Invalid function name; function: {name}"));
        } else if operands.len() != 2 {
            self.faults.add(Class::Count, || {
                format!(
                    "Incorrect number of operands for operator or function; operator or function: {name}, number of \
                     operands: {}",
                    operands.len()
                )
            });
        } else if name == "if_not_exists" && !operands[0].0 {
            self.faults.add(Class::Operand, || {
                format!("Operator or function requires a document path; operator or function: {name}")
            });
        } else if name == "list_append" {
            let kinds = operands.into_iter().filter_map(|(_, kind)| kind);
            for kind in kinds.filter(|kind| kind != "L") {
                self.wrong_type(name, &kind);
            }
        }
        Ok(())
    }

    fn wrong_type(&mut self, operator: &str, kind: &str) {
        self.faults.add(Class::Operand, || {
            format!(
                "Incorrect operand type for operator or function; operator or function: {operator}, operand type: {kind}"
            )
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::attributes::Type;
    use super::super::on_a_stack_of_the_cloud;
    use super::*;
    use std::collections::BTreeMap;

    fn check(expression: &str, expected: &str) {
        let value = |name: &str, kind: &str| (name.to_owned(), Type { name: kind.to_owned(), text: None });
        let mut attributes = Attributes::new(BTreeMap::new(), BTreeMap::from([value(":n", "N"), value(":s", "S")]));
        let told = read(expression, &mut attributes).err().unwrap_or_default();
        assert_eq!(told, expected, "{expression}");
    }

    #[test]
    fn faults_in_awss_words() {
        check("SET a = if_not_exists(a, :n) + :n, b[0] = (:n - c) REMOVE d ADD e :n", "");
        check("SET a = :n, ", "Syntax error; token: \"<EOF>\", near: \",\"");
        check("a = :n", "Syntax error; token: \"a\", near: \"a =\"");
        check("SET a = foo(:n)", "Invalid function name; function: foo");
        check("SET a = :n SET b = :n", "The \"SET\" section can only be used once in an update expression;");
        check(
            "SET a.b = :n REMOVE a",
            "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a, b], \
             path two: [a]",
        );
        check(
            "SET a.b = :n REMOVE a[1]",
            "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, b], \
             path two: [a, [1]]",
        );
        check(
            "SET a = :s + :n",
            "Incorrect operand type for operator or function; operator or function: +, operand type: S",
        );
    }

    #[test]
    fn nesting_is_bounded() {
        on_a_stack_of_the_cloud(|| {
            let many = "The expression contains too many operators; operator count: 301";
            check(
                &format!("SET a = {}", "if_not_exists(a, ".repeat(230)),
                "Syntax error; token: \"<EOF>\", near: \",\"",
            );
            check(&format!("SET a = {}", "f(a,".repeat(400)), many);
            check(&format!("SET a = {}", "(".repeat(4000)), "Syntax error; token: \"<EOF>\", near: \"(\"");
            check(&format!("SET a = {}:n{}", "(:n+".repeat(290), ")".repeat(290)), "");
        });
    }
}
