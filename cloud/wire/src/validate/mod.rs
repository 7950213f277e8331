//! What AWS's models demand of an input, checked before a service sees it, in AWS's words.
//!
//! The forms of the messages are those of answers recorded on AWS: one sentence for each failed constraint, joined
//! by `; `. What the models call sensitive is not shown: `Value at 'secretString' failed …`. Where a service does not enforce what its model says, or says it otherwise, its [`Dialect`] knows.

mod pattern;

use crate::protocol::Voice;
use slam_cloud_core::dialect::Dialect;
use slam_cloud_core::schema::{Constraints, Location, Member, Schema, Structure};
use slam_cloud_core::{AwsError, AwsResult, OperationModel, Value};
use std::fmt::Write as _;

/// How many failed constraints one answer lists, so that a large wrong input does not make a larger answer.
const LISTED: usize = 100;
/// What stands for a sensitive value within another one, as Java's `toString` of AWS's shapes has it.
const REDACTED: &str = "***Sensitive Data Redacted***";

/// Checks an input against its model.
///
/// # Errors
/// AWS's validation error of that service, listing every constraint that fails.
pub fn validate(voice: &Voice, operation: &OperationModel, input: &Value) -> AwsResult<()> {
    let (Some(structure), Value::Structure(members)) = (operation.input.structure(), input) else { return Ok(()) };
    let (dialect, operation_name) = (voice.dialect, operation.name);
    let mut check = Check { dialect, operation: operation_name, failures: Vec::new(), worded: None, missing: None };
    for last in [false, true] {
        for (member, value) in structure.members.iter().zip(members) {
            if check.dialect.told_last.contains(&member.name) != last {
                continue;
            }
            let mut path = String::new();
            if check.dialect.names_input && member.location == Location::Body {
                let _ = write!(path, "{}Input.", lower_first(operation.name));
            }
            path.push_str(&lower_first(member.name));
            check.member(member, value.as_ref(), &path);
        }
    }
    check.answer()
}

struct Check {
    dialect: &'static Dialect,
    operation: &'static str,
    failures: Vec<String>,
    /// What the service says in words of its own, of the first member that it says it of.
    worded: Option<String>,
    /// The same of the first member that is missing.
    missing: Option<AwsError>,
}

impl Check {
    fn answer(self) -> AwsResult<()> {
        if let Some(missing) = self.missing {
            return Err(missing);
        }
        let count = self.failures.len();
        if count == 0 {
            let worded = self.worded.map(|message| AwsError::bad_request(self.dialect.invalid_code, message));
            return worded.map_or(Ok(()), Err);
        }
        let errors = if count == 1 { "error" } else { "errors" };
        let listed = self.failures.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>().join("; ");
        Err(AwsError::bad_request(self.dialect.invalid_code, format!("{count} validation {errors} detected: {listed}")))
    }

    fn member(&mut self, member: &Member, value: Option<&Value>, path: &str) {
        match (value, self.dialect.missing) {
            (Some(value), _) => self.value(member.schema, value, path),
            (None, Some(missing)) if member.required => {
                self.missing.get_or_insert_with(|| missing(member.name, self.operation));
            }
            (None, None) if member.required => self
                .failures
                .push(format!("Value null at '{path}' failed to satisfy constraint: Member must not be null")),
            (None, _) => {}
        }
    }

