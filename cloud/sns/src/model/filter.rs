//! Which messages a subscription wants: patterns of Event Ruler's, less than EventBridge's.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html>

use super::attribute::{Attribute, Attributes};
use super::document::object;
use super::endpoint::Protocol;
use super::publication::Publication;
use crate::error::invalid;
use serde_json::{Map, Value};
use slam_cloud_core::AwsResult;
use slam_cloud_kit::pattern::{Event, Pattern};
use std::collections::BTreeMap;

/// Developer Guide, "Filter policy constraints".
const KEYS: usize = 5;
const COMBINATIONS: usize = 150;
const LARGEST: usize = 256 * 1024;

/// A filter policy.
#[derive(Clone, Debug)]
pub struct Filter {
    pattern: Pattern,
    by_body: bool,
}

impl Filter {
    /// Reads a policy for one of the two scopes.
    ///
    /// # Errors
    /// Why it is none (recorded: `test_validate_policy`, `test_validate_policy_numeric_operator`,
    /// `test_validate_policy_exists_operator`, `test_validate_policy_nested_anything_but_operator`,
    /// `test_sub_filter_policy_nested_property_constraints`, `test_sub_filter_policy_nested_property`).
    pub fn read(policy: &str, by_body: bool) -> AwsResult<Self> {
        let wrong = |what: &str| invalid(format_args!("FilterPolicy: {what}"));
        if policy.len() > LARGEST {
            return Err(wrong("Filter policy is too large"));
        }
        let fields = object("FilterPolicy", policy)?;
        if !by_body && fields.iter().any(|(name, value)| name != "$or" && value.is_object()) {
            let scope = "Filter policy scope MessageAttributes does not support nested filter policy";
            return Err(invalid(scope));
        }
        let pattern = Pattern::parse(policy).map_err(|reason| wrong(&in_its_words(reason, &fields)))?;
        absent(&fields).map_err(|reason| wrong(&reason))?;
        if fields.len() > KEYS {
            return Err(wrong("Filter policy can not have more than 5 keys"));
        }
        if combinations(&fields, 1) > COMBINATIONS {
            return Err(wrong("Filter policy is too complex"));
        }
        Ok(Self { pattern: pattern.of_filled_values(), by_body })
    }

    /// Whether a subscription of a protocol wants a message.
    pub fn wants(&self, message: &mut Asked<'_>, protocol: Protocol) -> bool {
        let event = if self.by_body { message.body(protocol) } else { message.attributes() };
        event.is_some_and(|event| self.pattern.matches(event))
    }
}

/// A message as filters ask of it: read by the first of a topic's subscriptions that does, and once for all of them.
pub struct Asked<'m> {
    publication: &'m Publication,
    attributes: Option<Option<Event>>,
    bodies: BTreeMap<Protocol, Option<Event>>,
}

impl<'m> Asked<'m> {
    /// A message that nothing was asked of yet.
    pub fn new(publication: &'m Publication) -> Self {
        Self { publication, attributes: None, bodies: BTreeMap::new() }
    }

    fn attributes(&mut self) -> Option<&Event> {
        let read = || of_attributes(&self.publication.attributes).and_then(|event| Event::read(&event).ok());
        self.attributes.get_or_insert_with(read).as_ref()
    }

    fn body(&mut self, protocol: Protocol) -> Option<&Event> {
        let read = || {
            let text = self.publication.text_for(protocol);
            is_object(&text).then(|| Event::read(&text).ok()).flatten()
        };
        self.bodies.entry(protocol).or_insert_with(read).as_ref()
    }
}

/// The words of the version of Event Ruler that SNS has, which is an older one (recorded: `test_validate_policy_numeric_operator`,
/// `test_validate_policy_nested_anything_but_operator`).
fn in_its_words(reason: String, fields: &Map<String, Value>) -> String {
    let bound = || fields.values().find_map(bound_for_an_operator);
    match reason.strip_prefix("Invalid member in numeric match: ").and_then(|_| bound()) {
        Some(value) => format!("Bad value in numeric range: {value}"),
        None => reason.replace("Value of = ", "Value of equals ").replace("prefix/suffix match", "prefix match"),
    }
}

/// What stands where the second operator of a range should.
fn bound_for_an_operator(value: &Value) -> Option<&Value> {
    match value {
        Value::Array(values) => values.iter().find_map(bound_for_an_operator),
        Value::Object(fields) => {
            let second = fields.get("numeric").and_then(|terms| terms.get(2)).filter(|term| !term.is_string());
            second.or_else(|| fields.values().find_map(bound_for_an_operator))
        }
        _ => None,
    }
}

/// Whether a body is one that patterns can be asked about.
fn is_object(text: &str) -> bool {
    text.trim_start().starts_with('{')
}

/// The attributes as an object; `None` where there are none, or one is no array that says that it is one, as SNS then does not deliver
/// (recorded: `test_filter_policy`; Developer Guide, "Message attribute data types": NumberOfNotificationsFilteredOut-InvalidAttributes).
fn of_attributes(attributes: &Attributes) -> Option<String> {
    let mut fields = Vec::with_capacity(attributes.len());
    for (name, attribute) in attributes.iter().filter(|(_, attribute)| !attribute.is_binary()) {
        fields.push(format!("{}:{}", Value::from(name.as_str()), value(attribute)?));
    }
    (!fields.is_empty()).then(|| format!("{{{}}}", fields.join(",")))
}

