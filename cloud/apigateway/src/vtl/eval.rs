//! Renders templates.

use super::ast::{Expression, Node, Operator, Reference, Step};
use super::builtin::{self, Input};
use super::value::{Value, equal};
use super::{TemplateError, methods};
use std::cmp::Ordering;
use std::collections::HashMap;

/// AWS: "API Gateway mapping template and access logging variable reference", at most 1,000 rounds of a #foreach.
const ITERATIONS: usize = 1000;
/// Rounds of all loops together: nested loops multiply.
const STEPS: usize = 100_000;
/// AWS: the largest payload of a REST API.
const OUTPUT: usize = 10 * 1024 * 1024;

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
pub(super) struct Renderer<'a> {
    pub(super) input: Input<'a>,
    variables: HashMap<String, Value>,
    steps: usize,
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
    let mut renderer = Renderer { input: scope.input, variables, steps: 0 };
    let mut text = String::new();
    renderer.nodes(nodes, &mut text)?;
    Ok(Rendered { text, context: context.to_json() })
}

impl Renderer<'_> {
    fn nodes(&mut self, nodes: &[Node], out: &mut String) -> Result<Flow, TemplateError> {
        for node in nodes {
            let flow = self.node(node, out)?;
            if out.len() > OUTPUT {
                return Err(TemplateError::Output(OUTPUT));
            }
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn node(&mut self, node: &Node, out: &mut String) -> Result<Flow, TemplateError> {
        match node {
            Node::Text(text) => out.push_str(text),
            Node::Reference(reference) => self.reference(reference)?.print(out),
            Node::Set(target, value) => {
                let value = self.value(value)?;
                self.set(target, value)?;
            }
            Node::If(branches, otherwise) => {
                for (condition, body) in branches {
                    if self.value(condition)?.is_true() {
                        return self.nodes(body, out);
                    }
                }
                return self.nodes(otherwise, out);
            }
            Node::Foreach(variable, list, body) => return self.foreach(variable, list, body, out),
            Node::Break => return Ok(Flow::Break),
            Node::Stop => return Ok(Flow::Stop),
        }
        Ok(Flow::Next)
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
            // Velocity leaves out a loop over what has no items.
            _ => Vec::new(),
        };
        if items.len() > ITERATIONS {
            return Err(TemplateError::Iterations(ITERATIONS));
        }
        let hidden: Vec<(&str, Option<Value>)> =
            [variable, "foreach", "velocityCount"].map(|name| (name, self.variables.get(name).cloned())).into();
        let count = items.len();
        let mut flow = Flow::Next;
        for (index, item) in items.into_iter().enumerate() {
            self.steps += 1;
            if self.steps > STEPS {
                return Err(TemplateError::Steps(STEPS));
            }
            self.variables.insert(variable.to_owned(), item);
            self.variables.insert("velocityCount".to_owned(), Value::Integer(index as i64 + 1));
            let state = [
                ("index".to_owned(), Value::Integer(index as i64)),
                ("count".to_owned(), Value::Integer(index as i64 + 1)),
                ("hasNext".to_owned(), Value::Boolean(index + 1 < count)),
                ("first".to_owned(), Value::Boolean(index == 0)),
                ("last".to_owned(), Value::Boolean(index + 1 == count)),
            ];
            self.variables.insert("foreach".to_owned(), Value::map(state));
            match self.nodes(body, out)? {
                Flow::Next => {}
                Flow::Break => break,
                Flow::Stop => {
                    flow = Flow::Stop;
                    break;
                }
            }
        }
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
                Step::Property(name) => self.property(&value, name)?,
                Step::Index(index) => {
                    let index = self.value(index)?;
                    methods::index(&value, &index)
                }
                Step::Call(name, arguments) => {
                    let arguments: Vec<Value> =
                        arguments.iter().map(|argument| self.value(argument)).collect::<Result<_, _>>()?;
                    match value {
                        Value::Input => builtin::input(&self.input, name, &arguments)?,
                        Value::Util => builtin::util(name, &arguments)?,
                        value => {
                            let result = methods::call(&value, name, &arguments)?;
                            bounded(&value)?;
                            result
                        }
                    }
                }
            };
            bounded(&value)?;
        }
        Ok(value)
    }

    fn property(&self, value: &Value, name: &str) -> Result<Value, TemplateError> {
        Ok(match value {
            Value::Input if name == "body" => Value::text(self.input.body()),
            Value::Map(map) => map.borrow().get(name).cloned().unwrap_or(Value::Null),
            _ => Value::Null,
        })
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
                map.borrow_mut().insert(name.clone(), value);
            }
            (Value::Map(map), Step::Index(key)) => {
                let key = self.value(key)?.to_text();
                map.borrow_mut().insert(key, value);
            }
            (Value::List(list), Step::Index(index)) => {
                let index = self.value(index)?.integer().and_then(|index| usize::try_from(index).ok());
                if let Some(index) = index
                    && let Some(place) = list.items.borrow_mut().get_mut(index)
                {
                    *place = value;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn value(&mut self, expression: &Expression) -> Result<Value, TemplateError> {
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
            Expression::Boolean(value) => Value::Boolean(*value),
            Expression::Null => Value::Null,
            Expression::List(items) => {
                Value::list(items.iter().map(|item| self.value(item)).collect::<Result<_, _>>()?)
            }
            Expression::Range(first, last) => {
                let (first, last) = (self.value(first)?.integer(), self.value(last)?.integer());
                range(first.unwrap_or(0), last.unwrap_or(-1))?
            }
            Expression::Map(entries) => {
                let mut map = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    map.push((self.value(key)?.to_text(), self.value(value)?));
                }
                Value::map(map)
            }
            Expression::Not(inner) => Value::Boolean(!self.value(inner)?.is_true()),
            Expression::Negative(inner) => match self.value(inner)? {
                Value::Integer(number) => Value::Integer(number.wrapping_neg()),
                Value::Double(number) => Value::Double(-number),
                _ => Value::Null,
            },
            Expression::Binary(operator, left, right) => self.binary(*operator, left, right)?,
        })
    }

    fn binary(&mut self, operator: Operator, left: &Expression, right: &Expression) -> Result<Value, TemplateError> {
        let left = self.value(left)?;
        match operator {
            Operator::Or if left.is_true() => return Ok(Value::Boolean(true)),
            Operator::And if !left.is_true() => return Ok(Value::Boolean(false)),
            _ => {}
        }
        let right = self.value(right)?;
        Ok(match operator {
            Operator::Or | Operator::And => Value::Boolean(right.is_true()),
            Operator::Equal => Value::Boolean(equal(&left, &right)),
            Operator::NotEqual => Value::Boolean(!equal(&left, &right)),
            Operator::Less => Value::Boolean(order(&left, &right) == Some(Ordering::Less)),
            Operator::Greater => Value::Boolean(order(&left, &right) == Some(Ordering::Greater)),
            Operator::LessOrEqual => Value::Boolean(order(&left, &right).is_some_and(Ordering::is_le)),
            Operator::GreaterOrEqual => Value::Boolean(order(&left, &right).is_some_and(Ordering::is_ge)),
            _ => {
                let result = arithmetic(operator, &left, &right);
                bounded(&result)?;
                result
            }
        })
    }
}