    fn value(&mut self, schema: &Schema, value: &Value, path: &str) {
        if let (Value::String(text), Some(pattern)) = (value, constraints(schema).and_then(|all| all.pattern))
            && self.worded.is_none()
            && !pattern::matches(pattern, text)
        {
            self.worded = (self.dialect.worded)(path, pattern);
        }
        for constraint in failed(schema, value, self.dialect, path) {
            self.fail(schema, value, path, &constraint);
        }
        match (schema, value) {
            (Schema::Structure(structure), Value::Structure(members)) => self.structure(structure, members, path),
            (Schema::List(list), Value::List(items)) => match list.member {
                Schema::Structure(_) | Schema::List(_) | Schema::Map(_) => {
                    for (index, item) in items.iter().enumerate() {
                        self.value(list.member, item, &format!("{path}.{}.member", index + 1));
                    }
                }
                // Of scalars AWS shows the whole list and all that it demands of each.
                scalar if items.iter().any(|item| !failed(scalar, item, self.dialect, path).is_empty()) => {
                    let not_null = self.dialect.scalars_not_null && !path.contains('.');
                    let demanded = self.dialect.values_at(path).map_or_else(
                        || format!("Member must satisfy constraint: [{}]", demands(self.dialect, scalar, not_null)),
                        value_set,
                    );
                    self.fail(schema, value, path, &demanded);
                }
                _ => {}
            },
            (Schema::Map(map), Value::Map(entries)) => {
                let fits = |key: &str| failed(map.key, &Value::String(key.to_owned()), self.dialect, path).is_empty();
                if !entries.iter().all(|(key, _)| fits(key)) {
                    let demands = demands(self.dialect, map.key, false);
                    self.fail(schema, value, path, &format!("Map keys must satisfy constraint: [{demands}]"));
                }
                match map.value {
                    Schema::Structure(_) | Schema::List(_) | Schema::Map(_) => {
                        for (key, item) in entries {
                            self.value(map.value, item, &format!("{path}.{key}.member"));
                        }
                    }
                    scalar if entries.iter().any(|(_, item)| !failed(scalar, item, self.dialect, path).is_empty()) => {
                        let demands = demands(self.dialect, scalar, true);
                        self.fail(schema, value, path, &format!("Map value must satisfy constraint: [{demands}]"));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn structure(&mut self, structure: &Structure, members: &[Option<Value>], path: &str) {
        for (member, value) in structure.members.iter().zip(members) {
            self.member(member, value.as_ref(), &format!("{path}.{}", lower_first(member.name)));
        }
    }

    fn fail(&mut self, schema: &Schema, value: &Value, path: &str, constraint: &str) {
        let shown = match constraints(schema) {
            Some(constraints) if constraints.sensitive => String::new(),
            _ if self.failures.len() < LISTED => format!(" '{}'", shown(schema, value)),
            _ => " ''".to_owned(),
        };
        self.failures.push(format!("Value{shown} at '{path}' failed to satisfy constraint: {constraint}"));
    }
}

/// The constraints of the value itself (not of what is in it) that it does not satisfy, in AWS's words.
fn failed(schema: &Schema, value: &Value, dialect: &Dialect, path: &str) -> Vec<String> {
    let Some(constraints) = constraints(schema) else { return Vec::new() };
    let mut failed = Vec::new();
    if let Value::String(text) = value {
        if !constraints.values.is_empty()
            && !dialect.unenforced.iter().any(|place| *place == "*" || *place == path)
            && !constraints.values.contains(&text.as_str())
        {
            failed.push(value_set(dialect.values_at(path).unwrap_or_else(|| dialect.ordered(constraints.values))));
        }
        if let Some(expression) = constraints.pattern
            && !pattern::matches(expression, text)
            && (dialect.worded)(path, expression).is_none()
        {
            failed.push(pattern_demand(expression));
        }
    }
    let size = size(value);
    if let (Some(size), Some(max)) = (size, constraints.max)
        && size > max as f64
    {
        failed.push(limit(schema, "less than or equal to", max));
    }
    if let (Some(size), Some(min)) = (size, constraints.min)
        && size < min as f64
    {
        failed.push(limit(schema, "greater than or equal to", min));
    }
    failed
}

/// All that a schema demands, as AWS lists it for the members of lists and maps.
fn demands(dialect: &Dialect, schema: &Schema, not_null: bool) -> String {
    let mut demands = Vec::new();
    if let Some(constraints) = constraints(schema) {
        demands.extend(constraints.max.map(|max| limit(schema, "less than or equal to", max)));
        demands.extend(constraints.min.map(|min| limit(schema, "greater than or equal to", min)));
        demands.extend(constraints.pattern.map(pattern_demand));
        if !constraints.values.is_empty() {
            demands.push(value_set(dialect.ordered(constraints.values)));
        }
    }
    if not_null {
        demands.push("Member must not be null".to_owned());
    }
    demands.join(", ")
}

fn constraints(schema: &Schema) -> Option<&Constraints> {
    match schema {
        Schema::String(constraints)
        | Schema::Blob(constraints)
        | Schema::Integer(constraints)
        | Schema::Long(constraints)
        | Schema::Float(constraints)
        | Schema::Double(constraints) => Some(constraints),
        Schema::List(list) => Some(&list.constraints),
        Schema::Map(map) => Some(&map.constraints),
        Schema::Structure(_) | Schema::Boolean | Schema::Timestamp(_) | Schema::Document => None,
    }
}

/// What a minimum and maximum measure. AWS counts a string in UTF-16 units, as Java does.
fn size(value: &Value) -> Option<f64> {
    match value {
        Value::Integer(number) => Some(*number as f64),
        Value::Double(number) => Some(*number),
        Value::String(text) if text.is_ascii() => Some(text.len() as f64),
        Value::String(text) => Some(text.encode_utf16().count() as f64),
        Value::Blob(bytes) => Some(bytes.len() as f64),
        Value::List(items) => Some(items.len() as f64),
        Value::Map(entries) => Some(entries.len() as f64),
        _ => None,
    }
}

fn limit(schema: &Schema, relation: &str, bound: i64) -> String {
    match schema {
        Schema::Integer(_) | Schema::Long(_) => format!("Member must have value {relation} {bound}"),
        Schema::Float(_) | Schema::Double(_) => format!("Member must have value {relation} {bound}.0"),
        _ => format!("Member must have length {relation} {bound}"),
    }
}

fn value_set(values: &'static [&'static str]) -> String {
    format!("Member must satisfy enum value set: [{}]", values.join(", "))
}

fn pattern_demand(expression: &str) -> String {
    format!("Member must satisfy regular expression pattern: {expression}")
}

/// A value as AWS shows it: Java's `toString`.
fn shown(schema: &Schema, value: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    if constraints(schema).is_some_and(|constraints| constraints.sensitive) {
        return REDACTED.to_owned();
    }
    match (schema, value) {
        (Schema::List(list), Value::List(items)) => {
            format!("[{}]", joined(items.iter().map(|item| shown(list.member, item)).collect()))
        }
        (Schema::Map(map), Value::Map(entries)) => {
            format!("{{{}}}", joined(entries.iter().map(|(k, v)| format!("{k}={}", shown(map.value, v))).collect()))
        }
        (Schema::Structure(structure), Value::Structure(members)) => {
            let members = structure.members.iter().zip(members).map(|(member, value)| {
                let value = value.as_ref().map_or_else(|| "null".to_owned(), |value| shown(member.schema, value));
                format!("{}={value}", lower_first(member.name))
            });
            format!("{}({})", structure.name, joined(members.collect()))
        }
        (_, Value::String(text)) => text.clone(),
        (_, Value::Integer(number)) => number.to_string(),
        (_, Value::Double(number)) if number.fract() == 0.0 => format!("{number:.1}"),
        (_, Value::Double(number)) => number.to_string(),
        (_, Value::Boolean(flag)) => flag.to_string(),
        (_, Value::Timestamp(moment)) => moment.to_string(),
        (_, Value::Document(json)) => json.to_string(),
        // Bytes are never shown: they may be secrets, and would be unreadable.
        _ => String::new(),
    }
}

fn lower_first(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::from_json;
    use crate::{apigateway, iam, lambda, logs, ssm};
    use serde_json::{Value as Json, json};
    use slam_cloud_core::{Operation, ServiceModel, Shape};

    /// With as much of the services' dialects as these tests are about.
    fn voice(service: &'static ServiceModel) -> Voice {
        static OF_LAMBDA: Dialect =
            Dialect { scalars_not_null: true, orders: &[&["x86_64", "arm64"]], ..Dialect::DEFAULT };
        static OF_API_GATEWAY: Dialect = Dialect {
            names_input: true,
            orders: &[&["add", "remove", "move", "test", "replace", "copy"]],
            ..Dialect::DEFAULT
        };
        static OF_IAM: Dialect = Dialect { invalid_code: "ValidationError", ..Dialect::DEFAULT };
        static OF_LOGS: Dialect = Dialect { invalid_code: "InvalidParameterException", ..Dialect::DEFAULT };
        let dialects = [&OF_LAMBDA, &OF_API_GATEWAY, &OF_IAM, &OF_LOGS];
        let services = [&lambda::SERVICE, &apigateway::SERVICE, &iam::SERVICE, &logs::SERVICE];
        let place = services.iter().position(|known| std::ptr::eq(*known, service)).unwrap();
        Voice::preferred(service, dialects[place])
    }

    /// Checks a typed input; most of these inputs have members outside the body.
    fn message<O: Operation>(service: &'static ServiceModel, input: O) -> Option<(String, String)> {
        let error = validate(&voice(service), O::MODEL, &input.into_value()).err()?;
        Some((error.code.into_owned(), error.message))
    }

    fn check<O: Operation>(service: &'static ServiceModel, input: O, code: &str, expected: &str) {
        assert_eq!(message(service, input), Some((code.to_owned(), expected.to_owned())));
    }

    fn lambda(json: Json) -> lambda::CreateFunction {
        let mut body = json!({"FunctionName": "f", "Role": "arn:aws:iam::000000000000:role/r", "Code": {}});
        body.as_object_mut().unwrap().extend(json.as_object().unwrap().clone());
        lambda::CreateFunction::from_value(from_json(lambda::CreateFunction::MODEL.input, body).unwrap()).unwrap()
    }

    #[test]
    fn what_fits_passes() {
        assert_eq!(message(&lambda::SERVICE, lambda(json!({"Architectures": ["arm64"], "Timeout": 3}))), None);
    }

    // lambda_/test_lambda_api.snapshot.json, test_create_lambda_exceptions
    #[test]
    fn a_pattern_is_shown_as_the_model_has_it() {
        let error = message(&lambda::SERVICE, lambda(json!({"Role": "r1"}))).unwrap();
        assert!(error.1.starts_with(
            "1 validation error detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?"
        ));
        assert_eq!(error.0, "ValidationException");
    }

    // As Cognito's answers have it (<https://github.com/ks888/LambStatus/issues/1>).
    #[test]
    fn what_is_sensitive_is_not_shown() {
        check(
            &lambda::SERVICE,
            lambda(json!({"Environment": {"Variables": {"1ST": "hunter2"}}})),
            "ValidationException",
            "1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must \
             satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]",
        );
        let input = json!({"Name": "n", "Type": "String", "Value": "hunter2"});
        let input = from_json(ssm::PutParameter::MODEL.input, input).unwrap();
        assert_eq!(shown(ssm::PutParameter::MODEL.input, &input).matches(REDACTED).count(), 1);
    }

    // lambda_/test_lambda_api.snapshot.json, test_create_lambda_exceptions
    #[test]
    fn lists_of_scalars_are_shown_whole() {
        check(
            &lambda::SERVICE,
            lambda(json!({"Architectures": ["X86_64"]})),
            "ValidationException",
            "1 validation error detected: Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member \
             must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
        );
        check(
            &lambda::SERVICE,
            lambda(json!({"Architectures": ["x86_64", "arm64"]})),
            "ValidationException",
            "1 validation error detected: Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: \
             Member must have length less than or equal to 1",
        );
    }

    // lambda_/test_lambda_api.snapshot.json, TestLambdaAlias::test_alias_lifecycle
    #[test]
    fn maps_are_shown_whole() {
        let alias = |version: &str, weight: f64| lambda::CreateAlias {
            function_name: "f".into(),
            name: "a".into(),
            function_version: "1".into(),
            routing_config: Some(lambda::AliasRoutingConfiguration {
                additional_version_weights: Some([(version.to_owned(), weight)].into()),
            }),
            ..Default::default()
        };
        check(
            &lambda::SERVICE,
            alias("2", 2.0),
            "ValidationException",
            "1 validation error detected: Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to \
             satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to \
             1.0, Member must have value greater than or equal to 0.0, Member must not be null]",
        );
        check(
            &lambda::SERVICE,
            alias("$LATEST", 0.5),
            "ValidationException",
            "1 validation error detected: Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' failed \
             to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to \
             1024, Member must have length greater than or equal to 1, Member must satisfy regular expression \
             pattern: [0-9]+]",
        );
    }

    // lambda_/test_lambda_api.snapshot.json, TestLambdaAlias::test_alias_naming
    #[test]
    fn an_alias_name_is_no_number() {
        let alias = lambda::CreateAlias {
            function_name: "f".into(),
            name: "2024".into(),
            function_version: "1".into(),
            ..Default::default()
        };
        check(
            &lambda::SERVICE,
            alias,
            "ValidationException",
            "1 validation error detected: Value '2024' at 'name' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)",
        );
    }

    // apigateway/test_apigateway_common.snapshot.json and test_apigateway_api.snapshot.json
    #[test]
    fn api_gateway_names_the_input() {
        let operation = |op: &str| apigateway::PatchOperation { op: Some(op.into()), ..Default::default() };
        check(
            &apigateway::SERVICE,
            apigateway::UpdateRestApi {
                rest_api_id: "a".into(),
                patch_operations: Some(vec![operation("wrong"), operation("add"), operation("wrong")]),
            },
            "ValidationException",
            "2 validation errors detected: Value 'wrong' at 'updateRestApiInput.patchOperations.1.member.op' failed \
             to satisfy constraint: Member must satisfy enum value set: [add, remove, move, test, replace, copy]; \
             Value 'wrong' at 'updateRestApiInput.patchOperations.3.member.op' failed to satisfy constraint: Member \
             must satisfy enum value set: [add, remove, move, test, replace, copy]",
        );
    }

    #[test]
    fn query_services_and_logs_have_codes_of_their_own() {
        check(
            &iam::SERVICE,
            iam::GetRole { role_name: "a b".into() },
            "ValidationError",
            "1 validation error detected: Value 'a b' at 'roleName' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: [\\w+=,.@-]+",
        );
        check(
            &logs::SERVICE,
            logs::FilterLogEvents { limit: Some(10_001), ..Default::default() },
            "InvalidParameterException",
            "1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have \
             value less than or equal to 10000",
        );
    }

    #[test]
    fn what_is_missing_is_null() {
        let value = from_json(logs::CreateLogStream::MODEL.input, json!({})).unwrap();
        assert_eq!(
            validate(&voice(&logs::SERVICE), logs::CreateLogStream::MODEL, &value).unwrap_err().message,
            "2 validation errors detected: Value null at 'logGroupName' failed to satisfy constraint: Member must not \
             be null; Value null at 'logStreamName' failed to satisfy constraint: Member must not be null"
        );
    }
}