fn value(Attribute { kind, value }: &Attribute) -> Option<String> {
    match kind.as_str() {
        "String.Array" | "Number.Array" => serde_json::from_str::<Vec<Value>>(value).ok().map(|_| value.clone()),
        kind if kind.starts_with("Number") => {
            // A text that only Rust takes for a number is compared as the number that it is.
            let number = value.trim();
            let is_json = serde_json::from_str::<serde_json::Number>(number).is_ok();
            let read = || number.parse().ok().and_then(serde_json::Number::from_f64).map(|number| number.to_string());
            if is_json { Some(number.to_owned()) } else { read() }
        }
        _ => Some(Value::from(value.as_str()).to_string()),
    }
}

/// Refuses what Event Ruler has and SNS has not: its list of operators has no `wildcard`, and `anything-but` goes with a list or a
/// `prefix` alone (recorded: `test_validate_policy_nested_anything_but_operator`).
fn absent(fields: &Map<String, Value>) -> Result<(), String> {
    for value in fields.values() {
        match value {
            Value::Object(fields) => absent(fields)?,
            Value::Array(values) => values.iter().filter_map(Value::as_object).try_for_each(absent_of)?,
            _ => {}
        }
    }
    Ok(())
}

/// The same of an expression, or of a branch of `$or`.
fn absent_of(expression: &Map<String, Value>) -> Result<(), String> {
    if expression.contains_key("wildcard") {
        return Err("Unrecognized match type wildcard".to_owned());
    }
    let inner = expression.get("anything-but").and_then(Value::as_object);
    let other = inner.into_iter().flat_map(Map::keys).find(|name| *name != "prefix");
    match other {
        Some(name) => Err(format!("Unsupported anything-but pattern: {name}")),
        None => absent(expression),
    }
}

/// The product of the numbers of values, each times how deep it is (recorded: `test_sub_filter_policy_nested_property_constraints`).
fn combinations(fields: &Map<String, Value>, depth: usize) -> usize {
    let mut product: usize = 1;
    for (name, value) in fields {
        let count = match value {
            Value::Object(fields) => combinations(fields, depth + 1),
            Value::Array(branches) if name == "$or" => {
                branches.iter().filter_map(Value::as_object).map(|branch| combinations(branch, depth)).sum()
            }
            Value::Array(values) => values.len() * depth,
            _ => 1,
        };
        product = product.saturating_mul(count.max(1));
    }
    product
}

#[cfg(test)]
mod tests {
    use super::super::attribute::checked;
    use super::super::publication::Kind;
    use super::*;
    use serde::Deserialize;
    use slam_cloud_wire::sns::MessageAttributeValue;

    /// A case of `data/filter-policies.jsonl`.
    #[derive(Deserialize)]
    struct Case {
        id: u32,
        scope: String,
        policy: String,
        body: Option<String>,
        attributes: Option<BTreeMap<String, Given>>,
        matches: Option<bool>,
        refused: Option<Refused>,
    }

    #[derive(Clone, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Given {
        data_type: String,
        string_value: Option<String>,
        binary_value: Option<String>,
    }

    #[derive(Deserialize)]
    struct Refused {
        message: String,
    }

    fn published(text: &str, attributes: Attributes) -> Publication {
        Publication {
            id: "m".into(),
            topic: ("000000000000".into(), "us-east-1".into(), "t".into()),
            kind: Kind::Notification,
            text: text.into(),
            structured: false,
            subject: None,
            attributes,
            sent: 0,
            signature: None,
            group: None,
            deduplication: None,
            number: None,
            trace: None,
        }
    }

    #[test]
    fn messages_are_wanted_as_on_aws() {
        let mut wrong = Vec::new();
        let mut asked = 0;
        for line in include_str!("data/filter-policies.jsonl").lines() {
            let case: Case = serde_json::from_str(line).unwrap();
            // That of the scope is the attribute's own: `subscription_attributes`.
            if case.scope == "RandomValue" {
                continue;
            }
            asked += 1;
            let filter = Filter::read(&case.policy, case.scope == "MessageBody");
            let told = match (filter, case.refused) {
                (Err(error), Some(refused)) => {
                    let expected = refused.message.replace("Attributes Reason: ", "");
                    let expected = expected.lines().next().unwrap_or_default();
                    let said = error.message.lines().next().unwrap_or_default();
                    (said != expected).then(|| format!("says {said:?}, not {expected:?}"))
                }
                (Err(error), None) => Some(format!("refuses it: {error}")),
                (Ok(_), Some(refused)) => Some(format!("takes it; refused: {}", refused.message)),
                (Ok(filter), None) => {
                    let attributes = case.attributes.unwrap_or_default().into_iter().map(|(name, given)| {
                        let value = MessageAttributeValue {
                            data_type: given.data_type,
                            string_value: given.string_value,
                            binary_value: given.binary_value.map(bytes::Bytes::from),
                        };
                        (name, value)
                    });
                    let attributes = checked(attributes.collect()).unwrap();
                    let publication = published(case.body.as_deref().unwrap_or("text"), attributes);
                    let wants = filter.wants(&mut Asked::new(&publication), Protocol::Sqs);
                    (Some(wants) != case.matches).then(|| format!("says {wants}"))
                }
            };
            wrong.extend(told.map(|told| format!("{} {}: {told}", case.id, case.policy)));
        }
        assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
        assert!(asked > 200);
    }
}