/// Values grow by joining and adding; none may outgrow the output.
fn bounded(value: &Value) -> Result<(), TemplateError> {
    match value {
        Value::Text(text) if text.len() > OUTPUT => Err(TemplateError::Output(OUTPUT)),
        Value::List(list) if list.items.borrow().len() > STEPS => Err(TemplateError::Steps(STEPS)),
        _ => Ok(()),
    }
}

fn range(first: i64, last: i64) -> Result<Value, TemplateError> {
    let distance = first.abs_diff(last);
    if distance >= ITERATIONS as u64 {
        return Err(TemplateError::Iterations(ITERATIONS));
    }
    let numbers: Vec<Value> = if first <= last {
        (first..=last).map(Value::Integer).collect()
    } else {
        (last..=first).rev().map(Value::Integer).collect()
    };
    Ok(Value::list(numbers))
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        _ => left.number()?.partial_cmp(&right.number()?),
    }
}

fn arithmetic(operator: Operator, left: &Value, right: &Value) -> Value {
    if let (Value::Integer(left), Value::Integer(right)) = (left, right) {
        let result = match operator {
            Operator::Add => left.checked_add(*right),
            Operator::Subtract => left.checked_sub(*right),
            Operator::Multiply => left.checked_mul(*right),
            Operator::Divide => left.checked_div(*right),
            _ => left.checked_rem(*right),
        };
        return result.map_or(Value::Null, Value::Integer);
    }
    match (left.number(), right.number()) {
        (Some(left), Some(right)) => Value::Double(match operator {
            Operator::Add => left + right,
            Operator::Subtract => left - right,
            Operator::Multiply => left * right,
            Operator::Divide => left / right,
            _ => left % right,
        }),
        // `+` joins when one side is text.
        _ if operator == Operator::Add && (matches!(left, Value::Text(_)) || matches!(right, Value::Text(_))) => {
            Value::text(left.to_text() + &right.to_text())
        }
        _ => Value::Null,
    }
}
