//! Properties on their way into an operation's input, where their names are the names of its members.
//!
//! AWS writes most properties as the member that they become, but for the case of the first letter
//! (`RetentionInDays`, `retentionInDays`). What the operation has no member for is left to its provider at the top, and
//! refused by name inside: nothing that a user wrote is dropped there.

use crate::template::as_text;
use serde_json::{Map, Value as Json};
use slam_cloud_core::schema::{self, Schema, Structure};
use slam_cloud_core::{AwsError, AwsResult, Operation, Value};

/// Properties to be.
#[derive(Clone, Debug, Default)]
pub(super) struct Input(Map<String, Json>);

impl Input {
    /// All of these.
    pub fn new(properties: &Map<String, Json>) -> Self {
        Self(properties.clone())
    }

    /// Nothing but this.
    pub fn of(name: &str, value: impl Into<Json>) -> Self {
        Self::default().with(name, value)
    }

    /// The same with one more, or with another value.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// The same without one.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    /// The same without all but some.
    #[must_use]
    pub fn only(mut self, names: &[&str]) -> Self {
        self.0.retain(|name, _| names.contains(&name.as_str()));
        self
    }

    /// The same under another name, where it is there.
    #[must_use]
    pub fn renamed(mut self, name: &str, to: &str) -> Self {
        if let Some(value) = self.0.remove(name) {
            self.0.insert(to.to_owned(), value);
        }
        self
    }

    /// The same with an object, or with each object of a list, written in another way.
    #[must_use]
    pub fn within(mut self, name: &str, write: impl Fn(Self) -> Self) -> Self {
        let items = match self.0.get_mut(name) {
            Some(Json::Array(items)) => items.as_mut_slice(),
            Some(one) => std::slice::from_mut(one),
            None => &mut [],
        };
        for object in items.iter_mut().filter_map(Json::as_object_mut) {
            *object = write(Self(std::mem::take(object))).0;
        }
        self
    }

    /// The same with these, too.
    #[must_use]
    pub fn and(mut self, properties: &Map<String, Json>) -> Self {
        self.0.extend(properties.clone());
        self
    }

    /// The same with what stands here for what is not there, at every depth.
    #[must_use]
    pub fn or(mut self, defaults: Json) -> Self {
        if let Json::Object(defaults) = defaults {
            fill(&mut self.0, defaults);
        }
        self
    }

    /// The operation's input.
    ///
    /// # Errors
    /// When a member that it needs is not there, or a value has another form than its member.
    pub fn into_operation<O: Operation>(self) -> AwsResult<O> {
        let structure = O::MODEL.input.structure();
        let structure = structure.ok_or_else(|| AwsError::internal(format!("{} has no input", O::MODEL.name)))?;
        O::from_value(members(structure, &self.0, "", true)?)
    }
}

