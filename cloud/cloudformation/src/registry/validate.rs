//! Properties against their schema. What is not known before creation is passed over.

use super::Schema;
use super::coerce::{kind, types_of};
use crate::template::functions::{UNKNOWN, is_unknown};
use serde_json::{Map, Value};
use slam_cloud_core::java::{Pattern, PatternError};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

impl Schema {
    /// Everything that is wrong with (coerced) properties, in AWS's words where they are known.
    pub fn check(&self, properties: &Map<String, Value>) -> Vec<String> {
        for name in properties.keys() {
            if self.is_read_only(name) || !self.has_property(name) {
                return vec![format!("Encountered unsupported property {name}")];
            }
        }
        let mut checker = Checker { schema: self, found: Vec::new() };
        checker.nodes(&[self.root()], &Value::Object(properties.clone()), "");
        checker.found
    }
}

struct Checker<'a> {
    schema: &'a Schema,
    found: Vec<String>,
}

impl Checker<'_> {
    fn value(&mut self, node: &Value, value: &Value, path: &str) {
        let nodes = self.schema.follow(node);
        self.nodes(&nodes, value, path);
    }

    fn nodes(&mut self, nodes: &[&Map<String, Value>], value: &Value, path: &str) {
        if value.as_str().is_some_and(|text| text.contains(UNKNOWN)) {
            return;
        }
        let types = types_of(nodes.iter().find_map(|node| node.get("type")));
        if !types.is_empty() && !types.iter().any(|wanted| fits(value, wanted)) {
            let wanted: Vec<&str> = types.iter().map(|name| aws_name(name)).collect();
            return self.fail(format!(
                "Value of property {{{}}} does not match type {{{}}}",
                at(path),
                wanted.join(" or ")
            ));
        }
        for node in nodes {
            self.scalar(node, value, path);
            match value {
                Value::Object(entries) => self.object(node, nodes, entries, path),
                Value::Array(items) => self.array(node, items, path),
                _ => {}
            }
            self.combined(node, value, path);
        }
    }

    fn scalar(&mut self, node: &Map<String, Value>, value: &Value, path: &str) {
        let place = at(path);
        if let Some(allowed) = node.get("enum").and_then(Value::as_array)
            && !allowed.contains(value)
        {
            let allowed: Vec<String> = allowed.iter().map(plain).collect();
            self.fail(format!(
                "{} is not a valid value for property {{{place}}}: [{}]",
                plain(value),
                allowed.join(", ")
            ));
        }
        if let Some(constant) = node.get("const")
            && constant != value
        {
            self.fail(format!("Value of property {{{place}}} must be {}", plain(constant)));
        }
        if let Value::String(text) = value {
            let length = text.chars().count() as u64;
            if let Some(most) = bound(node, "maxLength").filter(|most| length > *most) {
                self.fail(format!(
                    "Length of value for property {{{place}}} is greater than maximum allowed length {{{most}}}"
                ));
            }
            if let Some(least) = bound(node, "minLength").filter(|least| length < *least) {
                self.fail(format!(
                    "Length of value for property {{{place}}} is less than minimum allowed length {{{least}}}"
                ));
            }
            if let Some(pattern) = node.get("pattern").and_then(Value::as_str) {
                match fits_pattern(pattern, text) {
                    Ok(true) => {}
                    Ok(false) => {
                        self.fail(format!("Value of property {{{place}}} does not match pattern {{{pattern}}}"));
                    }
                    Err(error) => self.fail(format!("Value of property {{{place}}}: {error}")),
                }
            }
        }
        if let Some(number) = value.as_f64() {
            if let Some(most) = node.get("maximum").and_then(Value::as_f64).filter(|most| number > *most) {
                self.fail(format!("Value of property {{{place}}} is greater than maximum allowed value {{{most}}}"));
            }
            if let Some(least) = node.get("minimum").and_then(Value::as_f64).filter(|least| number < *least) {
                self.fail(format!("Value of property {{{place}}} is less than minimum allowed value {{{least}}}"));
            }
        }
    }

    fn object(
        &mut self,
        node: &Map<String, Value>,
        all: &[&Map<String, Value>],
        entries: &Map<String, Value>,
        path: &str,
    ) {
        for name in strings(node.get("required")) {
            if !entries.contains_key(name) {
                self.fail(format!("The property {{{path}/{name}}} is required"));
            }
        }
        let properties = node.get("properties").and_then(Value::as_object);
        let patterns = node.get("patternProperties").and_then(Value::as_object);
        let closed = node.get("additionalProperties") == Some(&Value::Bool(false));
        let mut extraneous = Vec::new();
        for (name, value) in entries {
            let inner = format!("{path}/{name}");
            let mut matched = false;
            if let Some(node) = properties.and_then(|nodes| nodes.get(name)) {
                self.value(node, value, &inner);
                matched = true;
            }
            for (pattern, node) in patterns.into_iter().flatten() {
                if fits_pattern(pattern, name).unwrap_or(false) {
                    self.value(node, value, &inner);
                    matched = true;
                }
            }
            let elsewhere =
                all.iter().any(|other| other.get("properties").is_some_and(|nodes| nodes.get(name).is_some()));
            if closed && !matched && !elsewhere {
                extraneous.push(name.as_str());
            }
        }
        if !extraneous.is_empty() {
            let names = extraneous.join(", ");
            self.fail(format!("Encountered unsupported properties in {{{}}}: [{names}]", at(path)));
        }
        for keyword in ["dependentRequired", "dependencies"] {
            for (name, needed) in node.get(keyword).and_then(Value::as_object).into_iter().flatten() {
                for needed in strings(Some(needed)).into_iter().filter(|_| entries.contains_key(name)) {
                    if !entries.contains_key(needed) {
                        self.fail(format!("The property {{{path}/{needed}}} is required with {{{path}/{name}}}"));
                    }
                }
            }
        }
        for (name, excluded) in node.get("dependentExcluded").and_then(Value::as_object).into_iter().flatten() {
            for other in strings(Some(excluded)).into_iter().filter(|_| entries.contains_key(name)) {
                if entries.contains_key(other) {
                    self.fail(format!("The property {{{path}/{name}}} must not be given with {{{path}/{other}}}"));
                }
            }
        }
    }

    fn array(&mut self, node: &Map<String, Value>, items: &[Value], path: &str) {
        let (place, count) = (at(path), items.len() as u64);
        if let Some(most) = bound(node, "maxItems").filter(|most| count > *most) {
            self.fail(format!(
                "Length of value for property {{{place}}} is greater than maximum allowed length {{{most}}}"
            ));
        }
        if let Some(least) = bound(node, "minItems").filter(|least| count < *least) {
            self.fail(format!(
                "Length of value for property {{{place}}} is less than minimum allowed length {{{least}}}"
            ));
        }
        let twice = items.iter().enumerate().any(|(index, item)| !is_unknown(item) && items[..index].contains(item));
        if node.get("uniqueItems") == Some(&Value::Bool(true)) && twice {
            self.fail(format!("Value of property {{{place}}} must not hold the same item twice"));
        }
        for key in strings(node.get("uniqueKeys")) {
            let keys: Vec<&Value> = items.iter().filter_map(|item| item.get(key)).collect();
            let twice =
                keys.iter().enumerate().find(|(index, value)| !is_unknown(value) && keys[..*index].contains(value));
            if let Some((_, value)) = twice {
                self.fail(format!("Property {{{place}}} has the {key} {} twice", plain(value)));
            }
        }
        let prefix = node.get("prefixItems").and_then(Value::as_array);
        for (index, item) in items.iter().enumerate() {
            let inner = format!("{path}/{index}");
            if let Some(node) = node.get("items") {
                self.value(node, item, &inner);
            }
            if let Some(node) = prefix.and_then(|nodes| nodes.get(index)) {
                self.value(node, item, &inner);
            }
        }
    }

    fn combined(&mut self, node: &Map<String, Value>, value: &Value, path: &str) {
        for branch in node.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.value(branch, value, path);
        }
        if let Some(condition) = node.get("if") {
            let branch = if self.tried(condition, value, path).is_empty() { "then" } else { "else" };
            if let Some(branch) = node.get(branch) {
                self.value(branch, value, path);
            }
        }
        for keyword in ["anyOf", "oneOf"] {
            let Some(branches) = node.get(keyword).and_then(Value::as_array) else { continue };
            // What is unknown may make a branch fit that does not seem to.
            if is_unknown(value) {
                continue;
            }
            let tried: Vec<Vec<String>> = branches.iter().map(|branch| self.tried(branch, value, path)).collect();
            if tried.iter().all(|found| !found.is_empty()) {
                // The branch with the fewest faults is the one that was meant.
                let nearest = tried.into_iter().min_by_key(Vec::len).unwrap_or_default();
                self.found.extend(nearest);
            }
        }
    }

    fn tried(&self, node: &Value, value: &Value, path: &str) -> Vec<String> {
        let mut trial = Checker { schema: self.schema, found: Vec::new() };
        trial.value(node, value, path);
        trial.found
    }

    fn fail(&mut self, what: String) {
        if !self.found.contains(&what) {
            self.found.push(what);
        }
    }
}

