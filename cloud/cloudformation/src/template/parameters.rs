//! Parameters: what a template declares and what a caller gives.

use super::{as_text, malformed};
use crate::error::invalid;
use indexmap::IndexMap;
use serde_json::{Map, Value};
use slam_cloud_core::java::{Pattern, PatternError};
use slam_cloud_core::{AwsError, AwsResult};

/// The longest value of a parameter in bytes ("Understand CloudFormation quotas").
const MAX_VALUE: usize = 4096;

/// The type of the name of a parameter of Parameter Store.
const NAME: &str = "AWS::SSM::Parameter::Name";

/// One member of `Parameters`.
#[derive(Clone, Debug, Default)]
pub struct Declaration {
    /// `Type`, as it is written.
    pub parameter_type: String,
    /// `Default`
    pub default: Option<String>,
    /// `NoEcho`: the value is never shown.
    pub no_echo: bool,
    /// `Description`
    pub description: Option<String>,
    /// `AllowedValues`
    pub allowed_values: Vec<String>,
    allowed_pattern: Option<String>,
    constraint_description: Option<String>,
    min_length: Option<usize>,
    max_length: Option<usize>,
    min_value: Option<f64>,
    max_value: Option<f64>,
}

/// A parameter as a caller gives it.
#[derive(Clone, Debug)]
pub enum Given {
    /// A value.
    Value(String),
    /// What the stack has.
    Previous,
}

impl Declaration {
    /// Reads one declaration.
    ///
    /// # Errors
    /// What is wrong with its form, or that its type is not supported.
    pub(super) fn parse(name: &str, declaration: Value) -> AwsResult<Self> {
        let Value::Object(mut members) = declaration else {
            return Err(malformed("Any Parameters member must be an object."));
        };
        let mut result = Self::default();
        match members.shift_remove("Type") {
            Some(Value::String(kind)) => result.parameter_type = kind,
            Some(_) => return Err(malformed("Every Type member must be a string.")),
            None => {
                let place = format!("[/Parameters/{name}]");
                return Err(malformed(format!("{place} Every Parameters object must contain a Type member.")));
            }
        }
        match &*result.parameter_type {
            "String" | "Number" | "List<Number>" | "List<String>" | "CommaDelimitedList" | NAME => {}
            kind if matches!(stored(kind), Some("String" | "List<String>" | "CommaDelimitedList")) => {}
            kind if kind.trim_start_matches("List<").starts_with("AWS::") => {
                return Err(invalid(format!(
                    "The type {kind} of the parameter {name} is not supported by the embedded cloud: \
                     use String and give the value itself"
                )));
            }
            kind => return Err(malformed(format!("Unrecognized parameter type: {kind}"))),
        }
        result.default = scalar(&mut members, "Default")?;
        result.no_echo = scalar(&mut members, "NoEcho")?.is_some_and(|text| text.eq_ignore_ascii_case("true"));
        result.description = scalar(&mut members, "Description")?;
        result.allowed_pattern = scalar(&mut members, "AllowedPattern")?;
        result.constraint_description = scalar(&mut members, "ConstraintDescription")?;
        result.min_length = number(&mut members, "MinLength")?;
        result.max_length = number(&mut members, "MaxLength")?;
        result.min_value = number(&mut members, "MinValue")?;
        result.max_value = number(&mut members, "MaxValue")?;
        if let Some(values) = members.shift_remove("AllowedValues") {
            let values = values.as_array().map(|values| values.iter().map(as_text).collect::<Option<Vec<_>>>());
            result.allowed_values =
                values.flatten().ok_or_else(|| malformed("Every AllowedValues member must be a list of strings."))?;
        }
        if let Some(unknown) = members.keys().next() {
            return Err(invalid(format!("Invalid template parameter property '{unknown}'")));
        }
        if let Some(pattern) = &result.allowed_pattern
            && let Err(error) = Pattern::whole(pattern)
        {
            let wrong = format!("The AllowedPattern of the parameter {name} is not a regular expression: {error}");
            return Err(malformed(wrong));
        }
        Ok(result)
    }

    /// Whether its value is the name of a parameter of Parameter Store.
    pub fn is_stored(&self) -> bool {
        self.parameter_type == NAME || self.is_read_from_store()
    }

    /// Whether its value is the name of a parameter of Parameter Store, for whose value it stands.
    pub fn is_read_from_store(&self) -> bool {
        stored(&self.parameter_type).is_some()
    }

    /// The parameter's value as `Ref` gives it: text, or a list of texts.
    pub fn value(&self, text: &str) -> Value {
        if is_list(stored(&self.parameter_type).unwrap_or(&self.parameter_type)) {
            let items = if text.is_empty() { Vec::new() } else { text.split(',').map(str::trim).collect() };
            return Value::from(items);
        }
        Value::from(text)
    }

