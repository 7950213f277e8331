//! A policy document in evaluable form.

use super::condition::Condition;
use super::pattern::Pattern;
use super::principal::{Closeness, Principals};
use super::request::Request;
use super::texts::texts;
use serde_json::{Map, Value};

/// The version from which on policy variables are variables.
const CURRENT: &str = "2012-10-17";

/// A policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Its statements, in order.
    pub statements: Vec<Statement>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Whether `Effect` is `Allow`.
    pub allows: bool,
    /// Whom it speaks of.
    pub principals: Principals,
    actions: Listed,
    /// Absent in trust policies, where the resource is the role itself.
    resources: Option<Listed>,
    conditions: Vec<Condition>,
}

/// `Action` or `NotAction`, `Resource` or `NotResource`.
#[derive(Clone, Debug, PartialEq)]
struct Listed {
    except: bool,
    patterns: Vec<Pattern>,
}

impl Policy {
    /// Reads a document.
    ///
    /// # Errors
    /// What is wrong with it, in IAM's words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let document: Value = serde_json::from_str(text).map_err(|_| "This policy contains invalid Json".to_owned())?;
        let Value::Object(document) = document else { return Err(syntax()) };
        let variables = document.get("Version").and_then(Value::as_str) == Some(CURRENT);
        let statements = match document.get("Statement") {
            Some(Value::Array(statements)) => statements.iter().collect(),
            Some(statement @ Value::Object(_)) => vec![statement],
            Some(_) => return Err(syntax()),
            None => return Err("Missing required field Statement".to_owned()),
        };
        let statements = statements.into_iter().map(|statement| Statement::read(statement, variables));
        Ok(Self { statements: statements.collect::<Result<_, _>>()? })
    }

    /// Whether a `Deny` of this policy meets the request.
    pub fn denies(&self, request: &Request<'_>) -> bool {
        self.statements.iter().any(|statement| !statement.allows && statement.meets(request).is_some())
    }

    /// Whether an `Allow` of this policy meets the request, and how closely it names the caller.
    pub fn allows(&self, request: &Request<'_>) -> Option<Closeness> {
        self.statements.iter().filter(|statement| statement.allows).filter_map(|s| s.meets(request)).max()
    }
}

impl Statement {
    fn read(value: &Value, variables: bool) -> Result<Self, String> {
        let Value::Object(fields) = value else { return Err(syntax()) };
        let allows = match fields.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            Some(other) => return Err(format!("Invalid effect: {other}")),
            None => return Err("Missing required field Effect".to_owned()),
        };
        let principals = match (fields.get("Principal"), fields.get("NotPrincipal")) {
            (None, None) => Principals::Absent,
            (Some(value), None) => Principals::In(Principals::read(value).ok_or_else(syntax)?),
            (None, Some(value)) => Principals::NotIn(Principals::read(value).ok_or_else(syntax)?),
            (Some(_), Some(_)) => return Err(syntax()),
        };
        // Actions know no case and no variables.
        let lower_case = |text: &str| Pattern::wildcard(&text.to_ascii_lowercase(), false);
        let actions = listed(fields, "Action", "NotAction", lower_case)?
            .ok_or_else(|| "Policy statement must contain actions.".to_owned())?;
        let resources = listed(fields, "Resource", "NotResource", |text| Pattern::wildcard(text, variables))?;
        let conditions = match fields.get("Condition") {
            None => Vec::new(),
            Some(Value::Object(operators)) => conditions(operators, variables)?,
            Some(_) => return Err(syntax()),
        };
        Ok(Self { allows, principals, actions, resources, conditions })
    }

    fn meets(&self, request: &Request<'_>) -> Option<Closeness> {
        let closeness = self.principals.speak_of(request.principal)?;
        let met = self.actions.contains(request.action, request)
            && self.resources.as_ref().is_none_or(|resources| resources.contains(request.resource, request))
            && self.conditions.iter().all(|condition| condition.holds(request.keys));
        met.then_some(closeness)
    }
}

impl Listed {
    fn contains(&self, text: &str, request: &Request<'_>) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(text, request.keys)) != self.except
    }
}

fn listed(
    fields: &Map<String, Value>,
    name: &str,
    except: &str,
    pattern: impl Fn(&str) -> Pattern,
) -> Result<Option<Listed>, String> {
    let (value, except) = match (fields.get(name), fields.get(except)) {
        (None, None) => return Ok(None),
        (Some(value), None) => (value, false),
        (None, Some(value)) => (value, true),
        (Some(_), Some(_)) => return Err(syntax()),
    };
    let patterns = texts(value).ok_or_else(syntax)?.iter().map(|text| pattern(text)).collect();
    Ok(Some(Listed { except, patterns }))
}

fn conditions(operators: &Map<String, Value>, variables: bool) -> Result<Vec<Condition>, String> {
    let mut conditions = Vec::new();
    for (operator, keys) in operators {
        let Value::Object(keys) = keys else { return Err(syntax()) };
        for (key, values) in keys {
            let values = texts(values).ok_or_else(syntax)?;
            let condition = Condition::new(operator, key, &values, variables);
            conditions.push(condition.ok_or_else(|| format!("Invalid Condition type : {operator}."))?);
        }
    }
    Ok(conditions)
}

/// What IAM says of a document of another form.
pub(super) fn syntax() -> String {
    "Syntax errors in policy.".to_owned()
}