fn at(path: &str) -> &str {
    if path.is_empty() { "/" } else { path }
}

fn plain(value: &Value) -> String {
    crate::template::as_text(value).unwrap_or_else(|| value.to_string())
}

fn strings(keyword: Option<&Value>) -> Vec<&str> {
    keyword.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn bound(node: &Map<String, Value>, keyword: &str) -> Option<u64> {
    node.get(keyword).and_then(Value::as_u64)
}

fn fits(value: &Value, wanted: &str) -> bool {
    let kind = kind(value);
    kind == wanted || (wanted == "number" && kind == "integer")
}

/// CloudFormation's names of JSON's types.
fn aws_name(name: &str) -> &str {
    match name {
        "string" => "String",
        "integer" => "Integer",
        "number" => "Double",
        "boolean" => "Boolean",
        "array" => "List",
        _ => "Object",
    }
}

/// Whether a schema's pattern is in a text.
fn fits_pattern(pattern: &str, text: &str) -> Result<bool, PatternError> {
    compiled(pattern)?.is_match(text)
}

/// A schema's pattern, compiled once. A test compiles them all.
pub(super) fn compiled(pattern: &str) -> Result<Pattern, PatternError> {
    static CACHE: LazyLock<Mutex<HashMap<String, Pattern>>> = LazyLock::new(Mutex::default);
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = cache.get(pattern) {
        return Ok(known.clone());
    }
    let compiled = Pattern::find(pattern)?;
    cache.insert(pattern.to_owned(), compiled.clone());
    Ok(compiled)
}
