//! Renders templates.

use super::ast::{Expression, Node, Operator, Reference, Step};
use super::builtin::{self, Input};
use super::operators::{arithmetic, order};
use super::value::{Key, Loop, Value, equal};
use super::{TemplateError, methods, parse};
use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// AWS: "API Gateway mapping template and access logging variable reference", at most 1,000 rounds of a #foreach.
const ITERATIONS: usize = 1000;
/// Rounds of all loops together: nested loops multiply.
const STEPS: usize = 100_000;
/// All work together, in values looked at and [`CHUNK`]s of text: whatever a template does takes about a second at most.
const WORK: usize = 10_000_000;
/// How much text counts as one value.
const CHUNK: usize = 16;
/// AWS: the largest payload of a REST API.
const OUTPUT: usize = methods::LENGTH;
/// Blocks and values within one another, through `#define` and `#evaluate` too; a template alone cannot have as many.
const LEVELS: usize = 100;
/// How often a `#define` is rendered within itself, as by both versions of Velocity.
const RECURSION: usize = 2;

/// What a template can see.
pub struct Scope<'a> {
    /// `$input`
    pub input: Input<'a>,
    /// `$context`, whose overrides templates set.
    pub context: serde_json::Value,
    /// `$stageVariables`
    pub stage_variables: &'a crate::model::Texts,
}

/// What came of a template.
#[derive(Clone, Debug, PartialEq)]
pub struct Rendered {
    /// The output.
    pub text: String,
    /// `$context` as the template left it: its overrides count.
    pub context: serde_json::Value,
}

/// A template while it is rendered.
struct Renderer<'a> {
    input: Input<'a>,
    variables: HashMap<String, Value>,
    /// The innermost loop.
    round: Option<Rc<Loop>>,
    /// The `#define`s that are being rendered.
    blocks: Vec<Arc<Vec<Node>>>,
    levels: usize,
    steps: usize,
    work: usize,
}

/// How a list of nodes ended.
#[derive(PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Stop,
}

pub(super) fn render(nodes: &[Node], scope: Scope<'_>) -> Result<Rendered, TemplateError> {
    let stage_variables =
        Value::map(scope.stage_variables.iter().map(|(name, value)| (name.clone(), Value::text(value))));
    let context = Value::from_json(&scope.context);
    let variables = HashMap::from([
        ("input".to_owned(), Value::Input),
        ("util".to_owned(), Value::Util),
        ("context".to_owned(), context.clone()),
        ("stageVariables".to_owned(), stage_variables),
    ]);
    let mut renderer =
        Renderer { input: scope.input, variables, round: None, blocks: Vec::new(), levels: 0, steps: 0, work: 0 };
    let mut text = String::new();
    renderer.nodes(nodes, &mut text)?;
    Ok(Rendered { text, context: context.to_json() })
}