    fn check(&self, name: &str, text: &str) -> AwsResult<()> {
        if text.len() > MAX_VALUE {
            return Err(invalid(format!("Parameter '{name}' must contain at most {MAX_VALUE} characters")));
        }
        // What stands in Parameter Store is held against nothing, its name is.
        if is_list(&self.parameter_type) {
            let values = self.value(text);
            let items = values.as_array().into_iter().flatten();
            return items.filter_map(Value::as_str).try_for_each(|item| self.check_one(name, item));
        }
        self.check_one(name, text)
    }

    fn check_one(&self, name: &str, text: &str) -> AwsResult<()> {
        if matches!(&*self.parameter_type, "Number" | "List<Number>") {
            let Ok(number) = text.trim().parse::<f64>() else {
                return Err(invalid(format!("Parameter '{name}' must be a number.")));
            };
            if let Some(least) = self.min_value.filter(|least| number < *least) {
                return Err(self.violated(name, &format!("must be a number not less than {least}")));
            }
            if let Some(most) = self.max_value.filter(|most| number > *most) {
                return Err(self.violated(name, &format!("must be a number not greater than {most}")));
            }
        }
        if !self.allowed_values.is_empty() && !self.allowed_values.iter().any(|allowed| allowed == text) {
            return Err(self.violated(name, "must be one of AllowedValues"));
        }
        let length = text.chars().count();
        if let Some(least) = self.min_length.filter(|least| length < *least) {
            return Err(self.violated(name, &format!("must contain at least {least} characters")));
        }
        if let Some(most) = self.max_length.filter(|most| length > *most) {
            return Err(self.violated(name, &format!("must contain at most {most} characters")));
        }
        if let Some(pattern) = &self.allowed_pattern {
            match Pattern::whole(pattern).and_then(|compiled| compiled.is_match(text)) {
                Ok(true) => {}
                Err(error @ PatternError::TooSlow) => {
                    return Err(invalid(format!(
                        "Parameter '{name}' cannot be held against pattern {pattern}: {error}"
                    )));
                }
                _ => return Err(self.violated(name, &format!("must match pattern {pattern}"))),
            }
        }
        Ok(())
    }

    fn violated(&self, name: &str, rule: &str) -> AwsError {
        match &self.constraint_description {
            Some(description) => invalid(format!("Parameter {name} failed to satisfy constraint: {description}")),
            None => invalid(format!("Parameter '{name}' {rule}")),
        }
    }
}

/// The value of every declared parameter: what is given, what the stack had, or the default.
///
/// # Errors
/// AWS's `ValidationError` for values that are missing, superfluous or against their constraints.
pub fn resolve(
    declarations: &IndexMap<String, Declaration>,
    given: &IndexMap<String, Given>,
    previous: Option<&IndexMap<String, String>>,
) -> AwsResult<IndexMap<String, String>> {
    let unknown: Vec<&str> =
        given.keys().filter(|name| !declarations.contains_key(*name)).map(String::as_str).collect();
    if !unknown.is_empty() {
        return Err(invalid(format!("Parameters: [{}] do not exist in the template", unknown.join(", "))));
    }
    let mut values = IndexMap::new();
    let mut missing = Vec::new();
    for (name, declaration) in declarations {
        let value = match given.get(name) {
            Some(Given::Value(text)) => Some(text.clone()),
            Some(Given::Previous) => match previous.and_then(|previous| previous.get(name)) {
                Some(text) => Some(text.clone()),
                None => {
                    return Err(invalid(format!(
                        "Invalid input for parameter key {name}. Cannot specify usePreviousValue as true for a \
                         parameter key not in the previous template"
                    )));
                }
            },
            None => declaration.default.clone(),
        };
        match value {
            Some(text) => {
                declaration.check(name, &text)?;
                values.insert(name.clone(), text);
            }
            None => missing.push(name.as_str()),
        }
    }
    if !missing.is_empty() {
        return Err(invalid(format!("Parameters: [{}] must have values", missing.join(", "))));
    }
    Ok(values)
}

fn is_list(kind: &str) -> bool {
    kind.starts_with("List<") || kind == "CommaDelimitedList"
}

/// The type of what is read from Parameter Store.
fn stored(kind: &str) -> Option<&str> {
    kind.strip_prefix("AWS::SSM::Parameter::Value<")?.strip_suffix('>')
}

fn scalar(members: &mut Map<String, Value>, member: &str) -> AwsResult<Option<String>> {
    match members.shift_remove(member) {
        None => Ok(None),
        Some(value) => match as_text(&value) {
            Some(text) => Ok(Some(text)),
            None => Err(malformed(format!("Every {member} member must be a string."))),
        },
    }
}

fn number<T: std::str::FromStr>(members: &mut Map<String, Value>, member: &str) -> AwsResult<Option<T>> {
    let Some(text) = scalar(members, member)? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| malformed(format!("Every {member} member must be a number.")))
}