impl<N: Into<String>> FromIterator<(N, Json)> for Input {
    fn from_iter<I: IntoIterator<Item = (N, Json)>>(properties: I) -> Self {
        Self(properties.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

impl From<Input> for Json {
    fn from(input: Input) -> Self {
        Self::Object(input.0)
    }
}

fn fill(given: &mut Map<String, Json>, defaults: Map<String, Json>) {
    for (name, default) in defaults {
        match (given.get_mut(&name), default) {
            (Some(Json::Object(given)), Json::Object(defaults)) => fill(given, defaults),
            (Some(_), _) => {}
            (None, default) => {
                given.insert(name, default);
            }
        }
    }
}

/// Whether a property and a member have one name.
fn same(property: &str, member: &str) -> bool {
    let apart = |name: &str| name.chars().next().map(|first| first.to_ascii_lowercase());
    apart(property) == apart(member) && property.get(1..) == member.get(1..)
}

fn members(structure: &Structure, given: &Map<String, Json>, path: &str, top: bool) -> AwsResult<Value> {
    let is_member = |name: &String| structure.members.iter().any(|member| same(name, member.name));
    if let Some(other) = given.keys().find(|name| !top && !is_member(name)) {
        return Err(AwsError::unsupported(format_args!("The property {{{path}/{other}}}")));
    }
    let member = |member: &schema::Member| {
        let found = given.iter().find(|(name, value)| same(name, member.name) && !value.is_null());
        match found {
            Some((name, value)) => fit(member.schema, value, &format!("{path}/{name}")).map(Some),
            None if member.required => {
                let (first, rest) = member.name.split_at(1);
                let name = first.to_ascii_uppercase() + rest;
                Err(AwsError::validation(format!("The property {{{path}/{name}}} is required")))
            }
            None => Ok(None),
        }
    };
    structure.members.iter().map(member).collect::<AwsResult<_>>().map(Value::Structure)
}

/// A property's value as its member has it. Scalars fit in every form that CloudFormation takes them in.
fn fit(schema: &Schema, given: &Json, path: &str) -> AwsResult<Value> {
    let text = || as_text(given);
    let value = match (schema, given) {
        (Schema::Structure(structure), Json::Object(given)) => Some(members(structure, given, path, false)?),
        (Schema::List(list), Json::Array(items)) => {
            let item = |(index, item)| fit(list.member, item, &format!("{path}/{index}"));
            Some(Value::List(items.iter().enumerate().map(item).collect::<AwsResult<_>>()?))
        }
        // Tags, where the operation has them as a list.
        (Schema::List(list), Json::Object(entries)) if list.member.structure().is_some() => {
            let item = |(key, value): (&String, &Json)| {
                let pair =
                    Map::from_iter([("Key".to_owned(), Json::from(&**key)), ("Value".to_owned(), value.clone())]);
                fit(list.member, &Json::Object(pair), &format!("{path}/{key}"))
            };
            Some(Value::List(entries.iter().map(item).collect::<AwsResult<_>>()?))
        }
        (Schema::Map(map), Json::Object(entries)) => {
            let entry =
                |(key, value): (&String, &Json)| Ok((key.clone(), fit(map.value, value, &format!("{path}/{key}"))?));
            Some(Value::Map(entries.iter().map(entry).collect::<AwsResult<_>>()?))
        }
        // A JSON document may be written as an object.
        (Schema::String(_), given) => Some(Value::String(text().unwrap_or_else(|| given.to_string()))),
        (Schema::Boolean, given) => match text() {
            Some(text) if text.eq_ignore_ascii_case("true") => Some(Value::Boolean(true)),
            Some(text) if text.eq_ignore_ascii_case("false") => Some(Value::Boolean(false)),
            _ => given.as_bool().map(Value::Boolean),
        },
        (Schema::Integer(_) | Schema::Long(_), given) => {
            given.as_i64().or_else(|| text()?.trim().parse().ok()).map(Value::Integer)
        }
        (Schema::Float(_) | Schema::Double(_), given) => {
            given.as_f64().or_else(|| text()?.trim().parse().ok()).map(Value::Double)
        }
        (Schema::Timestamp(_), _) => text().and_then(|text| text.parse().ok()).map(Value::Timestamp),
        (Schema::Document, given) => Some(Value::Document(given.clone())),
        _ => None,
    };
    value.ok_or_else(|| AwsError::validation(format!("The value of the property {{{path}}} has the wrong form")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use slam_cloud_wire::{apigateway, iam, lambda, logs};

    fn read<O: Operation>(properties: Json) -> AwsResult<O> {
        let Json::Object(properties) = properties else { panic!("properties are an object") };
        Input::new(&properties).into_operation()
    }

    #[test]
    fn properties_become_the_members_with_their_names() {
        let given = json!({"RestApiId": "a", "Name": "v", "ValidateRequestBody": "true", "Other": {"x": 1}});
        let expected = apigateway::CreateRequestValidator {
            rest_api_id: "a".into(),
            name: Some("v".into()),
            validate_request_body: Some(true),
            validate_request_parameters: None,
        };
        assert_eq!(read::<apigateway::CreateRequestValidator>(given).unwrap(), expected);
    }

    #[test]
    fn scalars_documents_and_tags_take_the_form_of_their_member() {
        let given = json!({"LogGroupName": 1, "RetentionInDays": "14"});
        let expected = logs::PutRetentionPolicy { log_group_name: "1".into(), retention_in_days: 14 };
        assert_eq!(read::<logs::PutRetentionPolicy>(given).unwrap(), expected);
        let given = json!({"RoleName": "r", "AssumeRolePolicyDocument": {"Version": "x"}, "Tags": {"a": "b"}});
        let role = read::<iam::CreateRole>(given).unwrap();
        assert_eq!(role.assume_role_policy_document, r#"{"Version":"x"}"#);
        assert_eq!(role.tags.unwrap(), [iam::Tag { key: "a".into(), value: "b".into() }]);
    }

    fn refuse<O: Operation>(properties: Json, expected: &str) {
        assert_eq!(read::<O>(properties).err().unwrap().message, expected);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        refuse::<logs::CreateLogGroup>(json!({}), "The property {/LogGroupName} is required");
        refuse::<logs::PutRetentionPolicy>(
            json!({"LogGroupName": "g", "RetentionInDays": "two weeks"}),
            "The value of the property {/RetentionInDays} has the wrong form",
        );
        refuse::<lambda::UpdateFunctionConfiguration>(
            json!({"FunctionName": "f", "TracingConfig": {"Mode": "Active", "Depth": 1}}),
            "The property {/TracingConfig/Depth} is not supported by the embedded cloud",
        );
    }

    #[test]
    fn defaults_fill_the_gaps_at_every_depth() {
        let given = Input::of("LoggingConfig", json!({"LogFormat": "JSON"})).with("Timeout", 9);
        let defaults =
            json!({"Timeout": 3, "MemorySize": 128, "LoggingConfig": {"LogFormat": "Text", "LogGroup": "g"}});
        let expected =
            json!({"Timeout": 9, "MemorySize": 128, "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "g"}});
        assert_eq!(Json::Object(given.or(defaults).0), expected);
    }
}