impl Renderer<'_> {
    /// Counts work, so that there is an end to it.
    fn spend(&mut self, work: usize) -> Result<(), TemplateError> {
        self.work = self.work.saturating_add(work);
        if self.work > WORK { Err(TemplateError::Steps(WORK)) } else { Ok(()) }
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Result<T, TemplateError>) -> Result<T, TemplateError> {
        if self.levels >= LEVELS {
            return Err(TemplateError::Levels(LEVELS));
        }
        self.levels += 1;
        let result = inner(self);
        self.levels -= 1;
        result
    }

    fn nodes(&mut self, nodes: &[Node], out: &mut String) -> Result<Flow, TemplateError> {
        self.deeper(|renderer| {
            for node in nodes {
                let before = out.len();
                let flow = renderer.node(node, out)?;
                renderer.spend(1 + out.len().saturating_sub(before) / CHUNK)?;
                if out.len() > OUTPUT {
                    return Err(TemplateError::Output(OUTPUT));
                }
                if flow != Flow::Next {
                    return Ok(flow);
                }
            }
            Ok(Flow::Next)
        })
    }

    fn node(&mut self, node: &Node, out: &mut String) -> Result<Flow, TemplateError> {
        match node {
            Node::Text(text) => out.push_str(text),
            Node::Reference(reference, escapes) => return self.print(reference, *escapes, out),
            Node::Set(target, value) => {
                let value = self.value(value)?;
                self.set(target, value)?;
            }
            Node::If(branches, otherwise) => {
                for (condition, body) in branches {
                    if self.is_true(condition)? {
                        return self.nodes(body, out);
                    }
                }
                return self.nodes(otherwise, out);
            }
            Node::Foreach(variable, list, body) => return self.foreach(variable, list, body, out),
            Node::Define(name, body) => {
                self.variables.insert(name.clone(), Value::Block(Arc::clone(body)));
            }
            Node::Evaluate(text) => {
                let text = self.value(text)?;
                let nodes = parse::template(&self.text(&text)?)?;
                return self.nodes(&nodes, out);
            }
            Node::Break => return Ok(Flow::Break),
            Node::Stop => return Ok(Flow::Stop),
        }
        Ok(Flow::Next)
    }

    /// Writes a reference's value; with an odd number of backslashes the reference itself, and one of them when it has no
    /// value.
    fn print(&mut self, reference: &Reference, escapes: usize, out: &mut String) -> Result<Flow, TemplateError> {
        let value = self.reference(reference)?;
        out.extend(std::iter::repeat_n('\\', escapes / 2));
        match value {
            Value::Null if escapes % 2 == 1 => out.extend(["\\", &reference.source]),
            _ if escapes % 2 == 1 => out.push_str(&reference.source),
            Value::Block(block) => return self.block(&block, &reference.source, out),
            value => value.print(out),
        }
        Ok(Flow::Next)
    }

    /// Renders what `#define` holds; where it recurs, its name is printed in the end.
    fn block(&mut self, block: &Arc<Vec<Node>>, name: &str, out: &mut String) -> Result<Flow, TemplateError> {
        if self.blocks.iter().filter(|other| Arc::ptr_eq(other, block)).count() >= RECURSION {
            out.push_str(name);
            return Ok(Flow::Next);
        }
        self.blocks.push(Arc::clone(block));
        let flow = self.nodes(block, out);
        self.blocks.pop();
        flow
    }

    /// A value's text: of a `#define` what it renders.
    fn text(&mut self, value: &Value) -> Result<String, TemplateError> {
        let mut text = String::new();
        match value {
            Value::Block(block) => {
                self.block(block, "", &mut text)?;
            }
            value => value.print(&mut text),
        }
        self.spend(text.len() / CHUNK)?;
        Ok(text)
    }

    fn foreach(
        &mut self,
        variable: &str,
        list: &Expression,
        body: &[Node],
        out: &mut String,
    ) -> Result<Flow, TemplateError> {
        let items = match self.value(list)? {
            Value::List(list) => list.items.borrow().clone(),
            Value::Map(map) => map.borrow().values().cloned().collect(),
            Value::Iterator(iterator) => iterator.items.get(iterator.place.get()..).unwrap_or_default().to_vec(),
            // Velocity leaves out a loop over what has no items.
            _ => Vec::new(),
        };
        if items.len() > ITERATIONS {
            return Err(TemplateError::Iterations(ITERATIONS));
        }
        let names = [variable, "foreach", "velocityCount", "velocityHasNext"];
        let hidden: Vec<(&str, Option<Value>)> = names.map(|name| (name, self.variables.get(name).cloned())).into();
        let outer = self.round.clone();
        let size = items.len();
        let mut flow = Flow::Next;
        for (index, item) in items.into_iter().enumerate() {
            self.steps += 1;
            if self.steps > STEPS {
                return Err(TemplateError::Steps(STEPS));
            }
            let round = Rc::new(Loop { index, size, parent: outer.clone() });
            self.round = Some(Rc::clone(&round));
            for (name, value) in [
                (variable, item),
                ("foreach", Value::Loop(round)),
                ("velocityCount", Value::count(index + 1)),
                ("velocityHasNext", Value::Boolean(index + 1 < size)),
            ] {
                self.variables.insert(name.to_owned(), value);
            }
            match self.nodes(body, out)? {
                Flow::Next => {}
                Flow::Break => break,
                Flow::Stop => {
                    flow = Flow::Stop;
                    break;
                }
            }
        }
        self.round = outer;
        for (name, value) in hidden {
            match value {
                Some(value) => self.variables.insert(name.to_owned(), value),
                None => self.variables.remove(name),
            };
        }
        Ok(flow)
    }

    fn reference(&mut self, reference: &Reference) -> Result<Value, TemplateError> {
        let start = self.variables.get(&reference.name).cloned().unwrap_or(Value::Null);
        self.follow(start, &reference.steps)
    }

    fn follow(&mut self, start: Value, steps: &[Step]) -> Result<Value, TemplateError> {
        let mut value = start;
        for step in steps {
            value = match step {
                // Nothing comes of nothing: Velocity does not complain.
                _ if matches!(value, Value::Null) => return Ok(Value::Null),
                Step::Property(name) => match value {
                    Value::Input if name == "body" => Value::text(self.input.body()),
                    value => methods::property(&value, name)?,
                },
                Step::Index(index) => {
                    let index = self.value(index)?;
                    methods::index(&value, &index)?
                }
                Step::Call(name, arguments) => {
                    let mut values = Vec::with_capacity(arguments.len());
                    for argument in arguments {
                        values.push(match self.value(argument)? {
                            block @ Value::Block(_) => Value::text(self.text(&block)?),
                            value => value,
                        });
                    }
                    self.spend(1 + weight(&value) * values.iter().map(list_length).max().unwrap_or(1))?;
                    self.spend(values.iter().map(weight).sum())?;
                    match value {
                        Value::Input => builtin::input(&self.input, name, &values)?,
                        Value::Util => builtin::util(name, &values)?,
                        value => methods::call(&value, name, &values)?,
                    }
                }
            };
            self.spend(weight(&value))?;
            bounded(&value)?;
        }
        Ok(value)
    }

    fn set(&mut self, target: &Reference, value: Value) -> Result<(), TemplateError> {
        let Some((last, before)) = target.steps.split_last() else {
            // Velocity leaves a variable as it is when there is no value for it; API Gateway sets it to null.
            self.variables.insert(target.name.clone(), value);
            return Ok(());
        };
        let start = self.variables.get(&target.name).cloned().unwrap_or(Value::Null);
        let holder = self.follow(start, before)?;
        match (holder, last) {
            (Value::Map(map), Step::Property(name)) => {
                map.borrow_mut().insert(Key::from(name.as_str()), value);
            }
            (holder @ Value::Map(_), Step::Index(key)) => {
                let key = self.value(key)?;
                methods::call(&holder, "put", &[key, value])?;
            }
            (holder @ Value::List(_), Step::Index(index)) => {
                let index = self.value(index)?;
                methods::call(&holder, "set", &[index, value])?;
            }
            _ => {}
        }
        Ok(())
    }

    fn value(&mut self, expression: &Expression) -> Result<Value, TemplateError> {
        self.deeper(|renderer| renderer.value_of(expression))
    }

    fn value_of(&mut self, expression: &Expression) -> Result<Value, TemplateError> {
        self.spend(1)?;
        Ok(match expression {
            Expression::Reference(reference) => self.reference(reference)?,
            Expression::Text(text) => Value::text(text),
            Expression::Interpolated(nodes) => {
                let mut text = String::new();
                self.nodes(nodes, &mut text)?;
                Value::text(text)
            }
            Expression::Integer(number) => Value::Integer(*number),
            Expression::Double(number) => Value::Double(*number),
            Expression::List(items) => {
                Value::list(items.iter().map(|item| self.value(item)).collect::<Result<_, _>>()?)
            }
            Expression::Range(first, last) => range(&self.value(first)?, &self.value(last)?)?,
            Expression::Map(entries) => {
                let mut map = indexmap::IndexMap::with_capacity(entries.len());
                for (key, value) in entries {
                    let key = self.value(key)?;
                    let key = key.key().ok_or_else(|| TemplateError::Key(key.kind()))?;
                    map.insert(key, self.value(value)?);
                }
                Value::map_of(map)
            }
            Expression::Boolean(_) | Expression::Not(_) => Value::Boolean(self.is_true(expression)?),
            Expression::Binary(operator, left, right) => match operator {
                Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Remainder => {
                    self.arithmetic(*operator, left, right)?
                }
                _ => Value::Boolean(self.is_true(expression)?),
            },
        })
    }

    /// Whether a condition holds. What a reference leads to holds unless it is null or false; other values than
    /// comparisons do not in 1.7, and do in 2.4.1.
    fn is_true(&mut self, expression: &Expression) -> Result<bool, TemplateError> {
        self.deeper(|renderer| {
            Ok(match expression {
                Expression::Reference(reference) => renderer.reference(reference)?.is_true(),
                Expression::Boolean(value) => *value,
                Expression::Not(inner) => !renderer.is_true(inner)?,
                Expression::Binary(Operator::Or, left, right) => renderer.is_true(left)? || renderer.is_true(right)?,
                Expression::Binary(Operator::And, left, right) => renderer.is_true(left)? && renderer.is_true(right)?,
                Expression::Binary(operator, left, right) => renderer.compare(*operator, left, right)?,
                _ => false,
            })
        })
    }

    fn compare(&mut self, operator: Operator, left: &Expression, right: &Expression) -> Result<bool, TemplateError> {
        let (left, right) = (self.plain(left)?, self.plain(right)?);
        self.spend(weight(&left).min(weight(&right)))?;
        Ok(match operator {
            Operator::Equal => equal(&left, &right),
            Operator::NotEqual => !equal(&left, &right),
            Operator::Less => order(&left, &right) == Some(Ordering::Less),
            Operator::Greater => order(&left, &right) == Some(Ordering::Greater),
            Operator::LessOrEqual => order(&left, &right).is_some_and(Ordering::is_le),
            Operator::GreaterOrEqual => order(&left, &right).is_some_and(Ordering::is_ge),
            // Sums and the like are no conditions.
            _ => false,
        })
    }

    /// A value, of a `#define` its text.
    fn plain(&mut self, expression: &Expression) -> Result<Value, TemplateError> {
        match self.value(expression)? {
            block @ Value::Block(_) => self.text(&block).map(Value::text),
            value => Ok(value),
        }
    }

    fn arithmetic(
        &mut self,
        operator: Operator,
        left: &Expression,
        right: &Expression,
    ) -> Result<Value, TemplateError> {
        let (left_value, right_value) = (self.plain(left)?, self.plain(right)?);
        let joins = matches!(left_value, Value::Text(_)) || matches!(right_value, Value::Text(_));
        if operator == Operator::Add && joins {
            let mut text = self.joined(left, &left_value)?;
            text.push_str(&self.joined(right, &right_value)?);
            let text = Value::text(text);
            bounded(&text)?;
            return Ok(text);
        }
        arithmetic(operator, &left_value, &right_value)
    }

    /// A side of a sum of texts: of what has no value how it is written.
    fn joined(&mut self, expression: &Expression, value: &Value) -> Result<String, TemplateError> {
        match (value, expression) {
            (Value::Null, Expression::Reference(reference)) => Ok(reference.source.clone()),
            _ => self.text(value),
        }
    }
}

/// How much work it is to go through a value.
fn weight(value: &Value) -> usize {
    match value {
        Value::Text(text) => 1 + text.len() / CHUNK,
        Value::List(list) => 1 + list.items.borrow().len(),
        Value::Map(map) => 1 + map.borrow().len(),
        _ => 1,
    }
}

fn list_length(value: &Value) -> usize {
    match value {
        Value::List(list) => list.items.borrow().len().max(1),
        _ => 1,
    }
}

/// Values grow by joining and adding; none may outgrow the output.
fn bounded(value: &Value) -> Result<(), TemplateError> {
    match value {
        Value::Text(text) if text.len() > OUTPUT => Err(TemplateError::Output(OUTPUT)),
        _ => Ok(()),
    }
}

/// `[1..3]`; no value when an end is no whole number.
fn range(first: &Value, last: &Value) -> Result<Value, TemplateError> {
    let (Value::Integer(first), Value::Integer(last)) = (first, last) else { return Ok(Value::Null) };
    let (first, last) = (*first, *last);
    if first.abs_diff(last) >= ITERATIONS as u128 {
        return Err(TemplateError::Iterations(ITERATIONS));
    }
    let numbers: Vec<Value> = if first <= last {
        (first..=last).map(Value::Integer).collect()
    } else {
        (last..=first).rev().map(Value::Integer).collect()
    };
    Ok(Value::list(numbers))
}
